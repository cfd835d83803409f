// SPDX-License-Identifier: MIT
/*
 * User mode on an L4 that has nothing in common with the kernel's (pv-guest-abi 5.1, 5.3): the ABI
 * has two base pointers, and no rule that the kernel's tree contains the user's mappings. Here the
 * same user addresses are absent from the kernel's tree, or show other frames there. A shim that
 * runs user mode on the kernel's tables must notice and switch. Afterwards the user L4 is changed
 * by NEW_USER_BASEPTR, and user addresses are flushed with the kernel's commands.
 */
#include "second.h"

#define VA_CODE 0x10000000UL
#define VA_DATA 0x10001000UL

USER_CODE(u_read, "mov (%rdi), %rax; ud2");
USER_CODE(u_write, "mov %rsi, (%rdi); ud2");
USER_CODE(u_count, "1: lock incq (%rdi); jmp 1b");
USER_CODE(u_syscall, "mov %rdi, %rax; syscall; ud2");
USER_CODE(u_in, "in $0x80, %al; hlt");
USER_CODE(u_cli, "cli; hlt");
USER_CODE(u_cpuid, "mov %edi, %eax; .byte 0x0f, 0x0b, 'x', 'e', 'n'; cpuid; hlt");
USER_CODE(u_insb, "mov $0x80, %edx; mov $4, %ecx; rep insb; hlt");
USER_CODE(u_int80, "int $0x80; hlt");

USER_CODE(u_spin, "1: rdtsc; shl $32, %rdx; or %rdx, %rax; cmp %rdi, %rax; jb 1b; ud2");

struct space {
    u64 *l4, *l3, *l2, *l1, *data;
};

static u8 stack[2 * PAGE_SIZE] page_aligned;

static struct space space_new(u64 value, bool pin)
{
    struct space s = {page_alloc(), page_alloc(), page_alloc(), page_alloc(), page_alloc()};

    s.data[0] = value;
    s.l1[pt_index(VA_CODE, 1)] = maddr_of(_user_start) | PT_KERNEL | PTE_US;
    s.l1[pt_index(VA_DATA, 1)] = maddr_of(s.data) | PT_KERNEL | PTE_US;
    s.l2[pt_index(VA_CODE, 2)] = maddr_of(s.l1) | PT_TABLE;
    s.l3[pt_index(VA_CODE, 3)] = maddr_of(s.l2) | PT_TABLE;
    s.l4[pt_index(VA_CODE, 4)] = maddr_of(s.l3) | PT_TABLE;
    make_readonly(s.l1);
    make_readonly(s.l2);
    make_readonly(s.l3);
    make_readonly(s.l4);
    if (pin && mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(s.l4), 0))
        panic("pin");
    return s;
}

static long load(const struct space *s)
{
    return mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(s->l4), 0);
}

static struct trap *run(const u8 *code, u64 rdi, u64 rsi)
{
    struct context ctx = user_context(VA_CODE + (code - _user_start));

    ctx.f.rsp = VA_DATA + PAGE_SIZE - 64;
    ctx.regs.rdi = rdi;
    ctx.regs.rsi = rsi;
    return user_run(&ctx);
}

static void test_absent(struct space *a)
{
    struct trap *t;

    check_rc("load", load(a), 0);
    PROBE("mov (%0), %%rax", NONE, "r"(VA_DATA), "rax");
    check_trap("kernel-doesn't-see-it", X_PF, 0);
    t = run(u_read, VA_DATA, 0);
    check("user-runs", t->entry == X_UD, "%s", trap_name(t));
    check_hex("user-reads-its-page", t->regs.rax, 0xaaaa);
    run(u_write, VA_DATA + 8, 0x1357);
    check_hex("user-writes-its-page", a->data[1], 0x1357);
    PROBE("mov (%0), %%rax", NONE, "r"(VA_DATA), "rax");
    check_trap("kernel-still-doesn't", X_PF, 0);
    t = run(u_read, VA_DATA + PAGE_SIZE, 0);
    check("user-fault", t->entry == X_PF && t->error == 4, "%s", trap_name(t));
    check_hex("user-fault-cr2", t->cr2, VA_DATA + PAGE_SIZE);
    t = run(u_read, (ul)start_info, 0);
    check("user-can't-read-kernel", t->entry == X_PF && (t->error & 4), "user-bit %u",
          t->error >> 2 & 1);
}

