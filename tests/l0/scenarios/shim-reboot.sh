# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# The guest reboots once and powers off the second time; the toolstack makes it a new domain in between. Events by evtchn=vector.
limit=260

host_prepare() {
    need_shim
    raw_disk reboot.img 4 first---
    ON_REBOOT=restart guest_cfg reboot.cfg reboot "t=reboot-once" "$(demo_disk reboot.img)"
    case ${L0_WORDS:-} in l0=3.4 | l0=4.0.0) words= ;; *) words=evtchn=vector ;; esac # those don't have it
    sidecar reboot.cfg ahci --shim-cmdline "$words"
}

dom0_run() {
    disk reboot.img
    iso reboot-sidecar.iso
    create reboot-hvm.cfg
    id=$(xl domid "$DOM")
    wait_console 90 'GUEST boot=first'
    # the domain is gone for a moment: so no wait_console, which takes that for the end
    end=$(($(now) + 120000 * PATIENCE))
    until said | grep -q 'GUEST boot=second'; do
        [ "$(now)" -lt $end ] || fail "not up again in time; state $(state), last: $(last_line)"
        sleep 1
    done
    # it may be gone by now: xl's own log knows
    grep -q "Domain $id has shut down, reason code 1 " /var/log/xen/xl-"$DOM".log || fail "the same domain, still"
    took "second boot"
    wait_console 10 'GUEST-DONE rc=0'
    wait_gone 30
}
