// SPDX-License-Identifier: MIT
/*
 * Privileged instructions of a PV kernel (pv-guest-abi 4.1, 4.3-4.5): which are emulated, with what
 * result, and which are an exception. I/O and CLI/STI by the virtual IOPL; control registers with
 * their virtual TS, the frame of the kernel's L4 in CR3 and silently dropped CR4 bits; MSRs that
 * are readable, writable or neither; debug registers by instruction and by hypercall.
 */
#include "guest.h"

static long set_iopl(u32 level)
{
    struct physdev_set_iopl iopl = {.iopl = level};

    return hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
}

static void test_io(void)
{
    static u8 buffer[16];
    static u8 bitmap[8192];
    struct physdev_set_iobitmap iob = {.nr_ports = 0x100};
    u32 v;

    check_rc("io-set_iopl-0", set_iopl(0), 0);
    PROBE("cli", NONE, NONE);
    check_trap("io-iopl-0-cli", X_GP, 0);
    PROBE("sti", NONE, NONE);
    check_trap("io-iopl-0-sti", X_GP, 0);
    PROBE("in $0x80, %%al", NONE, NONE, "eax");
    check_trap("io-iopl-0-in", X_GP, 0);
    PROBE("out %%al, $0x80", NONE, NONE);
    check_trap("io-iopl-0-out", X_GP, 0);

    /* A clear bit lets the port through, whatever the level; what is there isn't ours. */
    set_xen_guest_handle(iob.bitmap, bitmap);
    bitmap[0x80 / 8] = 0xfe;
    check_rc("io-set_iobitmap", hc(physdev_op, PHYSDEVOP_set_iobitmap, &iob), 0);
    PROBE("in $0x80, %%al", NONE, NONE, "eax");
    check_trap("io-bitmap-in-allowed", X_NONE, 0);
    PROBE("in $0x81, %%al", NONE, NONE, "eax");
    check_trap("io-bitmap-in-refused", X_GP, 0);
    iob.nr_ports = 0;
    check_rc("io-set_iobitmap-none", hc(physdev_op, PHYSDEVOP_set_iobitmap, &iob), 0);
    iob.nr_ports = 65537;
    check_rc("io-set_iobitmap-too-long", hc(physdev_op, PHYSDEVOP_set_iobitmap, &iob), -XEN_EINVAL);

    check_rc("io-set_iopl-1", set_iopl(1), 0);
    events_unmask();
    PROBE("cli", NONE, NONE);
    check_trap("io-iopl-1-cli", X_NONE, 0);
    check_num("io-cli-leaves-mask", vcpu0_info->evtchn_upcall_mask, 0);
    events_mask();
    PROBE("sti", NONE, NONE);
    check_trap("io-iopl-1-sti", X_NONE, 0);
    check_num("io-sti-leaves-mask", vcpu0_info->evtchn_upcall_mask, 1);
    PROBE("xor %%eax, %%eax; in $0x80, %%al", "=a"(v), NONE);
    check_hex("io-in-byte", v, 0xff);
    PROBE("xor %%eax, %%eax; mov $0x390, %%edx; in %%dx, %%ax", "=a"(v), NONE, "edx");
    check_hex("io-in-word", v, 0xffff);
    PROBE("xor %%eax, %%eax; mov $0x390, %%edx; in %%dx, %%eax", "=a"(v), NONE, "edx");
    check_hex("io-in-long", v, 0xffffffff);
    PROBE("mov $0x80, %%edx; out %%al, %%dx", NONE, NONE, "edx");
    check_trap("io-out", X_NONE, 0);
    PROBE("mov $0x390, %%edx; insb", NONE, "D"(buffer), "edx");
    fact_trap("io-insb");
    check_hex("io-insb-value", buffer[0], last_trap.entry == X_NONE ? 0xff : 0);
    PROBE("mov $0x390, %%edx; mov $4, %%ecx; rep outsb", NONE, "S"(buffer), "edx", "ecx");
    fact_trap("io-rep-outsb");
    set_iopl(0);
}

