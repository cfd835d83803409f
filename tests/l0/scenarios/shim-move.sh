# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A PV guest that runs is saved, and goes on in the shim: memory, processes, uptime, disk, network; saved again there, and rebooted.
# @smp: four vCPUs, one of them down meanwhile. @isolate: with isolate=yes. @old: on the model of an older Xen. @bios: by way of GRUB.
# @tool: by sidecar-switch. @bad: by it, too, with a broken image, and with a shim that refuses: the PV guest goes on.
# shellcheck disable=SC2034 # for tests/l0/run
limit=420
m_cpus=1 m_medium=firmware
case $WORD in
smp) m_cpus=4 ;;
bios) m_medium=ahci ;;
esac

host_prepare() {
    need_shim
    make_disk data.img 4
    raw_disk script.img 1 'sum=$(sha256sum </dev/xvdb)
[ "$(dd if=/dev/xvdc bs=8 count=1 2>/dev/null)" != REBOOTED ] || {
    echo "GUEST boot=second uptime=$(cut -d" " -f1 /proc/uptime)"
    exit 0
}
'"$GUEST_WORK$GUEST_COMPLAINTS"'dd if=/dev/urandom of=/tmp/kept bs=64k count=64 2>/dev/null
kept=$(sha256sum </tmp/kept)
echo 0 | tee /tmp/read >/tmp/pinged
mkdir -p /w && cd /w && tar -xf /dev/xvdd && ./vectors & # what a process has in its registers
work & bg=$!
t=0 seen=
until [ "$seen" = end ] || [ "$seen" = reboot ]; do
    now=$(xenstore-read data/do 2>/dev/null)
    if [ "$now" != "$seen" ]; then
        case $now in
        down) echo 0 >/sys/devices/system/cpu/cpu2/online ;;
        up) echo 1 >/sys/devices/system/cpu/cpu2/online ;;
        walls) (cd /w && ./walls scan >/tmp/walls; echo "GUEST walls=$(grep -c . /tmp/walls) $(grep -m1 BROKEN /tmp/walls)") ;;
        esac
        seen=$now
        echo "GUEST did=$now cpus=$(nproc)"
    fi
    t=$((t + 1))
    echo "GUEST tick=$t up=$(cut -d. -f1 /proc/uptime) wall=$(date +%s) steal=$(awk "/^cpu / { print \$9 }" /proc/stat) read=$(cat /tmp/read) pinged=$(cat /tmp/pinged) all=$(cat /sys/hypervisor/type)"
    sleep 0.2
done
touch /tmp/stop; wait $bg
complaints
[ "$seen" != reboot ] || {
    printf REBOOTED | dd of=/dev/xvdc conv=notrunc,fsync 2>/dev/null
    /sbin/reboot
    sleep 1000
}
'
    raw_disk mark.img 1 first---
    make -s -C "$TOP" walls || fail "tests/walls doesn't build"
    make -s -C "$TOP" l0-programs || fail "tests/l0/programs doesn't build"
    tar -cf "$HERE/walls.img" -C "$OUT/walls" walls -C "$OUT/l0-programs" vectors
    case $WORD in
    isolate) words=isolate=yes ;;
    old) words=l0=4.2 ;;
    bad) words=test=refuse-restore ;;
    *) words= ;;
    esac
    ON_REBOOT=restart VCPUS=$m_cpus MEMORY=128 guest_cfg move.cfg move "t=disk:xvda" 'tsc_mode = "native"' \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/script.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/data.img', 'format=raw,vdev=xvdc,access=rw,target=/disks/mark.img', 'format=raw,vdev=xvdd,access=ro,target=/disks/walls.img' ]" "$(demo_vif)"
    sidecar move.cfg $m_medium --shim-cmdline "stats $words"
    if [ -n "${KERNEL:-}" ]; then # another than the rig's, for instance one of 32 bits with L0_XEN
        cp "$KERNEL" "$HERE/kernel"
        cp "$RAMDISK" "$HERE/ramdisk"
        sed -i -e 's|^kernel = .*|kernel = "/tmp/s/kernel"|' -e 's|^ramdisk = .*|ramdisk = "/tmp/s/ramdisk"|' "$HERE/move.cfg"
    else
        plain_pv move.cfg
    fi
    cp "$OUT/sidecar/sidecar-load" "$TOP/scripts/switch-guest.sh" "$HERE/"
}

