# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The guest's console on COM1, both ways, each byte: what a host without a PV console ring has.
# COM1_BYTES: how many each way (default 8192; a megabyte takes minutes here).
limit=$((120 + ${COM1_BYTES:-8192} / 400))

host_prepare() {
    need_shim
    bytes=${COM1_BYTES:-8192}
    echo "$bytes" >"$HERE/bytes"
    raw_disk com1.img 1 'stty raw -echo </dev/hvc0
dd if=/dev/urandom bs=1024 count='$((bytes / 1024))' 2>/dev/null | tr "\\000" x >/tmp/out
echo >>/tmp/out
echo "GUEST sum_out=$(sha256sum </tmp/out | cut -d" " -f1)"
(echo START-OF-BYTES; cat /tmp/out; echo END-OF-BYTES) >/dev/hvc0
echo "GUEST ready=input"
head -c '"$bytes"' /dev/hvc0 >/tmp/in
echo "GUEST sum_in=$(sha256sum </tmp/in | cut -d" " -f1)"'
    guest_cfg com1.cfg com1 "t=disk:xvda" "$(demo_disk com1.img)"
    sidecar com1.cfg ahci --shim-cmdline "console=com1"
}

has_tty() { tty=$(xenstore-read "/local/domain/$(xl domid com1)/serial/0/tty" 2>/dev/null) && [ -c "$tty" ]; }

dom0_run() {
    disk com1.img
    iso com1-sidecar.iso
    bytes=$(cat "$HERE/bytes")
    create com1-hvm.cfg 'serial="pty"'
    within 30 has_tty || fail "no serial console"
    # what a terminal at `xl console` reads; it must be there before the guest writes
    cat "$tty" >"$SER" &
    reader=$!
    wait_console 100 'GUEST ready=input'
    # every byte but 0, which busybox's sed would not take
    sed -n '/^START-OF-BYTES$/,/^END-OF-BYTES$/p' "$SER" | sed '1d;$d' >/tmp/s/out
    [ "$(sha256sum </tmp/s/out | cut -d' ' -f1)" = "$(fact sum_out)" ] ||
        fail "output differs: $(wc -c </tmp/s/out) bytes arrived of $bytes"
    # ^O would be a magic sysrq for Linux's console
    dd if=/dev/urandom bs=1024 count=$((bytes / 1024)) 2>/dev/null | tr '\017' x >/tmp/s/in
    cat /tmp/s/in >"$tty"
    wait_console $((60 + bytes / 500)) 'GUEST-DONE'
    kill $reader 2>/dev/null
    expect sum_in "^$(sha256sum </tmp/s/in | cut -d' ' -f1)\$"
    # an access to the port is slow here, and the guest waits with it: that must stay bearable
    said | grep 'soft lockup' && fail "the guest was stuck: $(said | grep -m1 'soft lockup')"
    [ ! -s "$CON" ] || fail "something came out of L0's PV console too"
    wait_gone 30
    note "$bytes bytes each way"
}
