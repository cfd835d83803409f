# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Makes the two initramfs images: dom0's (per Xen version) and the test guest's (per kernel flavour).
# Binaries and libraries come from the unpacked packages only, never from this machine.

# put_busybox ROOT
put_busybox() {
    local bb a
    bb=$(find "$XENTREE/root/bin" "$XENTREE/root/usr/bin" -name busybox 2>/dev/null | head -1)
    cp "$bb" "$1/bin/busybox"
    for a in $("$1/bin/busybox" --list); do
        [ "$a" = busybox ] || [ -e "$1/bin/$a" ] || ln -s busybox "$1/bin/$a"
    done
}

# put_modules ROOT TREE RELEASE MODULE... : uncompressed, with /mods/list in the order to load them
put_modules() {
    local root=$1 tree=$2 rel=$3 m f
    shift 3
    mkdir -p "$root/mods"
    for m in "$@"; do
        # (-intel: optimised variants that the emulated CPU can't run)
        # softdeps and built-ins answer with other words than insmod; a name that this flavour lacks is
        # fine (the cloud kernel has some drivers built in)
        modprobe -d "$tree" -S "$rel" --show-depends "$m" 2>/dev/null | awk '$1 == "insmod" { print $2 }'
    done | awk '!seen[$0]++ && !/-intel/' | while read -r f; do
        case $f in
        *.xz) xz -dc "$f" >"$root/mods/$(basename "$f" .xz)" && basename "$f" .xz ;;
        *.zst) zstd -qdc "$f" >"$root/mods/$(basename "$f" .zst)" && basename "$f" .zst ;;
        *) cp "$f" "$root/mods/" && basename "$f" ;;
        esac
    done >"$root/mods/list"
}

