# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A test guest maps 300 pages that dom0 grants, and makes 65 536 mappings at the same time; plain PV and the shim compared.
# @save: saved with mappings held and its table of version 2; in the new domain no mapping is left, and the version is.
limit=400

host_prepare() {
    need_shim
    make -s -C "$TOP" l0-programs grants-guest || fail "the test's programs don't build"
    cp "$OUT/l0-programs/gntside" "$OUT/grants/mapper.elf" "$HERE/"
    KERNEL=$HERE/mapper.elf MEMORY=64 guest_cfg mapper.cfg mapper ""
    if [ "$WORD" = save ]; then sed -i 's/^extra = .*/extra = "save"/' "$HERE/mapper.cfg"; fi
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

# grants N : dom0's end begins when the guest has opened its mailbox for the Nth time
mailboxes() { [ "$(said | grep -c 'GUEST mailbox=')" -ge "$1" ]; }
grants() {
    within 60 mailboxes "$1" || fail "no mailbox $1; last: $(last_line)"
    /tmp/s/gntside "$(xl domid "$DOM")" "$(fact mailbox)" >"$LOG/gntside.$1" 2>&1 &
    s_gntside=$!
}
# The guest suspends itself; what xl asks of it by xenstore is answered here.
answer_xl() {
    s_node=/local/domain/$(xl domid "$DOM")/control/shutdown
    until [ "$(xenstore-read "$s_node")" = suspend ]; do sleep 0.3; done
    xenstore-write "$s_node" ''
}
save() {
    iso mapper-sidecar.iso
    create mapper-hvm.cfg
    grants 1
    wait_console 60 'GUEST saved=now'
    answer_xl 2>/dev/null &
    s_answer=$!
    xl save "$DOM" /tmp/s/saved >"$LOG/save.log" 2>&1 || fail "xl save: $(tail -1 "$LOG/save.log")"
    kill $s_answer $s_gntside 2>/dev/null
    took saved
    xl restore /tmp/s/saved >"$LOG/restore.log" 2>&1 || fail "xl restore: $(tail -1 "$LOG/restore.log")"
    grants 2
    wait_console 60 'GUEST-DONE'
    wait $s_gntside || fail "restored: $(tail -1 "$LOG/gntside.2")"
    wait_gone 30
    if said | grep '^check.* WRONG'; then fail "$(said | grep -m1 '^check.* WRONG')"; fi
    for s_line in version-kept handles-gone again; do has_said "^check $s_line" || fail "no line $s_line"; done
    note "$(said | grep -c '^check') lines"
}

dom0_run() {
    cp "$HERE/mapper.elf" "$HERE/gntside" /tmp/s/
    if [ "$WORD" = save ]; then
        save
        return
    fi
    play mapper-native.cfg pv
    iso mapper-sidecar.iso
    play mapper-hvm.cfg shim
    diff "$LOG/pv.lines" "$LOG/shim.lines" >"$LOG/diff" || fail "differs: $(grep -m2 '^[-+][^-+]' "$LOG/diff" | tr '\n' ' ')"
    note "$(wc -l <"$LOG/pv.lines") lines alike"
}
