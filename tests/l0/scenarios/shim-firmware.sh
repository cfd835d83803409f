# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A sidecar in hvmloader's place, two vCPUs: no BIOS, no GRUB, no drive. What else there is of it: make check-firmware.
limit=150

host_prepare() {
    need_shim
    raw_disk firmware.img 1 disk-of-firmware
    VCPUS=2 KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD guest_cfg firmware.cfg firmware "t=tiny" \
        "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/firmware.img' ]"
    sidecar firmware.cfg firmware --shim-cmdline stats
    grep -q '^firmware_override = "/disks/firmware-sidecar.elf"$' "$HERE/firmware-hvm.cfg"
}

dom0_run() {
    disk firmware.img
    iso firmware-sidecar.elf
    create firmware-hvm.cfg
    wait_console 90 'GUEST start=tiny'
    took started
    wait_console 30 'GUEST-DONE'
    expect type '^xen$'
    expect disk '^disk-of-firmware$'
    expect_console 'shim: stat vcpus=2$'
    if said | grep -qE 'SeaBIOS|GRUB|Booting from'; then fail "there was firmware"; fi
    wait_gone 30
}
