// SPDX-License-Identifier: MIT
/*
 * Exceptions raised by the guest kernel itself (pv-guest-abi 3.1, 3.2): every slot of the bounce
 * frame, with and without error code; what the handler's own flags and upcall mask are; which
 * vectors push an error code; CR2 by vcpu_info; the U bit of #PF error codes (clear for the kernel,
 * although real Xen runs one of 64 bits in ring 3); int3 as a trap; single step with TF; entries
 * with an IF-mask flag; set_ trap_table merging and clearing.
 */
#include "guest.h"

/* Known values around a faulting instruction; what the frame must show of them. */
static struct {
    ul rsp, rip;
} expected;

#if GUEST_BITS == 64
#define FAULT_AND_SAVE                                                                             \
    "mov %%rsp, %[rsp]\n\tmovq $8f, %[rip]\n\t"                                                    \
    "mov $0x2222, %%r11d; mov $0x5555, %%r15d\n\tpushq %[fl]; popfq\n\t"
#define FLAGS_BACK "pushq $2; popfq"
#define MORE       , "r11", "r15"
#else
#define FAULT_AND_SAVE                                                                             \
    "mov %%esp, %[rsp]\n\tmovl $8f, %[rip]\n\t"                                                    \
    "mov $0x2222, %%edx; mov $0x5555, %%esi\n\tpushl %[fl]; popfl\n\t"
#define FLAGS_BACK "pushl $2; popfl"
#define MORE       , "edx", "esi"
#endif

#define SETUP_AND_FAULT(flags, insn)                                                               \
    do {                                                                                           \
        trap_arm();                                                                                \
        asm volatile(                                                                              \
            FIXUP_AT                                                                               \
            "mov $0x1111, %%ecx; mov $0x3333, %%eax; mov $0x4444, %%ebx\n\t" FAULT_AND_SAVE        \
            "8:\t" insn "\n9:\t" FLAGS_BACK                                                        \
            : [rsp] "=m"(expected.rsp), [rip] "=m"(expected.rip)                                   \
            : [fl] "i"(flags)                                                                      \
            : "eax", "ebx", "ecx", "memory", "cc" MORE);                                           \
    } while (0)

static void check_frame(const char *name, ul flags, bool error)
{
    const struct trap *t = &last_trap;
    bool regs = t->regs.rax == 0x3333 && t->regs.rbx == 0x4444;

    print("frame %s\n", name);
    check_true("frame-rip", t->rip == expected.rip);
    check_hex("frame-cs", TRAP_CS(t), KERNEL_CS_SEEN);
    check_hex("frame-rflags", t->rflags & ~(ul)FL_RF, flags);
    check_true("frame-rsp", t->rsp == expected.rsp);
    check_hex("frame-ss", t->ss, FLAT_KERNEL_SS);
#if GUEST_BITS == 64
    check_hex("frame-rcx", t->slot_rcx, 0x1111);
    check_hex("frame-r11", t->slot_r11, 0x2222);
    regs &= t->regs.r15 == 0x5555;
    check_num("frame-slots", ((t->rsp & ~15UL) - t->frame) / 8, 7 + error);
#else
    regs &= t->regs.rcx == 0x1111 && t->regs.rdx == 0x2222 && t->regs.rsi == 0x5555;
    check_num("frame-slots", (t->rsp - t->frame) / 4, 3 + error);
    check_hex("frame-cs-slot-rest", t->cs_slot >> 24, 0);
#endif
    check_true("frame-other-registers", regs);
    check_num("frame-saved-mask", TRAP_SAVED_MASK(t), !(flags & FL_IF));
}

static void test_frames(void)
{
    events_mask();
    SETUP_AND_FAULT(FL_FIXED | FL_CF, "ud2");
    check_frame("ud2, events masked", FL_FIXED | FL_CF, false);
    SETUP_AND_FAULT(FL_FIXED | FL_IF | FL_CF, "ud2");
    check_frame("ud2, events masked, IF set by popf", FL_FIXED | FL_CF, false);
    events_unmask();
    SETUP_AND_FAULT(FL_FIXED, "ud2");
    check_frame("ud2, events open, IF cleared by popf", FL_FIXED | FL_IF, false);
    check_num("handler-mask", last_trap.handler_mask, 0);
    SETUP_AND_FAULT(FL_FIXED, "hlt");
    check_frame("hlt, with error code", FL_FIXED | FL_IF, true);
    SETUP_AND_FAULT(FL_FIXED | FL_DF | FL_ID | FL_NT | FL_AC, "ud2");
    check_frame("ud2, many flags", FL_FIXED | FL_IF | FL_DF | FL_ID | FL_NT | FL_AC, false);
    check_hex("handler-rflags",
              last_trap.handler_rflags & (FL_IF | FL_DF | FL_NT | FL_AC | FL_TF | FL_RF | FL_IOPL),
              FL_IF | FL_DF | (GUEST_BITS == 64 ? 0 : FL_AC)); /* Xen leaves AC to a 32-bit guest */
    SETUP_AND_FAULT(FL_FIXED | FL_IOPL, "ud2");
    check_frame("ud2, IOPL asked for by popf", FL_FIXED | FL_IF, false);

    /* An entry with the mask flag: events are off in the handler, the frame has the old state. */
    trap_set(X_UD, 0, true);
    SETUP_AND_FAULT(FL_FIXED, "ud2");
    check_frame("ud2, entry masks events", FL_FIXED | FL_IF, false);
    check_num("masking-handler-mask", last_trap.handler_mask, 1);
    check_hex("masking-handler-IF", last_trap.handler_rflags & FL_IF, FL_IF);
    check_num("masking-mask-after-iret", vcpu0_info->evtchn_upcall_mask, 0);
    trap_set(X_UD, 0, false);
}

