// SPDX-License-Identifier: MIT
/* See second.h. */
#include "second.h"

struct trap second_trap;
static u8 stack[2 * PAGE_SIZE] page_aligned;
static struct vcpu_guest_context context;
static volatile u64 trapped;
static bool (*chain)(struct trap *t);

/* Words that user mode shares with us: what to read, 0 = nothing yet, and a sign of life. */
USER_CODE(second_code, "movq $1, second_alive(%rip)\n"
                       "1: pause\n mov second_target(%rip), %rax\n test %rax, %rax\n jz 1b\n"
                       "mov (%rax), %rax\n ud2\n"
                       ".balign 8\n second_alive: .quad 0\n second_target: .quad 0\n");
extern volatile u64 second_alive, second_target;

static bool hook(struct trap *t)
{
    if (t->frame - (ul)stack >= sizeof(stack))
        return chain(t);
    second_trap = *t;
    trapped = 1;
    vcpu_end(1);
}

void second_start(u64 rip, u64 user_cr3)
{
    struct vcpu_guest_context *c = &context;

    chain = trap_hook;
    trap_hook = hook;
    c->user_regs.rip = rip;
    c->user_regs.rsp = USER_STACK - 64;
    c->user_regs.cs = USER_CS;
    c->user_regs.ss = USER_SS;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->kernel_sp = (ul)stack + sizeof(stack);
    c->ctrlreg[3] = (ul)mfn_of(kernel_l4()) << 12;
    c->ctrlreg[1] = user_cr3;
    c->event_callback_eip = trap_stub(ENTRY_EVENT);
    c->failsafe_callback_eip = trap_stub(ENTRY_FAILSAFE);
    for (int i = 0; i < 32; i++) {
        c->trap_ctxt[i].vector = i;
        c->trap_ctxt[i].cs = FLAT_KERNEL_CS;
        c->trap_ctxt[i].address = trap_stub(i);
    }
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    if (vcpu_begin(1, c))
        panic("second vCPU");
}

bool second_wait(u64 step)
{
    return wait_until(step == 1 ? second_alive : trapped);
}

void second_go(u64 addr)
{
    second_target = addr;
}
