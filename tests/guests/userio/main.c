// SPDX-License-Identifier: MIT
/*
 * Port I/O of user mode with the right to a few ports, as ioperm gives it. INS and OUTS reach the
 * memory that user mode itself could reach, and no other: the kernel's is a page fault with user
 * mode's error code, also where the kernel's tables are what is loaded. Registers, flags, prefixes,
 * page crossings and faults in the middle of a string are those of the CPU, and of Xen's emulation
 * where that differs; accessed and dirty bits are set. And instructions at the end of a page.
 */
#include "userio.h"

u8 *pages;
static u8 bitmap[3 * PAGE_SIZE] page_aligned;
static u8 victim[64] = "the kernel's own";

#if GUEST_BITS == 64
#define TRACED "pushfq; orq $0x100, (%rsp); popfq; "
#else
#define TRACED "pushfl; orl $0x100, (%esp); popfl; "
#endif

USER_CODE(u_insb, "insb; ud2");
USER_CODE(u_insw, "insw; ud2");
USER_CODE(u_insl, "insl; ud2");
USER_CODE(u_rep_insb, "rep insb; ud2");
USER_CODE(u_rep_insl, "rep insl; ud2");
USER_CODE(u_repne_insw, "repne insw; ud2");
USER_CODE(u_std_rep_insl, "std; rep insl; ud2");
USER_CODE(u_outsb, "outsb; ud2");
USER_CODE(u_outsl, "outsl; ud2");
USER_CODE(u_rep_outsb, "rep outsb; ud2");
USER_CODE(u_rep_outsl, "rep outsl; ud2");
USER_CODE(u_cs_outsb, ".byte 0x2e; outsb; ud2");
USER_CODE(u_ss_outsb, ".byte 0x36; outsb; ud2");
USER_CODE(u_inb, "in %dx, %al; ud2");
USER_CODE(u_inw, "in %dx, %ax; ud2");
USER_CODE(u_inl, "in %dx, %eax; ud2");
USER_CODE(u_in_prefixes, ".byte 0x2e, 0x67, 0xf3, 0x66, 0x66; in %dx, %eax; ud2");
USER_CODE(u_lock_in, ".byte 0xf0; in %dx, %al; ud2");
USER_CODE(u_outl, "out %eax, %dx; ud2");
USER_CODE(u_step, TRACED "rep insb; nop; ud2");
USER_CODE(u_step_out, TRACED "out %al, %dx; nop; ud2");
USER_CODE(u_end, "");

struct trap *io_run(const void *code, const struct io *in)
{
    struct context ctx = user_context(user_addr(code));
    struct trap *t;

    ctx.f.rax = in->rax;
#if GUEST_BITS == 64
    ctx.f.rcx = in->rcx;
#else
    ctx.regs.rcx = in->rcx;
#endif
    ctx.f.rflags |= in->rflags;
    if (in->cs)
        ctx.f.cs = in->cs;
    ctx.regs.rbx = in->rbx;
    ctx.regs.rdx = in->rdx ?: ALLOWED;
    ctx.regs.rsi = in->rsi;
    ctx.regs.rdi = in->rdi;
    memset(pages, 0, 2 * PAGE_SIZE);
    t = user_run(&ctx);
#if GUEST_BITS == 64
    asm volatile("mov %0, %%ds; mov %0, %%es" ::"r"(0));
#endif
    return t;
}

void io_show(const char *name, const void *code, const struct io *in)
{
    struct trap *t = io_run(code, in);
    ul first = 0, n = 0;

    for (ul i = 0; i < 2 * PAGE_SIZE; i++)
        if (pages[i]) {
            first = n ? first : i;
            n++;
        }
    /* whether an entry is there that user mode may not use depends on the table */
    u32 error = t->entry == X_PF ? t->error & ~1u : t->error;
    if (t->entry == X_PF && t->cr2 >= PAGE_A && t->cr2 < READ_ONLY + PAGE_SIZE)
        error = t->error;
    fact(name,
         "%s[%x] rip+%ld rcx 0x%lx rsi 0x%lx rdi 0x%lx rax 0x%lx rbx 0x%lx wrote %lu at 0x%lx",
         t->entry == X_GP   ? "#GP"
         : t->entry == X_PF ? "#PF"
         : t->entry == X_SS ? "#SS"
         : t->entry == X_UD ? "#UD"
         : t->entry == X_DB ? "#DB"
                            : "other",
         error, (long)(t->rip - user_addr(code)), t->regs.rcx, t->regs.rsi - in->rsi,
         t->regs.rdi - in->rdi, t->regs.rax, t->regs.rbx, n, first);
    if (t->entry == X_PF && in->rdi > (ul)victim - 64 && in->rdi <= (ul)victim)
        check_true("cr2-is-the-address", t->cr2 == in->rdi);
    else if (t->entry == X_PF)
        fact(in->rbx == 0x1b ? "cr2 rbx 0x1b" : "cr2", "0x%lx", t->cr2);
}

