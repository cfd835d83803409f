# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo's work on another Debian kernel: shim-kernel@SUITE-FLAVOUR, such as trixie-cloud-amd64.
limit=260

host_prepare() {
    need_shim
    k=${WORD%%-*}/${WORD#*-}
    get_linux "$k"
    make_guest "$k"
    sed 's/^\([0-9]*\.[0-9]*\)\..*/^\1[.]/' "$(linux_dir "$k")/release" >"$HERE/release"
    words=
    # On an AMD Zen Linux 7 reads a register of the chipset at start that no domU has, and dies of it, as
    # plain PV too: pv-kernel@sid-amd64 is the control.
    case $WORD in sid-*) words=initcall_blacklist=print_s5_reset_status_mmio ;; esac
    make_disk kernel.img 32
    KERNEL=$(linux_dir "$k")/vmlinuz RAMDISK=$(guest_dir "$k")/initrd VCPUS=2 MEMORY=512 \
        guest_cfg kernel.cfg kernel "t=demo $words" "$(demo_disk kernel.img)" "$(demo_vif)"
    sidecar kernel.cfg ahci
}

dom0_run() {
    disk kernel.img
    iso kernel-sidecar.iso
    create kernel-hvm.cfg
    wait_console 150 'GUEST start=demo'
    took started
    wait_console 100 'GUEST-DONE'
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo kernel.img '^PV$' "$(cat "$HERE/release")"
    expect nproc '^2$'
    note "$(fact kernel)"
}
