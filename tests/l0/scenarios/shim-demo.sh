# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest in the shim: sidecar on an AHCI disk, Debian's kernel, disk, network, console.
limit=200

host_prepare() {
    need_shim
    make_disk demo.img 32
    MEMORY=512 guest_cfg demo.cfg demo "t=demo" "$(demo_disk demo.img)" "$(demo_vif)"
    sidecar demo.cfg ahci --shim-cmdline stats
}

dom0_run() {
    disk demo.img
    iso demo-sidecar.iso
    create demo-hvm.cfg
    wait_console 90 'GUEST start=demo'
    took started
    wait_console 90 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo demo.img
    # Linux takes FIFO events where they are: no port of L0's is held for an IPI or a VIRQ then
    expect_console 'stat events=(fifo l0_ports=[0-9]+ reserved=0 own=[1-9]|2-level )'
    note "$(stats)"
}
