# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# sidecar-switch in dom0. Plain: ten guests over and back, three at a time. @bad: each way to fail. @kill: kill -9 at
# every step, and run again.
limit=2400

# switch_guest NAME [WORDS-IN-THE-SHIM [MEDIUM]] : a PV guest with a disk, and its sidecar, with other words for the kernel
switch_guest() {
    raw_disk "$1.img" 1 "$1"
    MEMORY=160 guest_cfg "xen/$1.cfg" "$1" "${2-t=idle}" "disk = [ '/disks/$1.img,raw,xvda,rw' ]" 'tsc_mode = "native"'
    "$TOP/scripts/mk-sidecar.sh" -o "$HERE/sidecars" --iso-path /var/lib/xen/sidecars/ --medium "${3:-firmware}" \
        "$HERE/xen/$1.cfg"
    sed -i 's/^extra = .*/extra = "console=hvc0 quiet t=idle"/' "$HERE/xen/$1.cfg"
    plain_pv "xen/$1.cfg"
}
host_prepare() {
    need_shim
    mkdir "$HERE/xen" "$HERE/sidecars"
    case $WORD in
    bad)
        switch_guest good
        switch_guest panics 't=crash'
        switch_guest never 'rdinit=/bin/sh'
        switch_guest cut 't=idle cut' ahci
        switch_guest damaged 't=idle damaged' ahci
        switch_guest large
        switch_guest full
        sed -i 's/^memory = .*/memory = 900000/' "$HERE/sidecars/large-hvm.cfg"
        iso=$HERE/sidecars/damaged-sidecar.iso
        dd if=/dev/zero of="$iso" bs=2048 seek=400 count=$(($(stat -c %s "$iso") / 2048 - 400)) conv=notrunc status=none
        ;;
    kill) switch_guest web ;;
    *) for g in web db mail dns wiki git proxy cache build old; do switch_guest $g; done ;;
    esac
    cp "$TOP/scripts/switch-guest.sh" "$TOP/scripts/check-host.sh" "$HERE/"
}

