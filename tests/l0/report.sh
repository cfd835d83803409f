# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Verdict lines, the last line, and the lines for $RESULTS (read by scripts/check.sh).
declare -A SHOWN

# report_one NAME : once, as soon as its verdict is there; moves its logs to build/l0/logs/NAME
report_one() {
    local n=$1 v reason f
    [ -z "${SHOWN[$n]:-}" ] || return 0
    SHOWN[$n]=1
    read -r v reason <"$SHARE/verdict/$n"
    # let the consoles' follower show what it has
    [ -z "$LIVE" ] || sleep 0.5
    printf '%-40s %s %s\n' "$n" "$v" "$reason"
    [ -n "${RESULTS:-}" ] && printf '%s\tl0\t%s\t%s\n' "${v,,}" "$n" "$reason" >>"$RESULTS"
    cp "$RUN"/l0-*.log "$SHARE/s/$n/log/" 2>/dev/null
    rm -rf "$CACHE/logs/$n"
    cp -r "$SHARE/s/$n/log" "$CACHE/logs/$n"
    find "$SHARE/s/$n" -maxdepth 1 -name '*.cfg' -exec cp {} "$CACHE/logs/$n/" \;
    if [ "$v" = FAIL ] && [ -n "$VERBOSE" ]; then
        for f in "$CACHE/logs/$n"/{host,dom0,guest-*,serial,left}.log; do
            [ -s "$f" ] && tail -20 "$f" | tr -d '\r' | cut -c1-200 | sed "s/^/    ${f##*/}: /"
        done
    fi
}

report_all() {
    local n v p=0 f=0 s=0
    for n in "${NAMES[@]}"; do
        report_one "$n"
        read -r v _ <"$SHARE/verdict/$n"
        case $v in PASS) p=$((p + 1)) ;; SKIP) s=$((s + 1)) ;; *) f=$((f + 1)) ;; esac
    done
    printf '%s passed, %s failed, %s skipped\n' $p $f $s
    [ $f = 0 ]
}