# value KEY : of the last tick
value() { said | grep 'GUEST tick=.* all=' | tail -1 | sed -n "s/.*[ ]$1=\([0-9]*\).*/\1/p"; }

# goes_on WHAT : more ticks, more of the disk read, more pings answered
goes_on() {
    g_end=$(($(now) + 60000 * PATIENCE))
    until [ -n "$(value tick)" ] && [ "$(value tick)" -gt $((g_tick + 3)) ] && [ "$(value read)" -gt "$g_read" ] && [ "$(value pinged)" -gt "$g_pinged" ]; do
        [ "$(now)" -lt $g_end ] || fail "after $1: tick $g_tick to $(value tick), disk $g_read to $(value read), ping $g_pinged to $(value pinged); $(last_line)"
        case $(state) in gone | *c*) fail "after $1 the domain is $(state); $(last_line)" ;; esac
        sleep 0.2
    done
    took "$1"
}
# mark : where it is
mark() { g_tick=$(value tick) g_read=$(value read) g_pinged=$(value pinged) g_up=$(value up) g_steal=$(value steal); }

ask() { xenstore-write "/local/domain/$(xl domid "$DOM")/data/do" "$1" && wait_console 60 "GUEST did=$1"; }

save() {
    s_began=$(now)
    xl save "$DOM" /tmp/s/saved >"$LOG/save.log" 2>&1 || fail "xl save: $(tail -2 "$LOG/save.log" | tr '\n' ' ')"
    mark
}
restore() {
    xl restore "$@" >>"$LOG/restore.log" 2>&1 || fail "xl restore: $(tail -2 "$LOG/restore.log" | tr '\n' ' ')"
}
# lives WHAT : milliseconds from the save to the next tick, in m_lived (a subshell couldn't fail)
lives() {
    m_end=$(($(now) + 60000 * PATIENCE))
    until [ "$(value tick)" -gt "$g_tick" ]; do
        [ "$(now)" -lt $m_end ] || fail "$1: no tick; $(last_line)"
        sleep 0.05
    done
    m_lived=$(($(now) - s_began))
}

# into_the_shim : what is in /tmp/s/saved
into_the_shim() {
    xl create -p "$HERE/move-hvm.cfg" "serial=\"file:$SER\"" 'tsc_mode="native"' || fail "xl create"
    id=$(xl domid move)
    key=/local/domain/$id/data/xen-shim-restore
    xenstore-write "$key" wait
    xl unpause move
    m_created=$(now)
    m_end=$(($(now) + 120000 * PATIENCE)) # (GRUB reads slowly under emulation)
    until ready=$(xenstore-read "$key") && [ "$ready" != wait ]; do
        [ "$(now)" -lt $m_end ] || fail "not ready; $(last_line)"
        sleep 0.05
    done
    m_ready=$(now)
    "$HERE/sidecar-load" "$id" "${ready#ready }" /tmp/s/saved >"$LOG/load.log" 2>&1 || fail "sidecar-load: $(cat "$LOG/load.log")"
    [ "$(xenstore-read "$key")" = taken ] || fail "key is $(xenstore-read "$key")"
}

