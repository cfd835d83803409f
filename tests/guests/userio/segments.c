// SPDX-License-Identifier: MIT
/* From 32-bit code, of a guest of either width: bases and limits of the segments, from GDT and LDT.
 */
#include "userio.h"

#define DESC(base, type, limit, flags)                                                             \
    ((u64)((limit)&0xffff) | ((u64)(base)&0xffffff) << 16 | (u64)(type) << 40 |                    \
     (u64)((limit) >> 16 & 15) << 48 | (u64)(flags) << 52 | ((u64)(base) >> 24 & 0xff) << 56)

enum {
    FLAT = 0x0b,
    SMALL = 0x13, /* PAGE_A, one page */
    DOWN = 0x1b,  /* PAGE_A, from 0x800 up */
    READ_ONLY_DS = 0x23,
    CODE_BASED = 0x2b, /* a page below the user's code, readable */
    CODE_ONLY = 0x33,  /* not readable */
    DOWN_16 = 0x3b,    /* from 0x800 to 0xffff */
    WRAPS = 0x43,      /* base 0xfffff000 */
    CODE_16 = 0x4b,
    LDT = 4,
};

#define LOAD "mov %eax, %ds; mov %ebx, %es;"
USER_CODE(s_begin, ".code32");
USER_CODE(s_insb, LOAD "insb; ud2");
USER_CODE(s_insl, LOAD "insl; ud2");
USER_CODE(s_insw, LOAD "insw; ud2");
USER_CODE(s_rep_insb, LOAD "rep insb; ud2");
USER_CODE(s_rep_insl, LOAD "rep insl; ud2");
USER_CODE(s_std_rep_insw, LOAD "std; rep insw; ud2");
USER_CODE(s_a16_rep_insb, LOAD ".byte 0x67; rep insb; ud2");
USER_CODE(s_a16_rep_outsb, LOAD ".byte 0x67; rep outsb; ud2");
USER_CODE(s_outsb, LOAD "outsb; ud2");
USER_CODE(s_rep_outsb, LOAD "rep outsb; ud2");
USER_CODE(s_cs_outsb, LOAD "cs outsb; ud2");
USER_CODE(s_ss_outsb, LOAD "ss outsb; ud2");
USER_CODE(s_es_outsb, LOAD "es outsb; ud2");
USER_CODE(s_fs_outsb, "mov %eax, %fs; fs outsb; ud2");
USER_CODE(s_gs_outsb, "mov %eax, %gs; gs outsb; ud2");
USER_CODE(s_fs_insb, "mov %eax, %fs; mov %ebx, %es; fs insb; ud2");
USER_CODE(s_in, "in $0x80, %al; hlt");
USER_CODE(s_cpuid, "mov $0x40000000, %eax; .byte 0x0f, 0x0b, 'x', 'e', 'n'; cpuid; hlt");
USER_CODE(s_sixteen, ".code16; mov %bx, %es; in %dx, %eax; insl; hlt; .code32");
#if GUEST_BITS == 64
USER_CODE(s_end, ".code64");
#endif

