# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The control: the demo guest as plain PV on the same L0. What fails here isn't the shim's fault.
limit=120

host_prepare() {
    make_disk pv.img 32
    guest_cfg pv.cfg pv "t=demo" "$(demo_disk pv.img)" "$(demo_vif)"
    plain_pv pv.cfg
}

dom0_run() {
    fetch vmlinux
    fetch initrd
    disk pv.img
    create pv.cfg
    wait_console 90 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 20
    check_demo pv.img
}
