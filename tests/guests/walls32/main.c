// SPDX-License-Identifier: MIT
/*
 * What user mode of a 32-bit guest can try against its kernel and the hypervisor, beside the
 * instructions of user_fuzz32 and the ports of userio: every piece of the kernel's and the
 * hypervisor's space, read, written and jumped to; every selector, by LAR, LSL, far jumps and far
 * calls; and returns to user mode that can't be, as a signal's frame may ask for them: which fault
 * they end in doesn't tell what the kernel has at EIP, and nothing there is executed. With 64 bits:
 * tests/walls, by Linux.
 *
 *   command line: seed=N count=N   (other and more random returns than are recorded)
 */
#include "walls.h"

USER_CODE(u_read, "movb (%edi), %al; ud2");
USER_CODE(u_write, "movb $0x5a, (%edi); ud2");
USER_CODE(u_jump, "jmp *%edi");
USER_CODE(u_limits, "mov $0x5a5a, %eax; mov %eax, %ebx; lar %edi, %eax; lsl %edi, %ebx; ud2");
USER_CODE(u_far_jump, "ljmp *(%esi)");
USER_CODE(u_far_call, "lcall *(%esi)");
USER_CODE(u_arrived, "ud2");
USER_CODE(u_pointer, ".long 0; .short 0");

/* One line for all addresses; the first that gives way is named. */
static void no_way(const char *name, const void *code)
{
    ul bad = 0, tries = 0;

    for (ul at = VIRT_BASE; at >= VIRT_BASE && !bad;
         at += at < HYPERVISOR_AT ? 64 * PAGE_SIZE : 32 * PAGE_SIZE)
        for (ul i = 0; i < 2 && !bad; i++, tries++) {
            ul va = at + (i ? PAGE_SIZE * 3 + 0x7fc : 0);
            const struct trap *t = user_run_with(code, va, 0);

            if (t->entry != X_PF || !(t->error & 4) || t->cr2 != va)
                bad = va;
        }
    check(name, !bad, "%lu tries, first that gives way 0x%lx", tries, bad);
}

static const struct trap *far_transfer(bool call, u16 sel)
{
    *(volatile u32 *)u_pointer = user_addr(u_arrived);
    *(volatile u16 *)(u_pointer + 4) = sel;
    return user_run_with(call ? u_far_call : u_far_jump, 0, user_addr(u_pointer));
}

/* As a fault's error code shows the selector, "own" stands for it. */
static ul outcome(const struct trap *t, u16 sel)
{
    if (t->rip == user_addr(u_arrived))
        return 1u << 24 | t->entry;
    return (ul)t->entry << 16 | (t->error == (sel & 0xfffcu) ? 0xffff : t->error);
}

/* The GDT with RPL 3, what it has in it at the end with each RPL, and the start of the LDT. */
static void scan(void)
{
    ul first = 0, previous = 0, wrong = 0;
    struct seen {
        ul lar, lsl, jump, call;
    } before = {0}, now;

    for (ul sel = 0; sel < 0x10000; sel++) {
        bool low = sel < 0x100 || sel >> 8 == 0xe0;
        const struct trap *t;

        if ((sel & 4 && sel > 0x100) || (!low && (sel & 3) != 3))
            continue;
        t = user_run_with(u_limits, sel, 0);
        now = (struct seen){.lar = t->regs.rax, .lsl = t->regs.rbx};
        t = far_transfer(false, sel);
        now.jump = outcome(t, sel);
        wrong += !TRAP_FROM_USER(t);
        t = far_transfer(true, sel);
        now.call = outcome(t, sel);
        wrong += !TRAP_FROM_USER(t);
        if (sel && memcmp(&now, &before, sizeof(now))) {
            fact("scan", "%lx-%lx: lar=%lx lsl=%lx jmp=%lx call=%lx", first, previous, before.lar,
                 before.lsl, before.jump, before.call);
            first = sel;
        }
        before = now;
        previous = sel;
    }
    fact("scan", "%lx-%lx: lar=%lx lsl=%lx jmp=%lx call=%lx", first, previous, before.lar,
         before.lsl, before.jump, before.call);
    check_num("transfers-that-left-user-mode", (long)wrong, 0);
}

void test_main(void)
{
    user_init();
    trap_set(0x80, 3, false);
    events_unmask();
    no_way("read", u_read);
    no_way("written", u_write);
    no_way("jumped-to", u_jump);
    scan();
    test_returns();
}
