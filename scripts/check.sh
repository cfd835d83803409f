#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds everything and runs every test suite. Needs Debian 12, and root where packages are missing.
#   scripts/check.sh [SUITE...]     suites: unit boot lint builder fuzz ops guests l0 (default: all)
# Two lanes run side by side, each about half of the work: the system tests on the real L0 and fuzzing, and the rest.
# A suite appends lines
# `pass|fail|skip<TAB>suite<TAB>test<TAB>reason` to the file $RESULTS. The last line here is
# `N passed, N failed, N skipped`; the exit status is 0 if nothing failed.
cd "$(dirname "$(realpath "$0")")/.." || exit 1
export O=${O:-build}
logs=$O/check
rm -rf "$logs"
mkdir -p "$logs"
logs=$(realpath "$logs")
all_results=$logs/results.tsv
: >"$all_results"
began=$SECONDS lane=

# suite -> make target
declare -A target=([unit]=check-unit [boot]=check-boot [lint]=lint [builder]=check-sidecar [fuzz]=fuzz-short
    [ops]=check-ops [guests]=check-guests [l0]=check-l0)
# emulated machines share two cores: their limits are for what hangs, not for what is slow
export L0_PATIENCE=${L0_PATIENCE:-4}
rest_lane=(unit boot lint builder ops guests) l0_lane=(l0 fuzz)
want=("$@")
[ $# -gt 0 ] || want=("${rest_lane[@]}" "${l0_lane[@]}")
for s in "${want[@]}"; do
    [ -n "${target[$s]:-}" ] && continue
    echo "check.sh: no suite $s (there are: ${rest_lane[*]} ${l0_lane[*]})" >&2
    exit 2
done

result() { printf '%s\t%s\t%s\t%s\n' "$@" >>"$all_results"; }
# tally VERDICT [FILE]
tally() { awk -F '\t' -v v="$1" '$1 == v { n++ } END { print n + 0 }' "${2:-$all_results}"; }

# run_suite NAME : its results in $logs/NAME.tsv, its row of the table in $logs/NAME.row
run_suite() {
    local s=$1 t0=$SECONDS rc f=$logs/$1.tsv
    : >"$f"
    echo "== $s"
    RESULTS=$f make -s "${target[$s]}" 2>&1 | tee "$logs/$s.log"
    rc=${PIPESTATUS[0]}
    if [ ! -s "$f" ]; then
        printf 'fail\t%s\t%s\tno result, status %s; see %s\n' "$s" "$s" "$rc" "$logs/$s.log" >>"$f"
    elif [ "$rc" != 0 ] && [ "$(tally fail "$f")" = 0 ]; then
        printf 'fail\t%s\t%s\tended with status %s; see %s\n' "$s" "$s" "$rc" "$logs/$s.log" >>"$f"
    fi
    printf '%-10s %6s %6s %7s %6s s\n' "$s" "$(tally pass "$f")" "$(tally fail "$f")" "$(tally skip "$f")" \
        $((SECONDS - t0)) >"$logs/$s.row"
}

# run_lane SUITE... : those that are wanted, one after the other
run_lane() {
    local s
    for s in "$@"; do
        [[ " ${want[*]} " = *" $s "* ]] && run_suite "$s"
    done
}

finish() {
    local s
    for s in "${want[@]}"; do
        if [ -f "$logs/$s.row" ]; then
            cat "$logs/$s.tsv" >>"$all_results"
        elif [ -n "$lane" ]; then
            result fail "$s" "$s" "did not run to its end"
        fi
    done
    echo
    printf '%-10s %6s %6s %7s %8s\n' suite passed failed skipped time
    for s in "${want[@]}"; do
        if [ -f "$logs/$s.row" ]; then cat "$logs/$s.row"; fi
    done
    awk -F '\t' '$1 == "fail" { printf "failed: %s/%s: %s\n", $2, $3, $4 }
        $1 == "skip" { printf "skipped: %s/%s: %s\n", $2, $3, $4 }' "$all_results"
    echo "$((SECONDS - began)) s"
    echo "$(tally pass) passed, $(tally fail) failed, $(tally skip) skipped"
    [ "$(tally fail)" = 0 ]
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
# a process group each, so that an end from outside takes the emulated machines along
set -m
run_lane "${rest_lane[@]}" &
lane=$!
run_lane "${l0_lane[@]}" &
l0=$!
trap 'kill -- "-$lane" "-$l0" 2>/dev/null; exit 130' INT TERM HUP
wait "$lane" "$l0"
finish
