# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# `xl shutdown` reaches an idle guest through its own xenstore watch, as with a PV domain; events by evtchn=intx.
limit=200

host_prepare() {
    need_shim
    guest_cfg shutdown.cfg shutdown "t=idle"
    sidecar shutdown.cfg ahci --shim-cmdline evtchn=intx
}

dom0_run() {
    iso shutdown-sidecar.iso
    create shutdown-hvm.cfg
    wait_console 90 'GUEST-READY'
    # no -F: the guest itself must have said that it listens
    xl shutdown "$DOM" || fail "xl shutdown is refused"
    wait_console 30 'GUEST request=poweroff'
    wait_gone 30
    took gone
}
