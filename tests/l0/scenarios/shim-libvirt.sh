# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The demo guest by libvirt: --toolstack libvirt, Debian's libvirtd in dom0, virsh define, start, shutdown, undefine.
# @switch: sidecar-switch by virsh: a PV guest that libvirt runs goes over and back, with its definition and autostart.
limit=300

# What a dom0 of the rig lacks for libvirtd, as a tar
pack_libvirt() {
    t=$CACHE/program-libvirt-daemon-driver-xen/root
    d=$(mktemp -d "$RUN/libvirt.XXXXXX")
    l=usr/lib/x86_64-linux-gnu/libvirt/connection-driver
    mkdir -p "$d/usr/sbin" "$d/usr/bin" "$d/$l" "$d/usr/share/libvirt"
    cp "$t/usr/sbin/libvirtd" "$d/usr/sbin/"
    cp "$t/usr/bin/virsh" "$d/usr/bin/"
    cp "$t/$l/libvirt_driver_libxl.so" "$d/$l/"
    LIBTREE=$t put_libs "$d" "$d/usr/sbin/libvirtd" "$d/usr/bin/virsh" "$d/$l/libvirt_driver_libxl.so"
    cp -r "$t/usr/share/libvirt/cpu_map" "$t/usr/share/libvirt/schemas" "$d/usr/share/libvirt/"
    # libvirt wants to name dom0's CPU, and knows none with as little as the emulated one
    m=$d/usr/share/libvirt/cpu_map
    echo "<cpus><model name='rig'><decode host='on' guest='on'/><feature name='lm'/></model></cpus>" >"$m/x86_rig.xml"
    sed -i "/x86_kvm64.xml/s|^|<include filename='x86_rig.xml'/>\\n|" "$m/index.xml"
    tar -C "$d" -cf "$HERE/libvirt.tar" .
    rm -r "$d"
}

host_prepare() {
    need_shim
    get_program libvirt-daemon-driver-xen libvirt-daemon libvirt-clients
    pack_libvirt
    if [ "$WORD" = switch ]; then
        raw_disk web.img 1 web
        MEMORY=160 guest_cfg web.cfg web t=idle "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/web.img' ]" \
            'uuid = "6c1d4bb4-06d9-4a55-a2d5-1a2b3c4d5e6f"' 'tsc_mode = "native"'
        sidecar web.cfg ahci --toolstack libvirt
        plain_pv web.cfg
        cp "$TOP/scripts/switch-guest.sh" "$TOP/scripts/check-host.sh" "$HERE/"
        return
    fi
    make_disk demo.img 32
    # (the rig's host has no invariant TSC, so L0 would emulate RDTSC)
    MEMORY=512 guest_cfg demo.cfg demo "t=demo" "$(demo_disk demo.img)" "$(demo_vif)" 'tsc_mode = "native"'
    sidecar demo.cfg ahci --toolstack libvirt --shim-cmdline stats
    # all that the XML can say, for libvirt's schema and reader
    MEMORY=256 VCPUS=2 guest_cfg full.cfg full "x='<&>'" 'maxmem = 512' 'maxvcpus = 4' 'uuid = "6c1d4bb4-06d9-4a55-a2d5-1a2b3c4d5e6f"' \
        'cpus = [ "0", "0-3", "1-3,^2" ]' 'cpu_weight = 300' 'localtime = 1' 'rtc_timeoffset = 60' 'hap = 1' 'on_watchdog = "destroy"' \
        "disk = [ 'phy:/dev/vg/web,xvda1,w', 'phy:/dev/vg/swap,sda2,r', '/srv/a & b.qcow2,qcow2,xvdb,rw', '/srv/x.iso,,hdc,cdrom', ',,hdd,cdrom' ]" \
        "vif = [ 'mac=00:16:3e:00:00:01,bridge=br0,script=vif-route,ip=10.0.0.1,vifname=web0', 'bridge=br1' ]"
    sidecar full.cfg cd --toolstack libvirt
}

