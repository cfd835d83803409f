# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Virtual disks of all kinds: the guest in the shim sees the same ones, by the same names, as the plain PV guest.
limit=400

host_prepare() {
    need_shim
    # a disk larger than its content has to be, each of another size
    n=1
    for f in a1 a2 b c d e f g; do
        raw_disk "$f.img" $n "this is $f"
        n=$((n + 1))
    done
    # what the guest runs: every block device with size, rights and first words; then write the writable ones
    cat >"$HERE/script" <<'G'
# each has been announced when xenbus has them all
for d in $(xenstore-list device/vbd); do
    until [ "$(xenstore-read device/vbd/$d/state)" = 4 ]; do sleep 0.1; done
done
for d in /sys/class/block/*; do
    n=${d##*/}
    case $n in loop* | ram*) continue ;; esac
    echo "GUEST disk-$n=$(cat $d/size) ro=$(cat $d/ro) $(dd if=/dev/$n bs=16 count=1 skip=64 2>/dev/null | tr -d '\0')"
    [ "$(cat $d/ro)" = 1 ] || echo "written by $(cat /proc/cmdline | sed 's/.*who=//')" | dd of=/dev/$n bs=512 seek=4 conv=notrunc,fsync 2>/dev/null
done
echo "GUEST vdevs=$(ls /sys/bus/xen/devices | grep vbd | sort | tr '\n' ' ')"
exit 0
G
    for f in a1 a2 b c d e f g; do
        printf 'this is %s' "$f" | dd of="$HERE/$f.img" bs=1024 seek=1 conv=notrunc status=none
    done
    dd if="$HERE/script" of="$HERE/a1.img" conv=notrunc status=none
    disks='disk = [ "raw:/disks/a1.img,xvda1,w", "raw:/disks/a2.img,xvda2,w", "raw:/disks/b.img,xvdb,r",
  "raw:/disks/c.img,hdc,w", "raw:/disks/d.img,sdd,w", "raw:/disks/e.img,xvde,w", "raw:/disks/f.img,xvdf,w",
  "format=raw,vdev=xvdg,access=ro,devtype=cdrom,target=/disks/g.img" ]'
    guest_cfg native.cfg native "t=disk:xvda1 who=native" "$disks"
    guest_cfg shimmed.cfg shimmed "t=disk:xvda1 who=shim" "$disks"
    sidecar shimmed.cfg ahci
    plain_pv native.cfg
}

dom0_run() {
    for f in a1 a2 b c d e f g; do disk "$f.img"; done
    fetch vmlinux >/dev/null
    fetch initrd >/dev/null
    iso shimmed-sidecar.iso
    for who in native shimmed; do
        if [ $who = native ]; then create native.cfg; else create shimmed-hvm.cfg; fi
        wait_console 150 'GUEST-DONE'
        said | sed -n 's/^.*GUEST \(disk-[a-z0-9]*=.*\|vdevs=.*\)/\1/p' >"/tmp/s/disks.$who"
        wait_gone 30
    done
    cat /tmp/s/disks.native
    diff /tmp/s/disks.native /tmp/s/disks.shimmed || fail "other disks than the plain PV guest's (see dom0.log)"
    [ "$(grep -c ^disk- /tmp/s/disks.native)" -ge 8 ] || fail "the PV guest has $(grep -c ^disk- /tmp/s/disks.native) disks"
    # what the guest wrote is on the disks, and the read-only one is as it was
    for f in a2 c d e f; do
        dd if="/disks/$f.img" bs=512 skip=4 count=1 2>/dev/null | grep -q 'written by shim' || fail "$f.img wasn't written"
    done
    for f in b g; do
        ! dd if="/disks/$f.img" bs=512 skip=4 count=1 2>/dev/null | grep -q written || fail "the read-only $f.img was written"
    done
    note "$(grep -c ^disk- /tmp/s/disks.native) disks"
}
