# shellcheck shell=dash
# SPDX-License-Identifier: MIT
# What a scenario's dom0_run may call. These variables are shared between it and what is here; all others are local.
#   set by one.sh, which runs the scenario
#     NAME      of the scenario
#     WORD      what stands behind its @
#     HERE      its directory on the share
#     LOG       its log directory
#   set by `create`; a scenario that makes its domain otherwise sets them itself
#     DOM       the domain's name: state, fact, the waits and others are about this one
#     CON       the file with what it wrote to its PV console
#     SER       the file with what an HVM domain wrote to COM1; empty for others
#     START     when that was, by `now`
#   kept here
#     PATIENCE  by which all waits are multiplied (L0_PATIENCE). One that ends early when the domain does costs
#               nothing when it is long, and no verdict may depend on how fast the machine is.
#     NOTES     of `note`: what goes behind PASS
PATIENCE=$(cat /host/patience)
NOTES=

# uptime in milliseconds
now() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }

fail() {
    echo "FAIL $*" >/tmp/s/verdict
    echo "FAIL: $*"
    exit 0
}
skip() {
    echo "SKIP $*" >/tmp/s/verdict
    exit 0
}
# note WORDS : goes behind PASS
note() { NOTES="${NOTES:+$NOTES, }$*"; }

# progress WORDS : for a user who watches (run --live)
progress() { echo "$*" | tee -a /host/progress; }

# fetch FILE : copies a file of the share to dom0's memory once, prints its path there
fetch() {
    mkdir -p /tmp/files
    [ -f "/tmp/files/$1" ] || cp "/host/files/$1" "/tmp/files/$1"
    echo "/tmp/files/$1"
}

# disk FILE : a disk image of this scenario becomes the block device /disks/FILE
disk() {
    local loop
    cp "$HERE/$1" "/tmp/s/$1"
    loop=$(losetup -f)
    losetup "$loop" "/tmp/s/$1"
    ln -sfn "$loop" "/disks/$1"
}
# iso NAME-sidecar.iso : a sidecar lies in /disks too, as plain file; one of medium firmware is NAME-sidecar.elf
iso() {
    local file=$1
    [ -e "$HERE/$file" ] || file=${1%.iso}.elf
    cp "$HERE/$file" "/disks/$file"
}

# create CFG [KEY=VALUE...] : xl create with more keys; for an HVM domain COM1 goes to a file
create() {
    local cfg=$HERE/$1
    shift
    DOM=$(sed -n "s/^ *name *= *[\"']\([^\"']*\)[\"'].*/\1/p" "$cfg" | tail -1)
    CON=/host/console/guest-$DOM.log
    SER=$LOG/serial.log
    : >>"$SER"
    START=$(now)
    # HVM: the rig's host has no invariant TSC, so L0 would emulate RDTSC
    if grep -q '^ *type *= *.hvm\|^ *builder *= *.hvm' "$cfg"; then
        set -- "serial=\"file:$SER\"" 'tsc_mode="native"' "$@"
    fi
    progress "xl create $(basename "$cfg")"
    xl create "$cfg" "$@" || fail "xl create: $(tail -3 "$LOG/dom0.log" | tr '\n' ' ')"
}

# other_ports crossed|high : the HVM domain, which hasn't run yet, has xenstore and its console by other numbers than
# 1 and 2. crossed: as Xen before 4.2 gives them with one vCPU, xenstore by 2; high: both by such as the guest gets later.
# Needs the program `ports` in $HERE.
other_ports() {
    local id store console
    id=$(xl domid "$DOM")
    console=$("$HERE/ports" "$id" new) && "$HERE/ports" "$id" console "$console" || fail "no port for the console"
    xenstore-write "/local/domain/$id/console/port" "$console"
    store=2
    [ "$1" = crossed ] || store=$("$HERE/ports" "$id" new) || fail "no port for xenstore"
    # (2 is free as soon as the console's daemon has seen that)
    within 10 "$HERE/ports" "$id" store "$store" || fail "port $store can't be xenstore's"
    note "xenstore has port $store, the console $console"
}

