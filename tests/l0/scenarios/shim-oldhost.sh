# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Firmware of the oldest hosts: no ACPI tables, no HPET, no platform device; answers of Xen 3.4; two vCPUs.
limit=200

host_prepare() {
    need_shim
    raw_disk old.img 1 'THE-DISK-OF-OLD'
    KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD VCPUS=2 guest_cfg old.cfg old "t=tiny" "$(demo_disk old.img)"
    sidecar old.cfg ahci --shim-cmdline "stats l0=3.4"
}

dom0_run() {
    disk old.img
    iso old-sidecar.iso
    create old-hvm.cfg acpi=0 hpet=0 xen_platform_pci=0
    wait_console 100 'GUEST-DONE rc=0'
    took finished
    expect type '^xen$'
    expect disk 'THE-DISK-OF-OLD'
    expect_console 'stat vcpus=2$'
    wait_gone 30
    check_calls_3_4
}
