// SPDX-License-Identifier: MIT
/* vCPU 1, which is in the middle of something when the domain is saved. */
#include "saver.h"

static u8 stack[2 * PAGE_SIZE] page_aligned;
static struct vcpu_guest_context context;
static u8 areas[PAGE_SIZE] page_aligned; /* a vcpu_info and a run-state area */
static volatile struct {
    ul count, sum, back, wrong;
} other;

static struct vcpu_runstate_info *runstate(void)
{
    return (struct vcpu_runstate_info *)(areas + 256);
}

static void other_main(void)
{
    for (;;) {
        ul n = other.count + 1;

        other.sum += n ^ 0x5a5a;
        other.back -= n ^ 0x5a5a;
        if (other.sum + other.back)
            other.wrong++;
        other.count = n;
        hc(sched_op, SCHEDOP_yield, 0);
    }
}

void other_start(void)
{
    vcpu_context(&context, other_main, stack + sizeof(stack));
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    check_rc("other-initialised", hc(vcpu_op, VCPUOP_initialise, 1, &context), 0);
    other_again();
    other_check();
}

/* As Linux does it: a vCPU that runs must be taken down for this, and goes on where it was. */
void other_again(void)
{
    struct vcpu_register_vcpu_info vi = {.mfn = mfn_of(areas)};
    struct vcpu_register_runstate_memory_area area = {0};

    check_rc("other-down", hc(vcpu_op, VCPUOP_down, 1, 0), 0);
    check_rc("other-vcpu_info", hc(vcpu_op, VCPUOP_register_vcpu_info, 1, &vi), 0);
    set_xen_guest_handle(area.addr.h, runstate());
    check_rc("other-runstate", hc(vcpu_op, VCPUOP_register_runstate_memory_area, 1, &area), 0);
    check_rc("other-up", hc(vcpu_op, VCPUOP_up, 1, 0), 0);
}

void other_check(void)
{
    ul before = other.count;

    check_true("other-goes-on", wait_until(other.count > before + 10));
    check_num("other-wrong", (long)other.wrong, 0);
    check_true("other-runstate-told", runstate()->state_entry_time != 0);
}
