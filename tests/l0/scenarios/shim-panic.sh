# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A bug of the shim's own, made on purpose: what, where, registers and the guest's RIP are said; the domain is crashed.
limit=300

host_prepare() {
    need_shim
    make -s -C "$TOP" l0-programs || fail "tests/l0/programs doesn't build"
    # a bad address; the stack's end; a check that fails
    for k in 0 1 2; do
        raw_disk panic$k.img 1 "umount /proc/xen; rmmod xenfs; rmmod xen_privcmd; insmod /mods/xen-privcmd.ko unrestricted=1
cat /dev/xvdb >/tmp/hypercall; chmod +x /tmp/hypercall
echo GUEST unknown=\$(/tmp/hypercall 54 2>&1)
echo GUEST last words
sleep 1
/tmp/hypercall 55 $k
"
        cp "$OUT/l0-programs/hypercall" "$HERE/program.img"
        truncate -s 1M "$HERE/program.img"
        VCPUS=2 ON_CRASH=preserve guest_cfg panic$k.cfg panic$k "t=disk:xvda" \
            "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/panic$k.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/program.img' ]"
        sidecar panic$k.cfg ahci --shim-cmdline test=panic
    done
}

has_line() { tr -d '\r\0' <"$1" | grep -qE "$2"; }

# one KIND REGEX [LAST] : the report must be on the PV console, and on COM1 for those who have only that. Its last line
# is LAST: it is waited for, as what writes the two may be behind.
one() {
    disk panic$1.img
    iso panic$1-sidecar.iso
    create panic$1-hvm.cfg
    wait_console 90 'GUEST last words'
    wait_state 40 c
    for f in "$CON" "$SER"; do
        within 10 has_line "$f" "${3:-$2}"
        tr -d '\r\0' <"$f" >/tmp/s/report
        grep -q '^shim: internal error, please report' /tmp/s/report || fail "kind $1: no report in $(basename "$f"): $(tail -1 /tmp/s/report)"
        grep -qE "$2" /tmp/s/report || fail "kind $1: no '$2' in $(basename "$f")"
    done
    xl destroy "$DOM"
    rm "/disks/panic$1-sidecar.iso"
}

# regs KIND VECTOR : what panic_regs prints, and that the guest's RIP is one of its kernel's addresses
regs() {
    one "$1" "vector $2 " "guest rip .* rsp [0-9a-f]{16}"
    for w in '^shim: rip ffff8080[0-9a-f]{8} cs e008' '^shim: rax [0-9a-f]{16} rbx' '^shim: r13 .* cr2 [0-9a-f]{16}' \
        '^shim: cr3 ' '^shim: guest rip ffffffff[0-9a-f]{8} rsp ffff[0-9a-f]{12}'; do
        grep -qE "$w" /tmp/s/report || fail "kind $1: no '$w'"
    done
}

dom0_run() {
    disk program.img
    regs 0 13
    expect unknown 'Function not implemented'
    regs 1 8
    one 2 '^shim: test=panic: kind 2'
    took "three of them"
}
