#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/check-host.sh on recorded hosts (tests/ops/hosts), in several shells, and with only the
# tools of an old dom0.

setup() {
    cd "$TOP" || return 1
    SCRIPT=scripts/check-host.sh HOSTS=tests/ops/hosts
    busybox=$(command -v busybox || true)
}
# judge HOST SHELL... : what the script says, as NAME.expected has it
judge() { local h=$1 rc=0; shift; "$@" "$SCRIPT" --from "$HOSTS/$h.txt" 2>&1 || rc=$?; echo "exit $rc"; }
all_hosts() {
    local f h n=0
    for f in "$HOSTS"/*.txt; do
        h=$(basename "$f" .txt) n=$((n + 1))
        judge "$h" "$@" >"$BATS_TEST_TMPDIR/out"
        diff -u "$HOSTS/$h.expected" "$BATS_TEST_TMPDIR/out" || return 1
    done
    [ "$n" -ge 14 ]
}
last() { tail -n 1 "$HOSTS/$1.expected"; }

@test "each recorded host gets its answer: bash" { all_hosts bash; }
@test "each recorded host gets its answer: bash as sh" { all_hosts bash --posix; }
@test "each recorded host gets its answer: dash" { all_hosts dash; }
@test "each recorded host gets its answer: busybox alone, no GNU tool" {
    [ -n "$busybox" ] || skip "busybox is missing: run scripts/setup.sh"
    mkdir "$BATS_TEST_TMPDIR/bin"
    for t in sh awk cat grep head sed uname; do ln -s "$busybox" "$BATS_TEST_TMPDIR/bin/$t"; done
    old=$PATH
    all() {
        for f in "$HOSTS"/*.txt; do
            rc=0
            env -i PATH="$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/bin/sh" "$SCRIPT" --from "$f" >"$BATS_TEST_TMPDIR/out" 2>&1 || rc=$?
            echo "exit $rc" >>"$BATS_TEST_TMPDIR/out"
            diff -u "${f%.txt}.expected" "$BATS_TEST_TMPDIR/out" || return 1
        done
    }
    all
    [ "$PATH" = "$old" ]
}
# A bash of the age of Xen 3.4's dom0: BASH32=FILE, or a program of that name.
old_bash() {
    bash32=${BASH32:-$(command -v bash-3.2 || true)}
    [ -n "$bash32" ] || skip "no bash 3.2: name one by BASH32="
    [[ "$("$bash32" --version)" == *"version 3."* ]]
}
# A directory with busybox under the names of a dom0's tools: PATH for a shell that sees nothing else.
only_busybox() {
    [ -n "$busybox" ] || skip "busybox is missing: run scripts/setup.sh"
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    for t in sh awk cat grep head ln ls sed sleep sort uname; do ln -sf "$busybox" "$BATS_TEST_TMPDIR/bin/$t"; done
}
@test "each recorded host gets its answer: bash 3.2" {
    old_bash
    all_hosts "$bash32"
}
# live TOOLS SHELL : what it says of a fake host with no other tools than those; `want`: with GNU's, by this bash
live() { env -i PATH="$BATS_TEST_TMPDIR/fake:$BATS_TEST_TMPDIR/$1" "$2" "$SCRIPT" 2>&1 || true; }
live_host() {
    only_busybox
    fake_host xl xen411-xpti
    mkdir "$BATS_TEST_TMPDIR/gnu"
    for t in sh awk cat grep head sed uname; do ln -s "$(command -v $t)" "$BATS_TEST_TMPDIR/gnu/$t"; done
    live gnu "$(command -v bash)" >"$BATS_TEST_TMPDIR/want"
    grep -q 4.11.4 "$BATS_TEST_TMPDIR/want"
}
@test "live, with busybox alone: as with GNU's tools" {
    live_host
    diff -u "$BATS_TEST_TMPDIR/want" <(live bin sh)
}
@test "live, by bash 3.2: as by this bash" {
    old_bash
    live_host
    diff -u "$BATS_TEST_TMPDIR/want" <(live gnu "$bash32")
    diff -u "$BATS_TEST_TMPDIR/want" <(live bin "$bash32")
}
@test "shim-version.sh with busybox alone" {
    only_busybox
    want=$(scripts/shim-version.sh xen-shim/xen-shim)
    [ "$(env -i PATH="$BATS_TEST_TMPDIR/bin" sh scripts/shim-version.sh xen-shim/xen-shim)" = "$want" ]
}
@test "shim-version.sh by bash 3.2" {
    old_bash
    want=$(scripts/shim-version.sh xen-shim/xen-shim)
    [ "$("$bash32" scripts/shim-version.sh xen-shim/xen-shim)" = "$want" ]
}
# What the HOWTO has an operator type on the host, with a toolstack that takes a domain away at the third question.
howto_on_the_host() {
    local d=$BATS_TEST_TMPDIR/host
    rm -rf "$d" && mkdir -p "$d/etc/xen/auto" "$d/var/lib/xen/sidecars" "$d/fake"
    cat >"$d/fake/xl" <<END
#!/bin/sh
echo "xl \$*" >>$d/calls
case \$1 in
shutdown) echo 0 >$d/asked ;;
domid)
    read n <$d/asked
    echo \$((n + 1)) >$d/asked
    [ "\$n" -lt 2 ] && echo 7
    ;;
esac
END
    chmod +x "$d/fake/xl"
    awk '/^<!-- run on L0: / && !/check|pvshim/ { on = 1; next } /^    for g in web db; do/ { on = 1 }
        on && /^    / { print substr($0, 5); next } on && NF { on = 0 }' HOWTO-vixen.md |
        sed "s,/var/lib/xen,$d/var/lib/xen,g; s,/etc/xen,$d/etc/xen,g" >"$d/commands"
    [ "$(grep -c 'xl create' "$d/commands")" = 3 ]
    env -i PATH="$d/fake:$1" "$2" -ex "$d/commands" >"$d/out" 2>&1
    # convert, back, and the loop over two: each waits until the domain is gone
    for c in shutdown=4 domid=12 create=4; do [ "$(grep -c "^xl ${c%=*}" "$d/calls")" = "${c#*=}" ]; done
    [ -L "$d/etc/xen/auto/web.cfg" ] && [ -L "$d/etc/xen/auto/db.cfg" ]
}
@test "what the HOWTO types on the host runs with busybox alone" {
    only_busybox
    howto_on_the_host "$BATS_TEST_TMPDIR/bin" sh
}
@test "what the HOWTO types on the host runs by bash 3.2" {
    old_bash
    howto_on_the_host "$PATH" "$bash32"
}
@test "plain sh: nothing that bash 3 or dash lacks" {
    command -v shellcheck >/dev/null || skip "shellcheck is missing: run scripts/setup.sh"
    [ "$(head -n 1 "$SCRIPT")" = "#!/bin/sh" ]
    shellcheck -s sh -S style "$SCRIPT"
    # tools that came later than 2009, and options that only GNU's have
    ! grep -nE 'realpath|readlink -f|mapfile|grep -[a-zA-Z]*[oP]|nproc|stdbuf|timeout |lscpu|numfmt|sed -E' <(grep -v '^#' "$SCRIPT")
}
@test "hosts that can, that can't, and that don't say" {
    for h in xen34-xm-intel xen41-both-no-hap xen411-xpti xen417-rdcl-no xen45-amd xen46-log-lost debian12-rig xen411-log-rotated; do [ "$(last $h)" = "exit 0" ]; done
    for h in domu xen32bit xen33-xm xen44-no-vtx xen45-no-qemu xenserver debian12-other-qemu; do [ "$(last $h)" = "exit 1" ]; done
    for h in not-root xend-down; do [ "$(last $h)" = "exit 3" ]; done
}
# fake_host PROGRAM RECORD: stand-ins for a toolstack that answer with a record's text
fake_host() {
    mkdir -p "$BATS_TEST_TMPDIR/fake"
    cat >"$BATS_TEST_TMPDIR/fake/$1" <<END
#!/bin/sh
echo "\$0 \$*" >>$BATS_TEST_TMPDIR/calls
case \$1 in
info) want="$1 info" ;;
dmesg) want=dmesg ;;
*) exit 1 ;;
esac
awk -v want="== \$want" '/^== / { on = (\$0 == want); next } on' $TOP/$HOSTS/$2.txt
END
    chmod +x "$BATS_TEST_TMPDIR/fake/$1"
    PATH=$BATS_TEST_TMPDIR/fake:$PATH
}
@test "live: it asks the toolstack, only for info and dmesg, and --record gives the same to --from" {
    fake_host xl xen411-xpti
    "$SCRIPT" --record >"$BATS_TEST_TMPDIR/record"
    grep -qx 'xen_minor              : 11' "$BATS_TEST_TMPDIR/record"
    grep -q XPTI "$BATS_TEST_TMPDIR/record"
    run "$SCRIPT"
    live=$output
    [[ "$live" == *"toolstack"*"xl"* ]]
    [[ "$live" == *"4.11.4"* ]]
    run "$SCRIPT" --from "$BATS_TEST_TMPDIR/record"
    [ "$output" = "$live" ]
    [ -z "$(grep -vE '/xl (info|dmesg)$' "$BATS_TEST_TMPDIR/calls")" ]
}
@test "it writes no file" {
    fake_host xm xen34-xm-intel
    touch "$BATS_TEST_TMPDIR/mark"
    mkdir "$BATS_TEST_TMPDIR/empty"
    (cd "$BATS_TEST_TMPDIR/empty" && "$TOP/$SCRIPT" >/dev/null || true)
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/empty")" ]
    # nor could it: every > of the script is to /dev/null, between descriptors, or an arrow
    [ -z "$(grep -v '^#' "$SCRIPT" | sed -e 's,2*>/dev/null,,g' -e 's,2>&1,,g' -e 's,>&2,,g' -e 's,-> %s,,' | grep '>')" ]
    ! grep -vE '^ *#' "$SCRIPT" | grep -wE 'rm|mv|cp|tee|touch|mkdir|dd|eval|xl [^id]|xm [^id]'
}
@test "wrong use, and files that are no record" {
    for args in "--from" "--frobnicate" "--record x"; do
        # shellcheck disable=SC2086
        run "$SCRIPT" $args
        [ "$status" = 2 ]
    done
    run "$SCRIPT" --from LICENSE
    [ "$status" = 2 ]
    [[ "$output" == *"LICENSE: not, or not all, of what --record writes"* ]]
    head -n 20 "$HOSTS/xen45-amd.txt" >"$BATS_TEST_TMPDIR/cut"
    run "$SCRIPT" --from "$BATS_TEST_TMPDIR/cut"
    [ "$status" = 2 ]
    run "$SCRIPT" --from /nowhere
    [ "$status" = 2 ]
}
