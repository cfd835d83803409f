# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# memory below maxmem in the HVM config: L0 would kill the domain when it touches more; refused in one line.
limit=120

host_prepare() {
    need_shim
    raw_disk pod.img 1 'x'
    KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD guest_cfg pod.cfg pod "t=tiny" "$(demo_disk pod.img)"
    sidecar pod.cfg ahci
}

dom0_run() {
    disk pod.img
    iso pod-sidecar.iso
    create pod-hvm.cfg memory=200 maxmem=400
    refused 'set memory and maxmem alike'
}