#define SHOW32(code, ...)                                                                          \
    do {                                                                                           \
        io_show(#code, code, &(struct io){.cs = CODE32_CS, __VA_ARGS__});                          \
        asm volatile("mov %0, %%fs; mov %0, %%gs" ::"r"(0));                                       \
    } while (0)

static void test_limits(void)
{
    SHOW32(s_insb, .rax = FLAT, .rbx = FLAT, .rdi = PAGE_A + 3);
    SHOW32(s_insl, .rax = FLAT, .rbx = FLAT, .rdi = PAGE_A + 4094);
    SHOW32(s_insw, .rax = FLAT, .rbx = FLAT, .rdi = PAGE_A);
    SHOW32(s_insl, .rax = FLAT, .rbx = FLAT, .rdi = HOLE - 1);
    SHOW32(s_insl, .rax = FLAT, .rbx = FLAT, .rdi = 0xfffffffe);
    SHOW32(s_insb, .rax = FLAT, .rbx = FLAT, .rdi = 0xffffffff);
    SHOW32(s_rep_insb, .rax = FLAT, .rbx = FLAT, .rdi = HOLE - 5, .rcx = 9);
    SHOW32(s_std_rep_insw, .rax = FLAT, .rbx = FLAT, .rdi = PAGE_A + 4, .rcx = 9);
    SHOW32(s_rep_insb, .rax = FLAT, .rbx = SMALL, .rdi = 0xffd, .rcx = 9);
    SHOW32(s_rep_insl, .rax = FLAT, .rbx = SMALL, .rdi = 0xff6, .rcx = 9);
    SHOW32(s_insl, .rax = FLAT, .rbx = SMALL, .rdi = 0xffc);
    SHOW32(s_insl, .rax = FLAT, .rbx = SMALL, .rdi = 0xffd);
    SHOW32(s_insb, .rax = FLAT, .rbx = SMALL, .rdi = 0x1000);
    SHOW32(s_insb, .rax = FLAT, .rbx = DOWN, .rdi = 0x800);
    SHOW32(s_insb, .rax = FLAT, .rbx = DOWN, .rdi = 0x7ff);
    SHOW32(s_insl, .rax = FLAT, .rbx = DOWN, .rdi = 0x7ff);
    SHOW32(s_insl, .rax = FLAT, .rbx = DOWN, .rdi = 0x1ffe);
    SHOW32(s_insb, .rax = FLAT, .rbx = DOWN_16, .rdi = 0x900);
    SHOW32(s_insb, .rax = FLAT, .rbx = DOWN_16, .rdi = 0x10000);
    SHOW32(s_insl, .rax = FLAT, .rbx = DOWN_16, .rdi = 0xfffe);
    SHOW32(s_insb, .rax = FLAT, .rbx = WRAPS, .rdi = PAGE_A + 0x1007);
    SHOW32(s_rep_insb, .rax = FLAT, .rbx = WRAPS, .rdi = 0xffe, .rcx = 3);
    SHOW32(s_insb, .rax = FLAT, .rbx = READ_ONLY_DS, .rdi = 5);
    SHOW32(s_insb, .rax = FLAT, .rbx = 0, .rdi = PAGE_A);
    SHOW32(s_rep_insb, .rax = FLAT, .rbx = 0, .rdi = PAGE_A);
    SHOW32(s_insb, .rax = 0, .rbx = FLAT, .rdi = PAGE_A + 8);
    SHOW32(s_insb, .rax = FLAT, .rbx = CODE_BASED, .rdi = PAGE_A);
    SHOW32(s_insb, .rax = FLAT, .rbx = SMALL | LDT, .rdi = 9);
    SHOW32(s_insb, .rax = FLAT, .rbx = SMALL | LDT, .rdi = 0x100);
    SHOW32(s_insb, .rax = FLAT, .rbx = USER_SS, .rdi = PAGE_A + 77);
}

static void test_overrides(void)
{
    SHOW32(s_outsb, .rax = SMALL, .rbx = FLAT, .rsi = 0xfff);
    SHOW32(s_outsb, .rax = SMALL, .rbx = FLAT, .rsi = 0x1000);
    SHOW32(s_outsb, .rax = READ_ONLY_DS, .rbx = FLAT, .rsi = 0x10);
    SHOW32(s_outsb, .rax = 0, .rbx = FLAT, .rsi = PAGE_A);
    SHOW32(s_rep_outsb, .rax = SMALL, .rbx = FLAT, .rsi = 0xffe, .rcx = 7);
    SHOW32(s_es_outsb, .rax = 0, .rbx = SMALL, .rsi = 0x10);
    SHOW32(s_es_outsb, .rax = FLAT, .rbx = SMALL, .rsi = 0x1001);
    SHOW32(s_cs_outsb, .rax = 0, .rbx = 0, .rsi = USER_BASE);
    SHOW32(s_ss_outsb, .rax = 0, .rbx = 0, .rsi = PAGE_A);
    SHOW32(s_ss_outsb, .rax = 0, .rbx = 0, .rsi = HOLE);
    SHOW32(s_fs_outsb, .rax = SMALL, .rsi = 0xfff);
    SHOW32(s_fs_outsb, .rax = SMALL, .rsi = 0x1000);
    SHOW32(s_fs_outsb, .rax = 0, .rsi = PAGE_A);
    SHOW32(s_gs_outsb, .rax = SMALL, .rsi = 0xfff);
    SHOW32(s_gs_outsb, .rax = SMALL, .rsi = 0x1000);
    SHOW32(s_fs_insb, .rax = 0, .rbx = FLAT, .rdi = PAGE_A);
    SHOW32(s_a16_rep_insb, .rax = FLAT, .rbx = SMALL, .rdi = 0x120ffd, .rcx = 0x50003);
    SHOW32(s_a16_rep_insb, .rax = FLAT, .rbx = SMALL, .rdi = 0x120ffd, .rcx = 0x50004);
    SHOW32(s_a16_rep_insb, .rax = FLAT, .rbx = FLAT, .rdi = 0x120ffd, .rcx = 0x50000);
    SHOW32(s_a16_rep_outsb, .rax = SMALL, .rbx = FLAT, .rsi = 0x120010, .rcx = 0x50003);
}

/* Where code lies depends on its segment's base. */
static void test_code_base(void)
{
    struct context ctx = user_context(user_addr(s_in) - USER_BASE + PAGE_SIZE);
    struct trap *t;

    ctx.f.cs = CODE_BASED;
    t = user_run(&ctx);
    fact("based-in", "%s rax 0x%lx", trap_name(t), t->regs.rax);
    ctx.f.cs = CODE_ONLY;
    t = user_run(&ctx);
    fact("execute-only-in", "%s rax 0x%lx", trap_name(t), t->regs.rax);
    ctx.f.cs = CODE_BASED;
    ctx.f.rip = user_addr(s_cpuid) - USER_BASE + PAGE_SIZE;
    t = user_run(&ctx);
    fact("based-forced-cpuid", "%s rbx 0x%lx", trap_name(t), t->regs.rbx);
    /* 16-bit code: the operand size prefix says 32, the address size is 16. */
    ctx.f.cs = CODE_16;
    ctx.f.rip = user_addr(s_sixteen) - USER_BASE + PAGE_SIZE;
    ctx.f.rax = (ul)0x1122334455667788;
    ctx.regs.rdx = ALLOWED;
    ctx.regs.rbx = FLAT;
    ctx.regs.rdi = 0x50010;
    memset(pages, 0, PAGE_SIZE);
    t = user_run(&ctx);
    fact("sixteen", "%s rax 0x%lx rdi 0x%lx cr2 0x%lx", trap_name(t), t->regs.rax, t->regs.rdi,
         t->entry == X_PF ? t->cr2 : 0);
}

void test_segments(void)
{
    u64 *gdt = page_alloc(), *ldt = page_alloc();
    ul frames[1] = {mfn_of(gdt)};

    gdt[FLAT / 8] = DESC(0, 0xf3, 0xfffff, 0xc);
    gdt[SMALL / 8] = DESC(PAGE_A, 0xf3, 0xfff, 0x4);
    gdt[DOWN / 8] = DESC(PAGE_A, 0xf7, 0x7ff, 0x4);
    gdt[READ_ONLY_DS / 8] = DESC(PAGE_A, 0xf1, 0xfff, 0x4);
    gdt[CODE_BASED / 8] = DESC(USER_BASE - PAGE_SIZE, 0xfb, 0xfffff, 0xc);
    gdt[CODE_ONLY / 8] = DESC(USER_BASE - PAGE_SIZE, 0xf9, 0xfffff, 0xc);
    gdt[DOWN_16 / 8] = DESC(PAGE_A, 0xf7, 0x7ff, 0x0);
    gdt[WRAPS / 8] = DESC(0xfffff000, 0xf3, 0xfffff, 0xc);
    gdt[CODE_16 / 8] = DESC(USER_BASE - PAGE_SIZE, 0xfb, 0xfffff, 0x8);
    ldt[SMALL / 8] = DESC(PAGE_A + 0x100, 0xf3, 0xff, 0x4);
    make_readonly(gdt);
    make_readonly(ldt);
    if (hc(set_gdt, frames, 512) || mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512))
        panic("tables");
    test_limits();
    test_overrides();
    test_code_base();
}
