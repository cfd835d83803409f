#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sidecars in the firmware's place: what libxc will load, the configs, the store, what is refused.

load lib

setup() {
    sandbox
    FW=("${MK[@]}" --medium firmware)
    apart="$BATS_TEST_DIRNAME/firmware.py"
}

@test "one ELF with the shim, the kernel, the initrd and the words, in both packings" {
    seq 3000 >initrd
    printf 'ramdisk = "initrd"\n' >>g.cfg
    sed -i "/^extra/d" g.cfg
    cat >>g.cfg <<'X'
extra = "a 'b c'  \\ $x \"d\""
X
    for how in gz none; do
        rm -rf x
        "${FW[@]}" -q --compress $how --shim-cmdline 'stats  debug' g.cfg
        python3 "$apart" g-sidecar.elf x
        cmp initrd x/module-1
        [ "$(cat x/words)" = "a 'b c'  \\ \$x \"d\"" ]
        [ "$(cat x/shim-words)" = "stats  debug" ]
        # the probe's own
        [ "$(cat x/entry)" = "$(readelf -h probe | sed -n 's/.*Entry point address: *0x//p')" ]
    done
    [ "$(head -c 4 g-sidecar.elf | tail -c 3)" = ELF ]
    # of the kernel what is loaded of it
    readelf -lW x/module-0 | grep -q LOAD
    "$SC_OUT/mk-sidecar" --unpack x/module-0 again && cmp again x/module-0
}
@test "without an initrd there is one module" {
    "${FW[@]}" -q g.cfg
    python3 "$apart" g-sidecar.elf x
    [ -s x/module-0 ] && [ ! -e x/module-1 ]
}
@test "xl's config names the file and no drive, xend's names it as its kernel" {
    run "${FW[@]}" --print --iso-path /srv/g.elf g.cfg
    [ "$status" = 0 ]
    says 'firmware_override = "/srv/g.elf"'
    says 'device_model_version = "qemu-xen"'
    says_not device_model_args
    says_not 'boot ='
    says_not 'kernel ='
    printf 'disk = [ "phy:/dev/vg/a,xvda,w", "phy:/dev/vg/b,xvdb,w", "phy:/dev/vg/c,xvdc,w", "phy:/dev/vg/d,xvdd,w" ]\n' >>g.cfg
    run "${FW[@]}" --toolstack xm --print --iso-path /srv/ g.cfg
    [ "$status" = 0 ]
    says 'kernel = "/srv/g-sidecar.elf"'
    says_not firmware_override
    says_not 'boot ='
    says_not cdrom
    says 'xvdd'
}
@test "two files and nothing else; the store, --list, --verify and --prune know them" {
    mkdir out
    "${FW[@]}" -o out g.cfg
    [ "$(listing out)" = "g-hvm.cfg g-sidecar.elf " ]
    grep -q "firmware_override = \"$PWD/out/g-sidecar.elf\"" out/g-hvm.cfg
    [ "$(stat -c %h out/g-sidecar.elf)" = 2 ]
    run "${MK[@]}" -o out --list
    says "g.cfg"
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
    says fits
    # the same bytes are shared, others aren't
    sed 's/"g"/"h"/' g.cfg >h.cfg
    "${FW[@]}" -q -o out h.cfg
    [ "$(stat -c %h out/g-sidecar.elf)" = 3 ]
    "${MK[@]}" -q -o out h.cfg 2>/dev/null
    [ -e out/h-sidecar.iso ]
    [ "$(stat -c %h out/h-sidecar.iso)" = 2 ]
    printf x >>out/g-sidecar.elf
    run "${MK[@]}" -o out --verify g
    [ "$status" = 1 ]
    says "damaged"
    rm out/*-sidecar.* out/*-hvm.cfg
    run "${MK[@]}" -o out --prune
    says "2 sidecars"
    run find out/.sidecars -name '*.elf' -o -name '*.iso' -o -name '*.txt'
    [ -z "$output" ]
}
@test "--verify sees a change of the kernel, the shim and the words" {
    cp -L kernel vmlinux
    cp -L probe shim
    sed -i 's/"kernel"/"vmlinux"/' g.cfg
    MK=("$SC_OUT/mk-sidecar" --shim "$PWD/shim")
    "${MK[@]}" -q --medium firmware g.cfg
    run "${MK[@]}" --verify
    [ "$status" = 0 ]
    printf x >>shim
    run "${MK[@]}" --verify
    says "shim"
    [ "$status" = 1 ]
    printf x >>vmlinux
    run "${MK[@]}" --verify
    says "kernel"
}
@test "same input, same bytes, whatever the time and the place; no tool of GRUB's is needed" {
    mkdir a b bin
    "${FW[@]}" -q -o a g.cfg
    cp -L g.cfg kernel b/
    touch -d 2001-01-01 b/*
    (cd b && PATH=$PWD/../bin "$SC_OUT/mk-sidecar" --shim "$SC_OUT/fixtures/probe" --medium firmware -q g.cfg)
    cmp a/g-sidecar.elf b/g-sidecar.elf
    (PATH=$PWD/bin && "$SC_OUT/mk-sidecar" --shim "$SC_OUT/fixtures/probe" --medium firmware -q --verify)
}
@test "the options are remembered, and kept apart from the ISO's" {
    "${FW[@]}" -q --compress none g.cfg
    grep -q '^# mk-sidecar-with: --medium=firmware$' g-hvm.cfg
    grep -q '^# mk-sidecar-with: --compress=none$' g-hvm.cfg
    "${FW[@]}" -q g.cfg
    run grep -c '^# mk-sidecar-with: --compress' g-hvm.cfg
    [ "$output" = 0 ]
}
@test "--universal: PV GRUB as the kernel, one file for all" {
    [ -d /usr/lib/grub/x86_64-xen ] || skip "no grub-xen-bin"
    printf 'name = "u"\nmemory = 256\ndisk = [ "raw:d.img,xvda,w" ]\n' >u.cfg
    "${FW[@]}" -q --universal u.cfg
    [ "$(listing . | tr ' ' '\n' | grep -E '^u')" = "$(printf 'u-hvm.cfg\nu.cfg\nuniversal.elf')" ]
    python3 "$apart" universal.elf x
    readelf -n x/module-0 | grep -q Xen
}
@test "a domain that can't hold it is refused, and nothing written" {
    head -c 20M /dev/urandom >initrd
    sed -i 's/^memory.*/memory = 16/' g.cfg
    printf 'ramdisk = "initrd"\n' >>g.cfg
    mkdir out
    run "${FW[@]}" -o out g.cfg
    [ "$status" = 1 ]
    says "memory=16 MiB doesn't hold the sidecar"
    [ "$(listing out)" = "" ]
    # nor where the store knows the kernel already
    sed 's/^memory.*/memory = 64/; s/"g"/"big"/' g.cfg >big.cfg
    "${FW[@]}" -q -o out big.cfg
    run "${FW[@]}" -o out g.cfg
    [ "$status" = 1 ]
    says "doesn't hold"
}
@test "refused with the reason: libvirt, other packings, a shim that can't" {
    run "${FW[@]}" --toolstack libvirt g.cfg
    [ "$status" = 2 ]
    says "libvirt"
    says "hvmloader"
    run "${FW[@]}" --compress xz g.cfg
    [ "$status" = 2 ]
    says "gz or none"
    run "${FW[@]}" --iso-path /srv/g.iso g.cfg
    [ "$status" = 2 ]
    says ".elf"
    objcopy --remove-section .note.xen-shim probe old
    run "$SC_OUT/mk-sidecar" --shim old --medium firmware g.cfg
    [ "$status" = 3 ]
    says "old: "
    says "--medium cd"
    [ ! -e g-sidecar.elf ]
}
