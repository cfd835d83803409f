#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sidecar-switch --save on a fake host: the guest goes on in the shim, or as PV, with its memory, or it starts from
# disks that nobody has written to meanwhile. Killed at every call: switch-storm kill, save.

setup() {
    . "$TOP/tests/ops/fakehost/lib.bash"
    F=$BATS_TEST_TMPDIR/f
}
says() { grep -qE -- "$1" <<<"$output" || { echo "no '$1' in: $output"; cat "$FAKE/lg/web.log"; return 1; }; }
never() { ! grep -E -- "$1" "$FAKE/calls"; }
there() { settle; [ "$(is web)" = "$1" ] && sane || { is web; cat "$FAKE/lg/web.log"; return 1; }; }
clean() { [ -z "$(left)" ] && [ ! -e "$FAKE/images/web.image" ] && [ "$(is web--shim)" = none ]; }

@test "into the shim with its memory, by xl, xm and virsh; back by a shutdown" {
    for ts in xl xm virsh; do
        rm -rf "$F"
        fake_host "$F" $ts web
        run switch --save web
        echo "$ts: $output"
        [ "$status" = 0 ]
        says '^web +moved +hvm'
        there hvm
        clean
        never ' shutdown'
        grep -q "^$ts save 1 $FAKE/images/web.image" "$FAKE/calls"
        # by xl the shim waits before the guest is saved
        [ $ts != xl ] || [ "$(grep -nE '^xl (create|save|rename|block-attach|network-attach)' "$FAKE/calls" | sed 's/^[0-9]*:xl //; s/ .*//' | tr '\n' ' ')" = "create save rename block-attach network-attach " ]
        [ "$(cut -f8 "$FAKE/state")" = taken ]
        run switch --save web
        says '^web +already +hvm'
        run switch --back web
        [ "$status" = 0 ]
        there pv
    done
}
@test "called as sidecar-move; --keep keeps the image, by a name that nobody restores" {
    fake_host "$F" xl web
    ln -s "$TOP/scripts/switch-guest.sh" "$F/bin/sidecar-move"
    run env PATH="$F/bin:$PATH" SWITCH_TICK=0.05 SWITCH_SAVE_DIR="$F/save" TMPDIR="$F" sidecar-move --no-check-host --sidecars "$F/sidecars" \
        --configs "$F/xen" --state "$F/st" --log "$F/lg" --images "$F/images" --settle 0 --timeout 6 --keep web
    says '^web +moved +hvm'
    there hvm
    [ -s "$F/images/web.image.old" ]
    clean
}
@test "--dry-run says what would be saved" {
    fake_host "$F" xl web
    run switch --save --porcelain -n web
    says "^web	would	pv	[0-9]+	save domain 1 to $FAKE/images/web.image, create $FAKE/sidecars/web-hvm.cfg\$"
    never '^xl (save|create)'
}
@test "what can't be moved is refused before it is saved: an older shim, no room, no sidecar-load" {
    fake_host "$F" xl web
    truncate -s 81920 "$FAKE/sidecars/all-sidecar.iso"
    run switch --save web
    says "refused .*all-sidecar.iso can't take a saved guest"
    fake_host "$F" xl web
    rm "$FAKE/bin/sidecar-load"
    run switch --save web
    says "refused .*sidecar-load isn't there"
    fake_host "$F" xl web
    if [ "$(id -u)" = 0 ] && mkdir -p "$FAKE/images" && mount -t tmpfs -o size=8m none "$FAKE/images"; then
        run switch --save web
        umount "$FAKE/images"
        says "refused .*images: [0-9]+ KiB free, and the saved guest takes 276 MiB"
    fi
    never '^xl (save|create|shutdown|destroy)'
    there pv
}
@test "superpages, where config and hypervisor have them: refused before it is saved" {
    fake_host "$F" xl web
    echo 'superpages = 1' >>"$FAKE/xen/web.cfg"
    touch -r "$FAKE/xen/auto" "$FAKE/xen/web.cfg"
    printf allowsuperpage >"$FAKE/words"
    run switch --save web
    says 'refused .*superpages'
    never '^xl (save|create|shutdown|destroy)'
    : >"$FAKE/words"
    run switch --save web
    says '^web +moved +hvm'
}
@test "it can't be saved: it goes on, and nothing is left" {
    fake_host "$F" xl web
    behave web save-fails
    run switch --save web
    [ "$status" = 1 ]
    says "^web +refused +pv .*can't be saved"
    never '^xl (create [^-]|destroy 1)'
    there pv
    clean
}
@test "a shim that never waits, beside the guest: refused before it is saved" {
    fake_host "$F" xl web
    behave web shim-never
    SWITCH_TIMEOUT=3 run switch --save web
    [ "$status" = 1 ]
    says "^web +refused +pv .*the shim isn't ready"
    never ' (save|restore) '
    there pv
    clean
}
@test "a CPU that lacks what the guest has seen: refused before it is saved" {
    fake_host "$F" xl web
    behave web cpu-lacks
    run switch --save web
    [ "$status" = 1 ]
    says "^web +refused +pv +[0-9]+s +sidecar-load: .*has seen features" # and nothing of a command before it
    never ' (save|restore) '
    there pv
    clean
}
@test "no shim beside the guest: no memory for both, a uuid, an interface's name, an older xl, no name or devices for it" {
    for why in free=270 uuid vifname 4.5.1 rename_fails=1000; do
        rm -rf "$F"
        fake_host "$F" xl web
        case $why in
        uuid) sed -i '$a uuid = "0000"' "$FAKE/sidecars/web-hvm.cfg" "$FAKE/xen/web.cfg" ;;
        vifname) sed -i 's/type=vif/type=vif,vifname=web0/' "$FAKE/sidecars/web-hvm.cfg" ;;
        4.*) echo "$why" >"$FAKE/version" ;;
        *) faults $why ;;
        esac
        run switch --save web
        echo "$why: $output"
        says '^web +moved +hvm'
        case $why in
        rename*) grep -q '^xl rename' "$FAKE/calls" ;;
        *) never '^xl (create.*--shim|rename|block-attach)' ;;
        esac
        there hvm
        clean
    done
}
@test "the host doesn't say whether it has its name: restored as PV, with its memory" {
    fake_host "$F" xl web
    mv "$FAKE/bin/xenstore-read" "$FAKE/bin/read"
    printf '#!/bin/sh\ncase $1 in */name) exit 1 ;; esac\nexec "%s/xenstore-read" "$@"\n' "$FAKE/own" >"$FAKE/bin/xenstore-read"
    mkdir "$FAKE/own" && mv "$FAKE/bin/read" "$FAKE/own/xenstore-read"
    chmod +x "$FAKE/bin/xenstore-read"
    run switch --save web
    [ "$status" = 1 ]
    says "^web +back +pv .*doesn't say what domain 2 is called\$"
    there pv
    clean
}
@test "what an earlier run has left beside the guest is ended; a domain of that name with disks isn't" {
    fake_host "$F" xl web web--shim
    sed -i '2s/	pv	/	hvm	/' "$FAKE/state"
    run switch --save web
    says '^web +moved +hvm'
    there hvm
    [ "$(is web--shim)" = hvm ]
    never '^xl destroy 2'
    fake_host "$F" xl web
    sed '/^disk/d; s/^name.*/name = "web--shim"/' "$FAKE/sidecars/web-hvm.cfg" >"$FAKE/cfg-2"
    printf '2\tweb--shim\thvm\tr\t0\t\t%s\n' "$FAKE/cfg-2" >>"$FAKE/state"
    sed -i s/id=1/id=2/ "$FAKE/counter"
    run switch --save web
    says '^web +moved +hvm'
    grep -q '^xl destroy 2' "$FAKE/calls"
    there hvm
    clean
}
@test "the shim refuses, never waits, or isn't created, the program fails, the guest dies before its disks: restored as PV" {
    for ill in shim-refuses shim-never hvm-fails load-fails hvm-panics-early attach-fails; do
        for ts in xl virsh; do
            case $ill:$ts in shim-never:xl | attach-fails:virsh) continue ;; esac
            rm -rf "$F"
            fake_host "$F" $ts web
            behave web $ill
            SWITCH_TIMEOUT=3 run switch --save web
            echo "$ill: $output"
            [ "$status" = 1 ]
            says '^web +back +pv'
            grep -q " restore $FAKE/images/web.image" "$FAKE/calls"
            there pv
            clean
            [ ! -e "$FAKE/images/web.image.old" ]
        done
    done
}
@test "the guest dies when it has its disks: never restored, it starts from them" {
    for ill in hvm-panics hvm-crash-kept hvm-dies-late; do
        rm -rf "$F"
        fake_host "$F" xl web
        behave web $ill
        SWITCH_TIMEOUT=4 run switch --save --settle 2 web
        echo "$ill: $output"
        [ "$status" = 1 ]
        says '^web +back +pv .*its memory is lost'
        never ' restore '
        there pv
        clean
    done
}
@test "it can't be restored either: it starts from its disks" {
    fake_host "$F" xl web
    behave web shim-refuses restore-fails
    SWITCH_TIMEOUT=3 run switch --save web
    says "^web +back +pv .*the shim refuses.*its memory is lost, it can't be restored"
    there pv
    clean
    [ -s "$FAKE/images/web.image.old" ]
}
@test "an image that another has run from is never restored: somebody started the guest from its disks" {
    fake_host "$F" xl web
    mkdir "$FAKE/images"
    printf 'web 1\nname = "web"\n' >"$FAKE/images/web.image"
    sed -i "s|	pv	.*|	hvm	r	0		$FAKE/sidecars/web-hvm.cfg|" "$FAKE/state"
    for phase in saved given; do
        printf 'to=hvm\nfrom=pv\nwhy=\nmanaged=0\nauto=0\nphase=%s\nimage=%s\npv-id=9\nhvm-id=8\nwhole\n' \
            $phase "$FAKE/images/web.image" >"$FAKE/st/web.intent"
        run switch --save web
        never ' (restore|destroy|create) '
        says '^web +moved +hvm'
        there hvm
        clean
    done
}
@test "a guest that stands still, half saved, is neither destroyed nor started again" {
    fake_host "$F" xl web
    behave web save-cut
    sed 's/+ 60)) s_runs/+ 1)) s_runs/' "$TOP/scripts/switch-guest.sh" >"$F/quick.sh"
    run env PATH="$F/bin:$PATH" SWITCH_TICK=0.05 SWITCH_SAVE_DIR="$F/save" TMPDIR="$F" sh "$F/quick.sh" --no-check-host --sidecars "$F/sidecars" \
        --configs "$F/xen" --state "$F/st" --log "$F/lg" --images "$F/images" --settle 0 --timeout 6 --save web
    says "^web +stuck +pv .*domain 1 stands still, and .*web.image isn't whole"
    never ' (restore |destroy 1|create [^-])'
}
@test "killed at every 25th call, and run again" { "$TOP/tests/ops/switch-storm" save 25 5; }
