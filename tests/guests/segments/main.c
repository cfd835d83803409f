// SPDX-License-Identifier: MIT
/*
 * Segmentation of a 64-bit PV guest (pv-guest-abi 2.1, 4.3): set_gdt with the guest's own frame,
 * update_descriptor into a live GDT, an LDT and plain memory, selectors loaded from them in kernel
 * and user mode, TLS through %fs; FS and both GS bases by set_segment_base, by MSR and as user mode
 * sees them; set_segment_base(3), which must not fail for a bad selector; and each call's errors.
 */
#include "segments.h"

static u64 *gdt, *ldt;

USER_CODE(u_fs0, "mov %edi, %fs; mov %fs:0, %rax; ud2");
USER_CODE(u_gs0, "mov %gs:0, %rax; ud2");
USER_CODE(u_load_gs, "mov %edi, %gs; mov %gs:0, %rax; ud2");
USER_CODE(u_ds, "mov %edi, %ds; mov %ds, %eax; ud2");
USER_CODE(u_pad, ".balign 64");
USER_CODE(u_data, ".quad 0xabcdef01, 0x12345678");

static struct trap *run(const void *code, u64 rdi)
{
    return user_run_with(code, rdi, 0);
}

static void test_gdt(void)
{
    ul frames[16];

    gdt = page_alloc();
    gdt[1] = DESC(0, DATA_DPL3, 0xfffff);
    gdt[2] = DESC(0, DATA_DPL0, 0xfffff);
    gdt[3] = 0;
    gdt[4] = DESC(user_addr(u_data), DATA_DPL3, 0xfffff);
    gdt[5] = DESC(0, DATA_DPL0 | 0x20, 0xfffff);
    frames[0] = mfn_of(gdt);
    make_readonly(gdt);
    load_ds(0x0b);
    check_trap("gdt-before", X_GP, 0x08);
    check_rc("gdt-set", hc(set_gdt, frames, 512), 0);
    check_hex("gdt-load-dpl-3", load_ds(0x0b), 0x0b);
    check_trap("gdt-load-dpl-3-trap", X_NONE, 0);
    load_ds(0x13);
    fact_trap("gdt-load-dpl-0-descriptor");
    load_ds(0x2b);
    fact_trap("gdt-load-dpl-1-descriptor");
    load_ds(0x1b);
    check_trap("gdt-load-empty", X_GP, 0x18);
    check_rc("gdt-reserved-part-still-there", load_ds(0xe02b), 0xe02b);
    check_rc("gdt-too-many", hc(set_gdt, frames, 7169), -XEN_EINVAL);
    frames[0] = 0xffffffffffUL;
    check_rc("gdt-bad-frame", hc(set_gdt, frames, 512), -XEN_EINVAL);
    check_hex("gdt-kept-after-error", load_ds(0x0b), 0x0b);
    load_ds(0xdff8);
    check_trap("gdt-in-unset-part", X_GP, 0xdff8);
}

static void test_update_descriptor(void)
{
    u64 *plain = page_alloc();
    u64 tls = DESC(user_addr(u_data) + 8, DATA_DPL3, 0xfffff);

    check_rc("desc-live-gdt", update_descriptor(maddr_of(&gdt[6]), tls), 0);
    check_true("desc-live-gdt-stored", (gdt[6] & ~(1ULL << 40)) == (tls & ~(1ULL << 40)));
    check_hex("desc-live-gdt-usable", load_ds(0x33), 0x33);
    check_rc("desc-clear", update_descriptor(maddr_of(&gdt[6]), 0), 0);
    load_ds(0x33);
    check_trap("desc-cleared", X_GP, 0x30);
    check_rc("desc-plain-memory", update_descriptor(maddr_of(&plain[3]), tls), 0);
    check_hex("desc-plain-memory-stored", plain[3], tls);
    check_rc("desc-unaligned", update_descriptor(maddr_of(&gdt[6]) + 4, 0), -XEN_EINVAL);
    check_rc("desc-no-frame", update_descriptor(0xffffffffff000UL, 0), -XEN_EINVAL);
    fact_rc("desc-page-table", update_descriptor(maddr_of(kernel_l4()) + 8, 0));
    /* Call gates and system segments are refused; a code segment is fine. */
    fact_rc("desc-call-gate", update_descriptor(maddr_of(&gdt[7]), 0x0000ec0000100000UL | 0x1000));
    fact_rc("desc-tss", update_descriptor(maddr_of(&gdt[7]), DESC(0, 0x89, 0x67)));
    check_rc("desc-code", update_descriptor(maddr_of(&gdt[7]), DESC(0, CODE_DPL3, 0xfffff)), 0);
    fact_rc("desc-not-present", update_descriptor(maddr_of(&gdt[8]), DESC(0, 0x73, 0xfffff)));
    load_ds(0x43);
    fact_trap("desc-not-present-load");
}

