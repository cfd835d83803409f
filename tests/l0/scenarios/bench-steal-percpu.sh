# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Bench (make bench-steal): steal time in the shim, one vCPU.
limit=900

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare percpu 1
}

dom0_run() {
    . "$HERE/steps.sh"
    iso percpu-sidecar.iso
    bench_run percpu-hvm.cfg
    steal_verdict $?
    wait_gone 30
}
