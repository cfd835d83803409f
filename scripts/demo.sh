#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole thing at once, on a bare Debian 12 as root: builds the shim, makes a PV guest of Debian's
# kernel, its sidecar and HVM config, boots a real Xen under QEMU's emulation, starts the guest there,
# shows its console, and says what was found. Installs build tools, but no hypervisor. No argument.
cd "$(dirname "$(realpath "$0")")/.." || exit 1
export O=${O:-build}
logs=$O/l0/logs/shim-demo
configured=512

step() { echo ">> $*"; }
step "tools (apt-get, only what is missing)"
scripts/setup.sh || exit
step "building the shim and the sidecar builder"
mkdir -p "$O"
make -s -j"$(nproc)" >"$O/demo-build.log" 2>&1 || {
    cat "$O/demo-build.log"
    exit 1
}
tests/l0/run --prepare || exit
rm -rf "$logs"
step "the guest as it is: a PV config; next: scripts/mk-sidecar.sh, then Xen boots, then xl create"
tests/l0/run --live shim-demo
status=$?
[ $status -le 1 ] || exit $status

# fact lines: yes|no TAB what TAB value
echo
printf '%-40s %-4s %s\n' "checked" "" "found"
if [ -s "$logs/facts.log" ]; then
    awk -F '\t' '{ printf "%-40s %-4s %.70s\n", $2, $1 == "yes" ? "ok" : "BAD", $3 }' "$logs/facts.log"
    awk -F '\t' '$1 != "yes" { bad = 1 } END { exit bad }' "$logs/facts.log" || status=1
else
    echo "nothing: the guest didn't get that far; see $logs"
    status=1
fi

# the shim's own numbers, on the console because its command line has `stats`
stat() {
    cat "$logs"/guest-*.log "$logs"/serial.log 2>/dev/null | tr -d '\r\0' |
        sed -n "s/^.*shim: stat $1=\([0-9]*\).*/\1/p" | tail -1
}
# number WHAT VALUE [LIMIT]
number() {
    local mark=
    if [ -z "$2" ]; then
        printf '%-40s %-4s %s\n' "$1" "-" "not reported"
        return
    fi
    [ -z "${3:-}" ] || { if [ "$2" -le "$3" ]; then mark="(goal: at most $3)"; else mark="(OVER the goal of $3)"; fi; }
    printf '%-40s %-4s %s %s\n' "$1" "" "$2" "$mark"
}
image=$(stat image_bytes)
[ -n "$image" ] || image=$([ -f xen-shim/xen-shim ] && wc -c <xen-shim/xen-shim)
echo
number "memory the shim keeps, bytes" "$(stat kept_bytes)" $((1048576 + configured * 1048576 / 400))
number "shim image, bytes" "$image" $((200 * 1024))
number "TSC ticks, shim entry to guest entry" "$(stat boot_ticks)"
pages=$(stat guest_pages)
seen=$(sed -n 's/^yes\tmemory the guest sees, KiB\t//p' "$logs/facts.log" 2>/dev/null)
number "MiB configured in the PV config" $configured
number "MiB the guest was given" "${pages:+$((pages / 256))}"
number "MiB Linux has left of it (MemTotal)" "${seen:+$((seen / 1024))}"
echo
if [ $status = 0 ]; then
    echo "demo: all facts are right"
else
    echo "demo: FAILED; logs are in $logs"
fi
exit $status
