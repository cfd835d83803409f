# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A PV guest that runs is saved, and goes on in the shim: memory, processes, uptime, disk, network; saved again there, and rebooted.
# @smp: four vCPUs, one of them down meanwhile. @isolate: with isolate=yes. @bios: by way of GRUB. @SUITE-FLAVOUR: another of Debian's kernels, with four vCPUs.
# @old, @ports: on the model of an older Xen, and L0 has the ports of xenstore and the console by other numbers than the guest.
# @large: 4 GiB (L0_MEM=6144), or MOVE_MIB. @out saves it, and @in, in a run of another Xen (-x), takes what @out has left into the shim.
# @tool: by sidecar-switch. @ten: by it, ten in a row. @bad: by it, to a CPU that lacks something, with a broken image, and with a shim that refuses: the PV guest goes on.
# @kill, @kill2: by it, with kill -9 at its steps, and run again; until the guest is saved, and then.
# shellcheck disable=SC2034 # for tests/l0/run
limit=600
m_cpus=1 m_medium=firmware m_ports='' m_mib=128 m_image=/tmp/s/saved m_guests=move
case $WORD in
smp | *-*) m_cpus=4 ;;
bios) m_medium=ahci ;;
old | ports) m_ports=1 ;;
large) m_mib=${MOVE_MIB:-4096} m_image=${HERE-}/saved limit=2400 ;; # (dom0's memory has no room for it)
ten) m_guests='m0 m1 m2 m3 m4 m5 m6 m7 m8 m9' limit=2400 ;;
kill*) limit=2400 ;;
esac

# move_script ADDRESS BLOCKS PAUSE TICK PROGRAM : what the guest does. BLOCKS of 64 KiB of its memory are looked at, with
# PAUSE seconds between two rounds, and TICK, another number, between two lines of where it is. PROGRAM runs all the time.
move_script() {
    echo 'rest() { sleep $1; while [ -e /tmp/rest ] && [ ! -e /tmp/stop ]; do sleep 20; [ $1 != '"$4"' ] || break; done; }
sum=$(sha256sum </dev/xvdb)
[ "$(dd if=/dev/xvdc bs=8 count=1 2>/dev/null)" != REBOOTED ] || {
    echo "GUEST dmesg=$(dd if=/dev/xvdc bs=8 skip=1 count=1 2>/dev/null | tr -cd 0-9)" # of the first boot
    echo "GUEST boot=second uptime=$(cut -d" " -f1 /proc/uptime)"
    exit 0
}
'"$(echo "$GUEST_WORK" | sed -e "s/192\.168\.77\.2/192.168.77.$1/" -e "s/^ *done/rest $3; &/")
$GUEST_COMPLAINTS"'
dd if=/dev/urandom of=/tmp/kept bs=64k count='"$2"' 2>/dev/null
kept=$(sha256sum </tmp/kept)
echo 0 | tee /tmp/read >/tmp/pinged
mkdir -p /w && cd /w && tar -xf /dev/xvdd && '"$5"' & # what a process has in its registers
nc -ll -p 7000 -e cat &
writes() { # each comes back as it was written
    w=0
    while [ ! -e /tmp/stop ]; do
        w=$((w + 1))
        yes $w | head -c 262144 >/tmp/written
        dd if=/tmp/written of=/dev/xvdc bs=64k seek=1 conv=notrunc,fsync 2>/dev/null
        dd if=/dev/xvdc bs=64k skip=1 count=4 2>/dev/null | cmp -s - /tmp/written || echo "GUEST wrong=written"
        rest '"$3"'
    done
}
work & bg=$!
writes & bg="$bg $!"
t=0 seen=
until [ "$seen" = end ] || [ "$seen" = reboot ]; do
    now=$(xenstore-read data/do 2>/dev/null)
    if [ "$now" != "$seen" ]; then
        case $now in
        down) echo 0 >/sys/devices/system/cpu/cpu2/online ;;
        up) echo 1 >/sys/devices/system/cpu/cpu2/online ;;
        rest) touch /tmp/rest ;; # others want the CPU
        work) rm -f /tmp/rest ;;
        walls) (cd /w && ./walls scan >/tmp/walls; echo "GUEST walls=$(grep -c . /tmp/walls) $(grep -m1 BROKEN /tmp/walls)") ;;
        esac
        seen=$now
        echo "GUEST did=$now cpus=$(nproc)"
    fi
    t=$((t + 1))
    echo "GUEST tick=$t up=$(cut -d. -f1 /proc/uptime) wall=$(date +%s) steal=$(awk "/^cpu / { print \$9 }" /proc/stat) read=$(cat /tmp/read) pinged=$(cat /tmp/pinged) all=$(cat /sys/hypervisor/type)"
    rest '"$4"'
