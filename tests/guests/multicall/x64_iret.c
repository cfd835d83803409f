// SPDX-License-Identifier: MIT
/* iret as an entry of a multicall: its frame lies where the stack is at the call. */
#include "multicall.h"

extern u8 call_at_frame[];
asm(".pushsection .text\ncall_at_frame: mov $13, %eax\n syscall\n ud2\n.popsection");
USER_CODE(u_syscall, "syscall; ud2");

void test_iret_to_kernel(void)
{
    struct iret_context f = {.rax = 0x1234,
                             .rcx = 0xcc,
                             .cs = FLAT_KERNEL_CS & ~3UL,
                             .rflags = FL_IF | FL_FIXED | FL_CF,
                             .ss = FLAT_KERNEL_SS};
    u64 rax, rcx, carry;

    events_mask();
    asm volatile("lea 1f(%%rip), %%rax\n mov %%rax, %c[rip](%[f])\n mov %%rsp, %c[rsp](%[f])\n"
                 "mov %[f], %%rsp\n jmp call_at_frame\n"
                 "1: setc %%dl\n movzbl %%dl, %%edx"
                 : "=&a"(rax), "=&c"(rcx), "=&d"(carry)
                 : [f] "r"(&f), "D"(iret_list),
                   "S"(ARRAY_LEN(iret_list)), [rip] "i"(offsetof(struct iret_context, rip)),
                   [rsp] "i"(offsetof(struct iret_context, rsp))
                 : "r8", "r9", "r10", "r11", "memory", "cc");
    check_hex("iret-kernel-rax", rax, 0x1234);
    check_hex("iret-kernel-rcx", rcx, 0xcc);
    check_num("iret-kernel-carry", carry, 1);
    check_num("iret-kernel-events", vcpu0_info->evtchn_upcall_mask, 0);
    check_iret_list("iret-kernel-results", 0x1234);
}

void test_iret_to_user(void)
{
    struct callback_register reg = {.type = CALLBACKTYPE_syscall,
                                    .address = trap_stub(ENTRY_SYSCALL)};
    struct context to_user = user_context(user_addr(u_syscall)), here = {0};
    struct trap *t;

    hc(callback_op, CALLBACKOP_register, &reg);
    to_user.f.rax = 0x4321;
    here.f.rip = (ul)call_at_frame;
    here.f.cs = FLAT_KERNEL_CS & ~3UL;
    here.f.ss = FLAT_KERNEL_SS;
    here.f.rflags = FL_IF | FL_FIXED;
    here.f.rsp = (ul)&to_user;
    here.regs.rdi = (ul)iret_list;
    here.regs.rsi = ARRAY_LEN(iret_list);
    t = user_run(&here);
    check("iret-user", t->entry == ENTRY_SYSCALL && TRAP_FROM_USER(t) && t->regs.rax == 0x4321,
          "%s from %s, rax 0x%lx", trap_name(t), TRAP_FROM_USER(t) ? "user" : "kernel",
          t->regs.rax);
    check_num("iret-user-rip", t->rip - user_addr(u_syscall), 2);
    iret_list[1].result = 0; /* where the list isn't in user mode's table it can't be stored */
    check_iret_list("iret-user-results", 0);
}
