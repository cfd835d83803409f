// SPDX-License-Identifier: MIT
/* The way in with 32 bits, INT 0x82: which registers survive, and the hypercall page. */
#include "hypercalls.h"

USER_CODE(u_hypercall, "mov $17, %eax; xor %ebx, %ebx; xor %ecx, %ecx; int $0x82; ud2");

void test_convention(void)
{
    ul rax = __HYPERVISOR_xen_version, rbx = XENVER_version, rcx = 0, rdx = 0x4444, rsi = 0x5555,
       rdi = 0x6666;
    static ul flags_before, flags_after, stack; /* not where the stack pointer moves */

    asm volatile("push %%ebp; mov %%esp, %%ebp; pushfl; int $0x82; pushfl\n\t"
                 "sub %%esp, %%ebp; mov %%ebp, %[stack]; pop %[fa]; pop %[fb]; pop %%ebp"
                 : "+a"(rax), "+b"(rbx), "+c"(rcx), "+d"(rdx), "+S"(rsi),
                   "+D"(rdi), [stack] "=m"(stack), [fa] "=m"(flags_after), [fb] "=m"(flags_before)
                 :
                 : "memory");
    check("convention-result", rax >> 16 == 4, "major %lu", rax >> 16);
    check_hex("convention-rbx", rbx, XENVER_version);
    check_hex("convention-rcx", rcx, 0);
    check_hex("convention-rdx", rdx, 0x4444);
    check_hex("convention-rsi", rsi, 0x5555);
    check_hex("convention-rdi", rdi, 0x6666);
    check_hex("convention-rbp-rsp", stack, 8);
    check_hex("convention-flags", (flags_before ^ flags_after) & (FL_IF | FL_DF | FL_TF | FL_IOPL),
              0);
    user_init();
    struct trap *t = user_run_at(user_addr(u_hypercall));
    check("hypercall-from-user", t->entry == X_GP && t->error == (0x82 << 3 | 2), "%s",
          trap_name(t));
    trap_set(0x82, 3, false);
    t = user_run_at(user_addr(u_hypercall));
    fact("hypercall-from-user-with-entry", "%s", trap_name(t));
}

void test_page(void)
{
    int stubs = 0;

    check("page-filled", hypercall_page[0] != 0xc3, "first byte 0x%x", hypercall_page[0]);
    for (int n = 0; n < 40; n++) {
        u8 want[] = {0xb8, n, 0, 0, 0, 0xcd, 0x82, 0xc3};

        if (n != __HYPERVISOR_iret)
            stubs += !memcmp(hypercall_page + n * 32, want, sizeof(want));
    }
    check_num("page-stubs", stubs, 39);
    static const u8 iret[] = {0x50, 0xb8, 23, 0, 0, 0, 0xcd, 0x82};
    check_true("page-stub-of-iret", !memcmp(hypercall_page + 23 * 32, iret, sizeof(iret)));
    check_true("page-same-answer",
               hypercall_by_page(__HYPERVISOR_xen_version, 0, 0, 0, 0, 0) == hc(xen_version, 0, 0));
    check_rc("page-unknown", hypercall_by_page(100, 0, 0, 0, 0, 0), -XEN_ENOSYS);
}
