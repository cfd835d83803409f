#!/bin/bash
# SPDX-License-Identifier: MIT
# cases/NAME.cfg -> cases/NAME.expected: the HVM config, or the refusal, and the exit status. TAP on
# stdout. A first line `# args: ...` has more options. UPDATE=1 writes the expected files anew: read the diff before you commit it.
set -u
export ASAN_OPTIONS=detect_leaks=0
here=$(dirname "$(realpath "$0")")
. "$here/lib.bash"
BATS_TEST_TMPDIR=$(mktemp -d)
trap 'rm -rf "$BATS_TEST_TMPDIR"' EXIT
sandbox

n=0 all=("$here"/cases/*.cfg)
echo "1..${#all[@]}"
for cfg in "${all[@]}"; do
    name=$(basename "$cfg" .cfg)
    expected=${cfg%.cfg}.expected
    n=$((n + 1))
    cp "$cfg" .
    read -ra args < <(sed -n '1s/^# args: //p' "$cfg")
    ext=iso
    [[ "${args[*]}" != *"--medium firmware"* ]] || ext=elf
    "${MK[@]}" --print "${args[@]}" --iso-path "/srv/$name.$ext" "$name.cfg" >got 2>&1
    echo "exit $?" >>got
    [ -z "${UPDATE:-}" ] || cp got "$expected"
    if diff -u "$expected" got >difference; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        sed 's/^/# /' difference
    fi
    rm "$name.cfg"
done
