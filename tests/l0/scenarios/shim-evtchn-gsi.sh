# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest with L0's events delivered by another rung of the ladder: evtchn=gsi.
limit=200

host_prepare() {
    need_shim
    make_disk egsi.img 32
    guest_cfg egsi.cfg egsi "t=demo" "$(demo_disk egsi.img)" "$(demo_vif)"
    sidecar egsi.cfg ahci --shim-cmdline "stats evtchn=gsi"
}

dom0_run() {
    disk egsi.img
    iso egsi-sidecar.iso
    create egsi-hvm.cfg
    wait_console 120 'GUEST-DONE'
    took finished
    expect_console 'stat evtchn=gsi'
    expect_console 'GUEST dmesg=clean'
    wait_gone 30
}
