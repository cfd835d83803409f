# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A test guest of 64 and one of 32 bits: made smaller, a checkpoint, saved and restored twice, as large as it was, asked to power off;
# each looks at all it has.  @isolate, @old (l0=3.4), @gsi: with that word; @pvh: by pvshim=1; @live: migrated, to the host where it is;
# @pod: memory below maxmem, made larger; @large: the one of 32 bits with 4.5 GiB, restored once (L0_MEM=6656).
# shellcheck disable=SC2034
limit=200
s_guests="saver saver32" s_mib=64 s_max='' s_less=60
case $WORD in
large) s_guests=saver32 s_mib=4608 s_less=4604 limit=900 ;;
pod) s_max=76 s_less=64 ;;
pvh) s_less=58 ;;
esac

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
        [ -z "$s_max" ] || echo "maxmem = $s_max" >>"$HERE/$g.cfg"
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

mib() { xl list "$DOM" | awk 'NR == 2 { print $3 }'; }
balloon_is() { said | grep 'GUEST balloon=' | tail -1 | grep -q "balloon=$1 pages"; }
mib_is() { test "$(mib)" "$1" "$2"; }
# size MIB PAGES COMPARISON MIB : the guest has PAGES (a pattern) more than at its start, and L0 says so
size() {
    call_xl mem-set "$DOM" "$1"
    within 60 balloon_is "$2" || fail "asked for $1 MiB: $(said | grep 'GUEST balloon=' | tail -1)"
    within 30 mib_is "$3" "$4" || fail "L0 gives it $(mib) MiB, not $3 $4"
    said | grep -q 'WRONG' && fail "with $1 MiB: $(said | grep -m1 WRONG)"
    took "$DOM $1 MiB"
}

play() {
    # made smaller, the domain is larger than its target by what the shim keeps, which xl's own config doesn't say
    s_cfg=
    if [ -z "$s_max" ]; then
        # with what `create` adds: a guest that has its console on COM1 is to be read in the new domain, too
        s_cfg=/tmp/s/$DOM-again.cfg
        if [ "$WORD" = pvh ]; then
            cp "$HERE/$DOM.cfg" "$s_cfg"
        else
            { grep -v '^serial' "$HERE/$DOM-hvm.cfg" && printf '%s\n' "serial = \"file:$SER\"" 'tsc_mode = "native"'; } >"$s_cfg"
        fi
    fi
    # as large a file has no room in dom0's memory
    s_file=/tmp/s/saved
    [ "$WORD" != large ] || s_file=$LOG/saved
    wait_console 90 'GUEST saver=ready'
    took "$DOM"
    s_first=$(mib)
    if [ -n "$s_max" ]; then
        size "$s_max" '[1-9][0-9]*' -gt $((s_first + 4))
    else
        size "$s_less" '-[1-9][0-9]*' -lt $((s_first - 2))
    fi
    if [ "$WORD" = large ]; then
        # (the share takes no pages of another domain)
        mkfifo /tmp/s/pipe
        cat /tmp/s/pipe >"$s_file" &
        call_xl save "$DOM" /tmp/s/pipe
        wait $!
        took "$DOM save"
        call_xl restore ${s_cfg:+"$s_cfg"} "$s_file"
        rm -f "$s_file"
        resumed 1 1 restore
    elif [ "$WORD" = live ]; then
        for n in 1 2 3; do
            if [ $n = 1 ]; then call_xl migrate -C "$s_cfg" -s '' "$DOM" 'xl migrate-receive'; else call_xl migrate -s '' "$DOM" 'xl migrate-receive'; fi
            CON=/host/console/guest-$DOM--incoming.log
            resumed $n 1 "migration $n"
        done
    else
        call_xl save -c "$DOM" "$s_file"
        resumed 1 0 checkpoint
        for n in 2 3; do
            s_was=$(xl domid "$DOM")
            call_xl save "$DOM" "$s_file"
            if [ $n = 2 ]; then call_xl restore ${s_cfg:+"$s_cfg"} "$s_file"; else call_xl restore "$s_file"; fi
            rm -f "$s_file"
            resumed "$n" 1 "save $n"
            [ "$(xl domid "$DOM")" != "$s_was" ] || fail "still domain $s_was"
            expect domid "^$(xl domid "$DOM")\$"
        done
    fi
    if [ -n "$s_max" ]; then
        size "$s_less" '-*[0-9]*' -lt $((s_first + 2))
    else
        size "$s_first" '[0-9]*' -gt $((s_first - 2))
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
