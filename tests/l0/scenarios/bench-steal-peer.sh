# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Bench (make bench-steal): steal time in the xen-shim that Debian ships. To show a difference: no verdict.
limit=900

host_prepare() {
    . "$TOP/tests/steal/steps.sh"
    # its own memory and a copy of kernel and initrd come out of the guest's
    MEMORY=448 steal_prepare_pv peer 1 pvh 'pvshim = 1'
}

dom0_run() {
    . "$HERE/steps.sh"
    fetch vmlinux
    fetch steal-initrd
    bench_run peer.cfg -s
    note "$(grep -c 'agree$' "$LOG/steal") of $(grep -c ^STEAL "$LOG/steal") figures agree with L0's"
    wait_gone 30
}
