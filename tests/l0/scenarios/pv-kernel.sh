# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The control of shim-kernel: pv-kernel@SUITE-FLAVOUR runs that kernel as plain PV on the same L0.
limit=260

host_prepare() {
    k=${WORD%%-*}/${WORD#*-}
    get_linux "$k"
    make_guest "$k"
    sed 's/^\([0-9]*\.[0-9]*\)\..*/^\1[.]/' "$(linux_dir "$k")/release" >"$HERE/release"
    make_disk kernel.img 32
    cp "$(linux_dir "$k")/vmlinuz" "$HERE/vmlinuz"
    cp "$(guest_dir "$k")/initrd" "$HERE/initrd"
    KERNEL=/host/s/$NAME/vmlinuz RAMDISK=/host/s/$NAME/initrd VCPUS=2 MEMORY=512 \
        guest_cfg kernel.cfg kernel "t=demo ${KERNEL_WORDS:-}" "$(demo_disk kernel.img)" "$(demo_vif)"
}

dom0_run() {
    disk kernel.img
    create kernel.cfg
    wait_console 150 'GUEST start=demo'
    wait_console 100 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo kernel.img '^PV$' "$(cat "$HERE/release")"
}
