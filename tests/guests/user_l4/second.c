// SPDX-License-Identifier: MIT
/*
 * One vCPU's kernel table is another vCPU's table of user mode.  Each works as if it were alone,
 * and an entry that is cleared in that L4 while user mode runs on it is gone when the call returns.
 */
#include "second.h"

static u8 kernel_stack[PAGE_SIZE] page_aligned;
static struct vcpu_guest_context context;

/* Its page fault, the end of its user mode. */
volatile u64 second_faulted;
asm(".pushsection .text\n.globl second_fault\nsecond_fault:\n"
    "movq $1, second_faulted(%rip)\n"
    "1: mov $24, %eax; mov $2, %edi; mov $1, %esi; xor %edx, %edx; syscall; jmp 1b\n.popsection");
extern u8 second_fault[];

/* A kernel table that shares all but the L4 with vCPU 0's. */
static u64 *other_kernel_l4(void)
{
    u64 *l4 = page_alloc();

    for (int i = 0; i < 512; i++)
        if (i < 256 || i >= 272)
            l4[i] = kernel_l4()[i];
    make_readonly(l4);
    check_rc("second-pin", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(l4), 0), 0);
    return l4;
}

static bool wait_for(volatile u64 *word, u64 not )
{
    return wait_until(*word != not );
}

void test_second(ul rip, ul data_va, volatile u64 *counter)
{
    struct vcpu_guest_context *c = &context;
    u64 *link = &kernel_l4()[pt_index(data_va, 4)], seen;

    c->user_regs.rip = rip;
    c->user_regs.rsp = data_va + PAGE_SIZE - 64;
    c->user_regs.rdi = data_va;
    c->user_regs.cs = USER_CS;
    c->user_regs.ss = USER_SS;
    c->user_regs.rflags = FL_IF | FL_FIXED;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->kernel_sp = (ul)kernel_stack + sizeof(kernel_stack);
    c->ctrlreg[3] = mfn_of(other_kernel_l4()) << 12;
    c->ctrlreg[1] = mfn_of(kernel_l4()) << 12;
    c->trap_ctxt[X_PF] = (struct trap_info){
        .vector = X_PF, .flags = 4, .cs = FLAT_KERNEL_CS, .address = (ul)second_fault};
    shared_info->vcpu_info[1].evtchn_upcall_mask = 0;
    *counter = 0;
    check_rc("second-initialise", hc(vcpu_op, VCPUOP_initialise, 1, c), 0);
    check_rc("second-up", hc(vcpu_op, VCPUOP_up, 1, 0), 0);
    check_true("second-runs-in-user-mode", wait_for(counter, 0));
    for (int i = 0; i < 100; i++)
        if (hc(xen_version, XENVER_pagesize, 0) != PAGE_SIZE)
            panic("hypercall beside the second vCPU");
    check_true("second-still-runs", wait_for(counter, *counter));
    check_num("second-no-fault-yet", second_faulted, 0);
    check_rc("second-cut", mmu_update_one(maddr_of(link), 0), 0);
    seen = *counter;
    check_true("second-faults", wait_for(&second_faulted, 0));
    check_true("second-did-nothing-after-the-call", *counter == seen);
}
