# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Disk and network of a guest under plain PV, in the shim, and in the shim on an L0 that answers as 3.4 does; see tests/bench/io.
limit=1800

host_prepare() {
    # shellcheck disable=SC2016 # the guest's
    raw_disk io.img 1 'until [ -b /dev/xvdb ] && [ -b /dev/xvdc ] && [ -e /sys/class/net/eth0 ]; do sleep 0.1; done
cat /dev/xvdc >/tmp/io; chmod +x /tmp/io
ip link set lo up; ip link set eth0 up; ip addr add 192.168.77.2/24 dev eth0
/tmp/io /dev/xvdb 192.168.77.1
exit $?
'
    cp "$BENCH_IO" "$HERE/program.img"
    truncate -s 2M "$HERE/program.img"
    truncate -s 16M "$HERE/data.img"
    for w in pv shim shim34; do
        MEMORY=160 guest_cfg $w.cfg $w t=disk:xvda 'tsc_mode = "native"' "$(demo_vif)" \
            "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/io.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/data.img', 'format=raw,vdev=xvdc,access=ro,target=/disks/program.img' ]"
        case $w in
        pv) plain_pv $w.cfg ;;
        shim) sidecar $w.cfg ahci --quiet ;;
        shim34) sidecar $w.cfg ahci --quiet --shim-cmdline l0=3.4 ;;
        esac
    done
}

dom0_run() {
    fetch vmlinux >/dev/null
    fetch initrd >/dev/null
    disk io.img
    disk program.img
    disk data.img
    for w in pv shim shim34; do
        if [ $w = pv ]; then
            create pv.cfg
        else
            iso "$w-sidecar.iso"
            create "$w-hvm.cfg"
        fi
        wait_console 300 'BENCH-DONE|BENCH-FAILED|GUEST-DONE'
        wait_gone 60
        said | grep -E '^BENCH' >"$LOG/$w.txt"
        grep -q BENCH-DONE "$LOG/$w.txt" || fail "$w: $(grep BENCH-FAILED "$LOG/$w.txt")"
        rm -f "/disks/$w-sidecar."*
    done
}
