# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Ten minutes of the guest's clock beside L0's (make check-drift): less than 50 ppm off.
limit=800

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare drift 1
}

dom0_run() {
    . "$HERE/steps.sh"
    iso drift-sidecar.iso
    clock_start drift-hvm.cfg
    step 700 timetool drift 600
    step_begin end
    said | grep 'DRIFT '
    clock_rate 50
    note "CLOCK_MONOTONIC $(fact drift_monotonic | sed 's/.*ppm //') ppm"
    wait_gone 30
}