/* Into memory that isn't there: what was done before the fault stays done. */
static void test_string_io(void)
{
    u8 *page = page_alloc();
    ul count, at;

    if ((u8 *)page_alloc() != page + PAGE_SIZE || set_pte_va((ul)page + PAGE_SIZE, 0, UVMF_INVLPG))
        panic("guard page");
    set_iopl(1);
    page[PAGE_SIZE - 1] = 0;
    trap_arm();
    asm volatile(FIXUP_AT "mov $0x390, %%edx; rep insb\n9:\t" FIXUP_OFF
                 : "=c"(count), "=D"(at)
                 : "0"(5UL), "1"(page + PAGE_SIZE - 2)
                 : "edx", "memory");
    check_trap("io-rep-insb-fault", X_PF, 2);
    check_num("io-rep-insb-left", (long)count, 3);
    check_num("io-rep-insb-done", (long)(at - (ul)page), PAGE_SIZE);
    check_hex("io-rep-insb-cr2", last_trap.cr2 - (ul)page, PAGE_SIZE);
    check_hex("io-rep-insb-value", page[PAGE_SIZE - 1], 0xff);
    at = (ul)page;
    PROBE("mov $0x390, %%edx; rep outsb", LIST("=c"(count), "+S"(at)), "0"(5000UL), "edx");
    check_trap("io-rep-outsb-long-fault", X_PF, 0);
    check_num("io-rep-outsb-long-left", (long)count, 904);
    at = (ul)page;
    PROBE("mov $0x390, %%edx; rep outsb", LIST("=c"(count), "+S"(at)), "0"(4000UL), "edx");
    check_trap("io-rep-outsb-long", X_NONE, 0);
    check_num("io-rep-outsb-long-done", (long)count, 0);

    /* Going step by step, an emulated instruction is a step. */
    trap_arm();
    asm volatile(FIXUP_AT "push" SZ " $0x102; popf" SZ "; in $0x80, %%al\n7:\tnop; nop\n9:\tpush" SZ
                          " $2; popf" SZ "\n mov $7b, %0"
                 : "=r"(at)
                 :
                 : "eax", "cc", "memory");
    check_trap("io-step", X_DB, -1);
    check_num("io-step-ends-behind", (long)(last_trap.rip - at), 0);
    check_hex("io-step-dr6-BS", (ul)hc(get_debugreg, 6) & 0x4000, 0x4000);
    hc(set_debugreg, 6, 0xffff0ff0);
    set_iopl(0);

    /* With the IOPL in its frames the kernel counts as ring 0. */
    check_rc("io-assist", hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0);
    PROBE("in $0x80, %%al", NONE, NONE, "eax");
    check_trap("io-assist-in", X_NONE, 0);
    PROBE("cli", NONE, NONE);
    check_trap("io-assist-cli", X_NONE, 0);
    hc(vm_assist, VMASST_CMD_disable, VMASST_TYPE_architectural_iopl);
}

