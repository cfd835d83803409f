// SPDX-License-Identifier: MIT
/*
 * User mode of a 32-bit guest on a table of its own, with the word isolate=yes
 * (xen-shim/guest/isolate32.c), where the guest has one table for both modes. That user mode's is
 * in step with the guest's when it gets there, by the hypercall and by the CPU's IRET: an entry of
 * the L3 that is set, changed, taken out; another L3; a first instruction that isn't there, or may
 * not be executed. And of the kernel's GiB user mode has those pages that have U, for as long, with
 * those rights, more of them than the shim remembers, and code in them.
 */
#include "guest.h"

USER_CODE(u_int80, ".byte 0xcd, 0x80; nop");
USER_CODE(u_read, "mov (%edi), %eax; ud2");
USER_CODE(u_write, "mov %esi, (%edi); ud2");
USER_CODE(u_call, "call *%edi; ud2");
USER_CODE(u_hlt, "hlt");
USER_CODE(u_step, "pushfl; orl $0x100, (%esp); popfl; nop; ud2");

#define LINKS     20 /* pages, of 2 MiB each; the shim remembers 4 and 16 */
#define IN_KERNEL UNMAPPED

static bool native;

static struct trap *go(struct context *ctx)
{
    return native ? user_run_native(ctx) : user_run(ctx);
}

static struct trap *run(const void *code, ul edi)
{
    struct context ctx = user_context(user_addr(code));

    ctx.regs.rdi = edi;
    ctx.regs.rsi = 0x5151;
    ctx.regs.rbp = 0xb0b0;
    return go(&ctx);
}

static struct trap *run_at(ul rip)
{
    struct context ctx = user_context(rip);

    ctx.regs.rbp = 0xb0b0;
    return go(&ctx);
}

static void is(const char *name, const struct trap *t, int entry, long error)
{
    check_user(name, t, entry, error);
    check_true("from-user", TRAP_FROM_USER(t) && t->regs.rbp == 0xb0b0);
}

/* What user mode reads there. */
static void reads(const char *name, ul va, u32 value)
{
    struct trap *t = run(u_read, va);

    is(name, t, X_UD, -1);
    check_hex(name, t->regs.rax, value);
}

static void faults(const char *name, struct trap *t, ul va, long error)
{
    is(name, t, X_PF, error);
    check_true(name, t->cr2 == va);
}

static void set_entry(u64 *entry, u64 val)
{
    if (mmu_update_one(maddr_of(entry), val) || mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0))
        panic("entry");
}

static u32 *page_with(u32 value)
{
    u32 *p = page_alloc();

    *p = value;
    return p;
}

#define USER_PAGE(p) (maddr_of(p) | PT_KERNEL | PTE_US)

static void test_ways(void)
{
    struct trap *t;

    for (int i = 0; i < 3; i++) {
        is("int80", run(u_int80, 0), 0x80, -1);
        is("gp", run(u_hlt, 0), X_GP, 0);
        is("step", run(u_step, 0), X_DB, -1);
    }
    faults("kernel-read", run(u_read, (ul)&native), (ul)&native, 5);
    faults("kernel-write", run(u_write, (ul)&native), (ul)&native, 7);
    faults("kernel-jump", run_at((ul)test_ways), (ul)test_ways, 0x15);
    faults("first-instruction-not-there", run_at(0x123000), 0x123000, 0x14);
    set_entry(&user_l1[100], USER_PAGE(page_alloc()) | PTE_NX);
    t = run_at(USER_BASE + 100 * PAGE_SIZE);
    faults("first-instruction-nx", t, USER_BASE + 100 * PAGE_SIZE, 0x15);
    is("after-them", run(u_int80, 0), 0x80, -1);
}

static struct window window_with(u32 value)
{
    struct window w = window_build(WINDOW(0));

    w.l1[5] = USER_PAGE(page_with(value));
    make_readonly(w.l1);
    make_readonly(w.l2);
    return w;
}

static void test_entries(void)
{
    struct window a = window_with(0xaaaa), b = window_with(0xbbbb);
    ul at = a.va + 5 * PAGE_SIZE;
    u64 *entry = &kernel_top()[WINDOW(0)];

    faults("l3-before", run(u_read, at), at, 4);
    set_entry(entry, maddr_of(a.l2) | PT_TOP);
    reads("l3-set", at, 0xaaaa);
    set_entry(entry, maddr_of(b.l2) | PT_TOP);
    reads("l3-changed", at, 0xbbbb);
    set_entry(entry, 0);
    faults("l3-taken-out", run(u_read, at), at, 4);
    set_entry(entry, maddr_of(a.l2) | PT_TOP);
    reads("l3-again", at, 0xaaaa);
    set_entry(&a.l1[5], 0);
    faults("l1-taken-out", run(u_read, at), at, 4);
    set_entry(entry, 0);
}

