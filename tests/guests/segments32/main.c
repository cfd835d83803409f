// SPDX-License-Identifier: MIT
/*
 * Segmentation of a 32-bit PV guest (pv-guest-abi 2.1, 8): a GDT of its own with the kernel's code
 * and data in it, and a kernel that runs on these; what DPLs become; update_descriptor for TLS,
 * live and in an LDT, and what is refused; limits that reach over the hypervisor's hole; bases and
 * limits in user mode, negative offsets of TLS among them; a handler whose selector is the guest's
 * own; and traps taken with a kernel stack in a segment with a base.
 */
#include "guest.h"

#define DESC(base, type, limit, flags)                                                             \
    ((u64)((limit)&0xffff) | ((u64)(base)&0xffffff) << 16 | (u64)(type) << 40 |                    \
     (u64)((limit) >> 16 & 15) << 48 | (u64)(flags) << 52 | ((u64)(base) >> 24 & 0xff) << 56)
#define DATA(dpl)       (0x93 | (dpl) << 5)
#define CODE(dpl)       (0x9b | (dpl) << 5)
#define FLAT(type)      DESC(0, type, 0xfffff, 0xc)
#define GATE(sel, type) ((u64)(type) << 40 | (u64)(sel) << 16 | 0x1000)
#define SEL(n, rpl)     ((n) << 3 | (rpl))

static u64 *gdt, *ldt;

USER_CODE(u_fs0, "mov %edi, %fs; mov %fs:0, %eax; ud2");
USER_CODE(u_gs_minus_4, "mov %edi, %gs; mov %gs:-4, %eax; ud2");
USER_CODE(u_ds, "mov %edi, %ds; mov %ds, %eax; ud2");
USER_CODE(u_read_es, "mov %edi, %es; mov %es:(%esi), %eax; ud2");
USER_CODE(u_pad, ".balign 64");
USER_CODE(u_data, ".long 0xabcdef01, 0x12345678");

static struct trap *run(const void *code, ul rdi)
{
    return user_run_with(code, rdi, 0);
}

static long load_es(u16 sel)
{
    u32 v = 0;

    PROBE("mov %1, %%es; mov %%es, %0", "+r"(v), "r"((u32)sel));
    asm volatile("mov %0, %%es" ::"r"(FLAT_KERNEL_DS));
    return v;
}

static u32 dpl_of(int n)
{
    return gdt[n] >> 45 & 3;
}

static void test_gdt(void)
{
    ul frames[16];

    gdt = page_alloc();
    gdt[1] = FLAT(DATA(3));
    gdt[2] = FLAT(DATA(0));
    gdt[4] = DESC(user_addr(u_data), DATA(3), 0xfffff, 0xc);
    gdt[5] = FLAT(DATA(1));
    gdt[12] = FLAT(CODE(1));
    gdt[13] = FLAT(DATA(1));
    gdt[14] = FLAT(CODE(0));
    gdt[15] = FLAT(DATA(2));
    frames[0] = mfn_of(gdt);
    make_readonly(gdt);
    load_es(SEL(1, 3));
    check_trap("gdt-before", X_GP, 0x08);
    check_rc("gdt-set", hc(set_gdt, frames, 512), 0);
    check_hex("gdt-load-dpl-3", load_es(SEL(1, 3)), SEL(1, 3));
    check_hex("gdt-load-dpl-1", load_es(SEL(5, 1)), SEL(5, 1));
    fact("gdt-dpl-0-becomes", "%u", dpl_of(2));
    fact("gdt-dpl-0-code-becomes", "%u", dpl_of(14));
    fact("gdt-dpl-2-stays", "%u", dpl_of(15));
    load_es(SEL(2, 1));
    fact_trap("gdt-load-dpl-0-descriptor");
    load_es(SEL(15, 1));
    fact_trap("gdt-load-dpl-2-descriptor");
    load_es(SEL(3, 3));
    check_trap("gdt-load-empty", X_GP, 0x18);
    check_hex("gdt-reserved-part-still-there", load_es(FLAT_KERNEL_DS), FLAT_KERNEL_DS);
    check_rc("gdt-too-many", hc(set_gdt, frames, 7169), -XEN_EINVAL);
    frames[0] = BAD_FRAME;
    check_rc("gdt-bad-frame", hc(set_gdt, frames, 512), -XEN_EINVAL);
    check_hex("gdt-kept-after-error", load_es(SEL(1, 3)), SEL(1, 3));
    load_es(0xdff8);
    check_trap("gdt-in-unset-part", X_GP, 0xdff8);
}

