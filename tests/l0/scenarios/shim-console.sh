# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The console where people look for it: COM1 (xl console) is silent until something is typed there; then it has the
# last 4 KiB and all that follows, every byte, as the PV console beside it; both are heard. And what tells that this is
# the shim, in the guest and outside.
limit=300

host_prepare() {
    need_shim
    raw_disk console.img 1 'stty raw -echo </dev/hvc0
bytes() { dd if=/dev/urandom bs=1024 count=$1 2>/dev/null | tr "\000\003\021\023\177" xxxxx; }
echo "GUEST domain=$(cat /sys/hypervisor/compilation/compiled_by)"
echo "GUEST node=$(xenstore-read data/xen-shim)"
bytes 7 >/dev/hvc0
echo "GUEST ready=first"
head -c 1 /dev/hvc0 >/tmp/key
echo "GUEST key=$(od -An -tx1 </tmp/key | tr -d " ")"
bytes 16 >/dev/hvc0
echo "GUEST ready=input"
head -c 4096 /dev/hvc0 >/tmp/in1
echo "GUEST sum_com1=$(sha256sum </tmp/in1 | cut -d" " -f1)"
head -c 4096 /dev/hvc0 >/tmp/in2
echo "GUEST sum_pv=$(sha256sum </tmp/in2 | cut -d" " -f1)"
bytes 4 >/dev/hvc0
'
    guest_cfg console.cfg console "t=disk:xvda" "$(demo_disk console.img)"
    sidecar console.cfg ahci
}

ttys() {
    serial=$(xenstore-read "/local/domain/$id/serial/0/tty" 2>/dev/null) && [ -c "$serial" ] &&
        pv=$(xenstore-read "/local/domain/$id/console/tty" 2>/dev/null) && [ -c "$pv" ]
}
size() { wc -c <"$1"; }
# input FILE TTY KEY : 4 KiB typed there, and heard as they are
input() {
    dd if=/dev/urandom bs=1024 count=4 2>/dev/null | tr '\017' x >"$1"
    # (in pieces, as a terminal's line has room for no more)
    c_n=0
    while [ $c_n -lt 8 ]; do
        dd if="$1" bs=512 skip=$c_n count=1 2>/dev/null >"$2"
        c_n=$((c_n + 1))
        sleep 1
    done
    wait_console 120 "GUEST $3="
    expect "$3" "^$(sha256sum <"$1" | cut -d' ' -f1)\$"
}

dom0_run() {
    disk console.img
    iso console-sidecar.iso
    create console-hvm.cfg 'serial="pty"'
    id=$(xl domid console)
    within 30 ttys || fail "no terminals"
    cat "$serial" >"$SER" &
    readers=$!
    cat "$pv" >"$LOG/pv.raw" &
    readers="$readers $!"
    wait_console 100 'GUEST ready=first'
    sleep 2
    ! grep -aq GUEST "$SER" || fail "COM1 has the guest's output before anybody asked"
    before=$(size "$SER") said_before=$(size "$LOG/pv.raw")
    node=$(xenstore-read "/local/domain/$id/data/xen-shim") || fail "no data/xen-shim"
    echo "$node" | grep -qE '^version=[0-9.]+ build=[0-9a-f]{12} evtchn=[a-z]+ isolate=(yes|no)$' || fail "data/xen-shim: $node"
    expect node "^$node\$"
    expect domain '^xen-shim [0-9.]+$'

    printf '\r' >"$serial"
    wait_console 60 'GUEST ready=input'
    expect key '^0d$'
    within 30 grep -aq 'GUEST ready=input' "$SER" || fail "COM1 doesn't have the output"
    input /tmp/s/in1 "$serial" sum_com1
    input /tmp/s/in2 "$pv" sum_pv
    wait_console 60 'GUEST-DONE'
    within 30 grep -aq 'GUEST-DONE' "$SER" || fail "COM1 doesn't have the end"
    wait_gone 30
    kill $readers 2>/dev/null
    tail -c +$((before + 1)) "$SER" >/tmp/s/com1
    n=$(size /tmp/s/com1)
    # what was typed at COM1 was heard when 7 KiB had been said, and 20 followed
    [ "$n" -ge $((4096 + 20 * 1024)) ] || fail "COM1 has $n bytes only"
    tail -c "$n" "$LOG/pv.raw" | cmp - /tmp/s/com1 || fail "COM1 and the PV console differ ($n bytes)"
    behind=$(($(size "$LOG/pv.raw") - said_before))
    [ $((n - behind)) = 4096 ] || fail "of what was said before it joined COM1 has $((n - behind)) bytes"
    note "$n bytes on COM1 as on the PV console, of which $((n - behind)) from before it joined; 4096 heard from each"
}
