# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Shared by the bats files: the sanitised builder, a scratch directory with the fixtures.

# Called by setup() of each file.
sandbox() {
    cd "$BATS_TEST_TMPDIR" || return 1
    MK=("$SC_OUT/mk-sidecar" --shim "$SC_OUT/fixtures/probe")
    for f in "$SC_OUT"/fixtures/*; do ln -s "$f" .; done
    printf 'an initrd' >initrd
    printf 'not a kernel' >garbage
    : >empty
    gzip -n <kernel >k-gz
    head -c 300 k-gz >k-gz-cut
    head -c 4000 kernel >k-cut
    seq 9999 | gzip -n | head -c 5000 >initrd-cut
    # an ELF header of a 32-bit x86 program
    printf '\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0\x01\0\0\0%060d' 0 >k-32
    printf 'name = "g"\nkernel = "kernel"\nmemory = 256\nextra = "console=hvc0"\n' >g.cfg
}

# What stands in a directory, hidden files too, on one line; of the store only what is unfinished.
listing() { find "$1" -mindepth 1 -printf '%P\n' | grep -vxE '\.sidecars(/(hashes|[0-9a-f]{64}\.(iso|txt)))?' | sort | tr '\n' ' '; }

# Whether $output holds these words. A line of its own each: bats looks at the end of `a && b` only.
says() { [[ "$output" == *"$1"* ]] || { echo "no '$1' in: $output"; return 1; }; }
says_not() { [[ "$output" != *"$1"* ]] || { echo "'$1' in: $output"; return 1; }; }
