# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# For comparison: Debian's xen-shim started by GRUB in an HVM guest, as a sidecar of ours would be.
# The ISO is xvda there, the disk xvdb.
limit=200

host_prepare() {
    make_disk peerh.img 32
    hand_iso peerh-sidecar.iso "multiboot2 /xen-shim pv-shim console=xen
module2 /vmlinuz vmlinuz console=hvc0 quiet t=demo disk=xvdb
module2 /initrd" xen-shim="$XENTREE/root/usr/lib/xen-$XENVER/boot/xen-shim" vmlinuz="$LINUX" initrd="$INITRD"
    cat >"$HERE/peerh.cfg" <<X
name = "peerh"
type = "hvm"
memory = 512
vcpus = 1
nographic = 1
vga = "none"
vkb_device = 0
hdtype = "ahci"
boot = "c"
on_crash = "preserve"
$(demo_vif)
disk = [ 'format=raw,vdev=hda,access=rw,target=/disks/peerh-sidecar.iso', 'format=raw,vdev=xvdb,access=rw,target=/disks/peerh.img' ]
X
}

dom0_run() {
    disk peerh.img
    iso peerh-sidecar.iso
    create peerh.cfg
    wait_console 60 GRUB-START
    took GRUB
    wait_console 60 GRUB-BOOT
    took loaded
    wait_console 150 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo peerh.img
}