# put_libs ROOT BINARY... : the libraries these need, by the unpacked libc's own loader; from $LIBTREE, or
# the tree of Xen's packages
put_libs() {
    local root=$1 t=${LIBTREE:-$XENTREE/root} ld lp lib
    shift
    # the link in lib64 may be absolute, so take the file itself; older libcs have a version in its name
    ld=$(find "$t" -type f \( -name ld-linux-x86-64.so.2 -o -name 'ld-2.*.so' \) | head -1)
    lp=$t/lib/x86_64-linux-gnu:$t/usr/lib/x86_64-linux-gnu:$t/usr/lib/xen-$XENVER/lib/x86_64-linux-gnu
    mkdir -p "$root/lib64" "$root/lib/x86_64-linux-gnu"
    cp -L "$ld" "$root/lib64/ld-linux-x86-64.so.2"
    for lib in "$@"; do
        "$ld" --library-path "$lp" --list "$lib" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p'
    done | sort -u | while read -r lib; do
        case $lib in
        "$t"/*) cp -L "$lib" "$root/lib/x86_64-linux-gnu/" ;;
        *ld-linux*) ;;
        *) die "library from outside the packages: $lib" ;;
        esac
    done
}

pack() { (cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$2"; }

# dom0: build/l0/dom0-$XENVER/initrd
make_dom0() {
    DOM0=$CACHE/dom0-$XENVER
    cached "$DOM0" "$(key_of "$(cat "$XENTREE/.key")" "$(cat "$CACHE/linux-amd64/.key")" \
        "$L0DIR/initramfs.sh" "$L0DIR/dom0/init" "$L0DIR/dom0/block" "$L0DIR/dom0/vif-bridge")" make_dom0_files
}
make_dom0_files() {
    local dir=$1 r=$1/root t=$XENTREE/root b f
    step "making dom0's initramfs for Xen $XENVER"
    mkdir -p "$r"/{bin,sbin,proc,sys,dev,tmp,run,host,root,mods,usr/bin,usr/sbin,usr/libexec} \
        "$r"/etc/xen/scripts "$r"/var/log/xen "$r"/usr/share/{seabios,qemu} "$r/usr/lib/xen-$XENVER/bin"
    put_busybox "$r"
    b=usr/lib/xen-$XENVER/bin
    for f in xl xenstored xen-init-dom0 xenconsoled xenconsole libxl-save-helper xenctx xen-cpuid lsevtchn \
        xen-hvmctx xentop; do
        [ -f "$t/$b/$f" ] && cp "$t/$b/$f" "$r/$b/"
    done
    cp -r "$t/usr/lib/xen-$XENVER/boot" "$r/usr/lib/xen-$XENVER/"
    ln -s "/$b" "$r/xenbin"
    cp -P "$t"/usr/bin/xenstore* "$r/usr/bin/"
    # the device model: by its private name where there is one
    for f in usr/libexec/xen-qemu-system-i386 usr/bin/qemu-system-i386; do
        [ -f "$t/$f" ] && cp -L "$t/$f" "$r/$f"
    done
    # firmware: the tools package has none of its own for BIOS guests
    for f in bios-256k.bin vgabios-stdvga.bin vgabios-cirrus.bin; do
        cp "$t/usr/share/seabios/$f" "$r/usr/share/seabios/"
        ln -s "../seabios/$f" "$r/usr/share/qemu/$f"
    done
    find "$t/usr/share" "$t/usr/lib" \( -name 'kvmvapic.bin' -o -name 'linuxboot*.bin' -o -name 'efi-rtl8139.rom' \
        -o -name 'efi-e1000.rom' -o -name 'efi-virtio.rom' \) -exec cp -L {} "$r/usr/share/qemu/" \;
    # the default config has a VNC server, and that wants its keymap
    cp -r "$t/usr/share/qemu/keymaps" "$r/usr/share/qemu/"
    mapfile -t f < <(find "$r/$b" "$r/usr/bin" "$r/usr/libexec" -type f -perm -u+x)
    put_libs "$r" "${f[@]}"
    put_modules "$r" "$CACHE/linux-amd64/root" "$(cat "$CACHE/linux-amd64/release")" xen-evtchn xen-gntdev \
        xen-gntalloc xen-privcmd xenfs xen-blkback xen-netback bridge tun loop crc32c_generic ext4 virtio_pci 9pnet_virtio 9p
    install -m 755 "$L0DIR/dom0/init" "$r/init"
    install -m 755 "$L0DIR/dom0/block" "$L0DIR/dom0/vif-bridge" "$r/etc/xen/scripts/"
    printf 'run_hotplug_scripts=1\nautoballoon="off"\n' >"$r/etc/xen/xl.conf"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$r/etc/passwd"
    echo 'root:x:0:' >"$r/etc/group"
    # the rest of /dev comes from devtmpfs; a console node must be there before
    mknod "$r/dev/console" c 5 1
    pack "$r" "$dir/initrd" && rm -r "$r"
}

# make_guest [SUITE/]FLAVOUR : $(guest_dir ...)/initrd.  The machine's own cloud kernel gets a small one that can
# do t=tiny and the like; all others have what the demo needs.
guest_dir() { echo "$CACHE/guest-${1/\//-}-$XENVER"; }
make_guest() {
    cached "$(guest_dir "$1")" "$(key_of "$(cat "$XENTREE/.key")" "$(cat "$(linux_dir "$1")/.key")" \
        "$L0DIR/initramfs.sh" "$L0DIR/guest")" make_guest_files "$1"
}
make_guest_files() {
    local name=$1 dir=$2 r=$2/root mods tree
    tree=$(linux_dir "$name")
    step "making the test guest's initramfs ($name kernel)"
    mkdir -p "$r"/{bin,sbin,proc,sys,dev,tmp,mnt,run,usr/bin,var/run,etc}
    install -m 755 "$L0DIR/guest/init" "$r/init"
    # the kernel calls these two when the toolstack asks for a shutdown or reboot
    install -m 755 "$L0DIR/guest/power" "$r/sbin/poweroff"
    install -m 755 "$L0DIR/guest/power" "$r/sbin/reboot"
    put_busybox "$r"
    mods=(xen-blkfront xenfs)
    if [ "$name" != cloud-amd64 ]; then
        mods+=(xen-netfront crc32c_generic ext4 xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xen-blkback)
        cp -P "$XENTREE"/root/usr/bin/xenstore* "$r/usr/bin/"
        put_libs "$r" "$r/usr/bin/xenstore"
        cp "$L0DIR/guest/demo" "$r/demo"
    fi
    put_modules "$r" "$tree/root" "$(cat "$tree/release")" "${mods[@]}"
    mknod "$r/dev/console" c 5 1
    pack "$r" "$dir/initrd" && rm -r "$r"
}