static void test_ldt(void)
{
    ldt = page_alloc();
    ldt[0] = DESC(0, DATA_DPL3, 0xfffff);
    ldt[1] = DESC(user_addr(u_data) + 8, DATA_DPL3, 0xfffff);
    load_ds(0x07);
    check_trap("ldt-none", X_GP, 0x04);
    make_readonly(ldt);
    check_rc("ldt-set", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512), 0);
    check_hex("ldt-load", load_ds(0x07), 0x07);
    check_trap("ldt-load-trap", X_NONE, 0);
    load_ds(0x17);
    check_trap("ldt-load-empty", X_GP, 0x14);
    check_rc("ldt-update_descriptor",
             update_descriptor(maddr_of(&ldt[2]), DESC(0, DATA_DPL3, 0xfffff)), 0);
    check_hex("ldt-load-new", load_ds(0x17), 0x17);
    check_hex("ldt-user-fs-base", run(u_fs0, 0x0f)->regs.rax, 0x12345678);
    test_ldt_gates();
    check_rc("ldt-set-again", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512), 0);
    fact_rc("ldt-unaligned", mmuext_one(MMUEXT_SET_LDT, (ul)ldt + 8, 16));
    check_rc("ldt-too-long", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 8193), -XEN_EINVAL);
    check_rc("ldt-clear", mmuext_one(MMUEXT_SET_LDT, 0, 0), 0);
    load_ds(0x07);
    check_trap("ldt-cleared", X_GP, 0x04);
}

static void test_user_tls(void)
{
    struct trap *t = run(u_fs0, 0x23);

    check_hex("tls-user-fs", t->regs.rax, 0xabcdef01);
    check_rc("tls-update_descriptor",
             update_descriptor(maddr_of(&gdt[5]), DESC(user_addr(u_data) + 8, DATA_DPL3, 0xfffff)),
             0);
    check_hex("tls-user-fs-updated", run(u_fs0, 0x2b)->regs.rax, 0x12345678);
    check_hex("tls-user-ds", run(u_ds, 0x0b)->regs.rax, 0x0b);
    t = run(u_ds, 0x1b);
    check("tls-user-ds-empty", t->entry == X_GP && t->error == 0x18, "%s", trap_name(t));
    asm volatile("mov %0, %%fs" ::"r"(0));
}

static u64 fs0(void)
{
    u64 v;

    asm volatile("mov %%fs:0, %0" : "=r"(v));
    return v;
}

static u64 gs0(void)
{
    u64 v;

    asm volatile("mov %%gs:0, %0" : "=r"(v));
    return v;
}

static void wrmsr(u32 index, u64 v)
{
    asm volatile("wrmsr" ::"c"(index), "a"((u32)v), "d"((u32)(v >> 32)));
}

static u64 rdmsr(u32 index)
{
    u32 lo, hi;

    asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(index));
    return ((u64)hi << 32) | lo;
}

