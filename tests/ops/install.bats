#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make install, uninstall and dist; the front and its file of defaults.

setup() {
    cd "$TOP" || return 1
    unset MAKEFLAGS MFLAGS
    VERSION=$(cat VERSION)
    D=$BATS_TEST_TMPDIR/root
}
into() { make -s O="$O" install DESTDIR="$D"; }
# A stand-in for the builder's program that shows its words, one a line.
fake_tool() {
    printf '#!/bin/sh\nfor w; do printf "[%%s]\\n" "$w"; done\n' >"$BATS_TEST_TMPDIR/tool"
    chmod +x "$BATS_TEST_TMPDIR/tool"
    export MK_SIDECAR_TOOL=$BATS_TEST_TMPDIR/tool
}
conf() { printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/conf"; export MK_SIDECAR_CONF=$BATS_TEST_TMPDIR/conf; }

@test "make install: every file at its place, with its mode, under DESTDIR" {
    umask 077
    into
    cmp "$D/usr/lib/xen/boot/xen-shim-sidecar" xen-shim/xen-shim
    for f in usr/sbin/mk-sidecar usr/sbin/sidecar-switch usr/sbin/sidecar-load usr/sbin/sidecar-move \
        usr/lib/xen-sidecar/mk-sidecar usr/lib/xen-sidecar/check-host.sh \
        usr/lib/xen-sidecar/shim-version.sh; do
        [ "$(stat -c %a "$D/$f")" = 755 ]
    done
    for f in usr/share/man/man8/mk-sidecar.8 usr/share/man/man8/sidecar-switch.8 usr/share/man/man8/sidecar-load.8 usr/share/man/man7/xen-sidecar.7 \
        usr/share/bash-completion/completions/sidecar-switch usr/share/man/man5/sidecar.conf.5 etc/xen/sidecar.conf \
        usr/share/bash-completion/completions/mk-sidecar usr/share/doc/xen-sidecar/HOWTO-vixen.md \
        usr/share/doc/xen-sidecar/docs/LIMITS.md; do
        [ "$(stat -c %a "$D/$f")" = 644 ]
    done
}
@test "make install: every command has a man page, and completion where it has options to complete" {
    into
    for f in "$D"/usr/sbin/*; do
        [ -f "$D/usr/share/man/man8/${f##*/}.8" ] || { echo "no page: $f" && false; }
        case ${f##*/} in sidecar-load) continue ;; esac # typed by nobody: sidecar-switch calls it
        grep -q "^complete .*[ ]${f##*/}\\>" "$D/usr/share/bash-completion/completions/${f##*/}"
    done
}
@test "make install leaves an operator's sidecar.conf alone, make uninstall too" {
    into
    echo medium=ahci >"$D/etc/xen/sidecar.conf"
    into
    [ "$(cat "$D/etc/xen/sidecar.conf")" = medium=ahci ]
    make -s O="$O" uninstall DESTDIR="$D"
    [ "$(find "$D" -type f)" = "$D/etc/xen/sidecar.conf" ]
}
@test "make uninstall removes all that make install brought" {
    into
    make -s O="$O" uninstall DESTDIR="$D"
    [ -z "$(find "$D" ! -type d)" ]
    [ ! -e "$D/usr/lib/xen-sidecar" ]
    [ ! -e "$D/usr/share/doc/xen-sidecar" ]
}
@test "another PREFIX: the installed front finds program, shim and config there" {
    make -s O="$O" install PREFIX="$D/opt"
    [ -f "$D/opt/etc/xen/sidecar.conf" ]
    run "$D/opt/sbin/mk-sidecar" --version
    [ "$status" = 0 ]
    [ "${lines[0]}" = "mk-sidecar $VERSION" ]
    [[ "${lines[1]}" == "$D/opt/lib/xen/boot/xen-shim-sidecar: xen-shim $VERSION build "* ]]
    echo 'colour=green' >>"$D/opt/etc/xen/sidecar.conf"
    run "$D/opt/sbin/mk-sidecar" --version
    [ "$status" = 3 ]
    n=$(wc -l <packaging/sidecar.conf)
    [ "$output" = "mk-sidecar: $D/opt/etc/xen/sidecar.conf:$((n + 1)): there is no key 'colour'; see sidecar.conf(5)" ]
}
@test "an installed front whose program is gone says so" {
    make -s O="$O" install PREFIX="$D/opt"
    rm "$D/opt/lib/xen-sidecar/mk-sidecar"
    run "$D/opt/sbin/mk-sidecar" --version
    [ "$status" = 3 ]
    [ "$output" = "mk-sidecar: $D/opt/lib/xen-sidecar/mk-sidecar not found; install the builder, or run it from its source tree" ]
}
@test "sidecar.conf: its keys become options, before the user's" {
    fake_tool
    conf '# a comment' '' '  output =  /srv/my sidecars ' 'medium=ahci' 'compress=xz' 'shim=/s' \
        'shim-cmdline=stats evtchn=gsi'
    run scripts/mk-sidecar.sh -o /here "a b.cfg" ''
    [ "$status" = 0 ]
    want="[--shim=$TOP/xen-shim/xen-shim]
[--output=/srv/my sidecars]
[--medium=ahci]
[--compress=xz]
[--shim=/s]
[--shim-cmdline=stats evtchn=gsi]
[-o]
[/here]
[a b.cfg]
[]"
    [ "$output" = "$want" ]
}
@test "sidecar.conf is never executed, and its last line needs no newline" {
    fake_tool
    conf
    printf 'output=$(touch %s/hit)`touch %s/hit`;*\nmedium=cd' "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" >"$MK_SIDECAR_CONF"
    run scripts/mk-sidecar.sh
    [ "$status" = 0 ]
    [[ "${lines[1]}" == '[--output=$(touch '*';*]' ]]
    [ "${lines[2]}" = "[--medium=cd]" ]
    [ ! -e "$BATS_TEST_TMPDIR/hit" ]
}
@test "sidecar.conf: mistakes are named with their line" {
    fake_tool
    conf 'medium=cd' 'just words'
    run scripts/mk-sidecar.sh
    [ "$status" = 3 ]
    [ "$output" = "mk-sidecar: $MK_SIDECAR_CONF:2: not KEY=VALUE" ]
    for t in "medium=floppy|'floppy' is no medium" "toolstack=xl2|'xl2' is no toolstack" "compress=zip|'zip' is no compress" 'output=|output has no value' 'shim =|shim has no value'; do
        conf '# one' "${t%%|*}"
        run scripts/mk-sidecar.sh --medium cd
        [ "$status" = 3 ]
        [[ "$output" == "mk-sidecar: $MK_SIDECAR_CONF:2: ${t#*|}; "* ]]
    done
    MK_SIDECAR_CONF=$BATS_TEST_TMPDIR run scripts/mk-sidecar.sh
    [ "$status" = 3 ]
    [[ "$output" == *": can't be read" ]]
}
@test "the real builder takes every key of sidecar.conf, and the user's option wins" {
    mkdir "$BATS_TEST_TMPDIR/conf-out" "$BATS_TEST_TMPDIR/user-out"
    conf "output=$BATS_TEST_TMPDIR/conf-out" medium=ahci compress=none "shim=$TOP/xen-shim/xen-shim" shim-cmdline=stats toolstack=xl4.4
    run scripts/mk-sidecar.sh --help
    [ "$status" = 0 ]
    # every key that the shipped file and the man page name is one that the front takes
    keys=$(sed -n 's/^#\([a-z-]*\)=.*/\1/p' packaging/sidecar.conf)
    [ "$(printf '%s\n' "$keys" | wc -l)" = 6 ]
    for k in $keys; do
        [[ "$output" == *"--$k"* ]]
        grep -q "^$k=" "$MK_SIDECAR_CONF"
        sed 's/\\//g' docs/man/sidecar.conf.5 | grep -q "^.B $k$"
    done
    conf medium=ahci
    run scripts/mk-sidecar.sh --medium floppy
    [ "$status" = 2 ]
    [[ "$output" == *"--medium takes cd, ahci or firmware"* ]]
}
@test "every file of the man pages is well formed" {
    command -v mandoc >/dev/null || skip "mandoc is missing: run scripts/setup.sh"
    for page in docs/man/*; do
        run mandoc -T lint -W warning "$page"
        [ "$status" = 0 ] || { echo "$output"; false; }
    done
}
@test "make dist: the commit's files, the same bytes twice, and it builds and installs" {
    git rev-parse -q --verify HEAD >/dev/null || skip "this is no git clone"
    make -s O="$O" dist
    tarball=$O/dist/xen-sidecar-$VERSION.tar.gz
    cp "$tarball" "$BATS_TEST_TMPDIR/first"
    sleep 1
    make -s O="$O" dist
    cmp "$BATS_TEST_TMPDIR/first" "$tarball"
    tar -xzf "$tarball" -C "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR/xen-sidecar-$VERSION"
    [ "$(find . -type f | wc -l)" = "$(git -C "$TOP" ls-tree -r --name-only HEAD | wc -l)" ]
    (unset O; nice make -s -j2 && make -s install DESTDIR="$D")
    git -C "$TOP" diff --quiet HEAD || skip "built and installed; not compared with the tree, which has uncommitted changes"
    cmp "$D/usr/lib/xen/boot/xen-shim-sidecar" "$TOP/xen-shim/xen-shim"
}