static void test_control_registers(void)
{
    ul v, cr4;

    PROBE("mov %%cr0, %0", "=r"(v), NONE);
    check_trap("cr0-read", X_NONE, 0);
    fact("cr0", "0x%lx", v);
    PROBE("mov %0, %%cr0", NONE, "r"(v));
    check_trap("cr0-write-same", X_NONE, 0);
    PROBE("mov %0, %%cr0", NONE, "r"(v ^ 0x10000));
    check_trap("cr0-write-wp", X_GP, 0);
    PROBE("mov %0, %%cr0", NONE, "r"(v | 8));
    check_trap("cr0-write-ts", X_NONE, 0);
    PROBE("mov %%cr0, %0", "=r"(v), NONE);
    check_hex("cr0-ts-read-back", v & 8, 8);
    PROBE("clts", NONE, NONE);
    check_trap("clts", X_NONE, 0);
    PROBE("mov %%cr0, %0", "=r"(v), NONE);
    check_hex("cr0-ts-after-clts", v & 8, 0);

    PROBE("mov %0, %%cr2", NONE, "r"(0x12345000UL));
    check_trap("cr2-write", X_NONE, 0);
    check_hex("cr2-in-vcpu_info", vcpu0_info->arch.cr2, 0x12345000UL);
    PROBE("mov %%cr2, %0", "=r"(v), NONE);
    check_hex("cr2-read", v, 0x12345000UL);
    PROBE("mov %%cr3, %0", "=r"(v), NONE);
    check_trap("cr3-read", X_NONE, 0);
    check_true("cr3-is-frame-of-top", v == cr3_of(mfn_of(kernel_top())));
    PROBE("mov %0, %%cr3", NONE, "r"(v));
    check_trap("cr3-write-same", X_NONE, 0);
    PROBE("mov %%cr4, %0", "=r"(cr4), NONE);
    check_trap("cr4-read", X_NONE, 0);
    fact("cr4", "0x%lx", cr4);
    PROBE("mov %0, %%cr4", NONE, "r"(cr4 | 0x10 | 0x80 | 0x1));
    check_trap("cr4-write-pse-pge-vme", X_NONE, 0);
    PROBE("mov %%cr4, %0", "=r"(v), NONE);
    check_hex("cr4-bits-dropped", v ^ cr4, 0);
    PROBE("mov %0, %%cr4", NONE, "r"(cr4 | 8));
    PROBE("mov %%cr4, %0", "=r"(v), NONE);
    check_hex("cr4-de-settable", v & 8, 8);
    PROBE("mov %0, %%cr4", NONE, "r"(cr4 | 4));
    PROBE("mov %%cr4, %0", "=r"(v), NONE);
    check_hex("cr4-tsd-settable", v & 4, 4);
    PROBE("rdtsc", NONE, NONE, "eax", "edx");
    fact_trap("cr4-tsd-kernel-rdtsc");
    PROBE("mov $7, %%ecx; rdtscp", "=c"(v), NONE, "eax", "edx");
    fact_trap("cr4-tsd-kernel-rdtscp");
    fact("cr4-tsd-kernel-rdtscp-aux", "%lu", v);
    PROBE("mov %0, %%cr4", NONE, "r"(cr4));
#if GUEST_BITS == 64
    PROBE("mov %%cr8, %0", "=r"(v), NONE);
    fact_trap("cr8-read");
#endif
}

static void test_refused(void)
{
    static u64 table[2] = {0x1000, 0};

    PROBE("hlt", NONE, NONE);
    check_trap("insn-hlt", X_GP, 0);
    PROBE("wbinvd", NONE, NONE);
    check_trap("insn-wbinvd", X_NONE, 0);
    PROBE("invd", NONE, NONE);
    check_trap("insn-invd", X_GP, 0);
    PROBE("lgdt %0", NONE, "m"(table));
    check_trap("insn-lgdt", X_GP, 0);
    PROBE("lidt %0", NONE, "m"(table));
    check_trap("insn-lidt", X_GP, 0);
    PROBE("lldt %w0", NONE, "r"(0));
    check_trap("insn-lldt", X_GP, 0);
    PROBE("ltr %w0", NONE, "r"(0));
    check_trap("insn-ltr", X_GP, 0);
    PROBE("lmsw %w0", NONE, "r"(0));
    check_trap("insn-lmsw", X_GP, 0);
    PROBE("invlpg %0", NONE, "m"(table));
    check_trap("insn-invlpg", X_GP, 0);
#if GUEST_BITS == 64
    PROBE("swapgs", NONE, NONE);
    check_trap("insn-swapgs", X_GP, 0);
#endif
    PROBE("xor %%ecx, %%ecx; rdpmc", NONE, NONE, "eax", "ecx", "edx");
    check_trap("insn-rdpmc", X_GP, 0);
    PROBE("sgdt %0", "=m"(table), NONE);
    fact_trap("insn-sgdt");
    PROBE("str %%eax", NONE, NONE, "eax");
    fact_trap("insn-str");
    PROBE("smsw %%eax", NONE, NONE, "eax");
    fact_trap("insn-smsw");
    PROBE("xor %%eax, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor", NONE, NONE, "eax", "ecx",
          "edx");
    fact_trap("insn-monitor");
    PROBE("vmcall", NONE, NONE);
    fact_trap("insn-vmcall");
    PROBE("vmmcall", NONE, NONE);
    fact_trap("insn-vmmcall");
    PROBE("clgi", NONE, NONE);
    fact_trap("insn-clgi");
    PROBE("vmrun", NONE, NONE);
    fact_trap("insn-vmrun");
}

