#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which loader a config names, and what it is told: the kernel that it would boot, or a refusal.

load lib

setup() {
    PATH=$PATH:/usr/sbin:/sbin
    sandbox
    guest_disk
    grub2
    image
}
got() { run "${MK[@]}" --print "$@" p.cfg; }
# with LINE... : p.cfg with these lines; "bootloader" lines replace it
with() {
    printf 'name = "g"\nmemory = 256\ndisk = [ "raw:%s/disk.img,xvda,w" ]\n' "$PWD" >p.cfg
    [ $# = 0 ] || printf '%s\n' "$@" >>p.cfg
    [[ "$*" == *bootloader\ =* || "$*" == *kernel\ =* ]] || echo 'bootloader = "pygrub"' >>p.cfg
}
refused() { # WORDS
    got
    [ "$status" = 1 ] || { echo "taken: $output"; return 1; }
    says "$1"
}

@test "bootargs and bootentry are bootloader_args by older names" {
    for l in 'bootargs = "-q --entry=advanced"' 'bootargs = "--entry advanced"' "bootargs = \"--entry='Advanced options'\"" 'bootentry = "Advanced options"' 'bootargs = ""; bootentry = "advanced"' \
        'bootloader_args = [ "--entry=advanced" ]; bootargs = "--entry=advanced"'; do
        with "$l"
        got
        [ "$status" = 0 ]
        says '/boot/vmlinuz-2 of'
    done
    with 'bootargs = "--entry=0"'
    got --entry advanced
    says '/boot/vmlinuz-2 of'
    with 'bootargs = "--offset=1"'
    refused "p.cfg:4: bootargs: '--offset=1'"
    with 'bootargs = "--entry=0"' 'bootloader_args = [ "--entry=advanced" ]'
    refused "p.cfg:4: bootargs: names another entry than bootloader_args="
}
@test "what libvirt's domxml-to-native writes keeps its arguments" {
    with 'bootloader = "/usr/lib/xen-4.17/bin/pygrub"' 'bootargs = "--entry=advanced>two"'
    got
    says '/boot/vmlinuz-2 of'
}
@test "pygrub, wherever it lies, is the only program that is known beside domUloader and PV GRUB" {
    for b in pygrub /usr/bin/pygrub /usr/lib/xen-4.1/bin/pygrub; do
        with "bootloader = \"$b\""
        got
        [ "$status" = 0 ]
        says '# Kernel /boot/vmlinuz-1 of'
    done
    for b in /usr/bin/pypxeboot xenpvnetboot; do
        with "bootloader = \"$b\""
        refused "p.cfg:4: bootloader: '$b' loads the kernel from the network; copy kernel and initrd to the host"
    done
    for b in /usr/bin/eliloader /usr/local/bin/our-boot /etc/xen/pygrub-wrapper; do
        with "bootloader = \"$b\"" 'kernel = "kernel"'
        refused "p.cfg:4: bootloader: '$b' isn't pygrub"
        says '--universal'
        got --universal
        [ "$status" = 0 ]
    done
}
@test "kernel= and ramdisk= beside pygrub are files of the guest's disk, as pygrub has it" {
    with 'bootloader = "pygrub"' 'kernel = "/boot/vmlinuz-2"' 'ramdisk = "/boot/initrd-2"' 'extra = "console=hvc0"'
    got
    [ "$status" = 0 ]
    says "# Kernel /boot/vmlinuz-2 of $PWD/disk.img, ramdisk /boot/initrd-2 of $PWD/disk.img, command line \"console=hvc0\""
    with 'bootargs = "--kernel=/boot/vmlinuz-2 --ramdisk=/boot/initrd-1"'
    got
    says "# Kernel /boot/vmlinuz-2 of $PWD/disk.img, ramdisk /boot/initrd-1 of $PWD/disk.img, command line \"\""
    with 'bootloader = "pygrub"' 'kernel = "/boot/vmlinuz-9"'
    refused "'/boot/vmlinuz-9', which isn't on"
}
@test "domUloader: the files that its entry names, in the partition of that name" {
    image && partitioned
    for e in xvda2:/boot/vmlinuz-2,/boot/initrd-2 /dev/xvda2:/boot/vmlinuz-2,/boot/initrd-2; do
        with 'bootloader = "/usr/lib/xen/boot/domUloader.py"' "bootentry = \"$e\"" 'root = "/dev/xvda2"' 'extra = "quiet"'
        got
        [ "$status" = 0 ]
        says "# Kernel /boot/vmlinuz-2 of $PWD/disk.img, ramdisk /boot/initrd-2 of $PWD/disk.img, command line \"root=/dev/xvda2 quiet\""
    done
    with 'bootloader = "domUloader.py"' 'bootargs = "--entry=xvda2:/boot/vmlinuz-1"'
    got
    says "# Kernel /boot/vmlinuz-1 of $PWD/disk.img, command line \"\""
    with 'bootloader = "domUloader.py"' 'bootargs = "--entry=/boot/vmlinuz-1"'
    got
    says '# Kernel /boot/vmlinuz-1 of'
    for e in xvda1:/boot/vmlinuz-1 xvdb1:/boot/vmlinuz-1 xvda2:/boot/vmlinuz-9 xvda2:vmlinuz; do
        with 'bootloader = "domUloader.py"' "bootargs = \"--entry=$e\""
        refused "p.cfg:4: bootloader: "
    done
    with 'bootloader = "domUloader.py"'
    refused 'domUloader wants --entry=DEVICE:/KERNEL,/INITRD'
    # another disk than the first, and one that is a partition itself
    image
    printf 'name = "g"\nmemory = 256\nbootloader = "domUloader.py"\nbootentry = "xvdb3:/boot/vmlinuz-2"\ndisk = [ "raw:/nowhere,xvda,w", "raw:%s/disk.img,xvdb3,w" ]\n' "$PWD" >p.cfg
    got
    says '/boot/vmlinuz-2 of'
}
@test "PV GRUBs of both widths, and none for PVH" {
    for k in /usr/lib/xen/boot/pv-grub-x86_32.gz /usr/lib/grub-xen/grub-i386-xen.bin /usr/lib/grub2/i386-xen/grub.xen pvgrub32.bin; do
        for key in kernel bootloader; do
            with "$key = \"$k\""
            got
            [ "$status" = 0 ]
            says '/universal32'
        done
    done
    with 'kernel = "/usr/lib/grub-xen/grub-i386-xen_pvh.bin"'
    refused "is a GRUB for PVH"
    for k in /usr/lib/xen/boot/pv-grub-x86_64.gz pv-grub-hd0_1.04-x86_64.gz pvgrub2 /usr/lib/grub-xen/grub-x86_64-xen.bin /usr/lib/grub2/x86_64-xen/grub.xen; do
        with "kernel = \"$k\""
        got
        [ "$status" = 0 ]
        says "# Kernel: what the guest's own GRUB configuration names"
        says_not 'universal32'
    done
}
@test "both grub.cfg and menu.lst: the version of pygrub decides, and it's said" {
    printf 'title Old\nkernel /boot/vmlinuz-2 old\n' >d/boot/grub/menu.lst
    image
    with
    got
    says '# Kernel /boot/vmlinuz-1 of'
    says 'warning: p.cfg:4: bootloader: the disk has a grub.cfg and a menu.lst'
    says 'grub.cfg is taken, as pygrub of Xen 4.2 and later does'
    got --toolstack xm
    says '# Kernel /boot/vmlinuz-2 of'
    says 'menu.lst is taken'
    with 'bootloader = "/usr/lib/xen-4.1/bin/pygrub"'
    got
    says '# Kernel /boot/vmlinuz-2 of'
    with 'bootloader = "/usr/lib/xen-4.4/bin/pygrub"'
    got --toolstack xm
    says '# Kernel /boot/vmlinuz-1 of'
    # nothing to say where both boot the same
    printf 'title Same\nkernel /boot/vmlinuz-1 root=UUID=12 ro quiet a b\ninitrd /boot/initrd-1\n' >d/boot/grub/menu.lst
    image
    got
    says_not 'warning'
}
@test "where pygrub itself would boot another entry than GRUB, it's said" {
    for want in '1>0' 'Advanced options>Linux 2' 'advanced>two'; do
        grub2 "$want"
        image
        got
        says '/boot/vmlinuz-2 of'
        says "warning: p.cfg:3: bootloader: GRUB's default is 'Linux 2', but pygrub itself would boot 'Debian GNU/Linux'"
    done
    # shellcheck disable=SC2016 # GRUB's variable
    grub2 '${saved_entry}'
    printf '# GRUB Environment Block\nsaved_entry=advanced>two\n####' >d/boot/grub/grubenv
    image
    got
    says "pygrub itself would boot 'Debian GNU/Linux'"
    rm d/boot/grub/grubenv
    grub2 3 # the fourth of GRUB's own; of all that aren't submenus, the one in the submenu
    sed -i '/^menuentry .out/i menuentry "four" { linux /boot/vmlinuz-1 four ; }' d/boot/grub/grub.cfg
    image
    got
    says "GRUB's default is 'four', but pygrub itself would boot 'gone'"
    grub2 0
    image
    got
    says_not "pygrub itself"
    got --entry 'advanced>two'
    says_not "pygrub itself"
    # a number for pygrub is one of its own list
    with 'bootargs = "--entry=1"'
    got
    says 'command line "root=/dev/xvda2 single"'
}
# script CFG ARGS... : what the PV GRUB in the sidecar runs
script() {
    rm -rf u plain v && mkdir u plain
    "${MK[@]}" -o u "${@:2}" "$1" >said 2>&1
    "${MK[@]}" -o plain -q --compress none "${@:2}" "$1" 2>/dev/null
    xorriso -osirrox on -indev plain/universal*.iso -extract /boot/vmlinux v >/dev/null 2>&1
    python3 -c 'import re; d = open("v", "rb").read(); i = d.index(b"function look"); print(d[i:d.index(b"halt", i)].decode())'
}
@test "PV GRUB 0.97 reads the menu that its extra= names, or menu.lst first; others grub.cfg first" {
    [ -d /usr/lib/grub/x86_64-xen ] || skip "no grub-xen-bin"
    printf 'name = "g"\nmemory = 256\ndisk = [ "raw:/a,xvda1,w", "raw:/b,0xca10,w" ]\nkernel = "pv-grub-x86_64.gz"\nextra = "(hd1,0)/boot/grub/menu.lst"\n' >u.cfg
    output=$(script u.cfg)
    says 'legacy_configfile "(xen/xvdb,1)/boot/grub/menu.lst"'
    run cat said
    says_not warning
    named=$(echo u/universal-*.iso)
    sed -i 's/(hd1,0)/(hd0,0)/' u.cfg
    output=$(script u.cfg)
    says 'legacy_configfile "(xen/xvda1)/boot/grub/menu.lst"'
    [ "$named" != "$(echo u/universal-*.iso)" ]
    # no menu named: its own default
    sed -i '/^extra/d' u.cfg
    output=$(script u.cfg)
    [[ "${output%%grub.cfg*}" == *menu.lst* ]]
    "${MK[@]}" -o u --verify
    sed -i 's/pv-grub-x86_64.gz/pvgrub2/' u.cfg
    output=$(script u.cfg)
    [[ "${output%%menu.lst*}" == *grub.cfg* ]]
    [ -e u/universal.iso ]
    for e in '(hd2,0)/menu.lst' '(nd)/menu.lst'; do
        printf 'name = "g"\nmemory = 256\ndisk = [ "raw:/a,xvda,w" ]\nkernel = "pv-grub-x86_64.gz"\nextra = "%s"\n' "$e" >u.cfg
        run "${MK[@]}" --print u.cfg
        [ "$status" = 1 ]
        says "u.cfg:5: extra: '$e' is on no disk of this config"
    done
    printf 'name = "g"\nmemory = 256\ndisk = [ "raw:/a,xvda,w" ]\nkernel = "pv-grub-x86_64.gz"\nramdisk = "/etc/xen/menu.lst"\n' >u.cfg
    run "${MK[@]}" --print u.cfg
    [ "$status" = 1 ]
    says "u.cfg:5: ramdisk: is a menu for PV GRUB"
}
