# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The guest's kernel panics: L0 has the domain as crashed, the panic is on the console.
limit=150

host_prepare() {
    need_shim
    ON_CRASH=preserve guest_cfg crash.cfg crash "t=crash"
    sidecar crash.cfg ahci
}

dom0_run() {
    iso crash-sidecar.iso
    create crash-hvm.cfg
    wait_console 90 'GUEST-READY'
    wait_state 30 c
    expect_console 'Kernel panic - not syncing: sysrq triggered crash'
    took crashed
}
