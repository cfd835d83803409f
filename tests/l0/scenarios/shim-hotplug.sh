# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Four vCPUs that are taken down and up again in a loop while others work; then an NMI from outside.
limit=300

host_prepare() {
    need_shim
    raw_disk hp.img 1 'work() { while [ ! -e /tmp/stop ]; do dd if=/dev/zero bs=64k count=64 2>/dev/null | sha256sum >/dev/null; done; }
work & work & work &
cd /sys/devices/system/cpu
for i in 1 2 3 4 5 6; do
    for c in 1 2 3; do echo 0 >cpu$c/online || echo "GUEST bad=down-$c"; done
    echo "GUEST down$i=$(cat online)"
    for c in 3 2 1; do echo 1 >cpu$c/online || echo "GUEST bad=up-$c"; done
    echo "GUEST up$i=$(cat online)"
done
touch /tmp/stop; wait
nmis() { awk "/NMI:/ { s = 0; for (i = 2; i <= 5; i++) s += \$i; print s }" /proc/interrupts; }
echo "GUEST ready=nmi"
i=0
until [ "$(nmis)" != 0 ] || [ $i -ge 300 ]; do sleep 0.2; i=$((i + 1)); done
echo "GUEST nmi=$(nmis)"
echo "GUEST dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall")"
'
    VCPUS=4 MEMORY=384 guest_cfg hp.cfg hp "t=disk:xvda" "$(demo_disk hp.img)"
    sidecar hp.cfg ahci
}

dom0_run() {
    disk hp.img
    iso hp-sidecar.iso
    create hp-hvm.cfg
    wait_console 250 'GUEST ready=nmi'
    took worked
    xl trigger "$DOM" nmi || fail "xl trigger nmi"
    wait_console 60 'GUEST-DONE rc=0'
    said | grep 'GUEST bad=' && fail "a vCPU did not go down or up"
    expect down6 '^0$'
    expect up6 '^0-3$'
    expect dmesg '^0$'
    expect nmi '^[1-9]'
    note "NMIs seen: $(fact nmi)"
}
