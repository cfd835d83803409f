# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A checkpoint, then twice save and restore of a working guest, with a vCPU that is down meanwhile; @old, @gsi, @pic, @pvh.
# @live migrates it while it works, to the host where it is.
# @NUMBER: so many vCPUs, restored once. @short, each day: restored once, with isolate=yes. @out saves it, and @in, in a run of another Xen (-x), restores what @out has left.
# shellcheck disable=SC2034 # for tests/l0/run
limit=420
s_cpus=3 s_mib=128
# (what is saved must find room in dom0's memory)
case $WORD in [0-9]*) s_cpus=$WORD s_mib=280 limit=1200 ;; esac

host_prepare() {
    need_shim
    make_disk data.img 4
    case $WORD in
    out) cp "$HERE/data.img" "$HERE/log/" ;;
    in) cp "$CACHE/logs/${NAME%@*}@out/data.img" "$CACHE/logs/${NAME%@*}@out/saved" "$HERE/" || skip "shim-save@out wasn't run" ;;
    esac
    raw_disk script.img 1 'sum=$(sha256sum </dev/xvdb)
'"$GUEST_WORK$GUEST_COMPLAINTS"'work & bg=$!
t=0 seen=
echo 0 | tee /tmp/read >/tmp/pinged
until [ "$seen" = end ]; do
    now=$(xenstore-read data/do 2>/dev/null)
    if [ "$now" != "$seen" ]; then
        case $now in
        down) echo 0 >/sys/devices/system/cpu/cpu2/online ;;
        up) echo 1 >/sys/devices/system/cpu/cpu2/online ;;
        esac
        seen=$now
        echo "GUEST did=$now cpus=$(nproc)"
    fi
    t=$((t + 1))
    echo "GUEST tick=$t mono=$(sed -n "s/^now at \([0-9]*\)[0-9]\{9\} nsecs/\1/p" /proc/timer_list) wall=$(date +%s) steal=$(awk "/^cpu / { print \$9 }" /proc/stat) read=$(cat /tmp/read) pinged=$(cat /tmp/pinged)"
    sleep 0.4
done
touch /tmp/stop; wait $bg
complaints
'
    VCPUS=$s_cpus MEMORY=$s_mib guest_cfg save.cfg save "t=disk:xvda" \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/script.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/data.img' ]" "$(demo_vif)"
    case $WORD in
    old) words=l0=3.4 ;;
    gsi) words="evtchn=gsi console=both" ;;
    pic) words="evtchn=pic console=com1 runstate=poll" ;;
    short) words=isolate=yes ;;
    *) words= ;;
    esac
    if [ "$WORD" = pvh ]; then
        cp "$TOP/xen-shim/xen-shim" "$HERE/xen-shim"
        plain_pv save.cfg
        sed -i 's/^type = .*/type = "pvh"/' "$HERE/save.cfg"
        printf '%s\n' 'pvshim = 1' "pvshim_path = \"/host/s/$NAME/xen-shim\"" 'shim_memory = 4' 'tsc_mode = "native"' >>"$HERE/save.cfg"
    else
        sidecar save.cfg ahci --shim-cmdline "stats $words"
    fi
}

# value KEY : of the last tick
value() { said | grep 'GUEST tick=.* pinged=' | tail -1 | sed -n "s/.*[ ]$1=\([0-9]*\).*/\1/p"; }
tick() { value tick; }

# goes_on WHAT : more ticks, more of the disk read, more pings answered
goes_on() {
    # a file of COM1 begins anew with the device model of the restored domain
    if [ -n "$(tick)" ]; then g_tick=$(tick) g_read=$(value read) g_pinged=$(value pinged); fi
    g_end=$(($(now) + 60000 * PATIENCE))
    until [ -n "$(tick)" ] && [ "$(tick)" -gt $((g_tick + 3)) ] && [ "$(value read)" -gt "$g_read" ] && [ "$(value pinged)" -gt "$g_pinged" ]; do
        [ "$(now)" -lt $g_end ] || fail "after $1: tick $g_tick to $(tick), disk $g_read to $(value read), ping $g_pinged to $(value pinged); $(last_line)"
        case $(state) in gone | *c*) fail "after $1 the domain is $(state); $(last_line)" ;; esac
        sleep 0.4
    done
    # the shim has told the new domain's xenstore what it is
    g_node=/local/domain/$(xl domid "$DOM")/data/xen-shim
    xenstore-read "$g_node" | grep -q '^version=.* evtchn=' || fail "after $1: no $g_node"
    took "$1"
}

