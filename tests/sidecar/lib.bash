# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Shared by the bats files: the sanitised builder, a scratch directory with the fixtures.

# Called by setup() of each file.
sandbox() {
    cd "$BATS_TEST_TMPDIR" || return 1
    MK=("$SC_OUT/mk-sidecar" --shim "$SC_OUT/fixtures/probe")
    for f in "$SC_OUT"/fixtures/*; do ln -s "$f" .; done
    printf 'an initrd' >initrd
    printf 'not a kernel' >garbage
    : >empty
    gzip -n <kernel >k-gz
    head -c 300 k-gz >k-gz-cut
    head -c 4000 kernel >k-cut
    seq 9999 | gzip -n | head -c 5000 >initrd-cut
    gzip -n <k-pae >k-pae-gz
    # as much of a bzImage of protocol 2.08 as is looked at, with a kernel of 32 bits as its payload
    {
        head -c 497 /dev/zero && printf '\x01' && head -c 16 /dev/zero && printf 'HdrS\x08\x02' && head -c 64 /dev/zero
        printf '\0\0\0\0' && printf "$(printf '\\x%02x' $(($(stat -c %s k-pae-gz) & 255)) $(($(stat -c %s k-pae-gz) >> 8)) 0 0)"
        head -c 432 /dev/zero && cat k-pae-gz
    } >k-pae-bzimage
    printf 'name = "g"\nkernel = "kernel"\nmemory = 256\nextra = "console=hvc0"\n' >g.cfg
}

# k-trimmed: what of `kernel` goes into a sidecar (unit/test_elftrim.c says that nothing is lost)
trimmed() {
    mkdir trim && "${MK[@]}" --medium firmware --compress none -q -o trim g.cfg
    python3 "$BATS_TEST_DIRNAME/firmware.py" trim/g-sidecar.elf trim/x
    mv trim/x/module-0 k-trimmed
    rm -r trim
}

# What stands in a directory, hidden files too, on one line; of the store only what is unfinished.
listing() { find "$1" -mindepth 1 -printf '%P\n' | grep -vxE '\.sidecars(/(hashes|[0-9a-f]{64}\.(iso|elf|txt)))?' | sort | tr '\n' ' '; }

# Whether $output holds these words. A line of its own each: bats looks at the end of `a && b` only.
says() { [[ "$output" == *"$1"* ]] || { echo "no '$1' in: $output"; return 1; }; }
says_not() { [[ "$output" != *"$1"* ]] || { echo "'$1' in: $output"; return 1; }; }

# p.cfg with pygrub, and in d/ what its disk will hold: two kernels and two initrds.
guest_disk() {
    printf 'name = "g"\nmemory = 256\nbootloader = "pygrub"\ndisk = [ "raw:disk.img,xvda,w" ]\n' >p.cfg
    mkdir -p d/boot/grub
    cp -L kernel d/boot/vmlinuz-1
    gzip -nc kernel >d/boot/vmlinuz-2
    printf 'initrd one' >d/boot/initrd-1
    printf 'initrd two' >d/boot/initrd-2
}
# image [DIR] : disk.img, a file system with what lies in DIR
image() { rm -f disk.img && truncate -s 4M disk.img && mke2fs -q -F -t "${FS:-ext4}" -d "${1:-d}" disk.img; }
# partitioned : disk.img becomes the second partition of a disk
partitioned() {
    mv disk.img part.img
    { head -c 1M /dev/zero; cat part.img; } >disk.img
    printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x20\0\0' | dd of=disk.img bs=1 seek=462 conv=notrunc status=none
    printf '\x55\xaa' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none
}
# as grub-mkconfig writes it
grub2() {
    cat >d/boot/grub/grub.cfg <<X
if [ -s \$prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set boot_once=true
else
   set default="${1:-0}"
fi
if [ x"\${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
function load_video {
  if [ x\$feature_all_video_module = xy ]; then insmod all_video; else { insmod vga; } fi
}
menuentry 'Debian GNU/Linux' --class debian \$menuentry_id_option 'simple' {
	load_video
	if [ x\$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
	echo	'Loading Linux {1} ...'
	linux	/boot/vmlinuz-1 root=UUID=12 ro  quiet "a b" \$vt_handoff
	initrd	/boot/initrd-1
}
submenu 'Advanced options' \$menuentry_id_option 'advanced' {
	menuentry 'Linux 2' --class x \$menuentry_id_option 'two' { # a comment
		linux	(hd0,msdos2)/boot/vmlinuz-2 root=/dev/xvda2 single
		initrd	(\$root)/boot/initrd-2
	}
	menuentry 'Xen' { multiboot /boot/xen.gz ; module /boot/vmlinuz-1 ; }
}
menuentry 'gone' { linux /boot/vmlinuz-9 ; }
menuentry 'out' { linux (host)/etc/hostname ; }
X
}