/* As Linux does it: CS, SS and DS of its own, in traps and hypercalls. */
static void test_kernel_segments(void)
{
    static struct trap_info ours[2] = {{.vector = X_UD, .cs = SEL(12, 1)}};
    u32 cs = 0, ss = 0;

    ours[0].address = trap_stub(X_UD);
    check_rc("kernel-handler", hc(set_trap_table, ours), 0);
    trap_arm();
    asm volatile(FIXUP_AT "ljmp %2, $7f\n7: mov %3, %%edx; mov %%edx, %%ss\n\t"
                          "mov %%cs, %0; mov %%ss, %1; ud2\n9:\t" FIXUP_OFF
                          "\n\tljmp %4, $7f\n7: mov %5, %%edx; mov %%edx, %%ss"
                 : "=&r"(cs), "=&r"(ss)
                 : "i"(SEL(12, 1)), "i"(SEL(13, 1)), "i"(FLAT_KERNEL_CS), "i"(FLAT_KERNEL_SS)
                 : "edx", "memory");
    check_trap("kernel-trap", X_UD, -1);
    check_hex("kernel-cs", cs & 0xffff, SEL(12, 1));
    check_hex("kernel-ss", ss & 0xffff, SEL(13, 1));
    check_hex("kernel-frame-cs", TRAP_CS(&last_trap), SEL(12, 1));
    check_hex("kernel-handler-ss", last_trap.ss & 0xffff, SEL(13, 1));
    ours[0].cs = SEL(12, 0);
    check_rc("kernel-handler-rpl-0", hc(set_trap_table, ours), 0);
    PROBE("ud2", NONE, NONE);
    check_trap("kernel-handler-rpl-0-works", X_UD, -1);
    trap_set(X_UD, 0, false);
    check_rc("kernel-stack-selector", hc(stack_switch, SEL(13, 1), kernel_stack_end), 0);
    struct trap *t = run(u_ds, SEL(1, 3));
    check("kernel-stack-selector-used", t->entry == X_UD && TRAP_FROM_USER(t), "%s", trap_name(t));
    check_rc("kernel-stack-rpl-0", hc(stack_switch, SEL(13, 0), kernel_stack_end), 0);
    t = run(u_ds, SEL(1, 3));
    check("kernel-stack-rpl-0-used", t->entry == X_UD, "%s", trap_name(t));
    hc(stack_switch, FLAT_KERNEL_SS, kernel_stack_end);
}

static void test_update_descriptor(void)
{
    u64 *plain = page_alloc();
    u64 tls = DESC(user_addr(u_data) + 4, DATA(3), 0xfffff, 0xc);

    check_rc("desc-live-gdt", update_descriptor(maddr_of(&gdt[6]), tls), 0);
    check_true("desc-live-gdt-stored",
               (gdt[6] & ~(UINT64_C(1) << 40)) == (tls & ~(UINT64_C(1) << 40)));
    check_hex("desc-live-gdt-usable", load_es(SEL(6, 3)), SEL(6, 3));
    check_rc("desc-clear", update_descriptor(maddr_of(&gdt[6]), 0), 0);
    load_es(SEL(6, 3));
    check_trap("desc-cleared", X_GP, 0x30);
    check_rc("desc-plain-memory", update_descriptor(maddr_of(&plain[3]), tls), 0);
    check_hex("desc-plain-memory-stored", plain[3], tls);
    check_rc("desc-unaligned", update_descriptor(maddr_of(&gdt[6]) + 4, 0), -XEN_EINVAL);
    check_rc("desc-no-frame", update_descriptor(BAD_MADDR, 0), -XEN_EINVAL);
    fact_rc("desc-page-table", update_descriptor(maddr_of(kernel_top()) + 8, 0));
    fact_rc("desc-dpl-0", update_descriptor(maddr_of(&gdt[7]), FLAT(DATA(0))));
    fact("desc-dpl-0-becomes", "%u", dpl_of(7));
    fact_rc("desc-call-gate", update_descriptor(maddr_of(&gdt[7]), GATE(FLAT_KERNEL_CS, 0xec)));
    fact_rc("desc-call-gate-hypervisor", update_descriptor(maddr_of(&gdt[7]), GATE(0xe008, 0xec)));
    fact_rc("desc-task-gate", update_descriptor(maddr_of(&gdt[7]), GATE(0, 0xe5)));
    fact_rc("desc-tss", update_descriptor(maddr_of(&gdt[7]), DESC(0, 0x89, 0x67, 0)));
    fact_rc("desc-64-bit-code",
            update_descriptor(maddr_of(&gdt[7]), DESC(0, CODE(3), 0xfffff, 0xa)));
    fact_rc("desc-conforming", update_descriptor(maddr_of(&gdt[7]), FLAT(0xff)));
    check_rc("desc-code", update_descriptor(maddr_of(&gdt[7]), FLAT(CODE(3))), 0);
    fact_rc("desc-expand-down", update_descriptor(maddr_of(&gdt[8]), DESC(0, 0xf7, 0x10, 0xc)));
    fact_rc("desc-not-present", update_descriptor(maddr_of(&gdt[8]), FLAT(0x73)));
    load_es(SEL(8, 3));
    fact_trap("desc-not-present-load");
}