# The domain's state letters (r b p s c d) or `gone`.
state() { xl list "$DOM" 2>/dev/null | awk 'NR == 2 { print $5 == "" ? "gone" : $5; f = 1 } END { if (!f) print "gone" }'; }

# all that the guest or firmware said
said() { cat "$CON" "$SER" 2>/dev/null | tr -d '\r\0'; }

# within SECONDS COMMAND... : tries it until it succeeds; false when it doesn't in that time
within() {
    local end=$(($(now) + $1 * PATIENCE * 1000))
    shift
    until "$@"; do
        [ "$(now)" -lt $end ] || return 1
        sleep 0.3
    done
}

has_said() { said | grep -qE "$1"; }

# wait_console SECONDS REGEX : fails when it isn't said in time or the domain ended without it
wait_console() {
    local end=$(($(now) + $1 * PATIENCE * 1000)) n=0
    until has_said "$2"; do
        [ "$(now)" -lt $end ] || fail "no '$2' on the console within $(($1 * PATIENCE)) s; last: $(last_line)"
        n=$((n + 1))
        if [ $((n % 10)) = 0 ]; then
            case $(state) in
            gone | *c*)
                # its last words may still be on their way
                within 5 has_said "$2" && return 0
                fail "domain is '$(state)' without '$2' on the console; last: $(last_line)"
                ;;
            esac
        fi
        sleep 0.3
    done
}
last_line() {
    local f=$CON
    [ -s "$f" ] || f=$SER
    tr -d '\r\0' 2>/dev/null <"$f" | grep -v '^ *$' | tail -1 | cut -c1-120
}

# wait_state SECONDS LETTER-REGEX|gone
wait_state() {
    local end=$(($(now) + $1 * PATIENCE * 1000))
    until state | grep -qE "$2"; do
        [ "$(now)" -lt $end ] || fail "domain not '$2' within $(($1 * PATIENCE)) s but '$(state)'; last: $(last_line)"
        sleep 0.5
    done
}
wait_gone() { wait_state "$1" '^gone$'; }

# fact KEY : the guest's last `GUEST KEY=value`
fact() { said | sed -n "s/^.*GUEST $1=//p" | tail -1; }
# expect KEY REGEX : the guest reported KEY with such a value
expect() { fact "$1" | grep -qE "$2" || fail "guest says $1='$(fact "$1")', expected $2"; }
# expect_console REGEX
expect_console() { said | grep -qE "$1" || fail "console has no '$1'"; }

took() {
    note "$1 $((($(now) - START) / 1000)) s"
    progress "$DOM: $1 after $((($(now) - START) / 1000)) s"
}

# refused REGEX : the shim can't go on: one line that tells why, the domain crashed, and not started again
refused() {
    local id
    id=$(xl domid "$DOM")
    wait_state 60 c
    within 5 has_said '^shim:' || fail "no line of the shim; last: $(last_line)"
    said | grep -E '^shim:' | grep -qE "$1" || fail "unclear: $(said | grep -m1 '^shim:')"
    sleep 3
    [ "$(xl domid "$DOM")" = "$id" ] || fail "the domain was started again"
    state | grep -q c || fail "state $(state) a moment later"
    note "$(said | grep -m1 '^shim:' | cut -c1-100)"
}

# the shim's numbers, where its command line had `stats`
stats() { said | sed -n 's/^.*shim: stat \([a-z0-9_]*=[^ ]*\).*/\1/p' | sort -u | tr '\n' ' '; }

# check_calls_3_4 : of the calls that Xen 3.4 doesn't have none was made again after it had said so
check_calls_3_4() {
    said | grep -q '^shim: stat l0 hvm_op\.' || fail "the shim has not counted its calls to L0"
    local again
    again=$(said | sed -n 's/^shim: stat l0 \(.*\)=\([0-9]*\) absent$/\1 \2/p' | awk '$2 > 1')
    [ -z "$again" ] || fail "tried again though absent: $again"
    note "absent calls tried once: $(said | sed -n 's/^shim: stat l0 \(.*\)=1 absent$/\1/p' | tr '\n' ' ')"
}
