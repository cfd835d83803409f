# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A truncated initrd: the builder refuses it on the host; put in a sidecar by hand, the guest's kernel
# finds no init, panics, and L0 has the domain as crashed.
limit=200

host_prepare() {
    need_shim
    guest_cfg badi.cfg badi "t=idle"
    sidecar badi.cfg ahci
    gzip -1 -n <"$INITRD" | head -c 1000000 >"$HERE/cut.gz"
    RAMDISK=$HERE/cut.gz guest_cfg cut.cfg cut "t=idle"
    if "$TOP/scripts/mk-sidecar.sh" --shim "$SHIM" -o "$HERE" "$HERE/cut.cfg" >"$HERE/log/refusal.log" 2>&1; then
        fail "the builder took a truncated initrd"
    fi
    cat "$HERE/log/refusal.log"
    grep -q 'cut.gz\|ramdisk' "$HERE/log/refusal.log" || fail "the builder doesn't name the initrd: $(tail -1 "$HERE/log/refusal.log")"
    hand_iso badi-sidecar.iso "multiboot2 /xen-shim
module2 /k console=hvc0 quiet
module2 /i" xen-shim="$SHIM" k="$VMLINUX" i="$HERE/cut.gz"
}

dom0_run() {
    iso badi-sidecar.iso
    create badi-hvm.cfg
    wait_state 150 c
    expect_console 'Kernel panic - not syncing'
}
