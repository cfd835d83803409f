# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# For shim-move: what is done with a guest that is to go on in the shim, and how it is seen that it does.
# shellcheck disable=SC2034,SC2154 # for the scenario, of it

disks_of_all() {
    for f in data walls; do disk $f.img; done
    for f in $m_guests; do
        disk "script-$f.img"
        disk "mark-$f.img"
        iso "$f-sidecar.iso"
    done
    if [ -e "$HERE/kernel" ]; then
        cp "$HERE/kernel" "$HERE/ramdisk" /tmp/s/
    else
        fetch vmlinux >/dev/null
        fetch initrd >/dev/null
    fi
}

# all that it said, the latest last: the console's file has the name that the domain had first
# shellcheck disable=SC2046 # words
said() { cat $(ls -tr "$CON" "${CON%.log}--shim.log" 2>/dev/null) "$SER" 2>/dev/null | tr -d '\r\0'; }
# value KEY : of the last tick
value() { said | grep 'GUEST tick=.* all=' | tail -1 | sed -n "s/.*[ ]$1=\([0-9]*\).*/\1/p"; }
# mark : where it is
mark() { g_tick=$(value tick) g_read=$(value read) g_pinged=$(value pinged) g_up=$(value up) g_steal=$(value steal) g_talked=$(talked); }

# talk : a TCP connection to the guest that is begun once. What it sends back is what was sent, in its order.
talk() {
    (
        n=0
        while :; do
            n=$((n + 1))
            awk -v n=$n 'BEGIN { for (i = 1; i <= 200; i++) print n "-" i }' || exit
            sleep 0.3
        done
    ) 2>/dev/null | nc 192.168.77.10 7000 | awk -F- '
        $1 != n || $2 != i + 1 { if ($2 != 1 || $1 != n + 1 || (n && i != 200)) { print "wrong " $0 >"/tmp/s/talked"; exit } }
        { n = $1; i = $2 }
        i == 200 { print n >"/tmp/s/talked"; close("/tmp/s/talked") }' &
    t_pid=$!
    within 30 talking || fail "no TCP connection to the guest: '$(cat /tmp/s/talked 2>/dev/null)'"
}
talked() { sed -n 's/^\([0-9]*\)$/\1/p' /tmp/s/talked 2>/dev/null; }
talking() { [ "$(($(talked) + 0))" -ge 3 ]; }
hush() { [ -z "${t_pid:-}" ] || kill "$t_pid" 2>/dev/null; }
# talks_on : the same connection has more to say
talks_on() {
    [ -z "${t_pid:-}" ] || [ "$(($(talked) + 0))" -gt $((g_talked + 3)) ]
}

# goes_on WHAT : more ticks, more of the disk read, more pings answered, and the connection is what it was
goes_on() {
    g_end=$(($(now) + 90000 * PATIENCE))
    until [ -n "$(value tick)" ] && [ "$(value tick)" -gt $((g_tick + 3)) ] && [ "$(value read)" -gt "$g_read" ] && [ "$(value pinged)" -gt "$g_pinged" ] && talks_on; do
        [ "$(now)" -lt $g_end ] || fail "after $1: tick $g_tick to $(value tick), disk $g_read to $(value read), ping $g_pinged to $(value pinged), TCP $g_talked to $(cat /tmp/s/talked); $(last_line)"
        case $(state) in gone | *c*) fail "after $1 the domain is $(state); $(last_line)" ;; esac
        sleep 0.2
    done
    took "$1"
}
no_wrong() { if said | grep 'GUEST wrong'; then fail "$(said | grep -m1 'GUEST wrong')"; fi; }
# same_guest : as it was at `mark`, but later
same_guest() {
    [ "$(value up)" -ge "$g_up" ] || fail "uptime $g_up, then $(value up)"
    # (ticks of 10 ms) none for the time in which it didn't run
    s_d=$(($(value up) - g_up)) s_s=$(($(value steal) - g_steal))
    note "uptime +$s_d s, steal +$s_s"
    [ "$s_s" -le $(((s_d + 1) * 100 * m_cpus)) ] || fail "$s_s ticks of 10 ms stolen from $m_cpus vCPUs in $s_d s"
    no_wrong
}

