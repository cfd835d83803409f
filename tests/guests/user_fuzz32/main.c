// SPDX-License-Identifier: MIT
/*
 * User mode of a 32-bit guest tries instructions: those that a wall depends on, and arbitrary
 * bytes, with arbitrary registers, flags and selectors. Each case is one line of what it ended
 * with: exception, error code, where, flags, selectors, and a sum of registers and of its memory.
 * What plain PV does the shim must do. With 64 bits: tests/walls, by Linux.
 *
 *   command line: seed=N from=N count=N   (for more cases than are recorded)
 *
 * Without TF an arbitrary instruction could run for ever, so it is single-stepped.
 */
#include "guest.h"

#define DATA     0x40010000UL /* two pages; the second one is read-only, and then nothing */
#define CODE_END 16

static u8 code[PAGE_SIZE] __attribute__((section(".user"), aligned(4096))) = {0xcc};
static u8 *data;
u8 canary[PAGE_SIZE]; /* the kernel's; not static, so that it is looked at */
/* clang-format off */
static const struct insn {
    u8 n, bytes[7];
} insns[] = {
    {1, {0xfa}}, {1, {0xfb}}, {1, {0xf4}}, {1, {0x9d}}, {1, {0x9c}}, {1, {0xcf}}, {1, {0xce}}, {2, {0x66, 0xcf}},
    {2, {0xcd, 0x80}}, {2, {0xcd, 0x03}}, {2, {0xcd, 0x0e}}, {2, {0xcd, 0x20}}, {1, {0xf1}}, {1, {0xcc}},
    {1, {0xec}}, {1, {0xed}}, {1, {0xee}}, {1, {0xef}}, {1, {0x6c}}, {1, {0x6d}}, {1, {0x6e}}, {1, {0x6f}},
    {2, {0xf3, 0x6c}}, {2, {0xf3, 0x6e}}, {2, {0xe4, 0x80}}, {2, {0xe6, 0x80}}, {1, {0xcb}}, {2, {0x66, 0xcb}},
    {2, {0x8e, 0xd8}}, {2, {0x8e, 0xc0}}, {2, {0x8e, 0xe0}}, {2, {0x8e, 0xe8}}, {2, {0x8e, 0xd0}}, {2, {0x8e, 0xc8}},
    {1, {0x1f}}, {1, {0x07}}, {2, {0x0f, 0xa1}}, {2, {0x0f, 0xa9}}, {1, {0x17}}, {2, {0xc5, 0x06}}, {2, {0xc4, 0x06}},
    {3, {0x0f, 0xb4, 0x06}}, {3, {0x0f, 0xb5, 0x06}}, {3, {0x0f, 0xb2, 0x26}}, {2, {0xff, 0x1e}}, {2, {0xff, 0x2e}},
    {7, {0x9a, 0, 0, 0, 0, 0x19, 0xe0}}, {7, {0xea, 0, 0, 0, 0, 0x08, 0xe0}}, {7, {0x9a, 0, 0, 0, 0, 0x33, 0xe0}},
    {3, {0x0f, 0x00, 0xe0}}, {3, {0x0f, 0x00, 0xe8}}, {3, {0x0f, 0x02, 0xc3}}, {3, {0x0f, 0x03, 0xc3}},
    {3, {0x0f, 0x00, 0xd0}}, {3, {0x0f, 0x00, 0xd8}}, {3, {0x0f, 0x01, 0x16}}, {3, {0x0f, 0x01, 0x1e}},
    {3, {0x0f, 0x01, 0xf0}}, {3, {0x0f, 0x01, 0x3e}}, {2, {0x0f, 0x06}}, {2, {0x0f, 0x08}}, {2, {0x0f, 0x09}},
    {3, {0x0f, 0x20, 0xc0}}, {3, {0x0f, 0x20, 0xd8}}, {3, {0x0f, 0x22, 0xc0}}, {3, {0x0f, 0x22, 0xd8}},
    {3, {0x0f, 0x22, 0xe0}}, {3, {0x0f, 0x21, 0xf8}}, {3, {0x0f, 0x23, 0xf8}}, {2, {0x0f, 0x30}}, {2, {0x0f, 0x32}},
    {2, {0x0f, 0x34}}, {2, {0x0f, 0x35}}, {2, {0x0f, 0x07}}, {3, {0x0f, 0x01, 0xd1}}, {3, {0x0f, 0x01, 0xf8}},
    {3, {0x0f, 0x01, 0xf8}}, {3, {0x0f, 0x01, 0xc8}}, {3, {0x0f, 0x01, 0xc9}}, {3, {0x0f, 0x01, 0xda}},
    {3, {0x0f, 0x01, 0xdd}}, {2, {0x0f, 0x0b}}, {2, {0x62, 0x06}}, {2, {0x63, 0xc3}}, {1, {0xd7}}, {1, {0x60}},
    {1, {0x61}}, {2, {0x8b, 0x06}}, {2, {0x89, 0x07}}, {2, {0xff, 0x06}}, {2, {0xf7, 0x36}}, {2, {0xf7, 0xf9}},
    {1, {0xa4}}, {1, {0xa5}}, {2, {0xf3, 0xa4}}, {2, {0xf3, 0xab}}, {2, {0xf3, 0xae}}, {3, {0x0f, 0xc7, 0x0e}},
    {3, {0xf0, 0x01, 0x06}}, {3, {0xf0, 0x8b, 0x06}}, {3, {0x65, 0x8b, 0x06}}, {3, {0x64, 0x89, 0x06}},
    {3, {0x26, 0x89, 0x06}}, {4, {0xc8, 16, 0, 3}}, {1, {0xc9}}, {1, {0x50}}, {1, {0x58}}, {2, {0xff, 0x36}},
};
/* clang-format on */