static void test_user_tls(void)
{
    struct trap *t = run(u_fs0, SEL(4, 3));

    check_hex("tls-user-fs", t->regs.rax, 0xabcdef01);
    check_rc(
        "tls-update_descriptor",
        update_descriptor(maddr_of(&gdt[5]), DESC(user_addr(u_data) + 4, DATA(3), 0xfffff, 0xc)),
        0);
    check_hex("tls-user-fs-updated", run(u_fs0, SEL(5, 3))->regs.rax, 0x12345678);
    check_hex("tls-user-negative-offset", run(u_gs_minus_4, SEL(5, 3))->regs.rax, 0xabcdef01);
    check_hex("tls-user-ds", run(u_ds, SEL(1, 3))->regs.rax, SEL(1, 3));
    t = run(u_ds, SEL(3, 3));
    check("tls-user-ds-empty", t->entry == X_GP && t->error == 0x18, "%s", trap_name(t));
    t = run(u_ds, SEL(13, 3));
    check("tls-user-ds-of-kernel", t->entry == X_GP && t->error == SEL(13, 0), "%s", trap_name(t));
}

/* A flat segment is flat: its limit isn't cut where the hypervisor begins. */
static void test_limits(void)
{
    struct trap *t;
    ul limit;

    asm volatile("lsl %1, %0" : "=r"(limit) : "r"(SEL(1, 3)));
    fact_hex("limit-own-flat", limit);
    asm volatile("lsl %1, %0" : "=r"(limit) : "r"(FLAT_KERNEL_DS));
    fact_hex("limit-flat-kernel", limit);
    asm volatile("lsl %1, %0" : "=r"(limit) : "r"(USER_SS));
    fact_hex("limit-flat-user", limit);
    t = user_run_with(u_read_es, SEL(1, 3), HYPERVISOR_AT);
    fact("limit-user-reads-hole", "%s", trap_name(t));
    t = user_run_with(u_read_es, SEL(1, 3), 0xfffffffc);
    fact("limit-user-reads-end", "%s", trap_name(t));
    t = user_run_with(u_read_es, SEL(1, 3), 0xfffffffe);
    fact("limit-user-reads-over-end", "%s", trap_name(t));
    fact_rc("assist-4gb_segments", hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_4gb_segments));
    check_hex("assist-changes-nothing", run(u_gs_minus_4, SEL(4, 3))->regs.rax != 0, 1);
}

/* The way back from a handler loads FS, which must not be what the test is about. */
static bool (*before)(struct trap *t);
static bool without_fs(struct trap *t)
{
    if (t->entry != ENTRY_EVENT)
        t->regs.fs = 0;
    return before(t);
}

/*
 * A selector of an LDT that is gone stays in its register, until something loads it again, and that
 * is #GP. On Xen that may be Xen itself, when another vCPU had the CPU: then FS is null and the
 * failsafe handler runs. So all is done between two instructions.
 */
static void test_ldt_gone(void)
{
    u32 sel = 0;

    before = trap_hook;
    trap_hook = without_fs;
    asm volatile("mov %0, %%fs" ::"r"(0x0f));
    mmuext_one(MMUEXT_SET_LDT, 0, 0);
    PROBE("mov %%fs, %0; mov %0, %%fs", "+r"(sel), NONE);
    check_trap("ldt-gone-load-again", X_GP, 0x0c);
    check_hex("ldt-gone-selector", sel & 0xffff, 0x0f);
    trap_hook = before;
    asm volatile("mov %0, %%fs" ::"r"(0));
    check_rc("ldt-set-again", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512), 0);
}

static void test_ldt(void)
{
    ldt = page_alloc();
    ldt[0] = FLAT(DATA(3));
    ldt[1] = DESC(user_addr(u_data) + 4, DATA(3), 0xfffff, 0xc);
    load_es(0x07);
    check_trap("ldt-none", X_GP, 0x04);
    make_readonly(ldt);
    check_rc("ldt-set", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512), 0);
    check_hex("ldt-load", load_es(0x07), 0x07);
    load_es(0x17);
    check_trap("ldt-load-empty", X_GP, 0x14);
    check_rc("ldt-update_descriptor", update_descriptor(maddr_of(&ldt[2]), FLAT(DATA(3))), 0);
    check_hex("ldt-load-new", load_es(0x17), 0x17);
    check_hex("ldt-user-fs-base", run(u_fs0, 0x0f)->regs.rax, 0x12345678);
    asm volatile("mov %0, %%fs" ::"r"(0)); /* left by user mode */
    test_ldt_gone();
    fact_rc("ldt-unaligned", mmuext_one(MMUEXT_SET_LDT, (ul)ldt + 8, 16));
    check_rc("ldt-too-long", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 8193), -XEN_EINVAL);
    check_rc("ldt-clear", mmuext_one(MMUEXT_SET_LDT, 0, 0), 0);
    load_es(0x07);
    check_trap("ldt-cleared", X_GP, 0x04);
}

static void test_rest(void)
{
    fact_rc("set_segment_base", hc(set_segment_base, 0, 0));
    check_rc("gdt-none", hc(set_gdt, 0, 0), 0);
    load_es(SEL(1, 3));
    check_trap("gdt-none-load", X_GP, 0x08);
    make_writable(gdt);
    gdt[1] = 1;
    check_true("gdt-frame-is-plain-again", gdt[1] == 1);
}

void test_main(void)
{
    user_init();
    test_gdt();
    test_kernel_segments();
    test_update_descriptor();
    test_user_tls();
    test_limits();
    test_ldt();
    test_rest();
}