static void test_vectors(void)
{
    static u8 bytes[64];

    PROBE("xor %%eax, %%eax; xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx", NONE, NONE, "eax",
          "ecx", "edx");
    check_trap("vector-DE", X_DE, -1);
    PROBE("ud2", NONE, NONE);
    check_trap("vector-UD", X_UD, -1);
    PROBE("int3", NONE, NONE);
    check_trap("vector-BP", X_BP, -1);
    PROBE("hlt", NONE, NONE);
    check_trap("vector-GP-hlt", X_GP, 0);
#if GUEST_BITS == 64
    PROBE("mov (%0), %%rax", NONE, "r"(0x800000000000UL), "rax");
    check_trap("vector-GP-noncanonical", X_GP, 0);
    PROBE("mov %0, %%rbp; mov (%%rbp), %%rax", NONE, "r"(0x800000000000UL), "rax", "rbp");
    fact_trap("vector-SS-noncanonical");
#endif
    PROBE("mov %0, %%es", NONE, "r"(0x0ff8));
    check_trap("vector-GP-selector-beyond-limit", X_GP, 0x0ff8);
    PROBE("mov %0, %%es", NONE, "r"(0xfffc));
    check_trap("vector-GP-ldt-selector", X_GP, 0xfffc);
    PROBE("fldcw (%0); fld1; fldz; fdivrp; fwait", NONE, "r"(memset(bytes, 0, 64)));
    fact_trap("vector-MF");
    asm volatile("fninit");
    PROBE("ldmxcsr (%0)", NONE, "r"(memset(bytes, 0xff, 64)));
    fact_trap("vector-GP-ldmxcsr"); /* QEMU 7.2 doesn't look at the reserved bits */
    memset(bytes, 0, 64);
    PROBE("ldmxcsr (%0); xorps %%xmm0, %%xmm0; divss %%xmm0, %%xmm0", NONE, "r"(bytes));
    fact_trap("vector-XM");
    *(u32 *)bytes = 0x1f80;
    asm volatile("ldmxcsr %0" ::"m"(*(u32 *)bytes));
    PROBE("clts", NONE, NONE);
    fact_trap("vector-clts");
#if GUEST_BITS == 64
    PROBE(".byte 0xce", NONE, NONE);
    check_trap("vector-UD-into", X_UD, -1);
    PROBE("sysretq", NONE, NONE);
    fact_trap("vector-sysret");
#else
    PROBE("mov $0x7fffffff, %%eax; add $1, %%eax; into", NONE, NONE, "eax");
    check_trap("vector-OF-into", X_OF, -1);
    PROBE("xor %%eax, %%eax; into", NONE, NONE, "eax");
    check_trap("vector-into-without-OF", X_NONE, 0);
    static const int bounds[2] = {3, 5};
    PROBE("bound %%eax, (%0)", NONE, LIST("r"(bounds), "a"(6)));
    check_trap("vector-BR-bound", X_BR, -1);
    PROBE("sysexit", NONE, NONE);
    fact_trap("vector-sysexit");
    PROBE(".byte 0x0f, 0x07", NONE, NONE);
    fact_trap("vector-sysret");
#endif
}

static void test_page_faults(void)
{
    u64 *page = page_alloc();
    ul hole = UNMAPPED;

    PROBE_READ(hole + 0x123);
    check_trap("pf-read-hole", X_PF, 0);
    check_true("pf-read-hole-cr2", last_trap.cr2 == hole + 0x123);
    PROBE_WRITE(hole + 0x456);
    check_trap("pf-write-hole", X_PF, 2);
    check_true("pf-write-hole-cr2", last_trap.cr2 == hole + 0x456);
    make_readonly(page);
    PROBE_READ(page);
    check_trap("pf-read-readonly", X_NONE, 0);
    PROBE_WRITE(page);
    check_trap("pf-write-readonly", X_PF, 3);
    check_true("pf-write-readonly-cr2", last_trap.cr2 == (ul)page);
    PROBE("lock incl (%0)", NONE, "r"(page));
    check_trap("pf-locked-write-readonly", X_PF, 3);
    make_writable(page);
    PROBE_WRITE(page);
    check_trap("pf-write-after-remap", X_NONE, 0);

    /* Instruction fetch: a page with NX, and no page. */
    memset(page, 0xc3, PAGE_SIZE);
    PROBE_CALL(page);
    check_trap("pf-fetch-executable", X_NONE, 0);
    if (set_pte_va((ul)page, maddr_of(page) | PT_KERNEL | PTE_NX, UVMF_INVLPG))
        panic("NX");
    PROBE_JUMP(page);
    check_trap("pf-fetch-nx", X_PF, 0x11);
    check_true("pf-fetch-nx-cr2-and-rip", last_trap.cr2 == (ul)page && last_trap.rip == (ul)page);
    make_writable(page);
    PROBE_JUMP(hole);
    fact_trap("pf-fetch-hole");
    check_true("pf-fetch-hole-rip", last_trap.rip == hole);
    PROBE_READ(HOLE_LAST);
    check_true("pf-hypervisor-area-is-a-fault", last_trap.entry == X_PF);
    check_hex("pf-hypervisor-area-user-bit", last_trap.error & 4, 0);
    PROBE_WRITE(M2P);
    check_trap("pf-write-m2p", X_PF, 3);
}