ask() { xenstore-write "/local/domain/$(xl domid "$DOM")/data/do" "$1" && wait_console 60 "GUEST did=$1"; }

save() {
    xl save "$@" "$DOM" /tmp/s/saved >"$LOG/save.log" 2>&1 || fail "xl save $*: $(tail -2 "$LOG/save.log" | tr '\n' ' ')"
}

restore() {
    xl restore "$@" >"$LOG/restore.log" 2>&1 || fail "xl restore: $(tail -2 "$LOG/restore.log" | tr '\n' ' ')"
}

# away SECONDS : the domain is saved, and restored, and goes on later
away() {
    save
    [ "$(state)" = gone ] || fail "saved, but its state is $(state)"
    s_mono=$(value mono) s_wall=$(value wall) s_steal=$(value steal)
    restore -p /tmp/s/saved
    rm -f /tmp/s/saved
    sleep "$1"
    xl unpause "$DOM"
    goes_on "saved and restored"
    # it didn't run meanwhile: its own time has stood still, the time of day has not, none was stolen
    s_d=$(($(value mono) - s_mono)) s_w=$(($(value wall) - s_wall)) s_s=$(($(value steal) - s_steal))
    note "monotonic +$s_d s, time of day +$s_w s, steal +$s_s"
    [ "$s_s" -le $(((s_d + 1) * 100 * s_cpus)) ] || fail "$s_s ticks of 10 ms stolen from $s_cpus vCPUs in $s_d s"
    [ "$s_d" -ge 0 ] || fail "monotonic time goes back by $s_d s"
    [ $((s_w - s_d)) -ge $(($1 - 2)) ] || fail "monotonic +$s_d s, time of day +$s_w s while it was away for $1 s"
}

the_end() {
    ask end
    wait_console 60 'GUEST-DONE'
    expect dmesg '^0$'
    said | grep -q 'GUEST wrong' && fail "wrong: $(said | grep -m1 'GUEST wrong')"
    wait_gone 30
}

dom0_run() {
    disk script.img
    disk data.img
    s_cfg=save-hvm.cfg
    if [ "$WORD" = pvh ]; then
        fetch vmlinux
        fetch initrd
        s_cfg=save.cfg
    else
        iso save-sidecar.iso
    fi
    if [ "$WORD" = in ]; then
        DOM=save CON=/host/console/guest-save.log SER=$LOG/serial.log START=$(now)
        # what the saved config names must be here
        mkdir -p "/host/s/${NAME%@*}@out/log"
        restore "$HERE/saved"
        wait_console 60 'GUEST tick=.* pinged='
        goes_on "restored from another Xen"
        the_end
        return
    fi
    create $s_cfg
    wait_console $((80 + 7 * s_cpus)) 'GUEST tick=2 .* pinged='
    goes_on started

    if [ "$WORD" = out ]; then
        save
        cp /tmp/s/saved "$LOG/saved"
        return
    fi

    if [ "$WORD" = live ]; then
        s_first=$(xl domid "$DOM")
        for s_n in 1 2 3; do
            # an empty command of ssh means: run what stands for the host
            xl migrate -s '' "$DOM" 'xl migrate-receive' >"$LOG/migrate.log" 2>&1 || fail "xl migrate: $(tail -2 "$LOG/migrate.log" | tr '\n' ' ')"
            # the console's daemon names the log by what the domain is called while it comes
            CON=/host/console/guest-save--incoming.log
            goes_on "migration $s_n"
        done
        [ "$(xl domid "$DOM")" = $((s_first + 3)) ] || fail "domain $(xl domid "$DOM") after three migrations of domain $s_first"
        the_end
        return
    fi

    case $WORD in short | [0-9]*) s_once=1 ;; *) s_once= ;; esac
    if [ -z "$s_once" ]; then
        save -c
        goes_on checkpoint
        rm -f /tmp/s/saved
    fi
    ask down
    s_first=$(xl domid "$DOM")
    away 40
    [ "$(xl domid "$DOM")" != "$s_first" ] || fail "still domain $s_first"
    ask up
    wait_console 30 "did=up cpus=$s_cpus"
    [ -n "$s_once" ] || away 3
    the_end
}
