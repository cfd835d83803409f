# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# Scenarios of steal time: a Linux guest that does what dom0 tells it step by step, beside a domain that
# takes all the CPU it gets, while L0 traces every change of a vCPU's state. What timetool, l0view and judge
# write is in fields.h.
# Set by steal_start or clock_start:
#   s_id s_guest             the guest's domain and its name
#   s_step                   number of the last step
#   s_clock s_watch s_trace  pids of l0view clock, l0view watch and xentrace

# On the host, from host_prepare: steal_prepare, or steal_prepare_pv.
steal_files() {
    [ -x "$OUT/steal/judge" ] || skip "build/steal isn't built: make steal-tools"
    cp "$OUT"/steal/l0view "$OUT"/steal/judge "$OUT"/steal/hog "$TOP/tests/steal/steps.sh" "$HERE/"
    cp "$XENTREE/root/usr/lib/xen-$XENVER/bin/xentrace" "$HERE/"
    d=$(mktemp -d "$RUN/steal.XXXXXX")
    cp "$OUT/steal/timetool" "$TOP/stolen-time/steal-report" "$d/"
    (cd "$d" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$d.cpio"
    cat "$INITRD" "$d.cpio" >"$HERE/initrd"
    echo "$XENVER" >"$HERE/xenver"
    # the guest's part: xenstore names a step, "NUMBER COMMAND..."
    cat >"$HERE/steps.img" <<'X'
# newer kernels pass on no hypercalls of a guest's programs unless they are told to
umount /proc/xen
rmmod xenfs
rmmod xen_privcmd && insmod /mods/xen-privcmd.ko unrestricted=1
insmod /mods/xenfs.ko && mount -t xenfs xenfs /proc/xen
echo STEPS-READY
last=
while :; do
    go=$(xenstore-read data/go 2>/dev/null)
    if [ -n "$go" ] && [ "$go" != "$last" ]; then
        last=$go
        set -- $go
        n=$1
        shift
        [ "$1" = end ] && break
        "/$@"
        echo "STEP-DONE $n"
    fi
    sleep 0.1
done
X
    truncate -s 1M "$HERE/steps.img"
    cat >"$HERE/hog.cfg" <<X
name = "hog"
type = "pv"
kernel = "/tmp/s/hog"
memory = 32
vcpus = 1
X
}
steal_disk() { echo "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/steps.img' ]"; }

# The guest. steal_prepare NAME VCPUS [SHIM-WORDS] : a guest in the shim, on the host.
steal_prepare() {
    need_shim
    steal_files
    VCPUS=$2 RAMDISK=$HERE/initrd guest_cfg "$1.cfg" "$1" "t=disk:xvda" "$(steal_disk)"
    sidecar "$1.cfg" ahci --shim-cmdline "stats ${3:-}"
}
# steal_prepare_pv NAME VCPUS TYPE [LINE...] : the same guest with a kernel of the toolstack's: plain PV, or
# TYPE pvh with pvshim=1
steal_prepare_pv() {
    b_name=$1 b_type=$3
    steal_files
    ln -f "$HERE/initrd" "$SHARE/files/steal-initrd"
    b_vcpus=$2
    shift 3
    VCPUS=$b_vcpus guest_cfg "$b_name.cfg" "$b_name" "t=disk:xvda" "$(steal_disk)" 'tsc_mode = "native"' "$@"
    plain_pv "$b_name.cfg"
    sed -i -e "s|^type = .*|type = \"$b_type\"|" -e 's|^ramdisk = .*|ramdisk = "/tmp/files/steal-initrd"|' "$HERE/$b_name.cfg"
}

# In dom0. steal_start CFG : the guest is up and waits for its first step; the trace runs.
steal_start() {
    local con
    s_step=0
    cp "$HERE/hog" /tmp/s/
    chmod +x "$HERE"/l0view "$HERE"/judge "$HERE"/xentrace
    # dom0 serves the guest's console and disk: not what shall be measured
    xl sched-credit2 -d 0 -w 4096
    # turns long enough for a sample: the guest must read all of it within one
    xl sched-credit2 -s -p Pool-0 -r 30000 || fail "xl sched-credit2 -r"
    disk steps.img
    # shellcheck disable=SC2154 # from lib.sh
    create "$1"
    wait_console "${2:-150}" STEPS-READY
    took ready
    s_id=$(xl domid "$DOM")
    s_guest=$DOM
    "$HERE/l0view" clock >"$LOG/clock" &
    s_clock=$!
    con=$CON
    grep -qa STEPS-READY "$CON" || con=$SER # a guest without a PV console
    "$HERE/l0view" watch "$con" >"$LOG/seen" &
    s_watch=$!
    rm -f /tmp/s/trace
    "$HERE/xentrace" -D -e 0x21000 -S 64 /tmp/s/trace >/tmp/s/xentrace.log 2>&1 &
    s_trace=$!
    within 30 test -s /tmp/s/trace || fail "no trace: $(tail -1 /tmp/s/xentrace.log)"
    "$HERE/l0view" cputime "$s_id" "libxenctrl.so.$(cat "$HERE/xenver")" >"$LOG/cputime"
}

hog_start() {
    xl create "$HERE/hog.cfg" || fail "the hog can't be created"
}
# weight GUEST HOG, cap GUEST(0 = none)
weight() {
    xl sched-credit2 -d "$s_guest" -w "$1"
    xl sched-credit2 -d hog -w "$2"
}
cap() { xl sched-credit2 -d "$s_guest" -c "$1"; }

# step_begin COMMAND..., step_wait SECONDS; or both: step SECONDS COMMAND...
step_begin() {
    s_step=$((s_step + 1))
    progress "step $s_step: $*"
    xenstore-write "/local/domain/$s_id/data/go" "$s_step $*"
}
step_wait() { wait_console "$1" "STEP-DONE $s_step"; }
step() {
    local limit=$1
    shift
    step_begin "$@"
    step_wait "$limit"
}

# steal_end [-s] : the guest ends, and L0's trace judges what it said; the table is $LOG/steal
steal_end() {
    local rc
    "$HERE/l0view" cputime "$s_id" "libxenctrl.so.$(cat "$HERE/xenver")" >>"$LOG/cputime"
    sleep 1
    kill -INT $s_trace
    wait $s_trace
    step_begin end
    kill $s_watch $s_clock
    cat /tmp/s/xentrace.log
    # shellcheck disable=SC2086 # a word or none
    "$HERE/judge" ${1:-} -c "$LOG/cputime" /tmp/s/trace "$LOG/clock" "$LOG/seen" "$s_id" >"$LOG/steal" 2>&1
    rc=$?
    # for another look: build/steal/judge runs on any machine
    [ $rc = 0 ] || cp /tmp/s/trace "$LOG/"
    cat "$LOG/steal"
    said | grep NO-TOOL && fail "$(said | grep -m1 NO-TOOL)"
    return $rc
}
steal_verdict() {
    [ "$1" = 0 ] || fail "$(grep -m1 -v 'verdict=agree$' "$LOG/steal")"
    note "$(grep -c 'verdict=agree$' "$LOG/steal") figures agree with L0's"
}

# Clocks. clock_start CFG : as steal_start, without a trace.
clock_start() {
    s_step=0
    chmod +x "$HERE/l0view"
    disk steps.img
    create "$1"
    wait_console "${2:-150}" STEPS-READY
    took ready
    s_id=$(xl domid "$DOM")
}
# field KEY WORD [KEY=VALUE] : what the guest's lines WORD say of KEY, those with that field
field() { said | grep -E "(^| )$2 " | grep -F " ${3:-}" | tr ' ' '\n' | sed -n "s/^$1=//p"; }

clock_never_back() {
    local back
    [ -n "$(field back READINGS clock=raw)" ] || fail "no reading of the clocks"
    back=$(said | grep 'READINGS ' | grep -v ' back=0 ')
    [ -z "$back" ] || fail "$back"
    note "$(field count READINGS clock=monotonic) readings, none from before another"
}
clock_never_early() {
    [ "$(field early SLEEP | grep -c '^0$')" = 3 ] || fail "sleeps end early: $(field early SLEEP | tr '\n' ' ')"
    said | grep 'SLEEP '
    note "median lateness of 1, 4, 10 ms: $(field median_us SLEEP | tr '\n' ' ')us"
}
# clock_wall MS : no further off dom0's. Linux counts by ticks until it has found its clock, and a tick that L0
# ran somebody else at is lost to it, also as plain PV: it may be behind by what was stolen, but never ahead.
clock_wall() {
    local off lost
    off=$((($(field at_0 WALL) - $("$HERE/l0view" wall)) / 1000))
    lost=$(($(field stolen WALL) / 1000))
    note "wall clock $off us off dom0's, $lost us stolen"
    [ $off -le $(($1 * 1000)) ] && [ $((-off)) -le $(($1 * 1000 + lost)) ] ||
        fail "wall clock $off us off dom0's, with $lost us stolen"
}
# clock_rate PPM
clock_rate() {
    local rate
    rate=$(field ppm DRIFT clock=raw)
    [ -n "$rate" ] || fail "no rate"
    note "CLOCK_MONOTONIC_RAW $rate ppm off L0's clock"
    awk -v r="$rate" -v max="$1" 'BEGIN { exit !(r <= max && r >= -max) }' || fail "rate $rate ppm off"
}

# The bench. bench_run CFG [-s] : all loads, in dom0. STEP is the length of one, in seconds.
bench_run() {
    local t=${STEP:-6} rc
    steal_start "$1"
    step 200 timetool sleeps 50
    hog_start
    weight 256 256
    step 200 timetool load spin spin "$t"
    step 200 timetool load syscalls syscalls "$t"
    step 200 timetool load idle idle "$t"
    weight 256 768
    step 200 timetool load weight-1:3 spin "$t"
    weight 768 256
    step 200 timetool load weight-3:1 spin "$t"
    weight 256 256
    xl destroy hog
    cap 40
    step 200 timetool load cap-40 spin "$t"
    cap 0
    step_begin timetool load pause-5s spin 7
    wait_console 60 'SAMPLE label=pause-5s '
    xl pause "$s_guest"
    sleep 5
    xl unpause "$s_guest"
    step_wait 60
    # shellcheck disable=SC2086 # a word or none
    steal_end ${2:-}
    rc=$?
    said | grep 'SLEEP ' >"$LOG/sleeps"
    return $rc
}