/* The same number each time that it is asked for, so nothing depends on where things are linked. */
static u32 value(void)
{
    static const u32 pool[] = {
        0,           1,         0xffffffff,       0x80000000,  0x7fffffff,
        DATA,        DATA + 8,  DATA + 4094,      DATA + 8190, DATA + 8192,
        DATA + 4096, VIRT_BASE, VIRT_BASE + 4096, 0xb,         0xe02b,
        0xe033,      0xe019,    0xe021,           0xe008,      0xe010,
        0x80,        0x3f8,     0xc0000080,       0x1000000,   USER_STACK - 64,
    };

    return case_below(4) ? pool[case_below(ARRAY_LEN(pool))] : case_random();
}

static u16 selector(void)
{
    static const u16 pool[] = {0xe02b, 0xe033, 0xe033, 0xe033, 0, 3};

    return pool[case_below(ARRAY_LEN(pool))];
}

static void put(const u8 *bytes, unsigned int n)
{
    memset(code, 0xcc, CODE_END + 16);
    memcpy(code, bytes, n);
}

/* RDTSC, RDPMC, RDRAND, CPUID, XGETBV, and what says where the hypervisor has its tables: no two
 * machines are alike. SYSCALL: another machine's. VMMCALL, VMCALL: L0's. */
static bool unwanted(const u8 *b)
{
    while (*b == 0x66 || *b == 0x67 || *b == 0xf2 || *b == 0xf3 || *b == 0xf0 || *b == 0x26 ||
           *b == 0x2e || *b == 0x36 || *b == 0x3e || *b == 0x64 || *b == 0x65)
        b++;
    if (*b >= 0xd8 && *b <= 0xdf) /* x87: its state outlives the case */
        return true;
    return *b == 0x0f &&
           (b[1] == 0x31 || b[1] == 0x33 || b[1] == 0xa2 || b[1] == 0xc7 || b[1] == 0x01 ||
            b[1] == 0x00 || b[1] == 0x05 || b[1] == 0x77 || b[1] == 0xae ||
            (b[1] >= 0x10 && b[1] <= 0x17) || (b[1] >= 0x28 && b[1] <= 0x2f) ||
            (b[1] >= 0x50 && b[1] <= 0x7f) || b[1] >= 0xc2);
}

