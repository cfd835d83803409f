# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Grant maps and events of a test guest, timed under plain PV and in the shim; see tests/bench/calls.
limit=600

host_prepare() {
    cp "$OUT/l0-programs/gntside" "$OUT/grants/mapper.elf" "$HERE/"
    KERNEL=$HERE/mapper.elf MEMORY=64 guest_cfg calls.cfg calls "" 'tsc_mode = "native"'
    sed -i -e '/^ramdisk/d' -e 's/^extra = .*/extra = "bench"/' "$HERE/calls.cfg"
    sidecar calls.cfg ahci --quiet --shim-cmdline stats
    sed 's|^kernel = .*|kernel = "/tmp/s/mapper.elf"|' "$HERE/calls.cfg" >"$HERE/calls-native.cfg"
}

# play CFG WHAT
play() {
    create "$1"
    wait_console 120 'GUEST mailbox='
    # rarely: dom0 runs on the same CPU
    /tmp/s/gntside "$(xl domid "$DOM")" "$(fact mailbox)" 1 >"$LOG/gntside.$2" 2>&1 &
    wait_console 60 'GUEST-DONE'
    wait_gone 60
    said | grep -E '^BENCH|shim: stat' >"$LOG/$2.txt"
    grep -q '^BENCH ipi-fifo' "$LOG/$2.txt" || fail "$2: $(last_line)"
    rm -f "$CON"
}

dom0_run() {
    cp "$HERE/mapper.elf" "$HERE/gntside" /tmp/s/
    play calls-native.cfg pv
    iso calls-sidecar.iso
    play calls-hvm.cfg shim
}
