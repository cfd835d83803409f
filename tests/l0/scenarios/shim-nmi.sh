# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Many NMIs (xl trigger) into system calls and page faults of two vCPUs, with isolate=yes; @plain without.
# NMI_COUNT: how many.
limit=300

host_prepare() {
    need_shim
    raw_disk nmi.img 1 'work() { while [ ! -e /tmp/stop ]; do dd if=/dev/zero of=/dev/null bs=1 count=20000 2>/dev/null || echo "GUEST bad=dd"; n=$(/bin/busybox expr 6 \* 7); [ "$n" = 42 ] || echo "GUEST bad=$n"; done; }
nmis() { awk "/NMI:/ { s = 0; for (i = 2; i <= 3; i++) s += \$i; print s }" /proc/interrupts; }
dmesg -n 1
work & work &
echo "GUEST ready=nmi"
until [ "$(xenstore-read data/end 2>/dev/null)" = yes ]; do sleep 0.5; done
touch /tmp/stop; wait
echo "GUEST nmi=$(nmis)"
echo "GUEST dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall|segfault")"
'
    VCPUS=2 MEMORY=160 guest_cfg nmi.cfg nmi "t=disk:xvda" "$(demo_disk nmi.img)"
    case $WORD in plain) words=isolate=no ;; *) words=isolate=yes ;; esac
    sidecar nmi.cfg ahci --shim-cmdline "stats $words"
    echo "${NMI_COUNT:-200}" >"$HERE/count"
}

dom0_run() {
    disk nmi.img
    iso nmi-sidecar.iso
    create nmi-hvm.cfg
    wait_console 100 'GUEST ready=nmi'
    took started
    n_sent=0 n_count=$(cat "$HERE/count")
    while [ $n_sent -lt "$n_count" ]; do
        xl trigger "$DOM" nmi $((n_sent % 2)) || fail "xl trigger nmi"
        n_sent=$((n_sent + 1))
    done
    took "$n_sent NMIs"
    xenstore-write "/local/domain/$(xl domid "$DOM")/data/end" yes
    wait_console 60 'GUEST-DONE'
    said | grep 'GUEST bad=' && fail "$(said | grep -m1 'GUEST bad=')"
    expect dmesg '^0$'
    # two that come at once are one
    [ "$(fact nmi)" -gt $((n_count / 2)) ] || fail "the guest saw $(fact nmi) NMIs of $n_count"
    [ "$(fact nmi)" -le "$n_count" ] || fail "the guest saw $(fact nmi) NMIs of $n_count"
    note "seen: $(fact nmi)"
    wait_gone 30
}
