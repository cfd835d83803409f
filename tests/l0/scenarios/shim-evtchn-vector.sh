# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest with L0's events delivered by another rung of the ladder: evtchn=vector.
limit=200

host_prepare() {
    need_shim
    make_disk evector.img 32
    guest_cfg evector.cfg evector "t=demo" "$(demo_disk evector.img)" "$(demo_vif)"
    sidecar evector.cfg ahci --shim-cmdline "stats evtchn=vector"
}

dom0_run() {
    disk evector.img
    iso evector-sidecar.iso
    create evector-hvm.cfg
    wait_console 120 'GUEST-DONE'
    took finished
    expect_console 'stat evtchn=vector'
    expect_console 'GUEST dmesg=clean'
    wait_gone 30
}
