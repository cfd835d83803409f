# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The guest's kernel panics: L0 has the domain as crashed, the panic is on the console.
limit=300

host_prepare() {
    need_shim
    ON_CRASH=preserve guest_cfg crash.cfg crash "t=crash"
    sidecar crash.cfg ahci
}

dom0_run() {
    iso crash-sidecar.iso
    create crash-hvm.cfg
    wait_console 90 'GUEST-READY'
    wait_state 120 c # on COM1 with vCPUs that spin (l0=3.4), a character takes 10 ms
    expect_console 'Kernel panic - not syncing: sysrq triggered crash'
    took crashed
}
