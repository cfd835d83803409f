# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The host's side of a run: boots L0 for the scenarios that have no verdict yet, and sees to it that this
# ends. When L0 itself dies or hangs, the scenario it was at fails and the rest gets another boot.

# pending : names without a verdict
pending() {
    local n
    for n in "${NAMES[@]}"; do [ -f "$SHARE/verdict/$n" ] || echo "$n"; done
}

# show_live : the consoles of guests as they grow
show_live() {
    [ -n "$LIVE" ] || return 0
    : >"$SHARE/progress"
    (
        declare -A at
        said=0
        while :; do
            if [ "$(wc -l <"$SHARE/progress")" -gt "$said" ]; then
                tail -n "+$((said + 1))" "$SHARE/progress" | sed 's/^/>> /'
                said=$(wc -l <"$SHARE/progress")
            fi
            for f in "$SHARE"/console/guest-*.log; do
                [ -f "$f" ] || continue
                size=$(stat -c %s "$f" 2>/dev/null) || continue
                # shorter than before: another guest of that name
                [ "$size" -ge "${at[$f]:-0}" ] || at[$f]=0
                [ "$size" = "${at[$f]:-0}" ] && continue
                tail -c "+$((${at[$f]:-0} + 1))" "$f" | head -c $((size - ${at[$f]:-0})) | tr -d '\r\0'
                at[$f]=$size
            done
            sleep 0.2
        done
    ) &
    TAILPID=$!
}

watch_all() {
    local n boots=0 t total
    while [ -n "$(pending)" ] && [ $boots -lt 4 ]; do
        boots=$((boots + 1))
        total=120
        : >"$SHARE/run.list"
        for n in $(pending); do
            t=$(cat "$SHARE/s/$n/limit")
            echo "$n $t" >>"$SHARE/run.list"
            total=$((total + t + 10))
        done
        step "booting Xen $XENVER for $(wc -l <"$SHARE/run.list") scenario(s)"
        rm -f "$SHARE/current"
        boot_l0 "$SHARE" "$RUN/l0-$boots.log"
        show_live
        watch_boot "${LIMIT:-$total}" || true
        kill_l0
        [ -n "$TAILPID" ] && kill "$TAILPID" 2>/dev/null
        TAILPID=
        # died in the middle of one, or before the first: that one is lost, not the rest
        n=$(cat "$SHARE/current" 2>/dev/null || pending | head -1)
        if [ -n "$n" ] && [ ! -f "$SHARE/verdict/$n" ]; then
            echo "FAIL $WHY; L0: $(tr -d '\r\0' <"$RUN/l0-$boots.log" | grep -v '^ *$' | tail -1 | cut -c1-100)" \
                >"$SHARE/verdict/$n"
            report_one "$n"
        fi
        if [ -n "$LIMIT" ]; then break; fi
    done
    for n in $(pending); do
        echo "FAIL never ran" >"$SHARE/verdict/$n"
    done
}

# watch_boot SECONDS : until L0 is gone; WHY says how that came
watch_boot() {
    local end=$((SECONDS + $1)) n last=-1 begun=$SECONDS look=$((SECONDS + 5)) ticks=0 was
    while kill -0 "$QPID" 2>/dev/null; do
        for n in "${NAMES[@]}"; do
            [ -f "$SHARE/verdict/$n" ] && report_one "$n"
        done
        n=$(cat "$SHARE/current" 2>/dev/null)
        if [ -n "$n" ] && [ "$n" != "$last" ]; then
            [ "$last" = -1 ] && step "dom0 is up after $((SECONDS - begun)) s"
            last=$n
        fi
        # an idle dom0 needs more than that
        if [ $SECONDS -ge $look ]; then
            look=$((SECONDS + 5)) was=$ticks ticks=$(ticks_l0)
            if [ $((ticks - was)) -le 2 ]; then
                step "L0's CPU sleeps (QEMU): woken"
                wake_l0 2>/dev/null
            fi
        fi
        if [ $SECONDS -ge $end ]; then
            WHY="L0 stopped after $1 s"
            return 1
        fi
        sleep 0.3
    done
    WHY="L0 ended early"
}