static void test_memory(void)
{
    SHOW(u_insb, .rdi = PAGE_A + 5);
    SHOW(u_insw, .rdi = PAGE_A + 5);
    SHOW(u_insl, .rdi = PAGE_A + 5);
    SHOW(u_insl, .rdi = PAGE_A + 4094);
    SHOW(u_rep_insb, .rdi = PAGE_A + 4000, .rcx = 200);
    SHOW(u_rep_insb, .rdi = PAGE_A, .rcx = 5000);
    SHOW(u_rep_insb, .rdi = HOLE, .rcx = 0);
    SHOW(u_repne_insw, .rdi = PAGE_A + 1, .rcx = 5);
    SHOW(u_rep_insl, .rdi = PAGE_A + 4093, .rcx = 3);
    SHOW(u_std_rep_insl, .rdi = PAGE_A + 4094, .rcx = 3);
    SHOW(u_outsb, .rsi = PAGE_A + 5);
    SHOW(u_outsl, .rsi = PAGE_A + 4094);
    SHOW(u_rep_outsb, .rsi = PAGE_A + 5, .rcx = 100);
    SHOW(u_rep_outsl, .rsi = PAGE_A + 5, .rcx = 100);
}

static void test_faults(void)
{
    SHOW(u_insb, .rdi = HOLE + 7);
    SHOW(u_outsb, .rsi = HOLE + 7);
    SHOW(u_rep_insb, .rdi = HOLE - 3, .rcx = 10);
    SHOW(u_rep_insl, .rdi = HOLE - 10, .rcx = 10);
    SHOW(u_insl, .rdi = HOLE - 2);
    SHOW(u_rep_outsl, .rsi = HOLE - 10, .rcx = 10);
    SHOW(u_std_rep_insl, .rdi = PAGE_A + 6, .rcx = 10);
    SHOW(u_insb, .rdi = READ_ONLY + 9);
    SHOW(u_insl, .rdi = READ_ONLY - 2);
    SHOW(u_outsb, .rsi = READ_ONLY + 9);
    SHOW(u_insb, .rdi = 0);
    SHOW(u_insb, .rdi = PAGE_A, .rdx = 0x88);
    SHOW(u_rep_insb, .rdi = PAGE_A, .rdx = 0x88);
    SHOW(u_insl, .rdi = PAGE_A, .rdx = 0x86);
}

/* A line of its own kind, as Xen lets a 32-bit guest's user mode there. */
#define AT_KERNEL(code, ...) io_show("kernel's " #code, code, &(struct io){__VA_ARGS__})

/* The kernel's memory, and the hypervisor's, neither written nor read. */
static void test_walls(void)
{
    AT_KERNEL(u_insb, .rdi = (ul)victim);
    AT_KERNEL(u_rep_insb, .rdi = (ul)victim, .rcx = 16);
    AT_KERNEL(u_insl, .rdi = (ul)victim);
    check_true("kernel's-memory-unchanged", !memcmp(victim, "the kernel's own", 16));
    for (ul at = 0; at < 2; at++) {
        struct trap *t = io_run(at ? u_outsb : u_insb,
                                &(struct io){.rdi = (ul)start_info, .rsi = (ul)start_info});
        check("start_info", t->entry == X_PF && (t->error & 4), "%s[%x]",
              t->entry == X_PF ? "#PF" : "other", t->error & ~1u);
        check_true("start_info-cr2", t->cr2 == (ul)start_info);
        check_true("start_info-unchanged", start_info->magic[0] == 'x');
    }
}

static void test_in_out(void)
{
    const ul ax = (ul)0x1122334455667788;

    SHOW(u_inb, .rax = ax);
    SHOW(u_inw, .rax = ax);
    SHOW(u_inl, .rax = ax);
    SHOW(u_in_prefixes, .rax = ax);
    SHOW(u_lock_in, .rax = ax);
    SHOW(u_outl, .rax = ax);
    SHOW(u_inb, .rdx = 0x87);
    SHOW(u_inw, .rdx = 0x87);
    SHOW(u_inb, .rdx = 0x7f);
    SHOW(u_inw, .rdx = 0x7f);
    SHOW(u_inb, .rdx = 0x10080);
    SHOW(u_outl, .rdx = 0xffff);
    SHOW(u_step, .rdi = PAGE_A, .rcx = 5);
    SHOW(u_step, .rdi = HOLE - 2, .rcx = 5);
    SHOW(u_step, .rdi = PAGE_A, .rcx = 0);
    SHOW(u_step, .rdi = PAGE_A, .rcx = 1);
    SHOW(u_step_out, .rdi = 0);
    hc(set_debugreg, 6, 0xffff0ff0);
}

