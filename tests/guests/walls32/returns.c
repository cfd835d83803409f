// SPDX-License-Identifier: MIT
/* Returns to user mode, by the hypercall, with a bad CS, SS or EIP. */
#include "walls.h"

USER_CODE(r_int80, "int $0x80; ud2");
USER_CODE(r_int82, "mov $17, %eax; int $0x82; ud2");
USER_CODE(r_in, "in $0x80, %al; ud2");
USER_CODE(r_insb, "insb; ud2");
USER_CODE(r_hlt, "hlt");
USER_CODE(r_ud2, "ud2");

/* Not static, so that what is in it is stored. */
u8 kernels_page[PAGE_SIZE] page_aligned;

static const struct trap *go(ul cs, ul ss, ul eip, ul esp, ul eflags)
{
    struct context ctx = user_context(eip);

    ctx.f.cs = cs;
    ctx.f.ss = ss;
    ctx.f.rsp = esp;
    ctx.f.rflags = eflags;
    ctx.f.rax = 20;
    ctx.regs.rdi = USER_STACK - 128;
    return user_run(&ctx);
}

/* What the kernel has at EIP may not show in how a return to it ends. */
static void test_tells_nothing(void)
{
    static const u8 bytes[][2] = {{0x90, 0x90}, {0xcd, 0x21}, {0xcd, 0x82}, {0xcd, 0x80},
                                  {0xec, 0xec}, {0x0f, 0xa2}, {0x6c, 0x6c}};
    static const struct {
        const char *name;
        ul cs, ss;
    } pairs[] = {
        {"bad-ss", USER_CS, 7},
        {"bad-cs", 0x1b, USER_SS},
        {"good", USER_CS, USER_SS},
        {"hypervisor-cs", 0xe00b, USER_SS},
    };

    for (unsigned int p = 0; p < ARRAY_LEN(pairs); p++) {
        struct trap first = {0};
        unsigned int other = 0;

        for (unsigned int i = 0; i < ARRAY_LEN(bytes); i++) {
            const struct trap *t;

            memcpy(kernels_page + 256, bytes[i], 2);
            t = go(pairs[p].cs, pairs[p].ss, (ul)kernels_page + 256, USER_STACK - 64,
                   FL_FIXED | FL_IF);
            if (!i)
                first = *t;
            other += t->entry != first.entry || t->error != first.error || t->cr2 != first.cr2 ||
                     t->rip != (ul)kernels_page + 256 || t->regs.rax != 20;
        }
        if (first.entry == X_PF) /* whether something is there depends on the table */
            first.error &= ~1u;
        check(pairs[p].name, !other, "%s, %u differ", trap_name(&first), other);
    }
}

static void test_executes_nothing(void)
{
    static const u8 *const codes[] = {r_int80, r_int82, r_in, r_insb};

    for (unsigned int i = 0; i < ARRAY_LEN(codes); i++)
        for (int bad_ss = 0; bad_ss < 2; bad_ss++) {
            ul eip = user_addr(codes[i]);
            const struct trap *t = go(bad_ss ? USER_CS : 0x1b, bad_ss ? 7 : USER_SS, eip,
                                      USER_STACK - 64, FL_FIXED | FL_IF);

            check(bad_ss ? "bad-ss-not-executed" : "bad-cs-not-executed",
                  t->entry != 0x80 && t->rip == eip && t->regs.rax == 20 &&
                      t->regs.rdi == USER_STACK - 128,
                  "%s", trap_name(t));
        }
}

/* Of RPL 3: with 1 it is the kernel's, with 0 it ends the domain. */
static u16 selector(void)
{
    static const u16 pool[] = {USER_CS, USER_SS, USER_CS, USER_SS, 3,      7,      0x1b,   0xe00b,
                               0xe013,  0xe01b,  0xe023,  0xe03b,  0xe043, 0xe063, 0xfffb, 0xffff};

    return case_below(8) ? pool[case_below(ARRAY_LEN(pool))] : (u16)(case_random() | 3);
}

static u32 address(void)
{
    const u32 pool[] = {user_addr(r_int80),
                        user_addr(r_in),
                        user_addr(r_hlt),
                        user_addr(r_ud2),
                        user_addr(r_ud2),
                        (ul)kernels_page,
                        0,
                        HYPERVISOR_AT,
                        0xffffffff,
                        HYPERVISOR_AT - 1,
                        VIRT_BASE,
                        0xfc000000,
                        USER_STACK - 64,
                        USER_STACK - 4,
                        USER_STACK,
                        0x80000000};

    return pool[case_below(ARRAY_LEN(pool))];
}

static void one_random(u32 number)
{
    const u32 any = 0x3f7fd7 & ~(u32)FL_IOPL;
    bool right = case_below(2);
    ul cs = right ? USER_CS : selector(), ss = case_below(2) ? USER_SS : selector(),
       eip = address(), esp = address(),
       eflags = (case_below(3) ? FL_IF : case_random() & any) | FL_FIXED;
    const struct trap *t = go(cs, ss, eip, esp, eflags);
    /* whether something is there that isn't user mode's depends on the table */
    u32 error = t->entry == X_PF && t->cr2 >= VIRT_BASE ? t->error & ~1u : t->error;

    fact("return", "%u: cs %lx ss %lx eip+%d: %d[%x] cs %x ss %x eip %s esp %s fl %lx", number, cs,
         ss, eip == user_addr(r_ud2), t->entry, t->has_error ? error : 0, TRAP_CS(t), (u16)t->ss,
         t->rip == eip ? "kept" : "moved", t->rsp == esp ? "kept" : "moved",
         t->rflags & ~(ul)FL_RF);
    hc(set_debugreg, 6, 0xffff0ff0);
    events_unmask();
}

void test_returns(void)
{
    u32 seed = word_number("seed", 1), count = word_number("count", 250);

    test_tells_nothing();
    test_executes_nothing();
    for (u32 i = 0; i < count; i++) {
        case_begin(seed, i);
        one_random(i);
    }
}
