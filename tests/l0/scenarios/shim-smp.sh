# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Four vCPUs in the shim on L0's one physical CPU: the demo's work, and all of them counted. The domain has six, of which
# maxcpus= takes four.
limit=300

host_prepare() {
    need_shim
    make_disk smp.img 32
    VCPUS=6 MEMORY=512 guest_cfg smp.cfg smp "t=demo" "$(demo_disk smp.img)" "$(demo_vif)"
    sidecar smp.cfg ahci --shim-cmdline "stats maxcpus=4"
}

dom0_run() {
    disk smp.img
    iso smp-sidecar.iso
    create smp-hvm.cfg
    wait_console 240 'GUEST-DONE'
    took finished
    expect nproc '^4$'
    expect_console 'shim: stat vcpus=4$'
    expect_console 'GUEST dmesg=clean'
    wait_gone 30
}