static void test_bases(void)
{
    static u64 a = 0xa, b = 0xb, c = 0xc;

    check_rc("base-fs", hc(set_segment_base, SEGBASE_FS, &a), 0);
    check_hex("base-fs-read", fs0(), 0xa);
    check_rc("base-gs-kernel", hc(set_segment_base, SEGBASE_GS_KERNEL, &b), 0);
    check_hex("base-gs-kernel-read", gs0(), 0xb);
    check_rc("base-gs-user", hc(set_segment_base, SEGBASE_GS_USER, user_addr(u_data)), 0);
    check_hex("base-gs-user-leaves-kernel", gs0(), 0xb);
    check_hex("base-gs-user-seen-by-user", run(u_gs0, 0)->regs.rax, 0xabcdef01);
    check_hex("base-gs-kernel-after-user", gs0(), 0xb);
    wrmsr(0xc0000101, (ul)&c);
    check_hex("base-msr-gs", gs0(), 0xc);
    wrmsr(0xc0000102, user_addr(u_data) + 8);
    check_hex("base-msr-kernel_gs-is-user's", run(u_gs0, 0)->regs.rax, 0x12345678);
    check_hex("base-msr-kernel_gs-read", rdmsr(0xc0000102), user_addr(u_data) + 8);
    check_true("base-msr-gs-read", rdmsr(0xc0000101) == (ul)&c);
    check_true("base-msr-fs-read", rdmsr(0xc0000100) == (ul)&a);
    check_rc("base-noncanonical-fs", hc(set_segment_base, SEGBASE_FS, 0x800000000000UL),
             -XEN_EINVAL);
    check_rc("base-noncanonical-gs-kernel",
             hc(set_segment_base, SEGBASE_GS_KERNEL, 0x800000000000UL), -XEN_EINVAL);
    check_rc("base-noncanonical-gs-user", hc(set_segment_base, SEGBASE_GS_USER, 0x800000000000UL),
             -XEN_EINVAL);
    check_rc("base-unknown", hc(set_segment_base, 4, 0), -XEN_EINVAL);
    /* User mode loads %gs itself: its base must survive a trip through the kernel. */
    check_hex("base-user-loads-gs", run(u_load_gs, 0x23)->regs.rax, 0xabcdef01);
    check_hex("base-user-gs-kept", run(u_gs0, 0)->regs.rax, 0xabcdef01);
    check_hex("base-kernel-gs-kept", gs0(), 0xc);
}

static void test_user_gs_selector(void)
{
    u32 sel;

    check_rc("gs-sel-good", hc(set_segment_base, SEGBASE_GS_USER_SEL, 0x23), 0);
    check_hex("gs-sel-good-user", run(u_gs0, 0)->regs.rax, 0xabcdef01);
    check_hex("gs-sel-kernel-base-kept", gs0(), 0xc);
    check_rc("gs-sel-bad", hc(set_segment_base, SEGBASE_GS_USER_SEL, 0x0ff8), 0);
    asm volatile("mov %%gs, %0" : "=r"(sel));
    check_hex("gs-sel-bad-is-null", sel & 0xffff, 0);
    check_hex("gs-sel-bad-kernel-base-kept", gs0(), 0xc);
    check_rc("gs-sel-null", hc(set_segment_base, SEGBASE_GS_USER_SEL, 0), 0);
    check_hex("gs-sel-null-kernel-base-kept", gs0(), 0xc);
    check_rc("gs-sel-then-base", hc(set_segment_base, SEGBASE_GS_USER, user_addr(u_data) + 8), 0);
    check_hex("gs-sel-then-base-user", run(u_gs0, 0)->regs.rax, 0x12345678);
}

static void test_gdt_empty(void)
{
    check_rc("gdt-none", hc(set_gdt, 0, 0), 0);
    load_ds(0x0b);
    check_trap("gdt-none-load", X_GP, 0x08);
    make_writable(gdt);
    gdt[1] = 1;
    check_true("gdt-frame-is-plain-again", gdt[1] == 1);
}

void test_main(void)
{
    user_init();
    test_gdt_gates();
    test_gdt();
    test_update_descriptor();
    test_ldt();
    test_user_tls();
    test_bases();
    test_user_gs_selector();
    test_gdt_empty();
}
