# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# `xl destroy` of a running guest leaves nothing behind, and the same config starts again; pause and
# unpause are no trouble in between.
limit=240

host_prepare() {
    need_shim
    raw_disk destroy.img 4 anything
    guest_cfg destroy.cfg destroy "t=idle" "$(demo_disk destroy.img)" "$(demo_vif)"
    sidecar destroy.cfg ahci
}

no_backend() { [ -z "$(xenstore-list "/local/domain/0/backend/vbd/$1" 2>/dev/null)" ]; }

dom0_run() {
    disk destroy.img
    iso destroy-sidecar.iso
    create destroy-hvm.cfg
    wait_console 90 'GUEST-READY'
    xl pause "$DOM" || fail "xl pause"
    xl unpause "$DOM" || fail "xl unpause"
    id=$(xl domid "$DOM")
    xl destroy "$DOM" || fail "xl destroy is refused"
    wait_gone 20
    within 20 no_backend "$id" || fail "a disk backend is left"
    rm -f "$CON"
    create destroy-hvm.cfg
    wait_console 90 'GUEST-READY'
    xl destroy "$DOM"
    wait_gone 20
}
