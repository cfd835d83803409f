// SPDX-License-Identifier: MIT
/*
 * The walls between user mode and the kernel that descriptors could break: no call gate is ever
 * live, in a GDT or an LDT, inside the number of entries that was given or behind it; and a return
 * with VGCF_in_syscall goes to the mode that its CS says.
 */
#include "guest.h"

#define DESC_GATE   0x8c00UL /* call gate, and present */
#define DESC_DATA32 0x00cff2000000ffffUL
#define LAR_PRESENT 0x8000
#define GATE_AT     20 /* entry; the gate takes two */

/* LCALL through the far pointer that RBX points to, then a system call: whichever way, one entry to
 * the kernel */
USER_CODE(far_call, "lcall *(%rbx)\n mov $0x600d, %eax\n syscall\n ud2");
USER_CODE(far_pointer, ".quad 0");
/* In 64-bit mode INC RAX, in compatibility mode DEC EAX and INC EAX */
USER_CODE(which_mode, "xor %eax, %eax\n .byte 0x48, 0xff, 0xc0\n int3");

static u8 gdt[PAGE_SIZE] page_aligned, ldt[PAGE_SIZE] page_aligned;

static void put_gate(u64 *table, u32 dpl)
{
    u64 target = (u64)&test_main;

    table[1] = DESC_DATA32;
    table[GATE_AT] = (target & 0xffff) | (u64)FLAT_KERNEL_CS << 16 | (DESC_GATE | dpl << 13) << 32 |
                     (target >> 16 & 0xffff) << 48;
    table[GATE_AT + 1] = target >> 32;
}

static u64 lar(u16 sel)
{
    u64 rights = 0;

    asm("lar %1, %0" : "+r"(rights) : "r"((u64)sel) : "cc");
    return rights;
}

/* Both modes try it. */
static void try_gate(const char *name, u16 sel)
{
    static struct {
        u32 offset;
        u16 sel;
    } target;
    struct context c = user_context(user_addr(far_call));

    target.sel = sel;
    /* (a gate that isn't present may show, and faults) */
    bool live = lar(sel) & LAR_PRESENT;
    check(name, !live, "%s", live ? "live" : "not live");
    PROBE("lcall *(%0)", NONE, "b"(&target));
    check(name, last_trap.entry == X_GP || last_trap.entry == X_NP || last_trap.entry == X_PF,
          "kernel %s",
          last_trap.entry == X_GP || last_trap.entry == X_NP || last_trap.entry == X_PF
              ? "faults"
              : "gets through");
    memcpy(far_pointer, &target, 6);
    c.regs.rbx = user_addr(far_pointer);
    struct trap *t = user_run(&c);
    check(name, t->entry == X_GP || t->entry == X_NP || t->entry == X_PF, "user %s",
          t->entry == ENTRY_SYSCALL ? "gets through" : "faults");
}

static void test_gdt(const char *name, u32 ents)
{
    u64 frame = mfn_of(gdt);

    put_gate((u64 *)gdt, 3);
    make_readonly(gdt);
    long rc = hc(set_gdt, &frame, ents);
    fact_rc(name, rc);
    try_gate(name, GATE_AT << 3 | 3);
    hc(set_gdt, &frame, 0);
    make_writable(gdt);
}

static void test_ldt(const char *name, u32 ents)
{
    put_gate((u64 *)ldt, 3);
    make_readonly(ldt);
    fact_rc(name, mmuext_one(MMUEXT_SET_LDT, (ul)ldt, ents));
    try_gate(name, GATE_AT << 3 | 7);
    mmuext_one(MMUEXT_SET_LDT, 0, 0);
    make_writable(ldt);
}

static void test_mode(const char *name, u32 flags, u16 cs)
{
    struct context c = user_context(user_addr(which_mode));

    c.f.flags = flags;
    c.f.cs = cs;
    struct trap *t = user_run(&c);
    check(name, t->entry == X_BP && TRAP_CS(t) == cs && (u32)t->regs.rax == (cs == USER_CS),
          "%s, cs %x, %s-bit code", trap_name(t), TRAP_CS(t), (u32)t->regs.rax == 1 ? "64" : "32");
}

void test_main(void)
{
    struct callback_register cb = {.type = CALLBACKTYPE_syscall,
                                   .address = trap_stub(ENTRY_SYSCALL)};

    user_init();
    hc(callback_op, CALLBACKOP_register, &cb);
    test_gdt("gate-in-the-gdt", 32);
    test_gdt("gate-behind-the-gdt", 16);
    test_ldt("gate-in-the-ldt", 32);
    test_ldt("gate-behind-the-ldt", 16);
    test_mode("iret-64", 0, USER_CS);
    test_mode("iret-32", 0, 0xe023);
    test_mode("in-syscall-64", VGCF_in_syscall, USER_CS);
    test_mode("in-syscall-32", VGCF_in_syscall, 0xe023);
}
