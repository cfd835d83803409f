# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# bootloader="pygrub": kernel, initrd and command line read on the host from a partition of the guest's disk.
limit=200

host_prepare() {
    need_shim
    d=$(mktemp -d "$RUN/image.XXXXXX")
    mkdir -p "$d/boot/grub"
    # its payload is lz4: nothing but the builder has to unpack it
    cp "$CLOUD_LINUX" "$d/boot/vmlinuz"
    cp "$CLOUD_INITRD" "$d/boot/initrd.img"
    cat >"$d/boot/grub/grub.cfg" <<'G'
set default="1"
menuentry 'old' --class linux {
    linux /boot/vmlinuz-gone root=/dev/xvda1
}
menuentry 'new' --class linux {
    search --no-floppy --fs-uuid --set=root 1234
    linux /boot/vmlinuz root=/dev/xvda1 console=hvc0 quiet t=disk:xvda1
    initrd /boot/initrd.img
}
G
    # one DOS partition, 1 MiB from the start
    truncate -s 49M "$HERE/pygrub.img"
    mke2fs -q -F -t ext4 -E offset=1048576 -d "$d" "$HERE/pygrub.img" 48M
    printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\200\001\0' | dd of="$HERE/pygrub.img" bs=1 seek=446 conv=notrunc status=none
    printf '\125\252' | dd of="$HERE/pygrub.img" bs=1 seek=510 conv=notrunc status=none
    rm -r "$d"
    # the first KiB of an ext4 partition is free: the guest's test script lies there
    printf 'echo "GUEST disks=$(cd /sys/class/block && echo xvd*)"\necho "GUEST words=$(cat /proc/cmdline)"\nexit 0\n' |
        dd of="$HERE/pygrub.img" bs=1 seek=1048576 conv=notrunc status=none
    cat >"$HERE/pygrub.cfg" <<X
name = "pygrub"
bootloader = "pygrub"
extra = "behind=it"
memory = 256
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "preserve"
$(demo_disk pygrub.img | sed "s|/disks/|$HERE/|")
X
    sidecar pygrub.cfg ahci
    # the builder read the file here; the toolstack finds it there
    sed -i "s|$HERE/|/disks/|" "$HERE/pygrub-hvm.cfg"
}

dom0_run() {
    disk pygrub.img
    iso pygrub-sidecar.iso
    create pygrub-hvm.cfg
    wait_console 150 'GUEST-DONE'
    expect start '^disk:xvda1$'
    expect words '^root=/dev/xvda1 console=hvc0 quiet t=disk:xvda1 behind=it$'
    expect disks '^xvda xvda1$'
    wait_gone 30
}
