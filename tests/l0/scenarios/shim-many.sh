# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Forty vCPUs: those beyond 32 have no place in shared_info; where L0 can't give them one, 32 stay.
limit=900

host_prepare() {
    need_shim
    make_disk many.img 32
    VCPUS=40 MEMORY=768 guest_cfg many.cfg many "t=demo" "$(demo_disk many.img)" "$(demo_vif)"
    sidecar many.cfg ahci --shim-cmdline stats
    VCPUS=34 MEMORY=768 guest_cfg few.cfg few "t=demo"
    sidecar few.cfg ahci --shim-cmdline l0=4.2
}

dom0_run() {
    disk many.img
    iso many-sidecar.iso
    create many-hvm.cfg
    wait_console 600 'GUEST-DONE'
    took finished
    expect nproc '^40$'
    expect_console 'GUEST dmesg=clean'
    wait_gone 60

    iso few-sidecar.iso
    create few-hvm.cfg
    wait_console 300 'vCPUs 32 to 33 stay off: this host has no events for them'
    wait_console 600 'GUEST nproc=32'
    xl destroy few
}