ask() { xenstore-write "/local/domain/$(xl domid "$DOM")/data/do" "$1" && wait_console 60 "GUEST did=$1"; }
walls_again() { [ "$(said | grep -c 'GUEST walls=')" -ge 2 ]; }

start_pv() {
    xl create "$HERE/$DOM.cfg" || fail "xl create"
    wait_console 120 'GUEST tick=2 .* all='
    g_tick=0 g_read=0 g_pinged=0 g_up=0 g_talked=0
    goes_on started
}
# (the share, where a large image lies, can't be read or written by what maps another domain's memory)
save() {
    s_began=$(now) s_to=$m_image
    if [ "$WORD" = large ]; then
        s_to=/tmp/s/pipe
        rm -f $s_to && mkfifo $s_to
        cat $s_to >"$m_image" &
    fi
    xl save "$DOM" "$s_to" >"$LOG/save.log" 2>&1 || fail "xl save: $(tail -2 "$LOG/save.log" | tr '\n' ' ')"
    [ "$WORD" != large ] || wait $!
    mark
}
restore() {
    if [ "$WORD" = large ]; then
        cat "$m_image" >/tmp/s/pipe &
        set -- /tmp/s/pipe
    fi
    xl restore "$@" >>"$LOG/restore.log" 2>&1 || fail "xl restore: $(tail -2 "$LOG/restore.log" | tr '\n' ' ')"
}
# look_out : from now on, the longest time without a new tick is in /tmp/s/gap, in milliseconds, until `looked`; with
# sidecar-switch the times of its words in $LOG/words
look_out() {
    echo 0 >/tmp/s/gap
    : >/tmp/s/out
    (
        last=$(value tick) when=$(now) max=0 words=0
        while [ -e /tmp/s/out ]; do
            t=$(value tick) n=$(now)
            if [ "$t" != "$last" ]; then
                [ $((n - when)) -le $max ] || max=$((n - when))
                echo $max >/tmp/s/gap
                echo "$n tick $t" >>"$LOG/words"
                last=$t when=$n
            fi
            w=$(grep -c . /var/log/xen-sidecar/move.log 2>/dev/null)
            [ "$((w + 0))" -le $words ] || tail -n $((w - words)) /var/log/xen-sidecar/move.log | sed "s/^/$n /" >>"$LOG/words"
            words=$((w + 0))
            sleep 0.1
        done
    ) &
    l_pid=$!
}
looked() { rm -f /tmp/s/out && wait "$l_pid" && m_gap=$(cat /tmp/s/gap); }

# shim_waits [KEY=VALUE...] : the HVM domain is there, by those words besides, and waits
# shellcheck disable=SC2119,SC2120 # (none in this file)
shim_waits() {
    xl create -p "$HERE/move-hvm.cfg" "serial=\"file:$SER\"" 'tsc_mode="native"' "$@" || fail "xl create"
    [ -z "$m_ports" ] || other_ports crossed
    id=$(xl list | awk '$1 ~ /^move(--shim)?$/ { id = $2 } END { print id }') # the younger one
    key=/local/domain/$id/data/xen-shim-restore
    xenstore-write "$key" wait
    xl unpause "$id"
    m_end=$(($(now) + 120000 * PATIENCE)) # (GRUB reads slowly under emulation)
    until ready=$(xenstore-read "$key") && [ "$ready" != wait ]; do
        [ "$(now)" -lt $m_end ] || fail "not ready; $(last_line)"
        sleep 0.05
    done
}
# becomes_move : the domain that waits beside gets the guest's name and devices, as sidecar-switch does it
becomes_move() {
    eval "$(sed -n '/^specs() {/,/^}/p' "$HERE/switch-guest.sh")"
    xl rename "$id" move || fail "xl rename"
    specs "$HERE/move-hvm.cfg" disk | while read -r b_spec; do xl block-attach "$id" "$b_spec" || echo bad; done | grep -q bad && fail "xl block-attach"
    # shellcheck disable=SC2046 # words
    xl network-attach "$id" $(specs "$HERE/move-hvm.cfg" vif | tr , ' ') || fail "xl network-attach"
}
# given : it gets what is in $m_image
given() {
    "$HERE/sidecar-load" "$id" "${ready#ready }" "$m_image" >"$LOG/load.log" 2>&1 || fail "sidecar-load: $(cat "$LOG/load.log")"
    [ "$(xenstore-read "$key")" = taken ] || fail "key is $(xenstore-read "$key")"
}
# shellcheck disable=SC2119
into_the_shim() {
    shim_waits
    given
}
# take_in : what another Xen has saved
take_in() {
    m_image=$HERE/saved
    g_tick=0 g_read=0 g_pinged=0 g_talked=0 g_steal=0 g_up=$(cat "$HERE/up")
    into_the_shim
    wait_console 60 'GUEST tick=.* all='
    goes_on "moved from another Xen"
    [ "$(value up)" -ge "$g_up" ] || fail "uptime $(value up)"
    no_wrong
    ask end
    wait_console 60 'GUEST-DONE'
    expect dmesg '^0$'
    no_wrong
}

