# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Started without any module, the shim says one line and crashes the domain; no reboot loop.
limit=120

host_prepare() {
    need_shim
    ON_REBOOT=restart guest_cfg nomod.cfg nomod "t=idle"
    sidecar nomod.cfg ahci
    hand_iso nomod-sidecar.iso "multiboot2 /xen-shim" xen-shim="$SHIM"
}

dom0_run() {
    iso nomod-sidecar.iso
    create nomod-hvm.cfg
    refused 'module|kernel'
}
