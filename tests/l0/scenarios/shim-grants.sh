# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A test guest maps 300 pages that dom0 grants, and makes 65 536 mappings at the same time; plain PV and the shim compared.
limit=400

host_prepare() {
    need_shim
    make -s -C "$TOP" l0-programs grants-guest || fail "the test's programs don't build"
    cp "$OUT/l0-programs/gntside" "$OUT/grants/mapper.elf" "$HERE/"
    KERNEL=$HERE/mapper.elf MEMORY=64 guest_cfg mapper.cfg mapper ""
    sed -i '/^ramdisk/d' "$HERE/mapper.cfg"
    sidecar mapper.cfg ahci --quiet --shim-cmdline stats
    sed 's|^kernel = .*|kernel = "/tmp/s/mapper.elf"|' "$HERE/mapper.cfg" >"$HERE/mapper-native.cfg"
}

# play CFG WHAT : its lines of results to WHAT.lines
play() {
    create "$1"
    wait_console 60 'GUEST mailbox='
    /tmp/s/gntside "$(xl domid "$DOM")" "$(fact mailbox)" >"$LOG/gntside.$2" 2>&1 &
    wait_console 60 'GUEST-DONE'
    wait || fail "$2: $(tail -1 "$LOG/gntside.$2")"
    grep -q ' 300 of 300 ' "$LOG/gntside.$2" || fail "$2: $(tail -1 "$LOG/gntside.$2")"
    wait_gone 30
    said | grep '^check' >"$LOG/$2.lines"
    if grep WRONG "$LOG/$2.lines"; then fail "$2: $(grep -m1 WRONG "$LOG/$2.lines")"; fi
    rm -f "$CON"
    took "$2"
}

dom0_run() {
    cp "$HERE/mapper.elf" "$HERE/gntside" /tmp/s/
    play mapper-native.cfg pv
    iso mapper-sidecar.iso
    play mapper-hvm.cfg shim
    diff "$LOG/pv.lines" "$LOG/shim.lines" >"$LOG/diff" || fail "differs: $(grep -m2 '^[<>]' "$LOG/diff" | tr '\n' ' ')"
    note "$(wc -l <"$LOG/pv.lines") lines alike"
}
