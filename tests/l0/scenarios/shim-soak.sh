# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Four vCPUs under all kinds of load at once, every byte checked: shim-soak@SECONDS, default 75; tests/soak.
# KERNEL, RAMDISK: another kernel than Debian's; one of 32 bits runs the programs of 32 bits, with more to swap, as it
# has no stress-ng beside them.
limit=$((400 + ${WORD:-75} * 3))

host_prepare() {
    need_shim
    make -s -C "$TOP" soak-programs || fail "tests/soak doesn't build"
    get_program stress-ng
    d=$(mktemp -d "$RUN/soak.XXXXXX")
    cp "$OUT/soak/soak64" "$OUT/soak/soak32" "$d/"
    mkdir "$d/tmp" "$d/usr" "$d/usr/bin" "$d/bin"
    cp "$CACHE/program-stress-ng/root/usr/bin/stress-ng" "$d/usr/bin/"
    LIBTREE=$CACHE/program-stress-ng/root put_libs "$d" "$d/usr/bin/stress-ng"
    truncate -s 64M "$HERE/soak.img"
    # a kernel of 32 bits need not have CONFIG_LBDAF
    mke2fs -q -F -t ext4 -O ^huge_file -d "$d" "$HERE/soak.img"
    rm -r "$d"
    raw_disk script.img 1 "secs=${WORD:-75} swap=/dev/xvdc swap_mib=$([ -n "${KERNEL:-}" ] && echo 240 || echo 150)
mkdir /soak && mount -t ext4 /dev/xvdb /soak || exit 1
$(cat "$TOP/tests/soak/guest.sh")
"
    VCPUS=${SOAK_VCPUS:-4} MEMORY=256 guest_cfg soak.cfg soak "t=disk:xvda" \
        "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/script.img', 'format=raw,vdev=xvdb,access=rw,target=/disks/soak.img', 'format=raw,vdev=xvdc,access=rw,target=/disks/swap.img' ]" \
        "$(demo_vif)"
    # SOAK_PV: as plain PV, to tell the shim's faults from others'
    if [ -n "${SOAK_PV:-}" ]; then plain_pv soak.cfg; else sidecar soak.cfg ahci; fi
}

dom0_run() {
    disk script.img
    disk soak.img
    truncate -s 256M /tmp/s/swap.img
    losetup "$(losetup -f)" /tmp/s/swap.img
    ln -s "$(losetup -a | sed -n 's|:.*/tmp/s/swap.img.*||p')" /disks/swap.img
    if [ -f "$HERE/soak-hvm.cfg" ]; then
        iso soak-sidecar.iso
        create soak-hvm.cfg
    else
        fetch vmlinux
        fetch initrd
        create soak.cfg
    fi
    wait_console $((180 + ${WORD:-75} * 3)) 'GUEST-DONE'
    took finished
    said | grep 'GUEST bad=' && fail "$(said | grep -m1 'GUEST bad=')"
    said | grep -E '^SOAK|GUEST [a-z]*(32|64)=' | grep -v '=0 SOAK [a-z0-9]* ok' && fail "$(said | grep -m1 'SOAK.*BAD\|GUEST [a-z]*[36][24]=[1-9]')"
    expect stress '^0 '
    expect failed '^0$'
    expect dmesg_bad '^0$'
    expect hotplug_rounds '^[1-9]'
    expect swapped_out_pages '^[1-9]'
    said | grep '^shim:' && fail "the shim speaks: $(said | grep -m1 '^shim:')"
    wait_gone 60
    note "swapped out $(fact swapped_out_pages) pages, $(fact hotplug_rounds) hotplug rounds, guest's uptime $(fact uptime) s"
}
