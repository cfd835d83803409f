# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The way operators take: sidecar on the emulated IDE CD. That is slow in emulation, so a small guest.
limit=300

host_prepare() {
    need_shim
    raw_disk cd.img 4 disk-of-cd
    KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD guest_cfg cd.cfg cd "t=tiny" "$(demo_disk cd.img)"
    sidecar cd.cfg cd
}

dom0_run() {
    disk cd.img
    iso cd-sidecar.iso
    create cd-hvm.cfg
    wait_console 270 'GUEST start=tiny'
    took started
    wait_console 60 'GUEST-DONE'
    expect type '^xen$'
    expect disk '^disk-of-cd$'
    wait_gone 30
}
