# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A test guest of 64 and one of 32 bits: a checkpoint, saved and restored twice, asked to power off; each looks at all it has.
# @isolate, @old (l0=3.4), @gsi: with that word; @pvh: by pvshim=1; @live: migrated, to the host where it is; @large: the one of 32 bits
# with 4.5 GiB, looks at its memory only (L0_MEM=6656).
# shellcheck disable=SC2034
limit=200
s_guests="saver saver32" s_mib=64
case $WORD in large) s_guests=saver32 s_mib=4608 limit=600 ;; esac

host_prepare() {
    need_shim
    make -s -C "$TOP" O="$OUT" saver >&2
    case $WORD in
    isolate) words=isolate=yes ;;
    old) words=l0=3.4 ;;
    gsi) words=evtchn=gsi ;;
    *) words= ;;
    esac
    for g in $s_guests; do
        KERNEL=$OUT/save/$g.elf VCPUS=2 MEMORY=$s_mib guest_cfg "$g.cfg" "$g" ""
        sed -i '/^ramdisk/d' "$HERE/$g.cfg"
        if [ "$WORD" = pvh ]; then
            cp "$OUT/save/$g.elf" "$HERE/"
            cp "$TOP/xen-shim/xen-shim" "$HERE/xen-shim"
            sed -i -e 's/^type = .*/type = "pvh"/' -e "s|^kernel = .*|kernel = \"/tmp/s/$g.elf\"|" "$HERE/$g.cfg"
            printf '%s\n' 'pvshim = 1' "pvshim_path = \"/host/s/$NAME/xen-shim\"" 'shim_memory = 4' 'tsc_mode = "native"' >>"$HERE/$g.cfg"
            continue
        fi
        sidecar "$g.cfg" ahci --quiet --shim-cmdline "stats $words"
    done
}

# resumed NUMBER NEW WHAT
resumed() {
    wait_console 90 "GUEST resumed=$1 new=$2"
    said | grep -q 'WRONG' && fail "after $3: $(said | grep -m1 WRONG)"
    took "$DOM $3"
}

call_xl() {
    xl "$@" >"$LOG/xl.log" 2>&1 || fail "xl $*: $(tail -2 "$LOG/xl.log" | tr '\n' ' ')"
}

play() {
    wait_console 90 'GUEST saver=ready'
    if [ "$WORD" = large ]; then
        took "$DOM $s_mib MiB"
    elif [ "$WORD" = live ]; then
        for n in 1 2 3; do
            call_xl migrate -s '' "$DOM" 'xl migrate-receive'
            CON=/host/console/guest-$DOM--incoming.log
            resumed $n 1 "migration $n"
        done
    else
        call_xl save -c "$DOM" /tmp/s/saved
        resumed 1 0 checkpoint
        for n in 2 3; do
            s_was=$(xl domid "$DOM")
            call_xl save "$DOM" /tmp/s/saved
            call_xl restore /tmp/s/saved
            rm -f /tmp/s/saved
            resumed "$n" 1 "save $n"
            [ "$(xl domid "$DOM")" != "$s_was" ] || fail "still domain $s_was"
            expect domid "^$(xl domid "$DOM")\$"
        done
    fi
    call_xl shutdown "$DOM"
    wait_console 30 '^Test result'
    expect_console '^Test result: SUCCESS'
    wait_gone 30
}

dom0_run() {
    [ "$WORD" != large ] || [ "$(xl info free_memory)" -gt $((s_mib + 64)) ] || skip "L0 has $(xl info free_memory) MiB free"
    for g in $s_guests; do
        if [ "$WORD" = pvh ]; then
            cp "$HERE/$g.elf" /tmp/s/
            create "$g.cfg"
        else
            iso "$g-sidecar.iso"
            create "$g-hvm.cfg"
        fi
        play
        rm -f "/disks/$g-sidecar.iso" "$SER"
    done
}