static void set_bitmap(u8 *at, u32 ports)
{
    struct physdev_set_iobitmap iob = {.nr_ports = ports};

    set_xen_guest_handle(iob.bitmap, at);
    check_rc("set_iobitmap", hc(physdev_op, PHYSDEVOP_set_iobitmap, &iob), 0);
}

static void test_bitmap(void)
{
    set_bitmap(bitmap, 0x88);
    SHOW(u_inw, .rdx = 0x86);
    SHOW(u_inw, .rdx = 0x87);
    /* of which only the first byte is there */
    set_bitmap(bitmap + 2 * PAGE_SIZE - 0x11, 0x1000);
    SHOW(u_inb, .rdx = 0x80);
    SHOW(u_inb, .rdx = 0x88);
    SHOW(u_inw, .rdx = 0x87);
    set_bitmap(bitmap + 2 * PAGE_SIZE, 0x1000);
    SHOW(u_inb, .rdx = 0x80);
    set_bitmap(bitmap, 0x1000);
}

static u64 *entry_of(ul va)
{
    return &user_l1[pt_index(va, 1)];
}

static void set_entry(ul va, u64 entry)
{
    if (mmu_update_one(maddr_of(entry_of(va)), entry) || mmuext_one(MMUEXT_INVLPG_LOCAL, va, 0))
        panic("mapping of user mode");
}

static void test_bits(void)
{
    u64 bare = maddr_of(pages) | PTE_P | PTE_RW | PTE_US;

    set_entry(PAGE_A, bare);
    SHOW(u_outsb, .rsi = PAGE_A);
    check_hex("bits-outs", *entry_of(PAGE_A) & (PTE_A | PTE_D), PTE_A);
    set_entry(PAGE_A, bare);
    SHOW(u_insb, .rdi = PAGE_A);
    check_hex("bits-ins", *entry_of(PAGE_A) & (PTE_A | PTE_D), PTE_A | PTE_D);
}

/* Instructions that end on the next page, or would. */
static void test_page_end(void)
{
    struct context ctx;
    struct trap *t;

    static const struct {
        const char *name;
        u8 n, first, bytes[20];
    } cases[] = {
        {"across", 4, 1, {0xe4, 0x80, 0x0f, 0x0b}},
        {"prefix-across", 5, 2, {0x66, 0xe5, 0x80, 0x0f, 0x0b}},
        {"ends-with-page", 2, 2, {0xe4, 0x80}},
        {"forced-cpuid", 9, 4, {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2, 0x0f, 0x0b}},
        {"fifteen",
         17,
         8,
         {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0xe4, 0x80,
          0x0f, 0x0b}},
        {"sixteen",
         18,
         8,
         {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0xe4,
          0x80, 0x0f, 0x0b}},
        {"cli", 3, 1, {0xfa, 0x0f, 0x0b}},
        {"hlt", 1, 1, {0xf4}},
    };

    for (unsigned int i = 0; i < ARRAY_LEN(cases); i++) {
        memset(pages, 0x90, 2 * PAGE_SIZE);
        memcpy(pages + PAGE_SIZE - cases[i].first, cases[i].bytes, cases[i].n);
        ctx = user_context(PAGE_A + PAGE_SIZE - cases[i].first);
        t = user_run(&ctx);
        fact(cases[i].name, "%s rip+%ld", trap_name(t), (long)(t->rip - ctx.f.rip));
        /* the last bytes that are mapped */
        memcpy(pages + 2 * PAGE_SIZE - cases[i].first, cases[i].bytes, cases[i].first);
        ctx = user_context(PAGE_A + 2 * PAGE_SIZE - cases[i].first);
        t = user_run(&ctx);
        fact(i == 3 ? "at-hole-forced-cpuid" : "at-hole", "%s rip+%ld cr2 0x%lx", trap_name(t),
             (long)(t->rip - ctx.f.rip), t->entry == X_PF ? t->cr2 : 0);
    }
}

void test_main(void)
{
    user_init();
    events_unmask();
    pages = page_alloc();
    if ((u8 *)page_alloc() != pages + PAGE_SIZE ||
        set_pte_va((ul)bitmap + 2 * PAGE_SIZE, 0, UVMF_INVLPG))
        panic("pages");
    set_entry(PAGE_A, maddr_of(pages) | PT_KERNEL | PTE_US);
    set_entry(PAGE_A + PAGE_SIZE, maddr_of(pages + PAGE_SIZE) | PT_KERNEL | PTE_US);
    set_entry(READ_ONLY, maddr_of(page_alloc()) | PTE_P | PTE_A | PTE_US);
    memset(bitmap, 0xff, 2 * PAGE_SIZE);
    bitmap[ALLOWED / 8] = 0;
    bitmap[2 * PAGE_SIZE - 1] = 0;
    set_bitmap(bitmap, 0x1000);
    test_memory();
    test_faults();
    test_walls();
    test_width();
    test_in_out();
    test_bitmap();
    test_bits();
    test_segments();
    test_page_end();
}
