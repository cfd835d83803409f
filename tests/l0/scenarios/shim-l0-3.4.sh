# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest on an L0 that answers as Xen 3.4: level interrupt, console on COM1, none of the newer calls.
limit=250

host_prepare() {
    need_shim
    make_disk l34.img 32
    MEMORY=512 guest_cfg l34.cfg l34 "t=demo" "$(demo_disk l34.img)" "$(demo_vif)"
    sidecar l34.cfg ahci --shim-cmdline "stats l0=3.4"
}

dom0_run() {
    disk l34.img
    iso l34-sidecar.iso
    create l34-hvm.cfg
    wait_console 150 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo l34.img
    expect_console 'stat evtchn=gsi'
    [ ! -s "$CON" ] || fail "something wrote to L0's PV console, which 3.4 does not have"
    check_calls_3_4
}
