# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Bench (make bench-steal): steal time in the shim, an L0 that answers as Xen 3.4.
limit=900

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare old 1 l0=3.4
}

dom0_run() {
    . "$HERE/steps.sh"
    iso old-sidecar.iso
    bench_run old-hvm.cfg
    steal_verdict $?
    wait_gone 30
}