# --- by sidecar-switch ---
sw() {
    sh /root/switch-guest.sh --save --no-check-host --timeout $((120 * PATIENCE)) --settle 3 --images /tmp/s/images "$@"
    s_rc=$?
    cp /var/log/xen-sidecar/* "$LOG/"
    return $s_rc
}
kind() { xl list -l "$1" 2>/dev/null | sed -n 's/^ *"type": "\([a-z]*\)".*/\1/p' | head -1; }
# tool GUEST... : what an operator has
tool() {
    mkdir -p /etc/xen /var/lib/xen/sidecars /root
    for t_guest; do
        cp "$HERE/$t_guest.cfg" /etc/xen/
        # (the serial port goes to a file, where this script can read it)
        cp "$HERE/$t_guest-hvm.cfg" /var/lib/xen/sidecars/
        printf '%s\n' "serial = \"file:$LOG/serial-$t_guest.log\"" 'tsc_mode = "native"' >>"/var/lib/xen/sidecars/$t_guest-hvm.cfg"
    done
    SER=$LOG/serial-move.log
    cp "$HERE/switch-guest.sh" "$HERE/sidecar-load" /root/
}
# stays WHY : it was taken back, and goes on as PV
stays() {
    tail -1 /var/log/xen-sidecar/switch.log | grep -q "	back	pv	.*$1" || fail "expected back: $1; $(tail -1 /var/log/xen-sidecar/switch.log)"
    [ "$(kind move)" = pv ] || fail "the domain is $(kind move)"
    goes_on "taken back: $1"
    [ "$(value up)" -ge "$g_up" ] || fail "uptime $g_up, then $(value up)"
}
bad() {
    # a CPU without what the guest has seen: it isn't even saved
    cp /var/lib/xen/sidecars/move-hvm.cfg /tmp/s/hvm.cfg
    echo 'cpuid = "host,cmpxchg16=0"' >>/var/lib/xen/sidecars/move-hvm.cfg
    mark
    if sw move; then fail "moved to a CPU that lacks something"; fi
    tail -1 /var/log/xen-sidecar/switch.log | grep -q '	refused	pv	.*CPUID 0x1.0, ECX, bits 0x2000' || fail "expected refused: $(tail -1 /var/log/xen-sidecar/switch.log)"
    if grep '+ xl save' /var/log/xen-sidecar/move.log; then fail "it was saved"; fi
    [ "$(xl list | grep -c move)" = 1 ] || fail "left: $(xl list | tr '\n' ';')"
    goes_on "refused for its CPU"
    cp /tmp/s/hvm.cfg /var/lib/xen/sidecars/move-hvm.cfg
    mark
    if sw move; then fail "moved into a shim that refuses"; fi
    stays 'the shim refuses.*as the word test= says'
    # cut: the program reads it all before it writes
    mv /root/sidecar-load /root/load
    cat >/root/sidecar-load <<'X'
#!/bin/sh
for f; do :; done
[ "$1" = --check ] || [ "$1" = --fits ] || { head -c 3000000 "$f" >/tmp/s/cut && set -- "$1" "$2" "$3" "$4" /tmp/s/cut; }
exec /root/load "$@"
X
    chmod +x /root/sidecar-load
    mark
    if sw move; then fail "moved with a broken image"; fi
    stays 'sidecar-load: /tmp/s/cut'
}

# ten : guests in a row; each goes on
ten() {
    # shellcheck disable=SC2086 # words
    tool $m_guests
    for DOM in $m_guests; do
        CON=/host/console/guest-$DOM.log SER=$LOG/serial-$DOM.log
        start_pv
        ask rest
        value up >"/tmp/s/$DOM.up"
        value tick >"/tmp/s/$DOM.tick"
    done
    # shellcheck disable=SC2086 # words
    sw $m_guests || fail "sidecar-switch: $(tail -1 /var/log/xen-sidecar/switch.log)"
    for DOM in $m_guests; do
        CON=/host/console/guest-$DOM.log SER=$LOG/serial-$DOM.log
        [ "$(kind "$DOM")" = hvm ] || fail "$DOM is $(kind "$DOM")"
        mark
        ask work
        goes_on "$DOM moved"
        ask rest
        { [ "$(value up)" -ge "$(cat "/tmp/s/$DOM.up")" ] && [ "$(value tick)" -gt "$(cat "/tmp/s/$DOM.tick")" ]; } || fail "$DOM: tick $(value tick), uptime $(value up)"
        no_wrong
    done
}

# once : no more than one domain of the guest's runs, whatever its name, but that in which a shim waits without disks
once() {
    o_not=$(xl domid move--shim 2>/dev/null)
    [ -z "$o_not" ] || [ -z "$(xenstore-list "/local/domain/$o_not/device/vbd" 2>/dev/null)" ] || o_not=
    o_run=$(xl list | awk -v not="${o_not:-none}" '$1 ~ /^move/ && $2 != not && $5 ~ /^[rb-]+$/' | wc -l)
    [ "$o_run" -le 1 ] || fail "$1: it lives twice: $(xl list | tr '\n' ';')"
}
# struck STEP [ALSO] : is killed with all its processes when it says that, and so is what it has called; then runs again
struck() {
    mark
    rm -f /var/log/xen-sidecar/move.log
    sw move >/dev/null 2>&1 &
    within 600 grep -qs "$1" /var/log/xen-sidecar/move.log || { cp /var/log/xen-sidecar/* "$LOG/"; fail "no step '$1'"; }
    # shellcheck disable=SC2046 # words
    kill -9 $(ps | awk '/switch-guest.sh/ && !/awk/ { print $1 }') $([ -z "${2-}" ] || ps | awk -v w="$2" 'index($0, w) && !/awk/ { print $1 }') 2>/dev/null
    wait $!
    once "killed at '$1'"
    progress "killed at '$1'${2:+, with $2}: it is '$(kind move)'"
    sw move || fail "killed at '$1': $(tail -1 /var/log/xen-sidecar/switch.log)"
    once "killed at '$1' and run again"
    [ "$(kind move)" = hvm ] || fail "killed at '$1': it is '$(kind move)'"
    goes_on "killed at '$1'${2:+, with $2}"
    [ "$(value up)" -ge "$g_up" ] || fail "killed at '$1': uptime $g_up, then $(value up)"
    no_wrong
    # and PV again, from its disks
    xl destroy move && wait_gone 60
    xl create "$HERE/move.cfg" || fail "xl create"
    g_tick=0 g_read=0 g_pinged=0 g_up=0
    within 300 fresh || fail "no new boot; $(last_line)"
    goes_on "PV again"
}
fresh() { [ "$(($(value tick) + 0))" -gt 0 ] && [ "$(value tick)" -lt 60 ]; }
killed() {
    for s in checking 'xl create -p' '+ xl unpause' '+ xl save'; do struck "$s"; done
}
killed_later() {
    # (what stands behind is what the program is called with when it gives it the guest)
    struck 'sidecar-load --timeout' 'sidecar-load --timeout'
    for s in '+ xl rename' '+ xl block-attach' 'handing it' 'sidecar-load --timeout' 'until it is up' 'up: domain'; do struck "$s"; done
}
