# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A guest that is made smaller and larger while it runs: xl mem-set, and vCPUs by xenstore as xl vcpu-set does it for PV.
limit=200

host_prepare() {
    need_shim
    # xenbus makes a CPU present; to bring it up is udev's work in Debian, and this guest has none
    raw_disk script.img 1 'last=
while [ "$(xenstore-read data/end 2>/dev/null)" != yes ]; do
    now="$(nproc) $(awk "/^MemTotal/ { print \$2 }" /proc/meminfo)"
    [ "$now" = "$last" ] || echo "GUEST size=$now"
    last=$now
    sleep 0.5
    for f in /sys/devices/system/cpu/cpu[1-9]*/online; do
        [ "$(cat "$f" 2>/dev/null)" != 0 ] || echo 1 >"$f"
    done
done
# all that there is, written and read again
mount -t tmpfs -o size=90% tmpfs /mnt
yes 0123456789abcde | head -c 80000000 >/mnt/file
echo "GUEST sum=$(sha256sum </mnt/file | cut -d" " -f1)"
echo "GUEST dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall")"
'
    yes 0123456789abcde | head -c 80000000 | sha256sum | cut -d' ' -f1 >"$HERE/sum"
    VCPUS=2 MEMORY=256 guest_cfg resize.cfg resize "t=disk:xvda" \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/script.img' ]"
    sidecar resize.cfg ahci
}

memory_is() { r_kb=$(fact size | cut -d' ' -f2) && test "$r_kb" "$1" "$2"; }
# memory SECONDS TEST KIB : until MemTotal is -lt or -gt KIB
memory() {
    within "$1" memory_is "$2" "$3" || fail "MemTotal is $r_kb kB, not $2 $3"
}
mib_is() { test "$(mib)" "$1" "$2"; }
vcpus_are() { [ "$(fact size | cut -d' ' -f1)" = "$1" ]; }
mib() { xl list "$DOM" | awk 'NR == 2 { print $3 }'; }

dom0_run() {
    disk script.img
    iso resize-sidecar.iso
    create resize-hvm.cfg
    wait_console 120 'GUEST size=2 '
    took started
    r_first=$(fact size | cut -d' ' -f2)
    r_mib=$(mib)

    # few pages, as each takes L0 some milliseconds here
    r_less=$((r_mib - 20))
    xl mem-set "$DOM" $r_less
    memory 90 -lt $((r_first - 14000))
    # the guest goes to that number of MiB; the shim's own are on top
    within 60 mib_is -le $((r_less + 2)) || fail "L0 still gives it $(mib) MiB of $r_less"
    r_small=$r_kb
    xl mem-set "$DOM" "$r_mib"
    memory 90 -gt $((r_first - 8000))
    within 60 mib_is -ge $((r_mib - 2)) || fail "L0 gives it $(mib) MiB, $r_mib at its start"
    note "MemTotal $r_first, $r_small, $r_kb kB"

    r_cpu=/local/domain/$(xl domid "$DOM")/cpu/1/availability
    xenstore-write "$r_cpu" offline
    wait_console 60 'GUEST size=1 '
    xenstore-write "$r_cpu" online
    within 60 vcpus_are 2 || fail "vCPU 1 doesn't come back"
    for r_n in 1 2; do
        xl vcpu-set "$DOM" $r_n || fail "xl vcpu-set $r_n"
        within 60 vcpus_are $r_n || fail "xl vcpu-set $r_n: the guest has $(fact size | cut -d' ' -f1) vCPUs"
    done

    xenstore-write "/local/domain/$(xl domid "$DOM")/data/end" yes
    wait_console 60 'GUEST-DONE'
    # the sidecar's controller has let go of memory that is the guest's
    ! grep 'Locked DMA mapping' /var/log/xen/qemu-dm-*.log || fail "the device model still has memory of the guest's mapped"
    expect sum "^$(cat "$HERE/sum")\$"
    expect dmesg '^0$'
    wait_gone 30
}