static void test_other_root(void)
{
    struct window a = window_with(0xaaaa), b = window_with(0xbbbb);
    ul at = a.va + 5 * PAGE_SIZE;
    u64 *l3 = page_alloc(), *l2 = page_alloc();

    set_entry(&kernel_top()[WINDOW(0)], maddr_of(a.l2) | PT_TOP);
    memcpy(l3, kernel_top(), 4 * sizeof(u64));
    memcpy(l2, mfn_to_va(PTE_MFN(l3[3])), 428 * sizeof(u64));
    l3[3] = maddr_of(l2) | PT_TOP;
    l3[WINDOW(0)] = maddr_of(b.l2) | PT_TOP;
    make_readonly(l3);
    make_readonly(l2);
    check_rc("root-pin", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0), 0);
    for (int i = 0; i < 2; i++) {
        reads("root-first", at, 0xaaaa);
        check_rc("root-load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l3), 0), 0);
        reads("root-second", at, 0xbbbb);
        check_rc("root-back", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(kernel_top()), 0), 0);
    }
    check_rc("root-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l3), 0), 0);
    set_entry(&kernel_top()[WINDOW(0)], 0);
}

/* A page of the kernel's GiB. */
static u64 *l1s[LINKS];

static void test_shown(void)
{
    ul at = IN_KERNEL + 7 * PAGE_SIZE;
    u64 *entry = &l1s[0][7], *l2 = pt_entry(kernel_top(), at, 2);
    u32 *one = page_with(0x1111), *two = page_with(0x2222);

    set_entry(entry, maddr_of(one) | PT_KERNEL);
    faults("shown-not-yet", run(u_read, at), at, 5);
    set_entry(entry, USER_PAGE(one) & ~(PTE_A | PTE_D));
    reads("shown", at, 0x1111);
    check_hex("shown-bits", *entry & (PTE_A | PTE_D), PTE_A);
    is("shown-write", run(u_write, at), X_UD, -1);
    check_hex("shown-written", *one, 0x5151);
    check_hex("shown-bits-written", *entry & (PTE_A | PTE_D), PTE_A | PTE_D);
    set_entry(entry, USER_PAGE(two));
    reads("shown-another", at, 0x2222);
    set_entry(entry, USER_PAGE(two) & ~PTE_RW);
    reads("shown-readonly", at, 0x2222);
    faults("shown-readonly-write", run(u_write, at), at, 7);
    set_entry(entry, maddr_of(two) | PT_KERNEL);
    faults("shown-no-more", run(u_read, at), at, 5);
    set_entry(entry, USER_PAGE(two));
    set_entry(l2, *l2 & ~PTE_US);
    faults("shown-not-at-level-2", run(u_read, at), at, 5);
    set_entry(l2, *l2 | PTE_US);
    reads("shown-at-level-2", at, 0x2222);
    set_entry(entry, 0);
    faults("shown-gone", run(u_read, at), at, 4);
    is("shown-nothing", run(u_int80, 0), 0x80, -1);
}

/* As a vDSO at the end of the kernel's space: user mode calls it, or goes on in it. */
static void test_code(void)
{
    static const u8 code[] = {0xb8, 0x21, 0x43, 0, 0, /* mov $0x4321, %eax */
                              0x0f, 0x0b};
    ul at = IN_KERNEL + 9 * PAGE_SIZE;
    u8 *page = page_alloc();
    struct trap *t;

    memcpy(page, code, sizeof(code));
    set_entry(&l1s[0][9], USER_PAGE(page) & ~PTE_RW);
    for (int i = 0; i < 2; i++) {
        t = run(u_call, at);
        is("code-called", t, X_UD, -1);
        check_hex("code-ran", t->regs.rax, 0x4321);
        t = run_at(at);
        is("code-first", t, X_UD, -1);
        check_hex("code-first-ran", t->regs.rax, 0x4321);
        is("code-and-others", run(u_int80, 0), 0x80, -1);
    }
    set_entry(&l1s[0][9], USER_PAGE(page) | PTE_NX);
    faults("code-nx", run(u_call, at), at, 0x15);
    set_entry(&l1s[0][9], 0);
    faults("code-gone", run_at(at), at, 0x14);
}

static void test_many(void)
{
    static u32 *page[LINKS];
    unsigned int right = 0, gone = 0;

    for (unsigned int i = 0; i < LINKS; i++) {
        if (!page[i])
            page[i] = page_with(0x100 + i);
        set_entry(&l1s[i][3], USER_PAGE(page[i]));
    }
    for (unsigned int n = 0; n < 3 * LINKS; n++) {
        ul at = IN_KERNEL + n % LINKS * (PAGE_SIZE << 9) + 3 * PAGE_SIZE;
        right += run(u_read, at)->regs.rax == 0x100 + n % LINKS;
    }
    check_num("many-right", right, 3 * LINKS);
    for (unsigned int i = 0; i < LINKS; i++)
        set_entry(&l1s[i][3], 0);
    for (unsigned int i = 0; i < LINKS; i++)
        gone += run(u_read, IN_KERNEL + i * (PAGE_SIZE << 9) + 3 * PAGE_SIZE)->entry == X_PF;
    check_num("many-gone", gone, LINKS);
}

static void link_tables(void)
{
    u64 *l2 = pt_entry(kernel_top(), IN_KERNEL, 2);

    for (unsigned int i = 0; i < LINKS; i++) {
        l1s[i] = page_alloc();
        make_readonly(l1s[i]);
        set_entry(&l2[i], maddr_of(l1s[i]) | PT_TABLE);
    }
}

void test_main(void)
{
    user_init();
    events_unmask();
    trap_set(0x80, 3, false);
    link_tables();
    for (int i = 0; i < 2; i++) {
        native = i;
        print("by %s\n", native ? "IRET" : "hypercall");
        test_ways();
        test_entries();
        test_other_root();
        test_shown();
        test_code();
        test_many();
    }
}
