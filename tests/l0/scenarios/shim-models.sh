# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Each model of an older Xen (l0=): test guests with two vCPUs, events and timers, say what they say without one.
limit=900

# as docs/L0.md has them
MODELS="3.4 4.0.0 4.0.4 4.1 4.2 4.4 4.6 4.8"
GUESTS="events timers vcpus"

host_prepare() {
    need_shim
    printf 'module-contents' >"$HERE/module"
    for g in $GUESTS; do
        [ -f "$OUT/guests/$g.elf" ] || skip "build/guests isn't built: make guests"
        for m in none $MODELS; do
            # (a model's dots aren't for a domain's name)
            n=$g-$(echo "$m" | tr . -)
            KERNEL=$OUT/guests/$g.elf RAMDISK=$HERE/module MEMORY=64 VCPUS=2 guest_cfg "$n.cfg" "$n" "arg1 arg2"
            case $m in none) w=stats ;; *) w="stats l0=$m" ;; esac
            sidecar "$n.cfg" ahci --quiet --shim-cmdline "$w"
        done
    done
}

# checks NAME : what the guest said, without what is its own
checks() {
    iso "$1-sidecar.iso"
    create "$1-hvm.cfg"
    wait_console 90 '^Test result'
    wait_state 30 'gone|c'
    said | grep -a '^check ' >"/tmp/s/$1"
    said | sed -n "s/^shim: stat \(evtchn\|clock\)=/$1 \1=/p"
    xl destroy "$DOM" 2>/dev/null
    rm -f "/disks/$1-sidecar.iso" "$CON"
    : >"$SER"
}

dom0_run() {
    for g in $GUESTS; do
        checks "$g-none"
        for m in $MODELS; do
            n=$g-$(echo "$m" | tr . -)
            checks "$n"
            diff "/tmp/s/$g-none" "/tmp/s/$n" || fail "l0=$m, $g: $(diff "/tmp/s/$g-none" "/tmp/s/$n" | grep -m1 '^[-+][^-+]')"
        done
    done
    note "$(echo "$MODELS" | wc -w) models, $(cat /tmp/s/*-none | wc -l) checks each"
}