done
touch /tmp/stop; wait $bg
complaints
said=$(grep -c . /tmp/complaints)
[ "$seen" != reboot ] || {
    printf "REBOOTED%-8s" "$said" | dd of=/dev/xvdc conv=notrunc,fsync 2>/dev/null
    /sbin/reboot
    sleep 1000
}
'
}

# move_guest NAME NUMBER : its disks, its config, its sidecar
move_guest() {
    blocks=64 pause=0 tick=0.2 program=./vectors
    case $WORD in
    large) blocks=1024 ;;
    ten) program=true ;; # (one CPU for all, and an emulated one)
    kill*) pause=2 ;;
    esac
    raw_disk "script-$1.img" 1 "$(move_script "$2" $blocks $pause $tick $program)"
    raw_disk "mark-$1.img" 1 first---
    ON_REBOOT=restart VCPUS=$m_cpus MEMORY=$m_mib guest_cfg "$1.cfg" "$1" "t=disk:xvda" 'tsc_mode = "native"' \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/script-$1.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/data.img', 'format=raw,vdev=xvdc,access=rw,target=/disks/mark-$1.img', 'format=raw,vdev=xvdd,access=ro,target=/disks/walls.img' ]" "$(demo_vif "$2")"
    sidecar "$1.cfg" $m_medium --shim-cmdline "stats $words"
    if [ -n "${KERNEL:-}" ]; then # another than the rig's, for instance one of 32 bits with L0_XEN
        cp "${PV_KERNEL:-$KERNEL}" "$HERE/kernel"
        cp "$RAMDISK" "$HERE/ramdisk"
        sed -i -e 's|^kernel = .*|kernel = "/tmp/s/kernel"|' -e 's|^ramdisk = .*|ramdisk = "/tmp/s/ramdisk"|' "$HERE/$1.cfg"
    else
        plain_pv "$1.cfg"
    fi
}

