#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sidecar-load, the program: what it says of a file, and what becomes of wrong words. (What it reads and writes: load/.)

load lib

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    LOAD=$SC_OUT/../sidecar/sidecar-load
    SAVED=$SC_OUT/fixtures/saved
}

@test "--check says in one line what a file is, of each format" {
    for f in "$SAVED"/*; do
        run "$LOAD" --check "$f"
        [ "$status" = 0 ]
        [ "${#lines[@]}" = 1 ]
        [[ "$output" =~ ^format=(xl|xend|libvirt|none)\ stream=v[123]\ width=${f##*-}\ nr_pages=40\ populated=[0-9]+\ frames=[0-9]+\ vcpus=3\ highest_vcpu=3\ events=2l$ ]]
    done
    run "$LOAD" --check "$SAVED/xend-v1-32"
    says "format=xend stream=v1 width=32"
}
@test "a fault is one line with the file's name, and status 1" {
    head -c 50000 "$SAVED/xl-v3-64" >cut.save
    for f in cut.save /dev/null /etc/passwd nowhere . "$LOAD"; do
        run "$LOAD" --check $f
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
        says "sidecar-load: $f: "
    done
    run "$LOAD" --check cut.save
    says "cut short; copy it anew, or save the guest again"
}
@test "what can't be read twice is refused" {
    run bash -c "cat '$SAVED/xl-v3-64' | '$LOAD' --check /dev/stdin"
    [ "$status" = 1 ]
    says "is read twice; write it to a file first"
    # (a file is one by any name)
    run "$LOAD" --check /dev/stdin <"$SAVED/xl-v3-64"
    [ "$status" = 0 ]
}
@test "a file is looked at before the host" {
    head -c 50000 "$SAVED/xl-v3-64" >cut.save
    run "$LOAD" 1 256 cut.save
    [ "$status" = 1 ]
    says "cut short"
    [ ! -e /dev/xen/privcmd ] && [ ! -e /proc/xen/privcmd ] || skip "this is a dom0"
    run "$LOAD" 1 256 "$SAVED/xl-v3-64"
    [ "$status" = 1 ]
    says "sidecar-load: privcmd: No such file or directory"
}
@test "wrong words: the usage, and status 2" {
    for words in "" "--check" "--check a b" "1 2" "1 2 3 4" "x 2 f" "1 -2 f" "32753 2 f" "1 2x f" "--timeout x 1 2 f" "--frob 1 2 f" "--fits 1 2" "--fits 1 2 f" "--fits --check 1 2 3"; do
        # shellcheck disable=SC2086 # words
        run "$LOAD" $words
        [ "$status" = 2 ]
        says "usage: sidecar-load"
    done
    run "$LOAD" --help
    [ "$status" = 0 ]
    run "$LOAD" --version
    [ "$output" = "sidecar-load $(cat "$BATS_TEST_DIRNAME/../../VERSION")" ]
}
@test "it is static, and asks no kernel for its age" {
    run file -L "$LOAD"
    says "statically linked"
    run strings "$LOAD"
    says_not "kernel too old"
}
