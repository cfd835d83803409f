# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# check_demo DISK [TYPE-REGEX [KERNEL-REGEX]] : the demo guest's facts, and dom0's own look into the disk afterwards.
# Each fact goes to facts.log (TAB separated: yes|no, what, value) for the demo's table, the first wrong one
# is the verdict, kept in FACT_WRONG meanwhile.
check_demo() {
    local sum
    : >"$LOG/facts.log"
    FACT_WRONG=
    is "hypervisor type" type '^xen$'
    is "guest type" guest_type "${2:-^PV$}"
    is "kernel" kernel "${3:-^6\.1\.}"
    is "xenstore: own domid" domid '^[1-9][0-9]*$'
    is "xenstore: own name" name "^$DOM\$"
    is "disk: file of dom0 read" disk_read "^$(cat "$HERE/$1.sum")\$"
    sum=$(look_into "$1")
    is "disk: file of guest, seen by dom0" disk_written "^${sum:-none}\$"
    is "network: ping" ping '^3 of 3'
    is "network: TCP to dom0, bytes" tcp_up '^1048576$'
    is "network: TCP from dom0, bytes" tcp_down '^1048576$'
    is "kernel log" dmesg '^clean$'
    is "memory the guest sees, KiB" memtotal_kb '^[0-9]+$'
    said | grep -q 'GUEST-DONE rc=0' || FACT_WRONG=${FACT_WRONG:-"guest's own verdict: $(said | grep GUEST-DONE)"}
    if [ "$(state)" = gone ]; then
        printf 'yes\tpower off\tdomain is gone\n' >>"$LOG/facts.log"
    else
        printf 'no\tpower off\t%s\n' "$(state)" >>"$LOG/facts.log"
        FACT_WRONG=${FACT_WRONG:-"domain still there: $(state)"}
    fi
    cat "$LOG/facts.log"
    [ -z "$FACT_WRONG" ] || fail "$FACT_WRONG"
    note "MemTotal $(fact memtotal_kb) kB"
}

# is WHAT KEY REGEX
is() {
    local val
    val=$(fact "$2")
    if echo "$val" | grep -qE "$3"; then
        printf 'yes\t%s\t%s\n' "$1" "$val" >>"$LOG/facts.log"
    else
        printf 'no\t%s\t%s\n' "$1" "$val" >>"$LOG/facts.log"
        FACT_WRONG=${FACT_WRONG:-"$1: '$val', expected $3"}
    fi
}

# look_into DISK : checksum of the guest's file, read by dom0's own ext4 from the image
look_into() {
    mkdir -p /tmp/mnt
    mount -t ext4 -o ro "/disks/$1" /tmp/mnt && sha256sum </tmp/mnt/from-guest | cut -d' ' -f1
    umount /tmp/mnt
}