static void test_syscall(void)
{
    struct callback_register reg = {.type = CALLBACKTYPE_syscall,
                                    .address = trap_stub(ENTRY_SYSCALL)};
    struct trap *t;

    hc(callback_op, CALLBACKOP_register, &reg);
    t = run(u_syscall, 0x42, 0);
    check("syscall", t->entry == ENTRY_SYSCALL && t->regs.rax == 0x42, "%s", trap_name(t));
    check_rc("hypercall-between", hc(xen_version, XENVER_pagesize, 0), 4096);
    check_true("kernel-pages-there", start_info->magic[0] == 'x');
}

/* What the hypervisor does in user mode's place: it finds instructions and operands where user mode
 * has them. */
static void test_emulated(struct space *a)
{
    struct physdev_set_iopl iopl = {.iopl = 3};
    struct trap *t;

    check_rc("iopl", hc(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    t = run(u_in, 0, 0);
    check("emulated-in", t->entry == X_GP && t->regs.rax == 0xff, "%s", trap_name(t));
    check_num("emulated-in-rip", (long)(t->rip - VA_CODE - (ul)(u_in - _user_start)), 2);
    t = run(u_cli, 0, 0);
    check_num("emulated-cli-rip", (long)(t->rip - VA_CODE - (ul)(u_cli - _user_start)), 1);
    t = run(u_cpuid, 0x40000000, 0);
    check("emulated-cpuid", t->entry == X_GP && t->regs.rbx == 0x566e6558, "%s", trap_name(t));
    a->data[1] = 0;
    t = run(u_insb, VA_DATA + 8, 0);
    check("emulated-insb", t->entry == X_GP && !t->regs.rcx, "%s", trap_name(t));
    check_hex("emulated-insb-value", a->data[1], 0xffffffff);
    t = run(u_insb, VA_DATA + PAGE_SIZE - 2, 0);
    check("emulated-insb-fault", t->entry == X_PF && t->error == 6, "%s", trap_name(t));
    check_hex("emulated-insb-cr2", t->cr2, VA_DATA + PAGE_SIZE);
    t = run(u_insb, (ul)start_info, 0);
    check("emulated-insb-kernel", t->entry == X_PF && (t->error & 6) == 6, "write by user %u",
          (t->error & 6) == 6);
    check_true("kernel's-unchanged", start_info->magic[0] == 'x');
    trap_set(0x80, 3, false);
    t = run(u_int80, 0, 0);
    check("emulated-int80", t->entry == 0x80, "%s", trap_name(t));
    iopl.iopl = 0;
    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
}

/* The kernel has another frame at the user's address. */
static struct space test_conflict(struct space *a)
{
    struct space k = space_new(0xcccc, false);
    struct physdev_set_iopl iopl;

    check_rc(
        "conflict-link",
        mmu_update_one(maddr_of(&kernel_l4()[pt_index(VA_CODE, 4)]), maddr_of(k.l3) | PT_TABLE), 0);
    check_hex("conflict-kernel", *(volatile u64 *)VA_DATA, 0xcccc);
    check_hex("conflict-user", run(u_read, VA_DATA, 0)->regs.rax, 0xaaaa);
    check_hex("conflict-kernel-again", *(volatile u64 *)VA_DATA, 0xcccc);
    iopl.iopl = 3;
    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
    run(u_insb, VA_DATA + 16, 0);
    iopl.iopl = 0;
    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
    check_hex("conflict-insb-kernel's", *(volatile u64 *)(VA_DATA + 16), 0);
    check_hex("conflict-insb-user's", a->data[2], 0xffffffff);
    run(u_write, VA_DATA, 0xabab);
    check_hex("conflict-kernel-unchanged", *(volatile u64 *)VA_DATA, 0xcccc);
    check_hex("conflict-user-changed", a->data[0], 0xabab);
    a->data[0] = 0xaaaa;
    return k;
}

/* Both base pointers lead to the same until one of them is changed, once or among many changes of
 * other tables: user mode always has what its own says. */
static void test_agree(struct space *a, struct space *k)
{
    static const unsigned others[] = {0, 1, 14, 15, 16, 40};
    u64 *const tops[] = {a->l4, kernel_l4()};
    struct space b = space_new(0xbbbb, true);

    for (unsigned i = 0; i < 2 * ARRAY_LEN(others); i++) {
        u64 users = i % 2 ? 0xcccc : 0xaaaa;

        mmu_update_one(maddr_of(&a->l4[pt_index(VA_CODE, 4)]), maddr_of(k->l3) | PT_TABLE);
        check_hex("agree-user", run(u_read, VA_DATA, 0)->regs.rax, 0xcccc);
        mmu_update_one(maddr_of(&tops[i % 2][pt_index(VA_CODE, 4)]), maddr_of(a->l3) | PT_TABLE);
        for (unsigned n = 0; n < others[i / 2]; n++)
            mmu_update_one(maddr_of(&b.l4[100]), n % 2 ? 0 : maddr_of(b.l3) | PT_TABLE);
        check_hex("agree-user-no-more", run(u_read, VA_DATA, 0)->regs.rax, users);
        check_hex("agree-kernel", *(volatile u64 *)VA_DATA, i % 2 ? 0xaaaa : 0xcccc);
        mmu_update_one(maddr_of(&kernel_l4()[pt_index(VA_CODE, 4)]), maddr_of(k->l3) | PT_TABLE);
    }
    mmu_update_one(maddr_of(&a->l4[pt_index(VA_CODE, 4)]), maddr_of(a->l3) | PT_TABLE);
}

/* As Linux switches processes: both base pointers in one call. */
static long load_both(const struct space *s)
{
    struct mmuext_op ops[] = {{.cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = mfn_of(kernel_l4())},
                              {.cmd = MMUEXT_NEW_USER_BASEPTR, .arg1.mfn = mfn_of(s->l4)}};

    return hc(mmuext_op, ops, 2, 0, DOMID_SELF);
}

static void pair(const char *name, const struct space *s, u64 value)
{
    check_rc(name, load_both(s), 0);
    check_hex(name, run(u_read, VA_DATA, 0)->regs.rax, value);
}

static void set_slot(u64 *l4, u64 *l3)
{
    if (mmu_update_one(maddr_of(&l4[pt_index(VA_CODE, 4)]), maddr_of(l3) | PT_TABLE))
        panic("slot");
}

/* Two processes in turn, whose tables are known to agree with the kernel's: and no longer when one
 * of the three was changed, whichever is loaded. */
static void test_pairs(struct space *a, struct space *k)
{
    struct space b = space_new(0xbbbb, true);

    set_slot(a->l4, k->l3);
    set_slot(b.l4, k->l3);
    for (int i = 0; i < 3; i++) {
        pair("pair-a", a, 0xcccc);
        pair("pair-b", &b, 0xcccc);
    }
    set_slot(b.l4, b.l3);
    pair("pair-a-still", a, 0xcccc);
    pair("pair-b-own", &b, 0xbbbb);
    pair("pair-a-again", a, 0xcccc);
    set_slot(a->l4, a->l3);
    check_hex("pair-a-own", run(u_read, VA_DATA, 0)->regs.rax, 0xaaaa);
    set_slot(kernel_l4(), a->l3);
    for (int i = 0; i < 3; i++) {
        pair("pair-with-kernel", a, 0xaaaa);
        pair("pair-without", &b, 0xbbbb);
    }
    pair("pair-with-kernel", a, 0xaaaa);
    set_slot(kernel_l4(), k->l3);
    check_hex("pair-kernel-changed", run(u_read, VA_DATA, 0)->regs.rax, 0xaaaa);
    pair("pair-kernel-changed", a, 0xaaaa);
}

static void closed(ul va, u64 slot)
{
    struct trap *t = run(u_read, va, 0);

    check("recursive-read", t->entry == X_PF && t->cr2 == va, "%lu: #PF %s", slot,
          t->entry == X_PF ? "yes" : "no");
    t = run(u_write, va, 0);
    check("recursive-write", t->entry == X_PF && t->cr2 == va, "%lu: #PF %s", slot,
          t->entry == X_PF ? "yes" : "no");
}

/* A user L4 that has itself as a table, as NetBSD's: user mode may see its tables by it, and by no
 * slot of the hypervisor's anything else. */
static void test_recursive(struct space *a)
{
    static const u64 below[] = {256, 257, 258, 262};
    const u64 slot = 200;
    long rc = mmu_update_one(maddr_of(&a->l4[slot]), maddr_of(a->l4) | PTE_P | PTE_US | PTE_A);

    fact_rc("recursive", rc);
    for (unsigned i = 0; i < ARRAY_LEN(below); i++) {
        for (ul second = 0; second < 3; second++)
            closed(slot << 39 | below[i] << 30 | second << 21, below[i]);
        closed(slot << 39 | slot << 30 | below[i] << 21, below[i]);
        closed(slot << 39 | slot << 30 | slot << 21 | below[i] << 12, below[i]);
    }
    check_rc("recursive-no-more", mmu_update_one(maddr_of(&a->l4[slot]), 0), 0);
}

static void test_switch(struct space *a)
{
    struct space b = space_new(0xbbbb, true);
    struct trap *t;

    check_rc("switch", load(&b), 0);
    check_hex("switch-user", run(u_read, VA_DATA, 0)->regs.rax, 0xbbbb);
    check_rc("switch-back", load(a), 0);
    check_hex("switch-back-user", run(u_read, VA_DATA, 0)->regs.rax, 0xaaaa);
    /* Change the mapping that user mode used a moment ago, with the flush of the kernel. */
    check_rc("remap",
             mmu_update_one(maddr_of(&a->l1[pt_index(VA_DATA, 1)]),
                            maddr_of(b.data) | PT_KERNEL | PTE_US),
             0);
    check_rc("remap-invlpg", mmuext_one(MMUEXT_INVLPG_LOCAL, VA_DATA, 0), 0);
    check_hex("remap-user", run(u_read, VA_DATA, 0)->regs.rax, 0xbbbb);
    check_rc("unmap", mmu_update_one(maddr_of(&a->l1[pt_index(VA_DATA, 1)]), 0), 0);
    check_rc("unmap-flush", mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    t = run(u_read, VA_DATA, 0);
    check("unmap-user", t->entry == X_PF && t->error == 4, "%s", trap_name(t));
    /* The user's table is changed above L1: in force at once. */
    check_rc("cut", mmu_update_one(maddr_of(&a->l4[pt_index(VA_CODE, 4)]), 0), 0);
    t = run(u_read, VA_DATA, 0);
    check("cut-user", t->entry == X_PF && t->error == 0x14, "%s", trap_name(t));
}

/* Areas that the hypervisor writes by the kernel's addresses, while user mode runs for long on a
 * table that lacks them: they are right when the kernel looks. */
static void test_areas(void)
{
    static volatile struct vcpu_runstate_info state;
    static volatile struct vcpu_time_info copy;
    struct vcpu_register_runstate_memory_area rs = {.addr.p = (ul)&state};
    struct vcpu_register_time_memory_area time = {.addr.p = (ul)&copy};
    const struct vcpu_time_info *ti = &vcpu0_info->time;
    u64 entered, hertz = (1000000000UL << 32) / ti->tsc_to_system_mul;

    hertz = ti->tsc_shift < 0 ? hertz << -ti->tsc_shift : hertz >> ti->tsc_shift;
    check_rc("areas-runstate", hc(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &rs), 0);
    check_rc("areas-time", hc(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &time), 0);
    entered = state.state_entry_time;
    struct trap *t = run(u_spin, rdtsc() + 3 * hertz, 0);
    check("areas-user", t->entry == X_UD, "%s", trap_name(t));
    check_true("areas-runstate-fresh", state.state_entry_time > entered);
    check_true("areas-time-fresh", copy.tsc_timestamp == ti->tsc_timestamp);
    rs.addr.p = time.addr.p = 0;
    hc(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &rs);
    hc(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &time);
}

void test_main(void)
{
    struct space a = space_new(0xaaaa, true), k;

    if (hc(stack_switch, FLAT_KERNEL_SS, stack + sizeof(stack)))
        panic("stack_switch");
    test_absent(&a);
    test_syscall();
    test_emulated(&a);
    k = test_conflict(&a);
    test_agree(&a, &k);
    test_pairs(&a, &k);
    test_areas();
    test_recursive(&a);
    test_switch(&a);
    test_second(VA_CODE + (u_count - _user_start), VA_DATA, k.data);
}