static void test_software(void)
{
    ul rip;

    trap_arm();
    asm volatile(FIXUP_AT "mov" SZ " $7f, %0\n\tint3\n7:\tnop\n9:" : "=m"(rip));
    check_true("int3-rip-behind", last_trap.entry == X_BP && last_trap.rip == rip);
    trap_arm();
    asm volatile(FIXUP_AT "mov" SZ " $7f, %0\n\t.byte 0xcd, 3\n7:\tnop\n9:" : "=m"(rip));
    check_true("int-3-long-form-rip-behind", last_trap.entry == X_BP && last_trap.rip == rip);
    trap_set(X_BP, 0, false);
    PROBE("int3", NONE, NONE);
    fact_trap("int3-entry-with-dpl-0");
    trap_set(X_BP, 3, false);

    /* int 0x80 has a gate of its own in Xen. */
    trap_set(0x80, 3, false);
    trap_arm();
    asm volatile(FIXUP_AT "mov" SZ " $7f, %0\n\tint $0x80\n7:\tnop\n9:" : "=m"(rip));
    check_trap("int-0x80", 0x80, -1);
    check_true("int-0x80-rip-behind", last_trap.rip == rip);
    trap_set(0x80, 1, false);
    PROBE("int $0x80", NONE, NONE);
    check_trap("int-0x80-dpl-1", 0x80, -1);
    trap_set(0x80, 0, false);
    PROBE("int $0x80", NONE, NONE);
    /* Only whether there is an entry is looked at, not its DPL. */
    check_trap("int-0x80-dpl-0", 0x80, -1);
}

static void test_single_step(void)
{
    trap_arm();
    asm volatile(FIXUP_AT "push" SZ " $0x102; popf" SZ "; nop\n7:\tnop\n9:\tpush" SZ
                          " $2; popf" SZ ::
                              : "cc", "memory");
    check_trap("step", X_DB, -1);
    check_hex("step-frame-TF", last_trap.rflags & FL_TF, FL_TF);
    check_hex("step-handler-TF", last_trap.handler_rflags & FL_TF, 0);
    check_hex("step-dr6-BS", (ul)hc(get_debugreg, 6) & 0x4000, 0x4000);
    check_rc("step-dr6-clear", hc(set_debugreg, 6, 0xffff0ff0), 0);
    PROBE(".byte 0xf1", NONE, NONE);
    fact_trap("icebp");
}

static void test_trap_table(void)
{
    struct trap_info two[] = {
        {.vector = 0x91, .flags = 3, .cs = FLAT_KERNEL_CS, .address = trap_stub(0x91)},
        {.vector = 0x80, .flags = 3, .cs = FLAT_KERNEL_CS, .address = trap_stub(0x80)},
        {},
    };
    struct trap_info none[] = {{}};
#if GUEST_BITS == 64
    struct trap_info bad = {.vector = 0x92, .flags = 3, .address = 0x800000000000UL};
#else
    struct trap_info bad[2] = {
        {.vector = 0x92, .flags = 3, .cs = FLAT_KERNEL_CS, .address = IN_HOLE}};
#endif

    check_rc("table-two", hc(set_trap_table, two), 0);
    PROBE("int $0x80", NONE, NONE);
    check_trap("table-two-works", 0x80, -1);
    PROBE("ud2", NONE, NONE);
    check_trap("table-merges", X_UD, -1);
    check_rc("table-empty", hc(set_trap_table, none), 0);
    PROBE("int $0x80", NONE, NONE);
    check_trap("table-empty-changes-nothing", 0x80, -1);
    fact_rc("table-bad-address", hc(set_trap_table, &bad));
    check_rc("table-null-clears", hc(set_trap_table, 0), 0);
    trap_init();
    PROBE("int $0x80", NONE, NONE);
    check_trap("table-null-cleared", X_GP, 0x402);
}

void test_main(void)
{
    test_frames();
    test_vectors();
    test_page_faults();
    test_software();
    test_single_step();
    test_trap_table();
}
