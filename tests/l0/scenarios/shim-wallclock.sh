# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Without a wall clock of L0's and with a clock chip that is late (l0=3.4) the guest's is L0's all the same, to 50 ms.
limit=200

host_prepare() {
    need_shim
    [ -f "$OUT/guests/minimal.elf" ] || skip "build/guests isn't built: make guests"
    for w in l0 old chip; do
        KERNEL=$OUT/guests/minimal.elf RAMDISK=$OUT/guests/minimal.elf MEMORY=32 guest_cfg $w.cfg $w ""
    done
    # what L0 says, what it is made to say, and the chip alone
    sidecar l0.cfg ahci --shim-cmdline "stats clock=pvclock"
    sidecar old.cfg ahci --shim-cmdline "stats l0=3.4"
    sidecar chip.cfg ahci --shim-cmdline "stats clock=runstate"
}

# wallclock NAME : of the guest, at L0's time 0, in milliseconds since 1970
wallclock() {
    iso "$1-sidecar.iso"
    create "$1-hvm.cfg"
    wait_console 60 'shim: stat wallclock='
    w_ms=$(said | sed -n 's/^.*stat wallclock=\([0-9]*\)\.\([0-9]\{3\}\).*/\1\2/p' | tail -1)
    xl destroy "$DOM" 2>/dev/null
    : >"$SER"
}

dom0_run() {
    wallclock l0
    w_l0=$w_ms
    wallclock chip
    note "by the clock chip alone $((w_ms - w_l0)) ms off L0's"
    wallclock old
    note "as on Xen 3.4 $((w_ms - w_l0)) ms"
    [ $((w_ms - w_l0)) -le 50 ] && [ $((w_l0 - w_ms)) -le 50 ] || fail "wall clock $((w_ms - w_l0)) ms off L0's"
}
