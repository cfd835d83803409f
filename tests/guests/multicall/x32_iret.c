// SPDX-License-Identifier: MIT
/* iret as an entry of a multicall: its frame lies where the stack is at the call. */
#include "multicall.h"

extern u8 call_at_frame[];
asm(".pushsection .text\ncall_at_frame: mov $13, %eax\n int $0x82\n ud2\n.popsection");
USER_CODE(u_int80, "int $0x80; ud2");

void test_iret_to_kernel(void)
{
    ul rax, rdx, carry;

    events_mask();
    asm volatile("pushl %[flags]; pushl %[cs]; pushl $1f; pushl $0x1234; jmp call_at_frame\n"
                 "1: setc %%cl\n movzbl %%cl, %%ecx"
                 : "=a"(rax), "=c"(carry), "=d"(rdx)
                 : "b"(iret_list), "1"(ARRAY_LEN(iret_list)),
                   "2"(0xdd), [flags] "i"(FL_IF | FL_FIXED | FL_CF), [cs] "i"(FLAT_KERNEL_CS)
                 : "memory", "cc");
    check_hex("iret-kernel-rax", rax, 0x1234);
    check_hex("iret-kernel-rdx", rdx, 0xdd);
    check_num("iret-kernel-carry", carry, 1);
    check_num("iret-kernel-events", vcpu0_info->evtchn_upcall_mask, 0);
    check_iret_list("iret-kernel-results", 0x1234);
}

void test_iret_to_user(void)
{
    static struct {
        u8 room[128]; /* for what leave_by() puts below */
        struct context c;
    } to_user;
    struct context here = {.regs = {.ds = USER_SS, .es = USER_SS}};
    struct trap *t;

    trap_set(0x80, 3, false);
    to_user.c = user_context(user_addr(u_int80));
    to_user.c.f.rax = 0x4321;
    here.f.rip = (ul)call_at_frame;
    here.f.cs = FLAT_KERNEL_CS;
    here.f.rflags = FL_IF | FL_FIXED;
    here.f.rsp = (ul)&to_user.c.f;
    here.regs.rbx = (ul)iret_list;
    here.regs.rcx = ARRAY_LEN(iret_list);
    t = user_run(&here);
    check("iret-user", t->entry == 0x80 && TRAP_FROM_USER(t) && t->regs.rax == 0x4321,
          "%s from %s, rax 0x%lx", trap_name(t), TRAP_FROM_USER(t) ? "user" : "kernel",
          t->regs.rax);
    check_num("iret-user-rip", t->rip - user_addr(u_int80), 2);
    check_iret_list("iret-user-results", 0x4321);
}
