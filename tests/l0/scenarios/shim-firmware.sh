# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest from a sidecar in hvmloader's place, with four vCPUs: no BIOS, no GRUB, no drive.
limit=250

host_prepare() {
    need_shim
    make_disk firmware.img 32
    VCPUS=4 MEMORY=512 guest_cfg firmware.cfg firmware "t=demo words='a b'" "$(demo_disk firmware.img)" "$(demo_vif)"
    sidecar firmware.cfg firmware --shim-cmdline stats
    grep -q '^firmware_override = "/disks/firmware-sidecar.elf"$' "$HERE/firmware-hvm.cfg"
}

dom0_run() {
    disk firmware.img
    iso firmware-sidecar.elf
    create firmware-hvm.cfg
    wait_console 90 'GUEST start=demo'
    took started
    wait_console 120 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo firmware.img
    expect nproc '^4$'
    if said | grep -qE 'SeaBIOS|GRUB|Booting from'; then fail "there was firmware"; fi
    note "$(stats)"
}
