#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Kernels on the guest's own disk: read on the host (bootloader="pygrub"), or by PV GRUB (--universal).

load lib

setup() {
    PATH=$PATH:/usr/sbin:/sbin
    sandbox
    guest_disk
}

got() { run "${MK[@]}" --print "$@" p.cfg; }

@test "grub.cfg on a disk without partitions: default entry" {
    grub2 && image
    got
    [ "$status" = 0 ]
    says "# Kernel /boot/vmlinuz-1 of $PWD/disk.img, ramdisk /boot/initrd-1 of"
    says 'command line "root=UUID=12 ro quiet a b"'
}
@test "in a partition, and each file system we can make" {
    grub2
    for FS in ext2 ext3 ext4; do
        image && partitioned
        got
        [ "$status" = 0 ]
        says 'command line "root=UUID=12 ro quiet a b"'
    done
}
@test "xfs and btrfs" {
    command -v mkfs.xfs mkfs.btrfs >/dev/null || skip "no xfsprogs, no btrfs-progs"
    grub2
    truncate -s 300M disk.img
    cat >proto <<X
none
0 0
d--755 0 0
boot d--755 0 0
vmlinuz-1 ---644 0 0 d/boot/vmlinuz-1
initrd-1 ---644 0 0 d/boot/initrd-1
grub d--755 0 0
grub.cfg ---644 0 0 d/boot/grub/grub.cfg
$
$
$
X
    mkfs.xfs -q -p proto disk.img
    got
    says 'command line "root=UUID=12 ro quiet a b"'
    rm disk.img && truncate -s 128M disk.img
    mkfs.btrfs -q --rootdir d disk.img
    got
    says 'command line "root=UUID=12 ro quiet a b"'
    # a root subvolume, which GRUB shows as a directory
    for at in @ @rootfs; do
        mkdir -p sub && mv d "sub/$at"
        sed -i "s|/boot/vmlinuz|/$at&|; s|/boot/initrd|/$at&|" "sub/$at/boot/grub/grub.cfg"
        rm disk.img && truncate -s 128M disk.img
        mkfs.btrfs -q --rootdir sub disk.img
        got
        says 'command line "root=UUID=12 ro quiet a b"'
        says "/$at/boot/vmlinuz"
        sed -i "s|/$at/boot|/boot|g" "sub/$at/boot/grub/grub.cfg"
        mv "sub/$at" d
    done
}
@test "GPT, with the file system in its second partition" {
    command -v sgdisk >/dev/null || skip "no gdisk"
    grub2 && image
    mv disk.img part.img
    truncate -s 8M disk.img
    sgdisk -a 1 -n 1:64:+1M -t 1:ef02 -n 2:4096:+4M disk.img >/dev/null
    dd if=part.img of=disk.img bs=512 seek=4096 conv=notrunc status=none
    got
    says 'command line "root=UUID=12 ro quiet a b"'
}
@test "a logical volume of LVM, on the whole disk and in a partition" {
    grub2 && image
    mv disk.img root.img
    for in in whole partitioned; do
        python3 "$BATS_TEST_DIRNAME/fixtures/lvm.py" root.img disk.img
        [ $in = whole ] || partitioned
        got
        says 'command line "root=UUID=12 ro quiet a b"'
    done
}
@test "kernel and initrd are in the ISO, byte for byte" {
    grub2 'advanced>two' && image
    trimmed
    "${MK[@]}" -q --compress gz p.cfg
    for f in vmlinux initrd; do xorriso -osirrox on -indev g-sidecar.iso -extract /boot/$f $f.out >/dev/null 2>&1; done
    gzip -dc vmlinux.out | cmp - k-trimmed
    cmp initrd.out d/boot/initrd-2
}
@test "several initrds become one, each at a multiple of four bytes" {
    grub2 && sed -i 's|/boot/initrd-1$|/boot/initrd-2 /boot/initrd-1 /boot/initrd-2|' d/boot/grub/grub.cfg
    grep -q 'initrd-2 /boot' d/boot/grub/grub.cfg
    image
    "${MK[@]}" -q p.cfg
    xorriso -osirrox on -indev g-sidecar.iso -extract /boot/initrd initrd.out >/dev/null 2>&1
    printf 'initrd two\0\0initrd one\0\0initrd two' | cmp - initrd.out
    grep -q 'ramdisk /boot/initrd-2 /boot/initrd-1 /boot/initrd-2 of ' g-hvm.cfg
}
@test "default by number, title, id, path and grubenv; a default that is gone" {
    for want in 1 '1>0' 'Advanced options>Linux 2' 'advanced>two'; do
        grub2 "$want" && image
        got
        says 'vmlinuz-2'
    done
    # shellcheck disable=SC2016 # GRUB's variable
    grub2 '${saved_entry}'
    printf '# GRUB Environment Block\nsaved_entry=advanced>two\n####' >d/boot/grub/grubenv
    image
    got
    says 'vmlinuz-2'
    grub2 nonsense && image
    got
    says 'vmlinuz-1'
}
@test "--entry and bootloader_args choose; an entry that isn't there is refused" {
    grub2 && image
    got --entry 'Advanced options'
    says 'command line "root=/dev/xvda2 single"'
    got --entry 7
    [ "$status" = 1 ]
    says "no entry '7'"
    echo 'bootloader_args = [ "-q", "--entry=advanced" ]' >>p.cfg
    got
    says 'vmlinuz-2'
    got --entry 0
    says 'vmlinuz-1'
    # xl takes a string, too, and splits it
    echo 'bootloader_args = "-q --entry=advanced"' >>p.cfg
    got
    says 'vmlinuz-2'
    echo 'bootloader_args = [ "--offset=1" ]' >>p.cfg
    got
    [ "$status" = 1 ]
    says "p.cfg:7: bootloader_args: '--offset=1'"
}
@test "extra= comes behind the menu's command line" {
    grub2 && image
    echo 'extra = "console=hvc0"' >>p.cfg
    got
    says 'quiet a b console=hvc0"'
}
@test "GRUB legacy's menu.lst" {
    printf 'default=1\ntimeout 5\n\ntitle\tOld\nroot (hd0,0)\nkernel /boot/vmlinuz-1 ro\n\ntitle New\n\troot (hd0,0)\n\tkernel --no-mem-option (hd0,0)/boot/vmlinuz-2 ro  x=1\n\tinitrd /boot/initrd-2\n' >d/boot/grub/menu.lst
    image
    got
    says 'vmlinuz-2 of'
    says 'command line "ro  x=1"'
    got --entry Old
    says 'command line "ro"'
}
# the menu that Fedora and Red Hat have, with entries in files of their own
bls() {
    mkdir -p d/boot/grub2 d/boot/loader/entries
    cat >d/boot/grub2/grub.cfg <<'X'
set pager=1
if [ -s $prefix/grubenv ]; then load_env ; fi
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
else
   set default="${saved_entry}"
fi
menuentry 'Before' { linux /boot/vmlinuz-9 ; }
if [ -z "${kernelopts}" ]; then
  set kernelopts="root=/dev/xvda2 ro"
fi
insmod blscfg
blscfg
X
    printf '# GRUB Environment Block\nnext_entry=Before\nsaved_entry=abc-5.14.0-70.13.1.el9.x86_64\n####' >d/boot/grub2/grubenv
    # bls_file NAME TITLE KERNEL
    bls_file() { printf 'title %s\nversion x\nlinux %s\ninitrd /boot/initrd-1 $tuned_initrd\noptions $kernelopts a="b"\noptions quiet $tuned_params\ngrub_class rhel\n' "$2" "$3" >"d/boot/loader/entries/$1.conf"; }
    bls_file abc-0-rescue 'Rescue (0-rescue)' /boot/vmlinuz-9
    bls_file abc-5.14.0-70.el9.x86_64 'Old' /boot/vmlinuz-1
    bls_file abc-5.14.0-70.13.1.el9.x86_64 'Newer' /boot/vmlinuz-2
    bls_file abc-5.14.0-427.el9.x86_64 'Newest' /boot/vmlinuz-1
    bls_file abc-5.9.0-500.el9.x86_64 'Oldest' /boot/vmlinuz-9
    printf 'title EFI\nefi /shell.efi\n' >d/boot/loader/entries/zzz-9-9.conf
    printf 'linux /boot/vmlinuz-9\n' >d/boot/loader/entries/zzz-9-9.txt
}
@test "entries in files of their own (blscfg)" {
    bls && image && partitioned
    got
    says '# Kernel /boot/vmlinuz-2 of'
    says 'ramdisk /boot/initrd-1 of'
    says 'command line "root=/dev/xvda2 ro a=b quiet"'
    # newest first, as rpm counts, behind what stands before blscfg
    for t in '1 vmlinuz-1' '2 vmlinuz-2' '3 vmlinuz-1' 'Old vmlinuz-1' 'abc-5.14.0-427.el9.x86_64 vmlinuz-1'; do
        got --entry "${t% *}"
        says "${t#* }"
    done
    for t in 0 4 5 Before Oldest 'Rescue (0-rescue)'; do
        got --entry "$t"
        says "vmlinuz-9', which isn't on"
    done
    for t in 6 EFI; do
        got --entry "$t"
        says 'no entry'
    done
    # /boot of its own
    sed -i 's,/boot/,/,' d/boot/loader/entries/*
    image d/boot
    got
    says '# Kernel /vmlinuz-2 of'
}
@test "/boot in a partition of its own" {
    grub2
    sed -i 's,/boot/,/,' d/boot/grub/grub.cfg
    image d/boot && partitioned
    got
    says '# Kernel /vmlinuz-1'
}
@test "a disk without /dev/ in front, as xl takes it" {
    grub2 && image
    d=/dev/shm/mk-sidecar-test.$$
    cp disk.img "$d"
    sed -i "s|raw:disk.img|phy:shm/${d##*/}|" p.cfg
    got
    rm "$d"
    says "of $d, ramdisk"
}
@test "a disk that would fill the host's memory is refused" {
    grub2
    # (a file system of 4 MiB can have larger files, if they are holes)
    sed -i 's|initrd.*/boot/initrd-1|& /boot/huge /boot/huge|' d/boot/grub/grub.cfg
    truncate -s 700M d/boot/huge
    image
    got
    [ "$status" = 1 ]
    says "is too large"
    rm d/boot/huge d/boot/grub/grub.cfg
    bls
    for i in 1 2 3 4; do truncate -s 2G "d/boot/loader/entries/abc-9-$i.conf"; done
    image
    got
    says '# Kernel /boot/vmlinuz-2 of'
    # doubled in each line; and many copies of what has 64 KiB then
    { printf 'a=0123456789abcdef\n'; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 'a=$a$a'; done; for i in $(seq 100000); do echo 'b=$a'; done
        echo "menuentry x { linux /boot/vmlinuz-1 ; }"; } >d/boot/grub2/grub.cfg
    rm -r d/boot/loader && image
    # (the sanitisers' build reserves terabytes)
    run bash -c 'ulimit -v 400000; "$@"' - "$SC_OUT/../sidecar/mk-sidecar" --shim probe --print p.cfg
    says '# Kernel /boot/vmlinuz-1'
}
@test "refusals: one line each, nothing written" {
    grub2 && image
    for t in "gone|vmlinuz-9" "out|(host)/etc/hostname" "advanced>Xen|boots no Linux"; do
        run "${MK[@]}" --entry "${t%%|*}" p.cfg
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
        says "p.cfg:3: bootloader: "
        says "${t#*|}"
    done
    printf "menuentry a { linux '/boot/x\nkernel = 1' ; }\n" >d/boot/grub/grub.cfg && image
    got
    says 'control character'
    printf 'blscfg\n' >d/boot/grub/grub.cfg && image
    got
    says 'the boot menu has no entries'
    rm d/boot/grub/grub.cfg && image
    got
    says 'no grub.cfg or menu.lst'
    head -c 1M /dev/zero >disk.img
    got
    says 'no file system'
    rm disk.img
    got
    says 'disk.img: No such file'
    sed -i 's/raw:/qcow2:/' p.cfg
    got
    says 'is qcow2'
    [ ! -e g-hvm.cfg ]
    [ ! -e g-sidecar.iso ]
}
@test "--universal: the same ISO for every guest, PV GRUB in it, no bootloader= left" {
    [ -d /usr/lib/grub/x86_64-xen ] || skip "no grub-xen-bin"
    printf 'name = "other"\nmemory = 999\nvcpus = 2\nkernel = "/usr/lib/grub-xen/grub-x86_64-xen.bin"\ndisk = [ "raw:o.img,sda1,w" ]\n' >o.cfg
    mkdir a b
    "${MK[@]}" -q --universal -o a p.cfg
    "${MK[@]}" -q -o b o.cfg
    cmp a/universal.iso b/universal.iso
    [ "$(listing a)" = "g-hvm.cfg universal.iso " ]
    run grep -E '^(bootloader|kernel)' a/g-hvm.cfg b/other-hvm.cfg
    [ "$status" = 1 ]
    grep -q "file=$PWD/b/universal.iso" b/other-hvm.cfg
    "${MK[@]}" -q --universal --compress none -o a p.cfg 2>/dev/null
    xorriso -osirrox on -indev a/universal-*.iso -extract /boot/vmlinux v >/dev/null 2>&1
    grep -aq legacy_configfile v
    # our own check takes it as it takes any kernel
    sed 's/"kernel"/"v"/' g.cfg >v.cfg
    run "${MK[@]}" v.cfg
    [ "$status" = 0 ]
    says 'GRUB kernel'
}
@test "universal for 32-bit guests: chosen by what the config names, beside the other in one fleet" {
    [ -d /usr/lib/grub/i386-xen ] || skip "no grub-xen-bin"
    printf 'name = "old"\nmemory = 99\nkernel = "/usr/lib/xen/boot/pv-grub-x86_32.gz"\ndisk = [ "raw:o.img,sda1,w" ]\n' >o.cfg
    printf 'name = "new"\nmemory = 99\nfirmware = "pvgrub32"\ndisk = [ "raw:n.img,sda1,w" ]\n' >n.cfg
    printf 'name = "wide"\nmemory = 99\nfirmware = "pvgrub64"\ndisk = [ "raw:w.img,sda1,w" ]\n' >w.cfg
    printf 'name = "told"\nmemory = 99\nbootloader = "pvgrub32"\ndisk = [ "raw:t.img,sda1,w" ]\n' >t.cfg
    mkdir a
    "${MK[@]}" -q -o a o.cfg
    "${MK[@]}" -q -o a n.cfg
    "${MK[@]}" -q -o a w.cfg
    "${MK[@]}" -q --universal -o a t.cfg
    grep -q "file=$PWD/a/universal32.iso" a/new-hvm.cfg
    grep -q "file=$PWD/a/universal32.iso" a/told-hvm.cfg
    grep -q "file=$PWD/a/universal.iso" a/wide-hvm.cfg
    grep -q "file=$PWD/a/universal32-[0-9a-f]*.iso" a/old-hvm.cfg
    mkdir 32 64
    "${MK[@]}" -q --compress none -o 32 n.cfg
    "${MK[@]}" -q --compress none -o 64 w.cfg
    for w in 32 64; do
        xorriso -osirrox on -indev $w/universal*.iso -extract /boot/vmlinux "v$w" >/dev/null 2>&1
        readelf -h "v$w" | grep -q "Class: *ELF$w"
        sed "s/\"kernel\"/\"v$w\"/" g.cfg >v.cfg
        run "${MK[@]}" v.cfg
        [ "$status" = 0 ]
        says 'GRUB kernel'
    done
    run "${MK[@]}" -o a --verify
    [ "$status" = 0 ]
    MK_SIDECAR_GRUB_XEN32_DIR=/nowhere run "${MK[@]}" -o a --rebuild n.cfg
    [ "$status" = 3 ]
    says 'i386-xen files not found; install grub-xen-bin'
}
@test "--universal: what is lost is said, what can't work refused" {
    echo 'root = "/dev/xvda1"' >>p.cfg
    run "${MK[@]}" --universal --print p.cfg
    [ "$status" = 0 ]
    says 'p.cfg:5: root: left out'
    run "${MK[@]}" --universal --entry 1 p.cfg
    [ "$status" = 2 ]
    run "${MK[@]}" --universal g.cfg
    [ "$status" = 1 ]
    says 'disk: not set'
    MK_SIDECAR_GRUB_XEN_DIR=/nowhere run "${MK[@]}" --universal p.cfg
    [ "$status" = 3 ]
    says 'grub-xen-bin'
}
