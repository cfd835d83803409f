# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What an idle guest with four vCPUs costs L0: its CPU time, beside the same guest as plain PV. On the virtual clock
# of docs/PERFORMANCE.md the figures are worth their digits.
limit=300

host_prepare() {
    need_shim
    make -s -C "$TOP" l0-programs || fail "tests/l0/programs doesn't build"
    cp "$OUT/l0-programs/cputime" "$HERE/"
    VCPUS=4 guest_cfg idle.cfg idle "t=listen"
    sidecar idle.cfg ahci
    VCPUS=4 guest_cfg idlepv.cfg idlepv "t=listen"
    plain_pv idlepv.cfg
}

# cpu_time : nanoseconds; of a Xen that the build machine's library isn't of, to tenths of a second
cpu_time() {
    "$HERE/cputime" "$(xl domid "$DOM")" 2>/dev/null || xl list "$DOM" | awk 'NR == 2 { printf "%d00000000\n", $6 * 10 }'
}

# idle : milliseconds of CPU time in each 100 s
idle() {
    i_at=$(now)
    i_cpu=$(cpu_time)
    sleep 40
    i_ms=$((($(cpu_time) - i_cpu) / 10 / ($(now) - i_at)))
    progress "$DOM: $i_ms ms of CPU time in 100 s"
}

dom0_run() {
    fetch vmlinux
    fetch initrd
    create idlepv.cfg
    wait_console 120 'GUEST ready=listening'
    sleep 10
    idle
    xl destroy "$DOM"
    i_pv=$i_ms
    iso idle-sidecar.iso
    create idle-hvm.cfg
    wait_console 120 'GUEST ready=listening'
    sleep 10
    # L0 takes for its own what the machine was taken away for: on a busy one the least of some counts
    for i_n in 1 2 3 4; do
        idle
        [ "$i_ms" -gt $((i_pv * 3 + 500)) ] || break
    done
    note "CPU time in 100 s: $i_ms ms, as plain PV $i_pv ms"
    # (nested emulation makes an exit dear; xl list counts in tenths of a second)
    [ "$i_ms" -le $((i_pv * 3 + 500)) ] || fail "an idle guest takes $i_ms ms of each 100 s, as plain PV $i_pv"
}
