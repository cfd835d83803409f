#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What GRUB makes of a sidecar, seen by the probe that stands in for the shim: booted by QEMU's BIOS.

load lib

setup() {
    command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
    sandbox
    trimmed
}

# boot QEMU-ARGS... : all that came out of COM1 until the probe ended
boot() {
    timeout "${LIMIT:-120}" qemu-system-x86_64 -m 256 -nodefaults -display none -vga none -serial stdio \
        -device isa-debug-exit,iobase=0xf4 "$@" </dev/null || [ $? = 1 ]
}
hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }
crc() { gzip -1nc "$1" | tail -c 8 | head -c 4 | od -An -tx4 | tr -d ' '; }
size() { printf %08x "$(stat -Lc %s "$1")"; }

same_everywhere() {
    cat >expected <<X
PROBE magic 36d76289
PROBE image $(hex "a  {b};")
PROBE module $(size k-trimmed) $(crc k-trimmed) $(hex "root=/dev/xvda1  x=\$y|z #&<>*? ")
PROBE module $(size initrd.gz) $(crc initrd.gz) 
PROBE end
X
    boot "$@" | tr -d '\r' | diff expected -
}

typical() {
    seq 5000 | gzip -n >initrd.gz
    cat >t.cfg <<'X'
name = "t"
kernel = "kernel"
ramdisk = "initrd.gz"
memory = 256
root = "/dev/xvda1 "
extra = "x=$y|z #&<>*? "
X
    "${MK[@]}" -q "$@" --shim-cmdline "a  {b};" t.cfg
}

@test "boots from an IDE CD-ROM, all modules whole, nothing else on the console" {
    typical
    same_everywhere -drive file=t-sidecar.iso,media=cdrom,format=raw
}
@test "boots from an AHCI CD-ROM" {
    typical
    same_everywhere -device ahci,id=a -drive file=t-sidecar.iso,if=none,id=c,media=cdrom,format=raw \
        -device ide-cd,bus=a.0,drive=c
}
@test "boots as a hard disk" {
    typical
    same_everywhere -drive file=t-sidecar.iso,format=raw
}
@test "boots with a gzip kernel, an xz one and a plain one" {
    typical --compress gz
    same_everywhere -cdrom t-sidecar.iso
    typical --compress xz
    same_everywhere -cdrom t-sidecar.iso
    typical --compress none
    same_everywhere -cdrom t-sidecar.iso
}
@test "quotes, backslashes and non-ASCII arrive as the last module" {
    # raw bytes and not \303\251: libxlutil 4.17 drops octal escapes above 127
    printf 'name = "t"\nkernel = "kernel"\nmemory = 256\nextra = "%s"\n' \
        'dyndbg=\"file a.c +p\" b='"'c d'"' e=\\x41 café $f  \t;' >t.cfg
    "${MK[@]}" -q t.cfg
    printf 'dyndbg="file a.c +p" b='"'c d'"' e=\\x41 café $f  \t;' >cmdline
    cat >expected <<X
PROBE magic 36d76289
PROBE image $(hex cmdline=module)
PROBE module $(size k-trimmed) $(crc k-trimmed) 
PROBE module $(size cmdline) $(crc cmdline) 
PROBE end
X
    boot -cdrom t-sidecar.iso | tr -d '\r' | diff expected -
}
@test "400 random command lines arrive byte for byte" {
    "${MK[@]}" -q g.cfg
    # Printable ASCII but for the three that GRUB escapes; metacharacters and spaces more often.
    awk -v seed="${SEED:-1}" 'BEGIN {
        srand(seed)
        for (c = 32; c < 127; c++) if (c != 34 && c != 39 && c != 92) all = all sprintf("%c", c)
        meta = "   ${}()[];|&<>#*?!~`^=%@-+:,./"
        print ""; print " "; print "  "; print "--"; print "$?"; print "{"; print "}"; print "!"; print "#"
        for (i = 0; i < 391; i++) {
            n = i % 40 == 0 ? 1023 : int(rand() * 80); s = ""
            for (j = 0; j < n; j++) { set = rand() < .5 ? meta : all; s = s substr(set, 1 + int(rand() * length(set)), 1) }
            print s
        }
    }' >lines
    "$SC_OUT/quote" <lines >grub.cfg
    xorriso -indev g-sidecar.iso -outdev q.iso -boot_image any replay -map grub.cfg /boot/grub/grub.cfg \
        >xorriso.log 2>&1 || { cat xorriso.log; false; }
    boot -cdrom q.iso | tr -d '\r' | sed -n 's/^PROBE module [0-9a-f]* [0-9a-f]* //p' >got
    while IFS= read -r line; do hex "$line"; echo; done <lines >expected
    [ "$(wc -l <expected)" = 400 ]
    diff expected got
}
@test "too little memory: GRUB says so on the console" {
    head -c 300M /dev/zero >initrd.gz
    printf 'name = "t"\nkernel = "kernel"\nmemory = 256\nramdisk = "initrd.gz"\n' >t.cfg
    "${MK[@]}" -q t.cfg
    # (then it waits for somebody to look)
    LIMIT=30 boot -cdrom t-sidecar.iso | tr -d '\r' >got
    grep "out of memory" got
    grep "ISO damaged, or memory= too small" got
}
