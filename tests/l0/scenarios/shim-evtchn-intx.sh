# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest with L0's events delivered by another rung of the ladder: evtchn=intx.
limit=200

host_prepare() {
    need_shim
    make_disk eintx.img 32
    guest_cfg eintx.cfg eintx "t=demo" "$(demo_disk eintx.img)" "$(demo_vif)"
    sidecar eintx.cfg ahci --shim-cmdline "stats evtchn=intx"
}

dom0_run() {
    disk eintx.img
    iso eintx-sidecar.iso
    create eintx-hvm.cfg
    wait_console 120 'GUEST-DONE'
    took finished
    expect_console 'stat evtchn=intx'
    expect_console 'GUEST dmesg=clean'
    wait_gone 30
}
