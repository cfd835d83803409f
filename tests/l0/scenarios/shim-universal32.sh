# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The 32-bit PV GRUB of a universal sidecar, a real kernel of 32 bits, which starts another from the guest's disk.
# Debian has no 32-bit PV Linux any more, so what it starts is one of the test guests.
limit=200

host_prepare() {
    need_shim
    make -s -C "$TOP" guests >&2
    d=$(mktemp -d "$RUN/image.XXXXXX")
    mkdir -p "$d/boot/grub"
    cp "$OUT/guests/multicall32.elf" "$d/boot/kernel"
    cat >"$d/boot/grub/grub.cfg" <<G
set timeout=0
menuentry 'guest' {
    echo 'GRUB is here'
    linux /boot/kernel arg1 arg2
}
G
    truncate -s 48M "$HERE/universal32.img"
    mke2fs -q -F -t ext2 -d "$d" "$HERE/universal32.img"
    rm -r "$d"
    cat >"$HERE/universal32.cfg" <<X2
name = "universal32"
type = "pv"
kernel = "/usr/lib/grub-xen/grub-i386-xen.bin"
memory = 128
vcpus = 1
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "preserve"
$(demo_disk universal32.img)
X2
    sidecar universal32.cfg ahci --iso-path /disks/ --shim-cmdline stats
}

dom0_run() {
    disk universal32.img
    iso "$(cd "$HERE" && echo universal32*.iso)"
    create universal32-hvm.cfg
    wait_console 120 'GRUB is here'
    took "GRUB started"
    wait_console 120 '^Test result'
    expect_console '^Test result: SUCCESS'
    wait_gone 30
    note "$(stats)"
}