v() { virsh -q -c xen:///system "$@"; }
start_libvirt() {
    tar -C / -xf "$HERE/libvirt.tar"
    mkdir -p /var/log/libvirt /var/lib/libvirt /etc/libvirt
    printf 'log_outputs="2:file:%s"\n' "$LOG/libvirtd.log" >/etc/libvirt/libvirtd.conf
    hostname dom0
    libvirtd -d -p /run/libvirtd.pid || fail "libvirtd: $(tail -1 "$LOG/libvirtd.log")"
}

sw() { sh "$HERE/switch-guest.sh" --toolstack virsh --timeout $((120 * PATIENCE)) --settle 3 "$@" || fail "sidecar-switch $*: $(tail -1 /var/log/xen-sidecar/switch.log)"; }
# is hvm|xen WHEN : one domain, and libvirt's definition and autostart
is() {
    [ "$(xl list | awk '$1 == "web"' | wc -l)" = 1 ] || fail "$2: not one domain web"
    v dumpxml web | grep -q "<type[^>]*>$1<" || fail "$2: libvirt runs $(v dumpxml web | grep '<type')"
    v dumpxml --inactive web | grep -q "<type[^>]*>$1<" || fail "$2: defined is $(v dumpxml --inactive web | grep '<type')"
    v dominfo web | grep -qi '^autostart: *enable' || fail "$2: no autostart any more"
    [ "$(v domuuid web)" = 6c1d4bb4-06d9-4a55-a2d5-1a2b3c4d5e6f ] || fail "$2: its uuid is $(v domuuid web)"
    took "$2"
}
switch() {
    fetch vmlinux >/dev/null
    fetch initrd >/dev/null
    disk web.img
    iso web-sidecar.iso
    mkdir -p /var/lib/xen/sidecars
    cp "$HERE/web-hvm.xml" /var/lib/xen/sidecars/
    DOM=web CON=/host/console/guest-web.log SER='' START=$(now)
    v domxml-from-native xen-xl "$HERE/web.cfg" >/tmp/s/web.xml || fail "libvirt can't read web.cfg"
    v define /tmp/s/web.xml && v autostart web && v start web || fail "libvirt can't start the PV guest"
    wait_console 90 GUEST-READY
    is '\(linux\|xen\)' "plain PV"
    sw web
    is hvm over
    sw --status | tee "$LOG/status"
    awk '$1 == "web" && $3 == "shim"' "$LOG/status" | grep -q . || fail "--status doesn't know the shim"
    sw --back web
    is '\(linux\|xen\)' back
    cp /var/log/xen-sidecar/* "$LOG/"
    kill "$(cat /run/libvirtd.pid)"
}

dom0_run() {
    start_libvirt
    if [ "$WORD" = switch ]; then
        switch
        return
    fi
    cat "$HERE/full-hvm.xml"
    v define --validate "$HERE/full-hvm.xml" || fail "libvirt refuses full-hvm.xml"
    v domxml-to-native xen-xl --domain full >"$LOG/full-libvirt.cfg" || fail "libvirt has no words for full-hvm.xml"
    for w in 'maxmem = 529' 'memory = 273' vdev=xvda1,access=rw,backendtype=phy,target=/dev/vg/web vdev=sda2,access=ro \
        'format=qcow2,.*/srv/a & b.qcow2' vdev=hdd,access=ro,.*cdrom vifname=web0 \
        script=vif-route file=/disks/full-sidecar.iso; do
        grep -q -- "$w" "$LOG/full-libvirt.cfg" || fail "libvirt didn't understand: $w"
    done
    v undefine full

    # the way from libvirt to a config for mk-sidecar, in the HOWTO
    v domxml-from-native xen-xl "$HERE/demo.cfg" >"$LOG/pv.xml" || fail "libvirt can't read demo.cfg"
    v domxml-to-native xen-xl "$LOG/pv.xml" >"$LOG/pv.cfg" || fail "libvirt can't write demo.cfg"
    for k in name memory vcpus kernel ramdisk cmdline disk vif; do
        grep -q "^$k = " "$LOG/pv.cfg" || fail "libvirt's xl config has no $k="
    done

    disk demo.img
    iso demo-sidecar.iso
    DOM=demo CON=/host/console/guest-demo.log SER=$LOG/serial.log START=$(now)
    v define --validate "$HERE/demo-hvm.xml" || fail "libvirt refuses demo-hvm.xml"
    v start demo || fail "libvirt can't start the domain"
    # a disk with an emulated twin would have two writers
    ps w >"$LOG/ps"
    grep 'qemu.*-drive file=/disks/demo-sidecar.iso,if=none' "$LOG/ps" || fail "the device model has no sidecar"
    ! grep 'qemu.*demo.img' "$LOG/ps" || fail "the device model has the guest's disk, too"
    case $(v ttyconsole demo) in /dev/pts/*) ;; *) fail "no console for virsh: $(v ttyconsole demo)" ;; esac
    wait_console 90 'GUEST start=demo'
    took started
    wait_console 90 'GUEST-DONE'
    took finished
    . /host/dom0/demo-facts.sh
    wait_gone 30
    check_demo demo.img
    [ "$(v domstate demo)" = "shut off" ] || fail "libvirt has the domain as $(v domstate demo)"
    v undefine demo || fail "can't undefine"
    pages=$(stats | sed -n 's/.*guest_pages=\([0-9]*\).*/\1/p')
    [ "$pages" -ge $((512 * 256)) ] || fail "the guest was given $pages pages, not 512 MiB"
    kill "$(cat /run/libvirtd.pid)"
    note "$(stats)"
}
