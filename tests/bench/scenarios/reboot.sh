# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# How long a guest is away when it reboots, as plain PV with its kernel unpacked and as Debian packs it, from an ISO,
# and in hvmloader's place, that file packed and not; see tests/bench/reboot.
limit=1200

host_prepare() {
    raw_disk reboot.img 4 first---
    for w in pv pvz shim firmware unpacked; do
        ON_REBOOT=restart MEMORY=512 guest_cfg $w.cfg $w t=reboot-once 'tsc_mode = "native"' "$(demo_disk reboot.img)"
    done
    plain_pv pv.cfg
    plain_pv pvz.cfg
    sed -i 's|vmlinux"|vmlinuz"|' "$HERE/pvz.cfg"
    ln "$LINUX" "$HERE/vmlinuz"
    sidecar shim.cfg ahci --quiet
    sidecar firmware.cfg firmware --quiet
    sidecar unpacked.cfg firmware --compress none --quiet
}

# seen REGEX : waits for it on the console, of whichever domain it is by then, prints the time in ms
seen() {
    r_end=$(($(now) + 200000 * PATIENCE))
    until said | grep -q "$1"; do
        [ "$(now)" -lt $r_end ] || fail "$DOM: no '$1'; last: $(last_line)"
        usleep 20000
    done
    now
}

dom0_run() {
    fetch vmlinux >/dev/null
    fetch initrd >/dev/null
    cp "$HERE/vmlinuz" /tmp/files/
    for w in pv pvz shim firmware unpacked; do
        disk reboot.img >/dev/null
        case $w in
        pv | pvz) create $w.cfg ;;
        shim) iso shim-sidecar.iso && create shim-hvm.cfg ;;
        firmware | unpacked) iso $w-sidecar.elf && create $w-hvm.cfg ;;
        esac
        r_first=$(seen 'GUEST boot=first')
        r_ms=$(($(seen 'GUEST boot=second') - r_first))
        wait_gone 60
        echo "BENCH reboot-ms $r_ms $r_ms $r_ms" >"$LOG/$w.txt"
        progress "$w: $r_ms ms from one user space to the next"
        : >"$SER"
        rm -f "/disks/$w-sidecar."*
    done
}