static bool any_bytes(void)
{
    u8 bytes[CODE_END];

    do {
        for (unsigned int i = 0; i < sizeof(bytes); i++)
            bytes[i] = (u8)case_random();
        if (!case_below(3))
            bytes[0] = 0x0f;
    } while (unwanted(bytes));
    put(bytes, sizeof(bytes));
    return true;
}

static bool known_insn(void)
{
    const struct insn *in = &insns[case_below(ARRAY_LEN(insns))];

    put(in->bytes, in->n);
    return false;
}

static u32 sum(u32 so_far, u32 v)
{
    return (so_far ^ v) * 16777619u;
}

static void one_case(u32 number)
{
    struct context ctx = user_context(user_addr(code));
    u32 all = 2166136261u, error;
    const struct trap *t;
    bool step = number & 1 ? any_bytes() : known_insn();

    ctx.f.rax = value();
    ctx.f.rflags |= case_random() & (FL_CF | FL_DF | FL_AC | 0x8d4);
    if (step)
        ctx.f.rflags |= FL_TF;
    if (!case_below(8))
        ctx.f.rsp = value();
    ctx.regs = (struct gprs){.gs = selector(),
                             .fs = selector(),
                             .es = selector(),
                             .ds = selector(),
                             .rdi = value(),
                             .rsi = value(),
                             .rbp = value(),
                             .rbx = value(),
                             .rdx = value(),
                             .rcx = value()};
    for (u32 i = 0; i < PAGE_SIZE; i++)
        data[i] = (u8)(i * 7 + number);
    t = user_run(&ctx);
    const u32 regs[] = {t->regs.rdi, t->regs.rsi, t->regs.rbp,
                        t->regs.rbx, t->regs.rdx, t->regs.rcx,
                        t->regs.rax, t->rsp,      t->rip - user_addr(code)};
    for (unsigned int i = 0; i < ARRAY_LEN(regs); i++)
        all = sum(all, regs[i]);
    for (u32 i = 0; i < PAGE_SIZE; i += 4)
        all = sum(all, *(u32 *)(data + i));
    /* whether something is there in the hypervisor's part depends on the table */
    error = t->entry == X_PF && t->cr2 >= HYPERVISOR_AT ? t->error & ~1u : t->error;
    fact("case",
         "%u: %x %x %x rip+%lx cr2 %lx fl %lx cs %lx ss %lx ds %lx es %lx fs %lx gs %lx sum %x",
         number, code[0], code[1], code[2], t->rip - user_addr(code),
         t->entry == X_PF ? t->cr2 : t->entry * 0x10000ul + error, t->rflags & ~(ul)FL_RF,
         t->cs_slot & 0xffff, t->ss & 0xffff, t->regs.ds & 0xffff, t->regs.es & 0xffff,
         t->regs.fs & 0xffff, t->regs.gs & 0xffff, all);
    if (t->entry == X_PF)
        fact("case-fault", "%u: %s[%x]", number, trap_name(t), error);
    hc(set_debugreg, 6, 0xffff0ff0);
}

void test_main(void)
{
    u32 seed = word_number("seed", 1), from = word_number("from", 0),
        count = word_number("count", 250);
    ul wrong = 0;

    user_init();
    trap_set(0x80, 3, false);
    data = page_alloc();
    memset(canary, 0xa5, sizeof(canary));
    if (mmu_update_one(maddr_of(&user_l1[pt_index(DATA, 1)]),
                       maddr_of(data) | PT_KERNEL | PTE_US) ||
        mmu_update_one(maddr_of(&user_l1[pt_index(DATA, 1) + 1]),
                       maddr_of(data) | PTE_P | PTE_A | PTE_US))
        panic("mapping of user mode");
    for (u32 i = from; i < from + count; i++) {
        case_begin(seed, i);
        one_case(i);
    }
    for (ul i = 0; i < sizeof(canary); i++)
        wrong += canary[i] != 0xa5;
    check_num("kernel-changed", (long)wrong, 0);
}
