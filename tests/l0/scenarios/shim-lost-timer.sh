# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Every fourth LAPIC timer interrupt of an idle guest is lost; its clock is that of hosts without safe pvclock.
limit=200

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare lost 1 "test=drop-timer clock=runstate"
}

dom0_run() {
    . "$HERE/steps.sh"
    iso lost-sidecar.iso
    clock_start lost-hvm.cfg
    expect_console 'stat clock=runstate'
    step 60 timetool monotonic 2
    # without the net one of these would sleep for ever
    step 90 timetool sleeps 100
    # the clock chip tells seconds; that one begins is seen by slow port reads
    step 60 timetool wall
    step_begin end
    clock_never_back
    clock_never_early
    clock_wall 100
    late=$(field p99_us SLEEP ms=10)
    note "99 % of 10 ms sleeps late by less than $late us"
    wait_gone 30
}
