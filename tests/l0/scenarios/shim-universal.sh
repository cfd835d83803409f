# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A universal sidecar: PV GRUB boots the kernel on the guest's own disk, and another after an upgrade there.
limit=400

# guest_image FILE MIB WORDS : what a guest that installed itself has on its disk
guest_image() {
    d=$(mktemp -d "$RUN/image.XXXXXX")
    mkdir -p "$d/boot/grub"
    # not the cloud kernel: its payload is lz4, which PV GRUB 2.06 cannot unpack
    cp "$LINUX" "$d/boot/vmlinuz"
    cp "$INITRD" "$d/boot/initrd"
    cat >"$d/boot/grub/grub.cfg" <<G
set default=1
set timeout=0
menuentry 'old' {
    echo 'the wrong entry'
    sleep 60
}
menuentry 'new' --class linux {
    insmod gzio
    insmod ext2
    linux /boot/vmlinuz root=/dev/xvda console=hvc0 $3
    initrd /boot/initrd
}
G
    truncate -s "$2M" "$HERE/$1"
    mke2fs -q -F -t ext4 -d "$d" "$HERE/$1"
    rm -r "$d"
}

host_prepare() {
    need_shim
    guest_image universal.img 96 t=tiny
    cat >"$HERE/universal.cfg" <<X
name = "universal"
type = "pv"
bootloader = "pygrub"
memory = 512
vcpus = 1
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "preserve"
$(demo_disk universal.img)
X
    sidecar universal.cfg ahci --universal --iso-path /disks/ \
        --shim-cmdline "${UNIVERSAL_SHIM_WORDS:-stats}"
}

dom0_run() {
    disk universal.img
    iso "$(cd "$HERE" && ls universal-*.iso universal-*.elf 2>/dev/null)"
    create universal-hvm.cfg
    wait_console 180 'GUEST start=tiny'
    took started
    wait_console 60 'GUEST-DONE rc=0'
    expect type '^xen$'
    wait_gone 30

    # what an upgrade inside the guest does: another file, another entry; the sidecar stays
    mkdir -p /tmp/upgrade
    mount -t ext4 /disks/universal.img /tmp/upgrade || fail "dom0 can't mount the guest's disk"
    mv /tmp/upgrade/boot/vmlinuz /tmp/upgrade/boot/vmlinuz-new
    sed -i -e 's|/boot/vmlinuz |/boot/vmlinuz-new |' -e 's/t=tiny/t=idle/' /tmp/upgrade/boot/grub/grub.cfg
    umount /tmp/upgrade
    create universal-hvm.cfg
    wait_console 180 'GUEST start=idle'
    took "upgraded one started"
    xl destroy "$DOM"
    note "$(stats)"
}
