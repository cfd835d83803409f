# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The way operators take: sidecar on the emulated IDE CD. That is slow in emulation, so a small guest. It has a CD
# of its own at the place that the sidecar's would take.
limit=300

host_prepare() {
    need_shim
    raw_disk cd.img 4 disk-of-cd
    raw_disk own.img 1 ''
    KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD guest_cfg cd.cfg cd "t=tiny" \
        "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/cd.img', 'vdev=hdc,devtype=cdrom,access=ro,target=/disks/own.img' ]"
    sidecar cd.cfg cd
    grep -q 'index=3,media=cdrom' "$HERE/cd-hvm.cfg"
}

dom0_run() {
    disk cd.img
    disk own.img
    iso cd-sidecar.iso
    create cd-hvm.cfg
    wait_console 270 'GUEST start=tiny'
    took started
    wait_console 60 'GUEST-DONE'
    expect type '^xen$'
    expect disk '^disk-of-cd$'
    wait_gone 30
}
