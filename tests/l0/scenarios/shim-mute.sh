# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The level interrupt goes dead while the guest works, as on L0s before 4.2: the shim moves to another pin.
limit=250

host_prepare() {
    need_shim
    make_disk mute.img 32
    guest_cfg mute.cfg mute "t=demo" "$(demo_disk mute.img)" "$(demo_vif)"
    sidecar mute.cfg ahci --shim-cmdline "stats debug evtchn=gsi test=mute-upcall"
}

dom0_run() {
    disk mute.img
    iso mute-sidecar.iso
    create mute-hvm.cfg
    wait_console 150 'GUEST-DONE'
    took finished
    expect_console 'GUEST dmesg=clean'
    expect tcp_down '^1048576$'
    xl dmesg | grep -q 'event interrupt stuck: moved to GSI 17' || fail "the interrupt did not go dead, or nobody noticed"
    wait_gone 30
}
