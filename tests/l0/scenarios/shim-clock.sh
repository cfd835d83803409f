# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Clocks of a guest with four vCPUs: never back, never early, the wall clock dom0's to 1 ms, the rate L0's.
limit=200

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare clock 4
}

dom0_run() {
    . "$HERE/steps.sh"
    iso clock-sidecar.iso
    clock_start clock-hvm.cfg
    step 60 timetool monotonic 2
    step 60 timetool wall
    step 60 timetool sleeps 50
    step 60 timetool drift "${DRIFT:-20}"
    step_begin end
    clock_never_back
    clock_never_early
    clock_wall 1
    clock_rate 50
    wait_gone 30
}
