# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Module 1 is no Xen kernel: an ELF file without notes, by multiboot2 and by multiboot; then no ELF at all.
limit=240

host_prepare() {
    need_shim
    ON_REBOOT=restart guest_cfg badk.cfg badk "t=idle"
    sidecar badk.cfg ahci
    hand_iso notes2.iso "multiboot2 /xen-shim
module2 /k console=hvc0" xen-shim="$SHIM" k="$XENTREE/root/bin/busybox"
    hand_iso notes1.iso "multiboot /xen-shim
module /k console=hvc0" xen-shim="$SHIM" k="$XENTREE/root/bin/busybox"
    hand_iso noelf.iso "multiboot2 /xen-shim
module2 /k console=hvc0" xen-shim="$SHIM" k="$L0DIR/run"
}

dom0_run() {
    for i in notes2 notes1 noelf; do
        cp "$HERE/$i.iso" /disks/badk-sidecar.iso
        create badk-hvm.cfg
        refused '[Xx]en note|notes|ELF|elf|kernel'
        xl destroy "$DOM"
        wait_gone 20
        rm -f "$CON" "$SER"
    done
}
