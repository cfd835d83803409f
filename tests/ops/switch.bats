#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/switch-guest.sh (sidecar-switch) on a fake host; see fakehost/host. Random faults and kills in greater
# number: switch-storm.

setup() {
    . "$TOP/tests/ops/fakehost/lib.bash"
    F=$BATS_TEST_TMPDIR/f
    SCRIPT=$TOP/scripts/switch-guest.sh
}
# says REGEX : the last run's output
says() { grep -qE -- "$1" <<<"$output" || { echo "no '$1' in: $output"; return 1; }; }
logs() { grep -qE -- "$1" "$FAKE/lg/web.log" || { echo "no '$1' in:"; cat "$FAKE/lg/web.log"; return 1; }; }
# never REGEX : was such a command called?
never() { ! grep -E -- "$1" "$FAKE/calls"; }
unsaid() { ! says "$1" >/dev/null; }
clean() { [ -z "$(left)" ]; }
there() { settle; [ "$(is web)" = "$1" ] && sane; }
link() { [ "$(readlink "$FAKE/xen/auto/web.cfg")" = "$1" ]; }

@test "over and back, with the autostart link: xl, bash" {
    fake_host "$F" xl web db
    SWITCH_SH=bash run switch web
    [ "$status" = 0 ]
    says '^web +moved +hvm'
    there hvm
    clean
    link "$FAKE/sidecars/web-hvm.cfg"
    [ "$(is db)" = pv ]
    [ "$(readlink "$FAKE/xen/auto/db.cfg")" = "$FAKE/xen/db.cfg" ]
    [ -z "$(find "$FAKE/xen" -name '*switch*')" ]
    SWITCH_SH=bash run switch --back web
    [ "$status" = 0 ]
    there pv
    clean
    link "$FAKE/xen/web.cfg"
}
@test "the same by dash, xm, with long listings of old xend" {
    fake_host "$F" xm web
    echo old-sxp >"$FAKE/format"
    SWITCH_SH=dash run switch web
    [ "$status" = 0 ]
    there hvm
    SWITCH_SH=dash run switch --back web
    there pv
    clean
}
@test "the same by xl of 4.2, which says (hvm 0) of PV guests" {
    fake_host "$F" xl web
    echo xl42 >"$FAKE/format"
    run switch web
    [ "$status" = 0 ]
    there hvm
    run switch --back web
    [ "$status" = 0 ]
    there pv
}
@test "the same by virsh: libvirt's definition is kept, and autostart" {
    fake_host "$F" virsh web
    echo on >"$FAKE/autostart-web"
    run switch web
    [ "$status" = 0 ]
    there hvm
    grep -q '>hvm<' "$FAKE/defined-web"
    [ "$(grep -c on "$FAKE/autostart-web")" = 2 ]
    run switch --back web
    there pv
    grep -q '>linux<' "$FAKE/defined-web"
}
@test "busybox alone: no GNU tool, no timeout, no readlink" {
    bb=$(command -v busybox) || skip "busybox is missing: run scripts/setup.sh"
    fake_host "$F" xl web
    mkdir "$F/bb"
    for t in ash sh awk cat cut date dd df env grep head ln ls mkdir mv od rm sed sleep sort tail tr wc; do ln -s "$bb" "$F/bb/$t"; done
    ln -s /usr/bin/perl "$F/bb/perl"
    run env -i FAKE="$FAKE" PATH="$F/bin:$F/bb" TMPDIR="$F" SWITCH_TICK=0.05 SWITCH_SAVE_DIR="$F/save" "$F/bb/ash" "$SCRIPT" \
        --no-check-host --sidecars "$F/sidecars" --configs "$F/xen" --state "$F/st" --log "$F/lg" --timeout 10 --settle 0 web
    echo "$output"
    [ "$status" = 0 ]
    there hvm
    clean
    link "$FAKE/sidecars/web-hvm.cfg"
    unsaid 'not found|applet'
}
@test "plain sh: nothing that bash 3 or dash lacks, no Python" {
    command -v shellcheck >/dev/null || skip "shellcheck is missing: run scripts/setup.sh"
    [ "$(head -n 1 "$SCRIPT")" = "#!/bin/sh" ]
    shellcheck -s sh -S style "$SCRIPT"
    run grep -nE 'realpath|readlink -f|mapfile|grep -[a-zA-Z]*[oP]|nproc|stdbuf|lscpu|numfmt|sed -E|python|stat -c' <(grep -v '^ *#' "$SCRIPT")
    [ "$status" = 1 ]
}
@test "--dry-run touches nothing; --porcelain has a line a guest; --status tells all" {
    fake_host "$F" xl web db
    run switch --porcelain -n web
    [ "$status" = 0 ]
    says "^web	would	pv	[0-9]+	shut down domain 1, create $FAKE/sidecars/web-hvm.cfg\$"
    never '^xl (shutdown|create|destroy)'
    there pv
    clean
    run switch --porcelain web
    [ "$(wc -l <<<"$output")" = 1 ]
    says '^web	moved	hvm	[0-9]+	$'
    run switch --porcelain web
    [ "$status" = 0 ]
    says '^web	already	hvm	'
    grep -qP '^[0-9: -]+\tweb\tmoved\thvm' "$FAKE/lg/switch.log"
    run switch --status
    says '^web +3 +shim +1.0 +percpu +yes'
    says '^db +2 +pv '
    run switch --status --porcelain web
    [ "$output" = "web	3	shim	1.0	percpu	yes	" ]
}
@test "what fails a check isn't touched" {
    fake_host "$F" xl web other
    refused() { # REASON
        run switch web
        [ "$status" = 1 ]
        says "^web +refused .*$1"
        never '^xl (shutdown|create|destroy)'
        there pv
        clean
    }
    cfg=$FAKE/sidecars/web-hvm.cfg
    cp "$cfg" "$F/good.cfg"
    # the ISO: cut, no ISO, absent
    truncate -s 70000 "$FAKE/sidecars/all-sidecar.iso"
    refused 'all-sidecar.iso is cut: 70000 bytes of 81920'
    : >"$FAKE/sidecars/all-sidecar.iso"
    refused 'is no sidecar'
    sed 's/all-sidecar/web-sidecar/' "$F/good.cfg" >"$cfg"
    refused "web-sidecar.iso isn't there"
    # one in the firmware's place
    sed 's/^device_model_args.*/firmware_override = "all-sidecar"/; s/all-sidecar[.iso]*/web-sidecar.elf/' "$F/good.cfg" |
        sed "s|\"web-sidecar.elf\"|\"$FAKE/sidecars/web-sidecar.elf\"|" >"$cfg"
    refused "web-sidecar.elf isn't there"
    seq 10000 | gzip | head -c 3000 >"$FAKE/sidecars/web-sidecar.elf"
    refused 'web-sidecar.elf is cut or damaged .3000 bytes'
    seq 10000 | gzip >"$FAKE/sidecars/web-sidecar.elf"
    run switch -n web
    [ "$status" = 0 ]
    fake_host "$F" xl web other
    # the configs
    rm "$cfg"
    refused 'no web-hvm.cfg'
    : >"$FAKE/sidecars/web-hvm.xml"
    refused "web-hvm.xml is libvirt's.*--toolstack virsh"
    rm "$FAKE/sidecars/web-hvm.xml"
    grep -v key: "$F/good.cfg" >"$cfg"
    refused "isn't mk-sidecar's"
    sed 's/^name = .*/name = "db"/' "$F/good.cfg" >"$cfg"
    refused "is of the guest 'db'"
    cp "$F/good.cfg" "$cfg"
    echo 'uuid = "6c1d4bb4-06d9-4a55-a2d5-1a2b3c4d5e6f"' >>"$FAKE/xen/web.cfg"
    refused 'different uuids'
    sed -i '/^uuid/d' "$FAKE/xen/web.cfg"
    # the disk, by another name: a link to it
    ln -s "$FAKE/disks/web" "$FAKE/disks/web-too"
    sed -i "s|disks/other|disks/web-too|" "$FAKE/xen/other.cfg"
    refused 'domain 2 \(other\) has .*/disks/web'
    sed -i "s|disks/web-too|disks/other|" "$FAKE/xen/other.cfg"
    # memory, a save file
    faults free=1
    refused 'memory: it needs 264 MiB, there are 1 free and 256 that it has'
    faults seed=1
    : >"$FAKE/save/web"
    refused 'save/web is there: the guest would be restored'
    rm "$FAKE/save/web"
    # not running, not known
    run switch nobody
    says 'refused .*no nobody-hvm.cfg'
    : >"$FAKE/state"
    run switch web
    [ "$status" = 1 ]
    says "isn't running; --start"
    run switch --start web
    [ "$status" = 0 ]
    there hvm
}
@test "dom0's disk is full: refused before, and no file is half there" {
    [ "$(id -u)" = 0 ] || skip "needs root"
    fake_host "$F" xl web
    mount -t tmpfs -o size=8m none "$FAKE/st" || skip "no mount here"
    dd if=/dev/zero of="$FAKE/st/filler" bs=1k 2>/dev/null || true
    run switch web
    rm "$FAKE/st/filler"
    ls "$FAKE/st" >"$F/left"
    umount "$FAKE/st"
    [ "$status" = 1 ]
    says 'is the disk full|KiB free'
    there pv
    [ ! -s "$F/left" ]
}
@test "the HVM domain panics, loops, never connects, is kept crashed, dies late, or isn't created: back to PV by itself" {
    for ill in hvm-panics hvm-loops hvm-never hvm-crash-kept hvm-dies-late hvm-fails; do
        rm -rf "$F"
        fake_host "$F" xl web
        behave web $ill
        SWITCH_TIMEOUT=4 run switch --settle 2 web
        [ "$status" = 1 ]
        says '^web +back +pv'
        there pv && clean && link "$FAKE/xen/web.cfg" || { echo "$ill"; cat "$FAKE/lg/web.log"; return 1; }
    done
}
@test "neither kind starts: the tool says that the guest is down, and status 4" {
    fake_host "$F" xl web
    behave web hvm-panics pv-fails
    run switch web
    [ "$status" = 4 ]
    says '^web +down +none .*domain creation failed'
    there none
    # mended, and run again: what was under way is finished
    : >"$FAKE/behave"
    run switch web
    says '^web +back +pv'
    there pv
    clean
    run switch web
    [ "$status" = 0 ]
    there hvm
}
@test "--back: PV can't be started, so it goes into the shim again" {
    fake_host "$F" xl web
    switch web
    behave web pv-fails
    run switch --back web
    [ "$status" = 1 ]
    says '^web +back +hvm'
    there hvm
    clean
    link "$FAKE/sidecars/web-hvm.cfg"
}
@test "--back, killed when PV was started, and run again: PV that ends meanwhile isn't called moved" {
    fake_host "$F" xl web
    behave web pv-never
    printf 'to=pv\nfrom=hvm\nwhy=\nmanaged=0\nauto=0\nwhole\n' >"$FAKE/st/web.intent"
    SWITCH_TIMEOUT=3 switch --back web >"$F/out" 2>&1 &
    once grep -qs 'earlier run has started it' "$FAKE/lg/web.log"
    sleep 0.3
    flock "$FAKE/lock" sed -i '/	web	/d' "$FAKE/state"
    wait || true
    cat "$F/out"
    grep -qE '^web +back +pv .*the domain is gone; back as PV' "$F/out"
    there pv
    clean
}
@test "a guest that doesn't shut down is left, the request taken back; --force destroys" {
    fake_host "$F" xl web
    behave web shutdown-ignored
    SWITCH_TIMEOUT=2 run switch web
    [ "$status" = 1 ]
    says "^web +refused +pv .*didn't look at the request"
    there pv
    clean
    [ ! -s "$FAKE/asked" ]
    : >"$FAKE/behave"
    behave web shutdown-never
    SWITCH_TIMEOUT=2 run switch web
    [ "$status" = 1 ]
    says '^web +stuck +pv .*may still go'
    never '^xl destroy'
    there pv
    # it goes later: run again
    sed -i 's/1000000000[0-9.]*/1/; s/	shutdown	\([0-9.]*\)	[0-9.]*/	shutdown	\1	1/' "$FAKE/state"
    : >"$FAKE/behave"
    sleep 0.3
    settle
    [ "$(is web)" = none ]
    run switch web
    [ "$status" = 0 ]
    there hvm
    clean
    # by force
    switch --back web
    behave web shutdown-never
    : >"$FAKE/force-allowed"
    SWITCH_TIMEOUT=2 run switch --force web
    [ "$status" = 0 ]
    says 'destroyed, as --force says'
    there hvm
}
@test "a guest that reboots instead, one that is kept after its end, one that dies slowly" {
    fake_host "$F" xl web
    behave web shutdown-reboots
    SWITCH_TIMEOUT=2 run switch web
    [ "$status" != 0 ]
    there pv
    for ill in shutdown-kept dies-slowly; do
        rm -rf "$F"
        fake_host "$F" xl web
        behave web $ill
        run switch web
        [ "$status" = 0 ] || { cat "$FAKE/lg/web.log"; return 1; }
        there hvm
        clean
    done
}
@test "a domain that is dead or stands still and is kept is the operator's to look at; what to do then is said" {
    fake_host "$F" xl web
    run switch web
    there hvm
    for state in crashed kept; do
        sed -i "s/\thvm\t[a-z]*\t/\thvm\t$state\t/" "$FAKE/state"
        run switch --back web
        [ "$status" != 0 ]
        says "^web +refused +hvm .*is kept \(domain [0-9]+\): destroy it first"
        clean
    done
    "$FAKE/bin/xl" destroy web
    run switch --back --start web
    [ "$status" = 0 ]
    there pv
}
@test "the operator's own checks: --check, --tcp" {
    fake_host "$F" xl web
    SWITCH_TIMEOUT=2 run switch --check 'echo "$GUEST $DOMID" >>$FAKE/checked; false' web
    says '^web +back +pv .*command of --check fails'
    there pv
    grep -qE '^web [0-9]+$' "$FAKE/checked"
    run switch --check 'test $GUEST = web' web
    [ "$status" = 0 ]
    switch --back web
    SWITCH_TIMEOUT=2 run switch --tcp localhost:1 web
    says '^web +back +pv .*nothing listens at localhost:1'
}
@test "--max-failures: no more guests are begun" {
    fake_host "$F" xl a b c
    behave a hvm-fails
    run switch --all
    [ "$status" = 1 ]
    says '^a +back'
    says '^b +left .*1 failed before it'
    says '^c +left'
    run switch --all --max-failures 2
    says '^b +moved'
    says '^c +moved'
    says '^a +back'
}
@test "on a terminal the table has each guest: bash, which sets LINES and COLUMNS there" {
    command -v script >/dev/null || skip "no script(1)"
    fake_host "$F" xl a b
    export -f switch
    export TOOLSTACK SWITCH_SH=bash
    # script runs its command by $SHELL, and a dash there drops exported functions
    SHELL=$BASH run script -qec 'stty rows 33 cols 99; bash -c "switch a b"' /dev/null
    [ "$status" = 0 ]
    says '^a +moved +hvm'
    says '^b +moved +hvm'
    says '^2 moved'
    sane
}
@test "two at once on one guest: the second is refused; a dead one's lock isn't in the way" {
    fake_host "$F" xl web
    behave web shutdown-slow
    switch web >"$F/first" 2>&1 &
    once [ -e "$FAKE/st/web.lock" ]
    run switch --back web
    says 'refused .*another sidecar-switch, process [0-9]+'
    wait
    there hvm
    echo "999999 12345" >"$FAKE/st/web.lock"
    run switch --back web
    [ "$status" = 0 ]
    : >"$FAKE/st/web.lock"
    run switch web
    echo "$output"
    [ "$status" = 0 ]
    there hvm
}
@test "a half-written intent counts as none" {
    fake_host "$F" xl web
    for t in 'to=hvm' 'to=hvm
from=pv
who' '' 'to=../x
from=pv
whole'; do
        printf '%s' "$t" >"$FAKE/st/web.intent"
        run switch --status web
        unsaid 'under way'
    done
    run switch web
    [ "$status" = 0 ]
    there hvm
    clean
}
@test "interrupted once: those under way are finished, no more begun" {
    fake_host "$F" xl a b
    behave a shutdown-slow
    # (what runs in the background, or in a check that does, begins with SIGINT ignored)
    (exec env --default-signal=INT setsid bash -c '. "$TOP/tests/ops/fakehost/lib.bash"; TOOLSTACK=xl; echo $$ >"$FAKE/group"; switch --parallel 1 a b' >"$F/out" 2>&1) &
    once grep -q '^xl shutdown' "$FAKE/calls"
    kill -INT -- -"$(cat "$FAKE/group")"
    wait || true
    cat "$F/out"
    grep -qE '^a +moved +hvm' "$F/out"
    grep -qE '^b +left .*interrupted' "$F/out"
    settle
    [ "$(is a)" = hvm ]
    [ "$(is b)" = pv ]
    sane
}
@test "usage: one clear line and a status of its own" {
    fake_host "$F" xl web
    while IFS='|' read -r words line; do
        # shellcheck disable=SC2086
        run switch $words
        [ "$status" = 2 ] && says "$line" || { echo "$words: $status $output"; return 1; }
    done <<'END'
--sav web|no such option: --sav
--save --back web|no way back with the memory
--parallel 0 web|at least 1
--timeout x web|'x' is no number
--tcp web web|--tcp: HOST:PORT
--from /nowhere|/nowhere: can't be read
--all web|either --all or names
--toolstack xe web|xl, xm or virsh, not xe
|usage: sidecar-switch
END
    run switch --version
    [ "$output" = "sidecar-switch $(cat "$TOP/VERSION")" ]
    rm "$FAKE/bin/xl"
    echo 'exit 0' >"$FAKE/bin/xl"
    chmod +x "$FAKE/bin/xl"
    run switch web
    [ "$status" = 3 ]
    says "xl list doesn't show Domain-0"
}
@test "random faults: 4 guests" { "$TOP/tests/ops/switch-storm" faults 4 11; }
@test "killed at every 25th call, and run again" { "$TOP/tests/ops/switch-storm" kill 25 3; }
