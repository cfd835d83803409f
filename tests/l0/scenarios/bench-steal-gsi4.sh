# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Bench (make bench-steal): steal time in the shim, four vCPUs, events by evtchn=gsi.
limit=900

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare gsi4 4 evtchn=gsi
}

dom0_run() {
    . "$HERE/steps.sh"
    iso gsi4-sidecar.iso
    bench_run gsi4-hvm.cfg
    steal_verdict $?
    wait_gone 30
}
