# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Without firmware, GRUB and sidecar: libxl starts the shim as the one of a PVH domain (type="pvh", pvshim=1), four vCPUs.
limit=300

host_prepare() {
    need_shim
    cp "$TOP/xen-shim/xen-shim" "$HERE/xen-shim"
    make_disk pvh.img 32
    VCPUS=4 MEMORY=512 guest_cfg pvh.cfg pvh "t=demo" "$(demo_disk pvh.img)" "$(demo_vif)" 'pvshim = 1' \
        "pvshim_path = \"/host/s/$NAME/xen-shim\"" 'pvshim_extra = "stats"' 'shim_memory = 4' 'tsc_mode = "native"'
    plain_pv pvh.cfg
    sed -i 's/^type = .*/type = "pvh"/' "$HERE/pvh.cfg"
}

dom0_run() {
    fetch vmlinux
    fetch initrd
    disk pvh.img
    create pvh.cfg
    wait_console 240 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo pvh.img '^PV$'
    expect nproc '^4$'
    expect_console 'shim: stat evtchn=vector'
}