static void test_debug_registers(void)
{
    ul v;

    check_rc("dr-set-0", hc(set_debugreg, 0, 0x1000), 0);
    check_hex("dr-get-0", (ul)hc(get_debugreg, 0), 0x1000);
    PROBE("mov %%dr0, %0", "=r"(v), NONE);
    check_trap("dr0-read", X_NONE, 0);
    check_hex("dr0-value", v, 0x1000);
    PROBE("mov %0, %%dr1", NONE, "r"(0x2000L));
    check_trap("dr1-write", X_NONE, 0);
    check_hex("dr-get-1", (ul)hc(get_debugreg, 1), 0x2000);
    /* With 32 bits it's nothing to the hypervisor, which lies elsewhere. */
    check_rc("dr-set-hypervisor-address", hc(set_debugreg, 2, IN_HYPERVISOR),
             GUEST_BITS == 64 ? -XEN_EPERM : 0);
    hc(set_debugreg, 2, 0);
#if GUEST_BITS == 64
    check_rc("dr-set-noncanonical", hc(set_debugreg, 2, 0x800000000000UL), -XEN_EPERM);
#endif
    check_rc("dr-set-8", hc(set_debugreg, 8, 0), -XEN_ENODEV);
    check_rc("dr-get-8", hc(get_debugreg, 8), -XEN_ENODEV);
    fact_rc("dr-set-4", hc(set_debugreg, 4, 0));
    fact("dr-get-4", "0x%lx", (ul)hc(get_debugreg, 4));
    check_rc("dr-set-6", hc(set_debugreg, 6, 0x1000f), 0);
    fact("dr-get-6", "0x%lx", (ul)hc(get_debugreg, 6));
#if GUEST_BITS == 64
    fact_rc("dr-set-6-high", hc(set_debugreg, 6, 1UL << 32));
#endif
    check_rc("dr-set-7-gd", hc(set_debugreg, 7, 0x2000), -XEN_EPERM);
#if GUEST_BITS == 64
    fact_rc("dr-set-7-high", hc(set_debugreg, 7, 1UL << 32));
#endif
    check_rc("dr-set-6-back", hc(set_debugreg, 6, 0xffff0ff0), 0);

    /* A hardware breakpoint on data, then on an instruction. */
    check_rc("dr-set-3", hc(set_debugreg, 3, &v), 0);
    check_rc("dr-set-7", hc(set_debugreg, 7, 0xd0000080UL), 0);
    check_hex("dr-get-7", (ul)hc(get_debugreg, 7), 0xd0000480UL);
    PROBE("mov" SZ " $1, %0; nop", "=m"(v), NONE);
    check_trap("dr-data-breakpoint", X_DB, -1);
    check_hex("dr-data-breakpoint-dr6", (ul)hc(get_debugreg, 6) & 0xf, 8);
    check_rc("dr-off", hc(set_debugreg, 7, 0x400), 0);
    PROBE("mov" SZ " $1, %0; nop", "=m"(v), NONE);
    check_trap("dr-off-no-breakpoint", X_NONE, 0);
    hc(set_debugreg, 6, 0xffff0ff0);
    hc(set_debugreg, 3, 0);
}

static u64 msr_value;

static void read_msr(u32 index)
{
    u32 lo = 0, hi = 0;

    trap_arm();
    asm volatile(FIXUP_AT "rdmsr\n9:\t" FIXUP_OFF : "+a"(lo), "+d"(hi) : "c"(index) : "memory");
    msr_value = ((u64)hi << 32) | lo;
}

