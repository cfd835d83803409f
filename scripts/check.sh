#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds everything and runs every test suite. Needs Debian 12, and root where packages are missing.
#   scripts/check.sh [SUITE...]     suites: unit boot lint builder guests l0 (default: all)
# A suite appends lines `pass|fail|skip<TAB>suite<TAB>test<TAB>reason` to the file $RESULTS. The last line
# here is `N passed, N failed, N skipped`; the exit status is 0 if nothing failed.
cd "$(dirname "$(realpath "$0")")/.." || exit 1
export O=${O:-build}
logs=$O/check
mkdir -p "$logs"
RESULTS=$(realpath "$logs")/results.tsv
export RESULTS
: >"$RESULTS"
began=$SECONDS

# suite -> make target
declare -A target=([unit]=check-unit [boot]=check-boot [lint]=lint [builder]=check-sidecar [guests]=check-guests [l0]=check-l0)
all=(unit boot lint builder guests l0)
want=("$@")
[ $# -gt 0 ] || want=("${all[@]}")

result() { printf '%s\t%s\t%s\t%s\n' "$@" >>"$RESULTS"; }
count() { awk -F '\t' -v v="$1" -v s="${2:-}" '$1 == v && (s == "" || s == $2)' "$RESULTS" | wc -l; }
# "guests" may number its lines under another name; so count what a suite added, by line
lines() { wc -l <"$RESULTS"; }
tally() { tail -n "+$(($2 + 1))" "$RESULTS" | awk -F '\t' -v v="$1" '$1 == v' | wc -l; }

table=()
run_suite() {
    local s=$1 t=${target[$1]:-} before t0=$SECONDS rc f
    if [ -z "$t" ]; then
        echo "check.sh: no suite $s (there are: ${all[*]})" >&2
        exit 2
    fi
    # not written yet: leave it out
    make -n "$t" 2>&1 | grep -q "No rule to make target '$t'" && return
    before=$(lines)
    echo "== $s"
    make -s "$t" 2>&1 | tee "$logs/$s.log"
    rc=${PIPESTATUS[0]}
    f=$(tally fail "$before")
    if [ "$(lines)" = "$before" ]; then
        result fail "$s" "$s" "no result, status $rc; see $logs/$s.log"
    elif [ "$rc" != 0 ] && [ "$f" = 0 ]; then
        result fail "$s" "$s" "ended with status $rc; see $logs/$s.log"
    fi
    table+=("$(printf '%-10s %6s %6s %7s %6s s' "$s" "$(tally pass "$before")" "$(tally fail "$before")" \
        "$(tally skip "$before")" $((SECONDS - t0)))")
}

finish() {
    echo
    printf '%-10s %6s %6s %7s %8s\n' suite passed failed skipped time
    printf '%s\n' "${table[@]}"
    awk -F '\t' '$1 == "fail" { printf "failed: %s/%s: %s\n", $2, $3, $4 }' "$RESULTS"
    echo "$((SECONDS - began)) s"
    echo "$(count pass) passed, $(count fail) failed, $(count skip) skipped"
    [ "$(count fail)" = 0 ]
    exit
}

scripts/setup.sh || {
    result fail setup setup "scripts/setup.sh failed"
    finish
}
echo "== build"
if ! make -j"$(nproc)" >"$logs/build.log" 2>&1; then
    tail -40 "$logs/build.log"
    result fail build build "make failed; see $logs/build.log"
    finish
fi
for s in "${want[@]}"; do run_suite "$s"; done
finish