# (the tool's times are its own, not the rig's)
sw() { sh /root/switch-guest.sh --timeout $((600 * PATIENCE)) --settle 3 "$@"; }
# kind GUEST : pv, hvm, or nothing
kind() { xl list -l "$1" 2>/dev/null | sed -n 's/^ *"type": "\([a-z]*\)".*/\1/p' | head -1; }
# is GUEST KIND : and with the link for autostart to match; nothing of the tool's is left
is() {
    [ "$(kind "$1")" = "$2" ] || fail "$1 is '$(kind "$1")', not $2"
    [ "$(xl list | awk -v g="$1" '$1 == g' | wc -l)" = 1 ] || fail "not one domain $1"
    case $2 in pv) c=/etc/xen/$1.cfg ;; *) c=/var/lib/xen/sidecars/$1-hvm.cfg ;; esac
    [ "$(readlink "/etc/xen/auto/$1.cfg")" = "$c" ] || fail "$1: the link is $(readlink "/etc/xen/auto/$1.cfg")"
    [ ! -e "/var/lib/xen-sidecar/switch/$1.intent" ] || fail "$1: an intent is left"
}
# result GUEST REGEX : the last line that the tool kept of it
result() {
    r=$(awk -F'\t' -v g="$1" '$2 == g { l = $0 } END { print l }' /var/log/xen-sidecar/switch.log)
    echo "$r" | grep -qE "$2" || fail "$1: '$r', expected $2"
}
keep_logs() { cp /var/log/xen-sidecar/* "$LOG/" 2>/dev/null; }

prepare() {
    fetch vmlinux >/dev/null
    fetch initrd >/dev/null
    mkdir -p /etc/xen/auto /var/lib/xen /root
    cp "$HERE/switch-guest.sh" "$HERE/check-host.sh" /root/
    cp "$HERE"/xen/*.cfg /etc/xen/
    cp -a "$HERE/sidecars" /var/lib/xen/
    for f in "$HERE"/xen/*.cfg; do
        g=$(basename "$f" .cfg)
        disk "$g.img"
        ln -s "/etc/xen/$g.cfg" /etc/xen/auto/
        xl create "/etc/xen/$g.cfg" || fail "xl create $g.cfg"
    done
    for f in "$HERE"/xen/*.cfg; do
        DOM=$(basename "$f" .cfg)
        CON=/host/console/guest-$DOM.log SER=/dev/null
        wait_console 150 'GUEST-READY'
    done
    START=$(now)
}

ten() {
    sw --all --parallel 3 || { keep_logs; fail "over: $(tail -3 /var/log/xen-sidecar/switch.log)"; }
    for f in /etc/xen/auto/*.cfg; do is "$(basename "$f" .cfg)" hvm; done
    took "ten over"
    sw --status | tee "$LOG/status"
    [ "$(awk '$3 == "shim" && $4 != "-" && $5 != "-" && $6 ~ /yes|no/' "$LOG/status" | wc -l)" = 10 ] ||
        fail "--status doesn't know the shims"
    sw --back --all --parallel 3 || { keep_logs; fail "back: $(tail -3 /var/log/xen-sidecar/switch.log)"; }
    for f in /etc/xen/auto/*.cfg; do is "$(basename "$f" .cfg)" pv; done
    took "ten back"
    keep_logs
}

bad() {
    iso=/var/lib/xen/sidecars/cut-sidecar.iso
    dd if=$iso of=/tmp/s/cut bs=2048 count=500 2>/dev/null && mv /tmp/s/cut $iso
    for g in cut large; do
        id=$(xl domid $g)
        sw $g && fail "$g: status 0"
        is $g pv
        [ "$(xl domid $g)" = "$id" ] || fail "$g was touched"
    done
    result cut 'refused.*cut-sidecar.iso is cut: 1024000 bytes of'
    result large 'refused.*memory: it needs 9[0-9]* MiB'
    for g in panics damaged; do
        sw $g && fail "$g: status 0"
        is $g pv
    done
    result panics 'back.*(crashed|panics)'
    grep -q 'sysrq\|Kernel panic' /var/log/xen-sidecar/panics.log || fail "the panic isn't in the log"
    result damaged 'back.*(sidecar|devices)'
    sw --timeout $((60 * PATIENCE)) never && fail "never: status 0"
    is never pv
    result never 'back.*not up after [0-9]* s: .*connected'

    # dom0's disk: full before, and while it works
    mkdir -p /var/lib/xen-sidecar/switch
    mount -t tmpfs -o size=8m none /var/lib/xen-sidecar/switch
    dd if=/dev/zero of=/var/lib/xen-sidecar/switch/filler bs=64k 2>/dev/null
    sw full && fail "full: status 0"
    result full 'refused.*(full|KiB free)'
    rm /var/lib/xen-sidecar/switch/filler
    sw full &
    within 100 grep -q 'shutting down' /var/log/xen-sidecar/full.log || fail "full: no shutdown"
    dd if=/dev/zero of=/var/lib/xen-sidecar/switch/filler bs=64k 2>/dev/null
    wait $!
    is full hvm
    umount /var/lib/xen-sidecar/switch
    sw good || fail "good: $(tail -1 /var/log/xen-sidecar/switch.log)"
    is good hvm
    keep_logs
    for g in panics damaged never cut large; do is $g pv; done
}

# struck STEP OPTION... : begins, is killed with all its processes when it says that, and runs again
struck() {
    step=$1
    shift
    rm -f /var/log/xen-sidecar/web.log
    sw "$@" web &
    within 100 grep -q "$step" /var/log/xen-sidecar/web.log || { keep_logs; fail "no step '$step' of $*"; }
    # shellcheck disable=SC2046 # words
    kill -9 $(ps | awk '/switch-guest.sh/ && !/awk/ { print $1 }') 2>/dev/null
    wait
    progress "killed at '$step' ($*): web is '$(kind web)'"
    sw "$@" web || { keep_logs; fail "killed at '$step' ($*): $(tail -1 /var/log/xen-sidecar/switch.log)"; }
}
killed() {
    for s in 'to hvm' checking 'shutting down' 'until domain' 'starting it' 'xl create' 'until it is up' 'up: domain'; do
        struck "$s"
        is web hvm
        case $s in 'to hvm') s='to pv' ;; esac
        struck "$s" --back
        is web pv
    done
    keep_logs
}

dom0_run() {
    prepare
    case $WORD in
    bad) bad ;;
    kill) killed ;;
    *) ten ;;
    esac
    took all
}
