# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# In the guest, sourced by busybox' sh from the script disk: all loads of tests/soak at once for $secs seconds, on the
# file system of /soak, with swap on $swap; then one `GUEST key=value` line each.
cd /soak || exit 1
mkdir -p proc sys dev tmp /tmp/out
mount -t proc proc proc
mount -t sysfs sys sys
mount --bind /dev dev
mkdir -p dev/shm && mount -t tmpfs shm dev/shm
if [ -n "$swap" ]; then mkswap "$swap" >/dev/null && swapon "$swap" || echo "GUEST bad=swap"; fi
# pages that were written to it; /proc/vmstat's pswpout isn't in every kernel
swapped_out() { awk '{ print int($7 / 8) }' "/sys/block/${swap##*/}/stat"; }
sync
swapped_before=$(swapped_out)
ip link set lo up
ip addr add 192.168.77.2/24 dev eth0 && ip link set eth0 up
n=0
until ping -c 1 -W 1 192.168.77.1 >/dev/null 2>&1 || [ $n -ge 10 ]; do n=$((n + 1)); done

# part BITS NAME [ARGUMENT...]
list=
part() {
    p_id=$2$1
    # a hang is a result too: the part's own end is $secs, the rest is for a slow machine
    timeout $((secs * 3 + 120)) ./soak"$1" "$2" "$secs" "$(date +%s)" ${3+"$3"} ${4+"$4"} >"/tmp/out/$p_id" 2>&1 &
    eval "pid_$p_id=$!"
    list="$list $p_id"
}
# a kernel of 32 bits has half of it, and not Debian's stress-ng
bits="64 32"
[ "$(uname -m)" = x86_64 ] || bits=32
for b in $bits; do
    for p in map fork exec queue tls ldt fpu signal segv pipe clock; do part $b $p; done
    part $b file /soak/tmp
    part $b net 192.168.77.1 7003
done
part "${bits%% *}" swap "$swap_mib"
# chroot, as it wants its libraries
stress_ng() {
    timeout $((secs * 3 + 120)) chroot /soak stress-ng --timeout "$secs" --verify --no-rand-seed --temp-path /tmp --log-file /tmp/stress.log \
        --switch 1 --vm 1 --vm-bytes 16M --fault 1 --clone 1 --clone-max 16 --sigsegv 1 --mremap 1 --mremap-bytes 4M --mmapfork 0 \
        --futex 1 --hdd 1 --hdd-bytes 4M --vm-splice 1 --context 1 --sigfpe 1 --pthread 1 --pthread-max 16 >/tmp/out/stress 2>&1
}
if [ "$bits" = 32 ]; then echo "not with 32 bits" >/tmp/out/stress & else stress_ng & fi
stress=$!

# vCPUs go down and up all the while
(
    i=0
    while [ ! -e /tmp/stop ]; do
        for c in 1 2 3; do
            echo 0 >/sys/devices/system/cpu/cpu$c/online || echo "GUEST bad=down-$c"
            sleep 1
        done
        for c in 3 1 2; do
            echo 1 >/sys/devices/system/cpu/cpu$c/online || echo "GUEST bad=up-$c"
            sleep 2
        done
        i=$((i + 1))
    done
    echo "GUEST hotplug_rounds=$i"
) &
hotplug=$!

failed=0
for p in $list; do
    eval "wait \$pid_$p"
    rc=$?
    grep -q "^SOAK $p ok" "/tmp/out/$p" && [ $rc = 0 ] || failed=$((failed + 1))
    echo "GUEST $p=$rc $(tail -1 "/tmp/out/$p")"
done
wait $stress
rc=$?
[ $rc = 0 ] || failed=$((failed + 1))
echo "GUEST stress=$rc $(tail -1 /tmp/out/stress)"
[ $rc = 0 ] || grep -iE 'fail|error' /tmp/out/stress | head -10
touch /tmp/stop
wait $hotplug
# late ticks show here: at most 250 a second and vCPU
echo "GUEST timer_irqs=$(awk '/timer0|xen-percpu-virq/ && /timer/ { s = ""; for (i = 2; i <= 5; i++) s = s " " $i; print s; exit }' /proc/interrupts)"
echo "GUEST swapped_out_pages=$(($(swapped_out) - swapped_before))"
echo "GUEST uptime=$(cut -d' ' -f1 /proc/uptime)"
echo "GUEST online=$(cat /sys/devices/system/cpu/online)"
dmesg | grep -E 'WARNING: CPU|BUG|Oops|Call Trace|general protection|stack-protector|lockup|blocked for more|detected stall|Out of memory|Bad (page|swap|rss)|I/O error|EXT4-fs error' >/tmp/dmesg.bad
head -30 /tmp/dmesg.bad
echo "GUEST dmesg_bad=$(wc -l </tmp/dmesg.bad)"
echo "GUEST failed=$failed"
exit $failed
