# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Steal time of a guest beside another busy domain, against L0's own accounting: busy, idle, paused.
limit=150

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    steal_prepare steal 1
}

dom0_run() {
    . "$HERE/steps.sh"
    iso steal-sidecar.iso
    steal_start steal-hvm.cfg
    hog_start
    weight 256 256
    step 60 timetool load spin spin 4
    step 60 timetool load idle idle 3
    step_begin timetool load pause spin 5
    wait_console 30 'SAMPLE label=pause '
    xl pause "$s_guest"
    sleep 2
    xl unpause "$s_guest"
    step_wait 60
    step 30 steal-report 1 2
    steal_end
    steal_verdict $?
    wait_gone 30
}
