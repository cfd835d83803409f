# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A guest of 9 GiB (make check-large: L0 must have 12): more memory than lies below 4 GiB, all of it seen, most of it used.
# shellcheck disable=SC2034 # for tests/l0/run
limit=900

host_prepare() {
    need_shim
    raw_disk large.img 1 'mount -t tmpfs -o size=95% tmpfs /mnt
dd if=/dev/urandom of=/mnt/0 bs=1M count=64 2>/dev/null
n=0
while [ $n -lt 110 ]; do
    n=$((n + 1))
    cp /mnt/0 /mnt/$n || break
    # a page of its own kind each 8 MiB: no two of them may be the same memory
    for at in 1 2 3 4 5 6 7 8; do printf "page $n $at;" | dd of=/mnt/$n bs=1M seek=$((at * 8 - 1)) conv=notrunc 2>/dev/null; done
done
echo "GUEST copies=$n"
bad=0
while [ $n -gt 0 ]; do
    for at in 1 2 3 4 5 6 7 8; do
        [ "$(dd if=/mnt/$n bs=1M skip=$((at * 8 - 1)) count=1 2>/dev/null | head -c $((7 + ${#n})))" = "page $n $at" ] || bad=$((bad + 1))
    done
    n=$((n - 1))
done
echo "GUEST bad=$bad"
echo "GUEST memtotal_kb=$(awk "/^MemTotal/ { print \$2 }" /proc/meminfo)"
echo "GUEST dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall")"
'
    MEMORY=9216 guest_cfg large.cfg large "t=disk:xvda" "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/large.img' ]"
    sidecar large.cfg ahci --shim-cmdline stats
}

dom0_run() {
    [ "$(xl info free_memory)" -gt 9300 ] || skip "L0 has $(xl info free_memory) MiB free; make check-large"
    disk large.img
    iso large-sidecar.iso
    create large-hvm.cfg
    wait_console 200 'GUEST start='
    took started
    wait_console 500 'GUEST-DONE'
    took finished
    expect copies '^110$'
    expect bad '^0$'
    expect dmesg '^0$'
    # as plain PV: Linux keeps some 2 % of so much for itself
    [ "$(fact memtotal_kb)" -gt $((9216 * 1024 * 97 / 100)) ] || fail "the guest sees $(fact memtotal_kb) kB of 9 GiB"
    note "$(stats | sed 's/.*\(guest_pages=[0-9]*\).*\(kept_bytes=[0-9]*\).*/\1 \2/'), MemTotal $(fact memtotal_kb) kB"
    wait_gone 30
}
