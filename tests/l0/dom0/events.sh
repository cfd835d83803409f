# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# check_events : the other side of `evping guest` or storm in the domain that was just created, and the comparison.
check_events() {
    cp "$HERE/evping" /tmp/s/evping
    e_id=$(xl domid "$DOM")
    wait_console 120 'GUEST ev=ready'
    e_ports=$(fact ev_ports)
    [ -n "$e_ports" ] || fail "no ports on the console"
    # shellcheck disable=SC2086 # words on purpose
    /tmp/s/evping answer "$e_id" "$(fact ev_rounds)" $e_ports >"$LOG/answer.log" 2>&1 || fail "evping in dom0: $(tail -1 "$LOG/answer.log")"
    cat "$LOG/answer.log"
    wait_console 150 'GUEST-DONE'
    e_guest=$(fact ev_result) e_dom0=$(tail -1 "$LOG/answer.log")
    e_n=$(echo "$e_guest" | sed -n 's/^events=\([0-9]*\) doubled=0 lost=0$/\1/p')
    [ -n "$e_n" ] || fail "guest counted: $e_guest; dom0: $e_dom0"
    [ "$e_n" = "$(fact ev_expected)" ] || fail "guest counted $e_n events, expected $(fact ev_expected)"
    echo "$e_dom0" | grep -q ": events=$e_n " || fail "guest counted $e_n events, $e_dom0"
    note "$DOM: $e_n events each way"
}

# play_rungs PREFIX : the domain PREFIXRUNG of each line of $HERE/rungs, one after the other: created (`plain`: from the PV
# config, without the shim), counted with, gone. The scenario has before_rung and after_rung; `rung` and `name` are set.
play_rungs() {
    for rung in $(cat "$HERE/rungs"); do
        name=$1$(echo "$rung" | tr -d =.)
        before_rung
        if [ "$rung" = plain ]; then
            create "$name.cfg"
        else
            iso "$name-sidecar.iso"
            create "$name-hvm.cfg"
        fi
        check_events
        case $rung in plain | l0=*) ;; *) expect_console "stat evtchn=$rung\$" ;; esac
        after_rung
        took "$rung"
        wait_gone 30
        rm -f "/disks/$name-sidecar.iso"
    done
}
