# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Events between guest and dom0, each counted: with rebinding, vCPUs going down and up; each day on evtchn=pic.
# Linux on both sides; a guest of our own in shim-storm, with the same settings.
rungs=${EVENTS_RUNGS:-pic}
limit=$((60 + ${EVENTS_LIMIT:-100} * $(echo "$rungs" | wc -w)))
ports=32

host_prepare() {
    need_shim
    [ -x "$OUT/events/evping" ] || skip "evping isn't built (make evping)"
    cp "$OUT/events/evping" "$HERE/evping"
    d=$(mktemp -d "$RUN/events.XXXXXX")
    cp "$OUT/events/evping" "$d/evping"
    truncate -s 4M "$HERE/prog.img"
    mke2fs -q -F -t ext4 -d "$d" "$HERE/prog.img"
    rm -r "$d"
    rounds=${EVENTS_ROUNDS:-100}
    for rung in $rungs; do
        echo "$rung" >>"$HERE/rungs"
        name=ev$(echo "$rung" | tr -d =.) # xl takes a file with a = for a setting
        raw_disk "$name.img" 1 'mount -t ext4 /dev/xvdb /mnt
unsettle() {
    cd /sys/devices/system/cpu
    while [ ! -e /tmp/stop ]; do
        for irq in $(sed -n "s/^ *\\([0-9]*\\):.*evtchn:evping.*/\\1/p" /proc/interrupts); do
            echo $((1 + ($irq + $(cut -c1 /proc/uptime)) % '"${EVENTS_VCPUS:-4}"')) >/proc/irq/$irq/smp_affinity_list
        done 2>/dev/null
        for c in 1 2 3; do [ -e cpu$c ] && echo 0 >cpu$c/online; done
        for c in 3 2 1; do [ -e cpu$c ] && echo 1 >cpu$c/online; done
    done
}
unsettle & bg=$!
echo "GUEST ev_rounds='"$rounds"'"
echo "GUEST ev_expected='$((ports * (rounds + 1)))'"
/mnt/evping guest '"$ports $rounds"' 2>&1 | while read -r l; do
    case $l in
    ports=*) echo "GUEST ev_ports=${l#ports=}"; echo "GUEST ev=ready" ;;
    *) echo "GUEST ev_result=$l" ;;
    esac
done
touch /tmp/stop; wait $bg
echo "GUEST cycles=done dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall")"
'
        VCPUS=${EVENTS_VCPUS:-4} MEMORY=256 guest_cfg "$name.cfg" "$name" "t=disk:xvda" \
            "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/$name.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/prog.img' ]"
        case $rung in
        plain) plain_pv "$name.cfg" ;;
        l0=*) sidecar "$name.cfg" ahci --shim-cmdline "stats $rung ${EVENTS_WORDS:-}" ;;
        *) sidecar "$name.cfg" ahci --shim-cmdline "stats evtchn=$rung ${EVENTS_WORDS:-}" ;;
        esac
    done
}

before_rung() {
    disk "$name.img"
    if [ "$rung" = plain ]; then fetch vmlinux && fetch initrd; fi
}
after_rung() { expect cycles '^done dmesg=0$'; }

dom0_run() {
    . /host/dom0/events.sh
    disk prog.img
    play_rungs ev
}
