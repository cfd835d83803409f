// SPDX-License-Identifier: MIT
/* The way in: which registers survive, and the hypercall page. */
#include "hypercalls.h"

void test_convention(void)
{
    ul rbx = 0x1111, rdi = XENVER_version, rsi = 0, rdx = 0x4444, rbp_ok;
    register ul r8 asm("r8") = 0x5555;
    register ul r9 asm("r9") = 0x6666;
    register ul r10 asm("r10") = 0x7777;
    register ul r12 asm("r12") = 0x8888;
    register ul r15 asm("r15") = 0x9999;
    ul rax = __HYPERVISOR_xen_version, flags_before, flags_after;

    asm volatile("pushfq; pop %[fb]\n\t"
                 "push %%rbp; mov %%rsp, %%rbp; syscall\n\t"
                 "cmp %%rsp, %%rbp; setz %%cl; movzbl %%cl, %%ecx; pop %%rbp\n\t"
                 "pushfq; pop %[fa]"
                 : "+a"(rax), "+b"(rbx), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8), "+r"(r9),
                   "+r"(r10), "+r"(r12),
                   "+r"(r15), [fb] "=&r"(flags_before), [fa] "=&r"(flags_after), "=&c"(rbp_ok)
                 :
                 : "r11", "memory");
    /* Local register variables last only until the next call. */
    u64 seen[] = {r8, r9, r10, r12, r15};

    check("convention-result", rax >> 16 == 4, "major %lu", rax >> 16);
    check_true("convention-rbx-rbp-r12-r15",
               rbx == 0x1111 && rbp_ok && seen[3] == 0x8888 && seen[4] == 0x9999);
    check_hex("convention-rdi", rdi, XENVER_version);
    check_hex("convention-rsi", rsi, 0);
    check_hex("convention-rdx", rdx, 0x4444);
    check_hex("convention-r8", seen[0], 0x5555);
    check_hex("convention-r9", seen[1], 0x6666);
    check_hex("convention-r10", seen[2], 0x7777);
    check_hex("convention-flags", (flags_before ^ flags_after) & (FL_IF | FL_DF | FL_TF | FL_IOPL),
              0);
}

void test_page(void)
{
    static const u8 prologue[4] = {0x51, 0x41, 0x53, 0xb8};
    int stubs = 0, numbers = 0;

    check("page-filled", hypercall_page[0] != 0xc3, "first byte 0x%x", hypercall_page[0]);
    for (int n = 0; n < 40; n++) {
        const u8 *s = hypercall_page + n * 32;
        u32 nr;

        if (n == __HYPERVISOR_iret)
            continue;
        stubs += !memcmp(s, prologue, 4);
        memcpy(&nr, s + 4, 4);
        numbers += nr == (u32)n;
    }
    fact("page-stubs-of-xen's-shape", "%d", stubs);
    check_num("page-stub-numbers", numbers, 39);
    check_true("page-same-answer",
               hypercall_by_page(__HYPERVISOR_xen_version, 0, 0, 0, 0, 0) == hc(xen_version, 0, 0));
    check_rc("page-unknown", hypercall_by_page(100, 0, 0, 0, 0, 0), -XEN_ENOSYS);
}
