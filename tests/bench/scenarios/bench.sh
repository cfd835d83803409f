# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The bench guest under plain PV, upstream's xen-shim, Linux PVH and ours; see tests/bench/run.
# From there: BENCH_INIT, BENCH_INIT32 (the program), BENCH_WHERE (which of pv peer pvh shim firmware direct count dcount other
# pv32 shim32), BENCH_COUNT, BENCH_OTHER (images), BENCH_KERNEL32, BENCH_PROFILE.
limit=1800

# bench_initrd PROGRAM FILE
bench_initrd() {
    mkdir -p "$HERE/root/dev" "$HERE/root/proc"
    cp "$1" "$HERE/root/init"
    mknod "$HERE/root/dev/console" c 5 1
    (cd "$HERE/root" && find . | cpio -o -H newc --quiet -R 0:0) >"$2"
    rm -r "$HERE/root"
}

host_prepare() {
    bench_initrd "$BENCH_INIT" "$HERE/initrd"
    case $BENCH_WHERE in *32*)
        bench_initrd "$BENCH_INIT32" "$HERE/initrd32"
        cp "$BENCH_KERNEL32" "$HERE/kernel32"
        ;;
    esac
    echo "$BENCH_WHERE" >"$HERE/where"
    [ -z "$BENCH_PROFILE" ] || : >"$HERE/profile"
    for w in $BENCH_WHERE; do
        # (Linux gives words that it doesn't know to init)
        RAMDISK=$HERE/initrd MEMORY=512 LOGLEVEL="quiet rdinit=/init" \
            guest_cfg "$w.cfg" "$w" "$(case $w in *count) echo count ;; esac)" 'tsc_mode = "native"'
        case $w in
        pv32 | shim32)
            sed -i -e "s|^kernel = .*|kernel = \"$HERE/kernel32\"|" -e "s|^ramdisk = .*|ramdisk = \"$HERE/initrd32\"|" "$HERE/$w.cfg"
            [ $w = pv32 ] || sidecar $w.cfg ahci --quiet --shim-cmdline stats
            [ $w = shim32 ] || sed -i -e 's|^kernel = .*|kernel = "/tmp/s/kernel32"|' -e 's|^ramdisk = .*|ramdisk = "/tmp/s/initrd32"|' "$HERE/$w.cfg"
            ;;
        shim) sidecar $w.cfg ahci --quiet --shim-cmdline stats ;;
        firmware) sidecar $w.cfg firmware --quiet --shim-cmdline stats ;;
        other) sidecar $w.cfg ahci --quiet --shim "$BENCH_OTHER" ;;
        count) sidecar $w.cfg ahci --quiet --shim "$BENCH_COUNT" ;;
        *)
            sed -i -e 's|^kernel = .*|kernel = "/tmp/files/vmlinux"|' -e 's|^ramdisk = .*|ramdisk = "/tmp/s/initrd"|' "$HERE/$w.cfg"
            [ $w = pv ] || sed -i 's/^type = .*/type = "pvh"/' "$HERE/$w.cfg"
            case $w in
            peer) echo 'pvshim = 1' ;;
            direct | dcount) echo "pvshim = 1
shim_memory = 4
pvshim_path = \"/host/s/$NAME/$w\"
pvshim_extra = \"stats\"" ;;
            esac >>"$HERE/$w.cfg"
            [ $w != direct ] || cp "$TOP/xen-shim/xen-shim" "$HERE/direct"
            [ $w != dcount ] || cp "$BENCH_COUNT" "$HERE/dcount"
            ;;
        esac
    done
}

# at MICROSECONDS REGEX : waits for it on the console, looking so often, prints milliseconds since the
# domain's creation. Little work: dom0 runs on the guest's CPU, and xl costs more than what is timed.
at() {
    b_end=$(($(now) + 300000 * PATIENCE))
    b_n=0
    until grep -qE "$2" "$CON" 2>/dev/null; do
        b_n=$((b_n + $1))
        if [ $b_n -gt 5000000 ]; then
            b_n=0
            [ "$(now)" -lt "$b_end" ] || fail "$DOM: no '$2'; last: $(last_line)"
            case $(state) in gone | *c*) fail "$DOM ended without '$2'; last: $(last_line)" ;; esac
        fi
        usleep "$1"
    done
    echo $(($(now) - START))
}

dom0_run() {
    fetch vmlinux >/dev/null
    for b_file in initrd initrd32 kernel32; do [ ! -f "$HERE/$b_file" ] || cp "$HERE/$b_file" /tmp/s/; done
    # dom0's kernel is the guests'
    if [ -f "$HERE/profile" ]; then
        grep -v '\[' /proc/kallsyms >"$LOG/kallsyms"
        [ -f /proc/xen/xensyms ] || mount -t xenfs xenfs /proc/xen
        cat /proc/xen/xensyms >"$LOG/xensyms"
    fi
    for w in $(cat "$HERE/where"); do
        case $w in
        shim | shim32 | firmware | count | other)
            iso "$w-sidecar.iso"
            create "$w-hvm.cfg"
            ;;
        *) create "$w.cfg" ;;
        esac
        at 50000 BENCH-START >"$LOG/boot.ms"
        # rarely: dom0 runs on the same CPU
        at 1000000 'BENCH-DONE|BENCH-FAILED' >/dev/null
        wait_gone 60
        {
            echo "BOOT $(cat "$LOG/boot.ms")"
            said | grep -E '^(BENCH|COUNT|GUEST)|shim: stat'
        } >"$LOG/$w.txt"
        progress "$w: $((($(now) - START) / 1000)) s"
        rm -f "/disks/$w-sidecar."*
        : >"$SER"
        grep -q BENCH-DONE "$LOG/$w.txt" || fail "$w: $(grep BENCH-FAILED "$LOG/$w.txt")"
    done
}
