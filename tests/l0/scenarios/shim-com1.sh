# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The guest's console on COM1, both ways, every byte: what a host without a PV console ring has.
# COM1_BYTES: how many each way (default 16384; a megabyte takes minutes here).
limit=$((120 + ${COM1_BYTES:-16384} / 400))

host_prepare() {
    need_shim
    bytes=${COM1_BYTES:-16384}
    echo "$bytes" >"$HERE/bytes"
    raw_disk com1.img 1 'stty raw -echo </dev/hvc0
dd if=/dev/urandom bs=1024 count='$((bytes / 1024))' 2>/dev/null >/tmp/out
echo "GUEST sum_out=$(sha256sum </tmp/out | cut -d" " -f1)"
printf START-OF-BYTES >/dev/hvc0
cat /tmp/out >/dev/hvc0
printf END-OF-BYTES >/dev/hvc0
echo; echo "GUEST ready=input"
head -c '"$bytes"' /dev/hvc0 >/tmp/in
echo "GUEST sum_in=$(sha256sum </tmp/in | cut -d" " -f1)"'
    guest_cfg com1.cfg com1 "t=disk:xvda" "$(demo_disk com1.img)"
    sidecar com1.cfg ahci --shim-cmdline "console=com1"
}

dom0_run() {
    disk com1.img
    iso com1-sidecar.iso
    bytes=$(cat "$HERE/bytes")
    create com1-hvm.cfg 'serial="pty"'
    n=0
    until tty=$(xenstore-read "/local/domain/$(xl domid com1)/serial/0/tty" 2>/dev/null) && [ -c "$tty" ]; do
        n=$((n + 1))
        [ $n -lt 50 ] || fail "no serial console"
        sleep 0.2
    done
    # what a terminal at `xl console` reads; it must be there before the guest writes
    cat "$tty" >"$SER" &
    reader=$!
    wait_console 100 'GUEST ready=input'
    # binary, so not by said(): what lies between the two marks
    start=$(grep -obUa START-OF-BYTES "$SER" | tail -1 | cut -d: -f1)
    end=$(grep -obUa END-OF-BYTES "$SER" | tail -1 | cut -d: -f1)
    dd if="$SER" bs=1 skip=$((start + 14)) count=$((end - start - 14)) 2>/dev/null >/tmp/s/out
    [ "$(sha256sum </tmp/s/out | cut -d' ' -f1)" = "$(fact sum_out)" ] ||
        fail "output differs: $(wc -c </tmp/s/out) bytes arrived of $bytes"
    dd if=/dev/urandom bs=1024 count=$((bytes / 1024)) 2>/dev/null >/tmp/s/in
    cat /tmp/s/in >"$tty"
    wait_console $((60 + bytes / 500)) 'GUEST-DONE'
    kill $reader 2>/dev/null
    expect sum_in "^$(sha256sum </tmp/s/in | cut -d' ' -f1)\$"
    [ ! -s "$CON" ] || fail "something came out of L0's PV console too"
    wait_gone 30
    note "$bytes bytes each way"
}
