# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Bench (make bench-steal): steal time of the same guest as plain PV: the control.
limit=900

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare_pv pv 1 pv
}

dom0_run() {
    . "$HERE/steps.sh"
    fetch vmlinux
    fetch steal-initrd
    bench_run pv.cfg
    steal_verdict $?
    wait_gone 30
}