# sw : the operator's command
sw() {
    sh /root/switch-guest.sh --save --no-check-host --timeout $((120 * PATIENCE)) --settle 3 --images /tmp/s/images move
    s_rc=$?
    cp /var/log/xen-sidecar/* "$LOG/"
    return $s_rc
}
kind() { xl list -l move | sed -n 's/^ *"type": "\([a-z]*\)".*/\1/p' | head -1; }
tool() {
    mkdir -p /etc/xen /var/lib/xen/sidecars /root
    cp "$HERE/move.cfg" /etc/xen/
    # (the serial port goes to a file, where this script can read it)
    cp "$HERE/move-hvm.cfg" /var/lib/xen/sidecars/
    printf '%s\n' "serial = \"file:$SER\"" >>/var/lib/xen/sidecars/move-hvm.cfg
    cp "$HERE/switch-guest.sh" "$HERE/sidecar-load" /root/
}
# stays WHY : it was taken back, and goes on as PV
stays() {
    tail -1 /var/log/xen-sidecar/switch.log | grep -q "	back	pv	.*$1" || fail "expected back: $1; $(tail -1 /var/log/xen-sidecar/switch.log)"
    [ "$(kind)" = pv ] || fail "the domain is $(kind)"
    goes_on "taken back: $1"
    [ "$(value up)" -ge "$g_up" ] || fail "uptime $g_up, then $(value up)"
}
bad() {
    mark
    if sw; then fail "moved into a shim that refuses"; fi
    stays 'the shim refuses.*as the word test= says'
    # cut: the program reads it all before it writes
    mv /root/sidecar-load /root/load
    cat >/root/sidecar-load <<'X'
#!/bin/sh
for f; do :; done
[ "$1" = --check ] || { head -c 3000000 "$f" >/tmp/s/cut && set -- "$1" "$2" "$3" "$4" /tmp/s/cut; }
exec /root/load "$@"
X
    chmod +x /root/sidecar-load
    mark
    if sw; then fail "moved with a broken image"; fi
    stays 'sidecar-load: /tmp/s/cut'
}

dom0_run() {
    for f in script data mark walls; do disk $f.img; done
    iso move-sidecar.iso
    if [ -e "$HERE/kernel" ]; then
        cp "$HERE/kernel" "$HERE/ramdisk" /tmp/s/
    else
        fetch vmlinux >/dev/null
        fetch initrd >/dev/null
    fi
    DOM=move CON=/host/console/guest-move.log SER=$LOG/serial.log START=$(now)
    : >"$SER"
    xl create "$HERE/move.cfg" || fail "xl create"
    wait_console 90 'GUEST tick=2 .* all='
    g_tick=0 g_read=0 g_pinged=0 g_up=0
    goes_on started
    case $WORD in tool | bad) tool ;; esac
    if [ "$WORD" = bad ]; then
        bad
        return
    fi
    [ "$m_cpus" = 1 ] || ask down
    ask walls
    wait_console 120 'GUEST walls='
    w_pv=$(fact walls)
    case $w_pv in # (a 32-bit guest can't run the program)
    0*) [ -e "$HERE/kernel" ] || fail "the walls weren't tried" ;;
    esac

    save
    restore /tmp/s/saved
    lives "saved and restored"
    m_plain=$m_lived
    goes_on "restored as PV"

    if [ "$WORD" = tool ]; then
        s_began=$(now)
        mark
        sw || fail "sidecar-switch: $(tail -1 /var/log/xen-sidecar/switch.log)"
        [ "$(kind)" = hvm ] || fail "the domain is $(kind)"
        goes_on moved
        note "save and restore as PV: $m_plain ms"
        [ ! -e /tmp/s/images/move.image ] || fail "the image is left"
    else
        save
        m_saved=$(now)
        into_the_shim
        lives moved
        m_shim=$m_lived
        goes_on moved
        note "save and restore as PV: $m_plain ms; into the shim: $m_shim ms (save $((m_saved - s_began)), create $((m_created - m_saved)), shim $((m_ready - m_created)), $(cat "$LOG/load.log"))"
    fi
    [ "$(value up)" -ge "$g_up" ] || fail "uptime $g_up, then $(value up)"
    # (ticks of 10 ms) none for the time in which it didn't run
    s_d=$(($(value up) - g_up)) s_s=$(($(value steal) - g_steal))
    note "uptime +$s_d s, steal +$s_s"
    [ "$s_s" -le $(((s_d + 1) * 100 * m_cpus)) ] || fail "$s_s ticks of 10 ms stolen from $m_cpus vCPUs in $s_d s"
    ask again-walls
    ask walls
    within 240 walls_again || fail "no second scan; $(last_line)"
    [ "$(fact walls)" = "$w_pv" ] || fail "walls: as PV $w_pv, moved $(fact walls)"
    fact walls | grep -q BROKEN && fail "walls: $(fact walls)"
    [ "$m_cpus" = 1 ] || ask up

    # as any guest of the shim's
    save
    restore /tmp/s/saved
    goes_on "saved and restored in the shim"
    ask reboot
    m_end=$(($(now) + 120000 * PATIENCE))
    until said | grep -q 'GUEST boot=second'; do
        [ "$(now)" -lt $m_end ] || fail "not up again; state $(state), last: $(last_line)"
        sleep 1
    done
    took "second boot"
    expect dmesg '^0$'
    if said | grep 'GUEST wrong'; then fail "$(said | grep -m1 'GUEST wrong')"; fi
    wait_gone 30
}
walls_again() { [ "$(said | grep -c 'GUEST walls=')" -ge 2 ]; }
