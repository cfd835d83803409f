# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# For comparison: the demo guest in the xen-shim that Debian ships (type="pvh", pvshim=1).
limit=150

host_prepare() {
    make_disk peer.img 32
    MEMORY=512 guest_cfg peer.cfg peer "t=demo" "$(demo_disk peer.img)" "$(demo_vif)" 'pvshim = 1' 'tsc_mode = "native"'
    plain_pv peer.cfg
    sed -i 's/^type = .*/type = "pvh"/' "$HERE/peer.cfg"
}

dom0_run() {
    fetch vmlinux
    fetch initrd
    disk peer.img
    create peer.cfg
    wait_console 90 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo peer.img
}
