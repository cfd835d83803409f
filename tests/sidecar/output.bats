#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Outputs are whole or absent, the same for the same input, and small.

load lib

setup() { sandbox; }

@test "two files and nothing else" {
    mkdir out
    "${MK[@]}" -o out g.cfg
    [ "$(listing out)" = "g-hvm.cfg g-sidecar.iso " ]
    grep -q "file=$PWD/out/g-sidecar.iso,if=ide" out/g-hvm.cfg
    [ "$(stat -c %a out/g-sidecar.iso)" = 644 ]
}
@test "same input, same bytes, whatever the time, the place and the umask" {
    mkdir a b
    "${MK[@]}" -q -o a g.cfg
    cp g.cfg kernel b/
    touch -d 2001-01-01 b/*
    iso=$PWD/a/g-sidecar.iso
    sleep 1.1
    (cd b && umask 077 && TZ=Asia/Tokyo "$SC_OUT/mk-sidecar" --shim "$SC_OUT/fixtures/probe" -q --iso-path "$iso" g.cfg)
    cmp a/g-sidecar.iso b/g-sidecar.iso
    # a config says where it comes from
    diff <(grep -vE '^# (Made by|mk-sidecar-(from|with))' a/g-hvm.cfg) <(grep -vE '^# (Made by|mk-sidecar-(from|with))' b/g-hvm.cfg)
}
@test "SOURCE_DATE_EPOCH changes the dates in the ISO and nothing else" {
    "${MK[@]}" -q g.cfg && mv g-sidecar.iso one.iso
    SOURCE_DATE_EPOCH=1600000000 "${MK[@]}" -q g.cfg && mv g-sidecar.iso two.iso
    SOURCE_DATE_EPOCH=1600000000 "${MK[@]}" -q g.cfg
    cmp two.iso g-sidecar.iso
    run cmp -s one.iso two.iso
    [ "$status" -ne 0 ]
    [ "$(xorriso -indev two.iso -find / -exec lsdl 2>/dev/null | grep -c 'Sep 13  *2020')" -ge 5 ]
}
@test "the ISO has at most 4 MiB beside what was put in" {
    "${MK[@]}" -q g.cfg
    [ "$(stat -c %s g-sidecar.iso)" -lt 4194304 ]
}
@test "killed before any step: the old files stay whole, and the next run cleans up" {
    tool=$SC_OUT/../sidecar/mk-sidecar
    [ -x "$tool" ] || skip "the builder without sanitizers isn't built (make)"
    mkdir out
    "$tool" --shim probe -q -o out g.cfg
    cp -a out old
    sed -i 's/console=hvc0/console=hvc0 changed/' g.cfg
    mkdir new && "$tool" --shim probe -q --iso-path "$PWD/out/g-sidecar.iso" -o new g.cfg
    sed -i "/^# mk-sidecar-with/d" new/g-hvm.cfg # says --iso-path
    for n in $(seq 100); do
        rm -rf out && cp -a old out
        rc=0
        KILL_AT=$n LD_PRELOAD="$SC_OUT/fixtures/killer.so" "$tool" --shim probe -q -o out g.cfg 2>err || rc=$?
        for f in g-sidecar.iso g-hvm.cfg; do cmp -s old/$f out/$f || cmp new/$f out/$f; done
        for t in out/.sidecars/*.txt; do [ -s "${t%txt}iso" ]; done # what the store says it has is there
        # a new config never comes before its ISO
        cmp -s old/g-hvm.cfg out/g-hvm.cfg || cmp new/g-sidecar.iso out/g-sidecar.iso
        [ $rc != 0 ] || break
        "$tool" --shim probe -q -o out g.cfg
        [ "$(listing out)" = "g-hvm.cfg g-sidecar.iso " ]
        cmp new/g-sidecar.iso out/g-sidecar.iso
        [ "$(stat -c %h out/g-sidecar.iso)" = 2 ]
    done
    [ "$rc" = 0 ]
    [ "$n" -gt 15 ]
}
@test "a failing tool leaves nothing behind" {
    mkdir bin out
    printf '#!/bin/sh\necho no room >&2\nexit 5\n' >bin/xorriso
    chmod +x bin/xorriso
    PATH=$PWD/bin:$PATH run "${MK[@]}" -o out g.cfg
    [ "$status" = 3 ]
    [[ "$output" == *"no room"*"xorriso failed"* ]]
    [ "$(listing out)" = "" ]
}
@test "an xorriso that succeeds without an ISO is noticed" {
    mkdir bin out
    printf '#!/bin/sh\nexit 0\n' >bin/xorriso
    chmod +x bin/xorriso
    PATH=$PWD/bin:$PATH run "${MK[@]}" -o out g.cfg
    [ "$status" = 3 ]
    [[ "$output" == *"xorriso"* ]]
    [ "$(listing out)" = "" ]
}
@test "full disk: one clear line, nothing left" {
    mkdir out
    mount -t tmpfs -o size=300k none out 2>/dev/null || skip "can't mount a small tmpfs"
    run "${MK[@]}" -o out g.cfg
    left=$(listing out)
    umount out
    [ "$status" = 3 ]
    [[ "$output" == *"out"*"full"* || "$output" == *"No space left"* ]]
    [ "$left" = "" ]
}
@test "read-only and missing directories" {
    run "${MK[@]}" -o /proc g.cfg
    [ "$status" = 3 ]
    [ "${#lines[@]}" = 1 ]
    [[ "$output" == *"/proc"*"-o"* ]]
    run "${MK[@]}" -o nowhere g.cfg
    [ "$status" = 3 ]
    [[ "$output" == *"nowhere"* ]]
}
@test "two at once on one name: the second gives way" {
    mkdir out
    "${MK[@]}" -q -o out g.cfg && mkdir out/.g-sidecar.tmp && sed -i s/256/257/ g.cfg
    # shellcheck disable=SC2094
    (flock 9 && exec sleep 60) 9<out/.g-sidecar.tmp & pid=$!
    sleep 0.3
    run "${MK[@]}" -o out g.cfg
    [ "$status" = 1 ]
    [[ "$output" == *"another mk-sidecar"* ]]
    kill $pid
    wait $pid || true
    "${MK[@]}" -o out g.cfg
    [ "$(listing out)" = "g-hvm.cfg g-sidecar.iso " ]
}
@test "a signal cleans up" {
    mkdir bin out
    printf '#!/bin/sh\nsleep 5\n' >bin/xorriso
    chmod +x bin/xorriso
    PATH=$PWD/bin:$PATH "${MK[@]}" -o out g.cfg & pid=$!
    sleep 1
    kill -TERM $pid
    rc=0; wait $pid || rc=$?
    [ $rc = 143 ]
    [ "$(listing out)" = "" ]
}
