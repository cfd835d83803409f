// SPDX-License-Identifier: MIT
/* Two vCPUs that give pages back and get others, both at once, and flush each other's TLB
 * meanwhile: none waits for ever, every count is right, and no frame is given to both. */
#include "preempt.h"

#define ROUNDS 40
#define OWN    300 /* more than a hypervisor is likely to do in one go */

static u8 pool[2][OWN][PAGE_SIZE] page_aligned;
static xen_pfn_t frames[2][OWN];
static volatile int rounds[2], wrong[2];

static long memory_op(int who, int cmd)
{
    struct xen_memory_reservation r = {.nr_extents = OWN, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, frames[who]);
    return hc(memory_op, cmd, &r);
}

static void flush_all(int who)
{
    struct mmuext_op op = {.cmd = MMUEXT_TLB_FLUSH_ALL};

    wrong[who] += hc(mmuext_op, &op, 1, 0, DOMID_SELF) != 0;
}

static void work(int who)
{
    for (int i = 0; i < ROUNDS; i++) {
        wrong[who] += memory_op(who, XENMEM_decrease_reservation) != OWN;
        flush_all(who);
        for (int k = 0; k < OWN; k++)
            frames[who][k] = pfn_of(pool[who][k]);
        wrong[who] += memory_op(who, XENMEM_populate_physmap) != OWN;
        flush_all(who);
        for (int k = 0; k < OWN; k++)
            wrong[who] += M2P[frames[who][k]] != pfn_of(pool[who][k]);
        rounds[who]++;
    }
}

static u8 stack[2 * PAGE_SIZE] page_aligned;

static void __attribute__((noreturn)) second(void)
{
    work(1);
    vcpu_end(1);
}

static bool start_second(void)
{
    static struct vcpu_guest_context c;

    vcpu_context(&c, second, stack + sizeof(stack));
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    return !vcpu_begin(1, &c);
}

void test_two_vcpus(void)
{
    domid_t self = DOMID_SELF;
    long before = hc(memory_op, XENMEM_current_reservation, &self);
    int same = 0;

    for (int who = 0; who < 2; who++)
        for (int k = 0; k < OWN; k++) {
            frames[who][k] = mfn_of(pool[who][k]);
            if (set_pte_va((ul)pool[who][k], 0, UVMF_INVLPG))
                panic("unmap");
        }
    check_true("two-started", start_second());
    work(0);
    wait_until(rounds[1] == ROUNDS);
    check_num("two-first", rounds[0], ROUNDS);
    check_num("two-first-wrong", wrong[0], 0);
    check_num("two-second", rounds[1], ROUNDS);
    check_num("two-second-wrong", wrong[1], 0);
    for (int i = 0; i < OWN; i++)
        for (int k = 0; k < OWN; k++)
            same += frames[0][i] == frames[1][k];
    check_num("two-frames-of-both", same, 0);
    check_num("two-current_reservation", before - hc(memory_op, XENMEM_current_reservation, &self),
              0);
}