host_prepare() {
    need_shim
    make -s -C "$TOP" walls || fail "tests/walls doesn't build"
    make -s -C "$TOP" l0-programs || fail "tests/l0/programs doesn't build"
    tar -cf "$HERE/walls.img" -C "$OUT/walls" walls -C "$OUT/l0-programs" vectors
    make_disk data.img 4
    words=
    case $WORD in
    isolate) words=isolate=yes ;;
    old) words=l0=3.4 ;;
    ports) words="l0=4.2 console=pv" ;;
    bad) words=test=refuse-restore ;;
    *-*)
        k=${WORD%%-*}/${WORD#*-}
        get_linux "$k"
        make_guest "$k"
        KERNEL=$(linux_dir "$k")/vmlinuz PV_KERNEL=$HERE/vmlinux RAMDISK=$(guest_dir "$k")/initrd
        "$TOP/scripts/mk-sidecar.sh" --unpack "$KERNEL" "$PV_KERNEL"
        ;;
    in)
        for f in data.img mark-move.img script-move.img walls.img saved up; do
            cp "$CACHE/logs/${NAME%@*}@out/$f" "$HERE/" || skip "shim-move@out wasn't run"
        done
        ;;
    esac
    n=10
    for g in $m_guests; do
        if [ "$WORD" = in ]; then
            mkdir "$HERE/made"
            HERE=$HERE/made move_guest "$g" $n
            mv "$HERE"/made/*-hvm.cfg "$HERE"/made/*-sidecar.* "$HERE/"
        else
            move_guest "$g" $n
        fi
        n=$((n + 1))
    done
    cp "$OUT/l0-programs/ports" "$OUT/sidecar/sidecar-load" "$TOP/scripts/switch-guest.sh" "$HERE/"
}

dom0_run() {
    . /host/dom0/move.sh
    disks_of_all
    DOM=move CON=/host/console/guest-move.log SER=$LOG/serial.log START=$(now)
    : >"$SER"
    case $WORD in
    in)
        take_in
        return
        ;;
    ten)
        ten
        return
        ;;
    esac
    start_pv
    case $WORD in
    tool | bad | kill*) tool move ;;
    out)
        save
        mv /tmp/s/saved "$LOG/"
        cp /tmp/s/*.img "$LOG/"
        value up >"$LOG/up"
        return
        ;;
    esac
    case $WORD in
    bad)
        bad
        return
        ;;
    kill)
        killed
        return
        ;;
    kill2)
        killed_later
        return
        ;;
    esac
    talk
    [ "$m_cpus" = 1 ] || ask down
    if [ "$WORD" != large ]; then
        ask walls
        wait_console 120 'GUEST walls='
        w_pv=$(fact walls)
        case $w_pv in # (a 32-bit guest can't run the program)
        0*) [ -e "$HERE/kernel" ] || fail "the walls weren't tried" ;;
        esac
    fi

    look_out
    save
    m_saved=$(now)
    restore "$m_image"
    m_restored=$(now)
    goes_on "restored as PV"
    looked
    m_plain="$m_gap ms (save $((m_saved - s_began)), restore $((m_restored - m_saved)))" m_was=$m_gap

    if [ "$WORD" = tool ]; then
        mark
        look_out
        sw move || fail "sidecar-switch: $(tail -1 /var/log/xen-sidecar/switch.log)"
        [ "$(kind move)" = hvm ] || fail "the domain is $(kind move)"
        goes_on moved
        looked
        note "save and restore as PV: $m_plain; by the tool: $m_gap ms, $((m_gap * 100 / m_was)) %"
        [ ! -e /tmp/s/images/move.image ] || fail "the image is left"
    else
        m_beside=
        # (both, and the first one's tables)
        if [ "$WORD" = large ] && [ "$(xl info free_memory)" -gt $((m_mib + m_mib / 64 + 64)) ]; then
            m_beside=1
            shim_waits 'name="move--shim"' 'disk=[]' 'vif=[]'
            note "the shim waits beside the guest: create and shim aren't in its time"
        fi
        look_out
        save
        m_saved=$(now)
        [ -n "$m_beside" ] || shim_waits
        [ -z "$m_beside" ] || becomes_move
        m_has=$(now)
        given
        m_loaded=$(now)
        goes_on moved
        looked
        note "save and restore as PV: $m_plain; into the shim: $m_gap ms (save $((m_saved - s_began)), create or attach $((m_has - m_saved)), load $((m_loaded - m_has)): $(cat "$LOG/load.log")), $((m_gap * 100 / m_was)) %"
    fi
    same_guest
    [ "$WORD" != large ] || return 0
    ask again-walls
    ask walls
    within 240 walls_again || fail "no second scan; $(last_line)"
    [ "$(fact walls)" = "$w_pv" ] || fail "walls: as PV $w_pv, moved $(fact walls)"
    fact walls | grep -q BROKEN && fail "walls: $(fact walls)"
    [ "$m_cpus" = 1 ] || ask up

    # as any guest of the shim's
    save
    restore "$m_image"
    goes_on "saved and restored in the shim"
    if [ -n "$m_ports" ]; then # it keeps the numbers that it has
        save
        restore -p "$m_image"
        other_ports high
        xl unpause move
        goes_on "and on a third host"
    fi
    no_wrong
    hush
    ask reboot
    m_end=$(($(now) + 120000 * PATIENCE))
    until said | grep -q 'GUEST boot=second'; do
        [ "$(now)" -lt $m_end ] || fail "not up again; state $(state), last: $(last_line)"
        sleep 1
    done
    took "second boot"
    expect dmesg '^0$'
    no_wrong
    wait_gone 30
}