static void write_msr(u32 index, u64 value)
{
    PROBE("wrmsr", NONE, LIST("c"(index), "a"((u32)value), "d"((u32)(value >> 32))));
}

static void test_msr_reads(void)
{
    static const struct {
        const char *name;
        u32 index;
        bool value; /* is the value fixed by the ABI? */
    } msrs[] = {
        {"tsc", 0x10, false},
        {"apic_base", 0x1b, true},
        {"ucode_rev", 0x8b, false},
        {"mtrrcap", 0xfe, false},
        {"arch_caps", 0x10a, false},
        {"sysenter_cs", 0x174, false},
        {"sysenter_esp", 0x175, false},
        {"mcg_cap", 0x179, false},
        {"perf_status", 0x198, false},
        {"misc_enable", 0x1a0, false},
        {"pat", 0x277, true},
        {"mtrr_def", 0x2ff, false},
        {"platform_info", 0xce, false},
        {"misc_features", 0x140, false},
        {"xss", 0xda0, false},
        {"efer", 0xc0000080, true},
        {"star", 0xc0000081, false},
        {"lstar", 0xc0000082, false},
        {"syscall_mask", 0xc0000084, false},
        {"fs_base", 0xc0000100, true},
        {"gs_base", 0xc0000101, true},
        {"kernel_gs_base", 0xc0000102, true},
        {"tsc_aux", 0xc0000103, false},
        {"hwcr", 0xc0010015, false},
        {"nb_cfg", 0xc001001f, false},
        {"syscfg", 0xc0010010, false},
        {"de_cfg", 0xc0011029, false},
        {"x2apic_id", 0x802, false},
        {"xen-0x40000000", 0x40000000, false},
        {"none-0x12345678", 0x12345678, false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(msrs); i++) {
        print("msr %s\n", msrs[i].name);
        read_msr(msrs[i].index);
        fact_trap("msr-read");
        if (msrs[i].value && last_trap.entry == X_NONE)
            fact_hex("msr-value", msr_value);
    }
}

static void test_msr_writes(void)
{
    read_msr(0xc0000080);
    write_msr(0xc0000080, msr_value);
    check_trap("msr-efer-write-same", X_NONE, 0);
    write_msr(0xc0000080, msr_value ^ 0x800);
    fact_trap("msr-efer-write-without-nx");
    write_msr(0x277, UINT64_C(0x0007040600070406));
    fact_trap("msr-pat-write");
    write_msr(0xc0000082, 0x1000);
    fact_trap("msr-lstar-write");
    write_msr(0x1a0, 0);
    fact_trap("msr-misc_enable-write");
#if GUEST_BITS == 64
    write_msr(0xc0000101, 0x800000000000UL);
    check_trap("msr-gs_base-noncanonical", X_GP, 0);
    write_msr(0xc0000102, 0x800000000000UL);
    check_trap("msr-kernel_gs_base-noncanonical", X_GP, 0);
    write_msr(0xc0000100, 0x123456000UL);
    check_trap("msr-fs_base-write", X_NONE, 0);
    read_msr(0xc0000100);
    check_hex("msr-fs_base-read-back", msr_value, 0x123456000UL);
    write_msr(0xc0000100, 0);
#else
    for (u32 msr = 0xc0000100; msr <= 0xc0000102; msr++) {
        write_msr(msr, 0x12345000);
        fact_trap("msr-base-write");
        read_msr(msr);
        fact_trap("msr-base-read");
    }
    write_msr(0x174, 0xe019);
    fact_trap("msr-sysenter_cs-write");
#endif
    write_msr(0x12345678, 1);
    check_trap("msr-none-write", X_GP, 0);
}

void test_main(void)
{
    test_io();
    test_string_io();
    test_control_registers();
    test_refused();
    test_debug_registers();
    test_msr_reads();
    test_msr_writes();
}
