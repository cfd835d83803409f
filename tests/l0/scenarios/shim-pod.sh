# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# memory below maxmem: the guest has memory, grows to maxmem and back; L0 kills a domain that touches what isn't there.
limit=200

host_prepare() {
    need_shim
    raw_disk pod.img 1 'last=
fill() { # all that there is, written and read again
    mount -t tmpfs -o size=90% tmpfs /mnt
    yes 0123456789abcde | head -c "$1" >/mnt/file
    echo "GUEST $2=$(sha256sum </mnt/file | cut -d" " -f1)"
    umount /mnt
}
fill 60000000 small
while [ "$(xenstore-read data/end 2>/dev/null)" != yes ]; do
    now=$(awk "/^MemTotal/ { print \$2 }" /proc/meminfo)
    [ "$now" = "$last" ] || echo "GUEST size=$now"
    last=$now
    sleep 0.5
done
fill 120000000 large
echo "GUEST dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall")"
'
    for n in 60000000 120000000; do
        yes 0123456789abcde | head -c $n | sha256sum | cut -d' ' -f1
    done >"$HERE/sums"
    MEMORY=160 guest_cfg pod.cfg pod "t=disk:xvda" "maxmem = 240" \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/pod.img' ]"
    sidecar pod.cfg ahci
}

larger_than() { [ "$(fact size)" -gt "$1" ]; }

dom0_run() {
    disk pod.img
    iso pod-sidecar.iso
    create pod-hvm.cfg
    wait_console 120 'GUEST size='
    took started
    expect small "^$(sed -n 1p "$HERE/sums")\$"
    p_first=$(fact size)
    p_mib=$(xl list "$DOM" | awk 'NR == 2 { print $3 }')
    [ "$p_mib" -lt 170 ] || fail "L0 gives it $p_mib MiB, 160 and the shim's at most"

    xl mem-set "$DOM" "$(awk "/^maxmem/ { print \$3 }" "$HERE/pod-hvm.cfg")" || fail "xl mem-set"
    # by 80 MiB, but for what the guest's driver took at once: L0's target has the shim's 8 MiB in it
    within 90 larger_than $((p_first + 73000)) || fail "MemTotal is $(fact size) kB, $p_first at the start"
    note "MemTotal $p_first, $(fact size) kB"
    xenstore-write "/local/domain/$(xl domid "$DOM")/data/end" yes
    wait_console 60 'GUEST-DONE'
    expect large "^$(sed -n 2p "$HERE/sums")\$"
    expect dmesg '^0$'
    wait_gone 30
}
