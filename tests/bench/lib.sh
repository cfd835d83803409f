# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts of tests/bench have in common. Sets TOP, where they run from then on, and O; has QEMU run with -icount,
# where a TSC tick is an instruction.
TOP=$(cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.." && pwd)
cd "$TOP" || exit 1
O=${O:-build}
case $O in /*) ;; *) O=$TOP/$O ;; esac
export O L0_ACCEL=tcg,thread=single L0_QEMU_EXTRA="${L0_QEMU_EXTRA:-} -icount shift=0,sleep=off"

# bench_table SCENARIO DIRECTORY WHERE... : one boot of L0; the scenario's WHERE.txt go to the directory, where the table of
# all that lie there is made
bench_table() {
    local scenario=$1 into=$2 w
    shift 2
    mkdir -p "$into"
    RESULTS='' tests/l0/run "$TOP/tests/bench/scenarios/$scenario.sh" || exit 1
    for w in "$@"; do cp "$O/l0/logs/$scenario/$w.txt" "$into/" || exit 1; done
    tests/bench/table "$into" >"$into/table.md" && cat "$into/table.md"
}
