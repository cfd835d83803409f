// SPDX-License-Identifier: MIT
/* vCPUs 1...: wait for events, and go down when told. An own stack each tells which one runs. */
#include "guest.h"
#include "storm.h"

#define STACK_SIZE (4 * PAGE_SIZE)

static u8 stacks[MAX_VCPUS][STACK_SIZE] page_aligned;
static struct vcpu_guest_context context;
static u32 wake[MAX_VCPUS]; /* IPI port */
static volatile u8 go_down[MAX_VCPUS];

unsigned int vcpu_id(void)
{
    ul here = (ul)__builtin_frame_address(0);

    if (here < (ul)stacks || here >= (ul)stacks + sizeof(stacks))
        return 0;
    return (unsigned int)((here - (ul)stacks) / STACK_SIZE);
}

struct vcpu_info *vcpu_own(void)
{
    return &shared_info->vcpu_info[vcpu_id()];
}

bool vcpu_is_wake(u32 number)
{
    for (unsigned int v = 1; v < storm.nr_vcpus; v++)
        if (wake[v] == number)
            return true;
    return false;
}

static void vcpu_main(void)
{
    unsigned int me = vcpu_id();
    struct vcpu_info *vi = vcpu_own();

    for (;;) {
        WRITE_ONCE(vi->evtchn_upcall_mask, 1);
        barrier();
        if (go_down[me]) {
            go_down[me] = 0;
            hc(vcpu_op, VCPUOP_down, me, 0);
            continue;
        }
        hc(sched_op, SCHEDOP_block, 0); /* unmasks */
    }
}

void vcpu_start(unsigned int v)
{
    struct vcpu_guest_context *c = &context;
    struct evtchn_bind_ipi ipi = {.vcpu = v};

    memset(c, 0, sizeof(*c));
    vcpu_context(c, vcpu_main, stacks[v] + STACK_SIZE);
    c->user_regs.rflags = 0x1000; /* IOPL 1 */
    shared_info->vcpu_info[v].evtchn_upcall_mask = 1;
    if (hc(vcpu_op, VCPUOP_initialise, v, c))
        panic("no vCPU %u", v);
    if (evtchn(EVTCHNOP_bind_ipi, &ipi))
        panic("bind_ipi for vCPU %u", v);
    wake[v] = ipi.port;
    struct evtchn_unmask unmask = {.port = ipi.port};
    evtchn(EVTCHNOP_unmask, &unmask);
    vcpu_up(v);
}

void vcpu_up(unsigned int v)
{
    long rc = hc(vcpu_op, VCPUOP_up, v, 0);

    if (rc)
        panic("vCPU %u up: %ld", v, rc);
}

void vcpu_down(unsigned int v)
{
    go_down[v] = 1;
    evtchn_send(wake[v]);
    while (hc(vcpu_op, VCPUOP_is_up, v, 0) == 1)
        pause_us(200);
    storm.downs++;
}
