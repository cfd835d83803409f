# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# check_events : the other side of `evping guest` or storm in the domain that was just created, and the comparison.
check_events() {
    local id ports guest dom0 n
    cp "$HERE/evping" /tmp/s/evping
    id=$(xl domid "$DOM")
    wait_console 120 'GUEST ev=ready'
    ports=$(fact ev_ports)
    [ -n "$ports" ] || fail "no ports on the console"
    # shellcheck disable=SC2086 # words on purpose
    /tmp/s/evping answer "$id" "$(fact ev_rounds)" $ports >"$LOG/answer.log" 2>&1 || fail "evping in dom0: $(tail -1 "$LOG/answer.log")"
    cat "$LOG/answer.log"
    wait_console 150 'GUEST-DONE'
    guest=$(fact ev_result) dom0=$(tail -1 "$LOG/answer.log")
    n=$(echo "$guest" | sed -n 's/^events=\([0-9]*\) doubled=0 lost=0$/\1/p')
    [ -n "$n" ] || fail "guest counted: $guest; dom0: $dom0"
    [ "$n" = "$(fact ev_expected)" ] || fail "guest counted $n events, expected $(fact ev_expected)"
    echo "$dom0" | grep -q ": events=$n " || fail "guest counted $n events, $dom0"
    note "$DOM: $n events each way"
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
