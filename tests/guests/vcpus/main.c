// SPDX-License-Identifier: MIT
/*
 * vcpu_op and a second vCPU (pv-guest-abi 2.8, 7.1): is_up until -ENOENT; initialise, up, down and
 * up again, where a vCPU that took itself down goes on behind the call; the state it starts with,
 * from vcpu_guest_context; register_vcpu_info, which copies and marks everything pending; IPIs both
 * ways; a remote TLB flush; NMI. The second vCPU is given by `vcpus = 2`; without it, its part is
 * skipped.
 */
#include "guest.h"

static long op(int cmd, unsigned vcpu, const void *arg)
{
    return hc(vcpu_op, cmd, vcpu, arg);
}

/* Between the two vCPUs. */
static volatile struct {
    ul started, rdi, rsp, flags, cs, ss, gs0, cr3, step, seen, mxcsr;
} ap;
static u8 ap_stack[2 * PAGE_SIZE] page_aligned;
static u8 info_page[PAGE_SIZE] page_aligned;
static ul ap_gs_data __attribute__((unused)) = 0x6e6e;
static volatile ul *shared_word;
static u32 ap_port;

void ap_main(void);

#if GUEST_BITS == 64
asm(".pushsection .text\n.globl ap_entry\nap_entry:\n"
    "mov %rdi, ap+8(%rip)\n mov %rsp, ap+16(%rip)\n pushfq\n popq ap+24(%rip)\n"
    "mov %cs, ap+32(%rip)\n mov %ss, ap+40(%rip)\n"
    "sub $8, %rsp\n call ap_main\n ud2\n.popsection");
#else
asm(".pushsection .text\n.globl ap_entry\nap_entry:\n"
    "mov %edi, ap+4\n mov %esp, ap+8\n pushfl\n popl ap+12\n mov %cs, ap+16\n mov %ss, ap+20\n"
    "call ap_main\n ud2\n.popsection");
#endif
void ap_entry(void);

static bool wait_step(ul step)
{
    return wait_until(ap.step >= step);
}

void ap_main(void)
{
    ul v;

#if GUEST_BITS == 64
    asm volatile("mov %%gs:0, %0" : "=r"(v));
    ap.gs0 = v;
#endif
    asm volatile("mov %%cr3, %0" : "=r"(v));
    ap.cr3 = v;
    asm volatile("stmxcsr %0" : "=m"(ap.mxcsr));
    ap.started = 1;
    ap.step = 1;
    /* Down, and up again: must come back here. */
    ap.seen = op(VCPUOP_down, 1, 0);
    ap.step = 2;
    /* Wait for an IPI: the event is taken as data, not as an upcall. */
    while (!port_pending(ap_port))
        hc(sched_op, SCHEDOP_yield, 0);
    port_clear(ap_port);
    ap.step = 3;
    /* Watch a word whose mapping vCPU 0 changes. */
    while (*shared_word != 2)
        hc(sched_op, SCHEDOP_yield, 0);
    ap.step = 4;
    vcpu_end(1);
}

static void test_simple(void)
{
    struct vcpu_get_physid physid;
    int n = 0;

    while (n < 200 && op(VCPUOP_is_up, n, 0) >= 0)
        n++;
    check_rc("is_up-self", op(VCPUOP_is_up, 0, 0), 1);
    check_rc("is_up-beyond", op(VCPUOP_is_up, n, 0), -XEN_ENOENT);
    check_rc("is_up-far-beyond", op(VCPUOP_is_up, 8191, 0), -XEN_ENOENT);
    check_rc("is_up-minus-one", op(VCPUOP_is_up, -1, 0), -XEN_ENOENT);
    check_rc("up-self", op(VCPUOP_up, 0, 0), 0);
    fact_rc("get_physid", op(VCPUOP_get_physid, 0, &physid));
    fact_rc("initialise-self", op(VCPUOP_initialise, 0, (void *)BAD_POINTER));
    fact_rc("up-beyond", op(VCPUOP_up, n, 0));
    fact_rc("unknown", op(77, 0, 0));
    fact("vcpus", "%d", n);
}

static void test_vcpu_info(void)
{
    struct vcpu_register_vcpu_info reg = {.mfn = mfn_of(info_page), .offset = 64};
    struct vcpu_info *old = vcpu0_info, *new = (void *)(info_page + 64);
    u32 version = old->time.version;

    reg.offset = 4090;
    check_rc("vcpu_info-crossing", op(VCPUOP_register_vcpu_info, 0, &reg), -XEN_ENXIO);
    reg.offset = 64;
    reg.mfn = BAD_FRAME;
    check_rc("vcpu_info-no-such-frame", op(VCPUOP_register_vcpu_info, 0, &reg), -XEN_EINVAL);
    reg.mfn = mfn_of(info_page);
    events_mask();
    old->arch.cr2 = 0xc2c2;
    check_rc("vcpu_info", op(VCPUOP_register_vcpu_info, 0, &reg), 0);
    vcpu0_info = new;
    check_num("vcpu_info-mask-copied", new->evtchn_upcall_mask, 1);
    check_hex("vcpu_info-cr2-copied", new->arch.cr2, 0xc2c2);
    check_num("vcpu_info-upcall-pending", new->evtchn_upcall_pending, 1);
    check_hex("vcpu_info-all-selected", new->evtchn_pending_sel, ~0UL);
    check_true("vcpu_info-time-valid", new->time.version >= version &&new->time.tsc_to_system_mul ==
                                           old->time.tsc_to_system_mul);
    check_rc("vcpu_info-again", op(VCPUOP_register_vcpu_info, 0, &reg), -XEN_EINVAL);
    events_unmask();
    check_num("vcpu_info-upcall-taken", new->evtchn_upcall_pending, 0);
    PROBE_READ(UNMAPPED);
    check_true("vcpu_info-cr2-goes-to-new", new->arch.cr2 == UNMAPPED);
}

static struct vcpu_guest_context ap_context;

#if GUEST_BITS == 64
static void test_refused_contexts(struct vcpu_guest_context *c)
{
    static const u64 bad = 0x800000000000UL;
    u64 *fields[] = {&c->user_regs.rip,
                     &c->user_regs.rsp,
                     &c->kernel_sp,
                     &c->event_callback_eip,
                     &c->failsafe_callback_eip,
                     &c->syscall_callback_eip,
                     &c->trap_ctxt[200].address,
                     &c->fs_base,
                     &c->gs_base_kernel,
                     &c->gs_base_user};

    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        u64 good = *fields[i];

        *fields[i] = bad;
        print("field %u\n", i);
        check_rc("second-not-canonical", op(VCPUOP_initialise, 1, c), -XEN_EINVAL);
        *fields[i] = good;
    }
    c->ldt_base = bad << 1;
    c->ldt_ents = 1;
    check_rc("second-ldt-not-canonical", op(VCPUOP_initialise, 1, c), -XEN_EINVAL);
    c->ldt_base = c->ldt_ents = 0;
    c->flags = 0;
    check_rc("second-user-mode-without-table", op(VCPUOP_initialise, 1, c), -XEN_EINVAL);
    c->flags = VGCF_in_kernel;
}
#else
static void test_refused_contexts(struct vcpu_guest_context *c)
{
    c->ctrlreg[3] = cr3_of(BAD_FRAME);
    fact_rc("second-no-such-table", op(VCPUOP_initialise, 1, c));
    c->ctrlreg[3] = cr3_of(mfn_of(ap_stack));
    fact_rc("second-table-is-data", op(VCPUOP_initialise, 1, c));
    c->ctrlreg[3] = cr3_of(mfn_of(kernel_top()));
}
#endif

static void fill_context(struct vcpu_guest_context *c)
{
    vcpu_context(c, ap_entry, ap_stack + sizeof(ap_stack));
    c->user_regs.edi = 0x12345;
    c->user_regs.eflags = 0x1000; /* IOPL 1, IF clear: as Linux does it */
#if GUEST_BITS == 64
    c->gs_base_kernel = (ul)&ap_gs_data;
#endif
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
}

static void test_initialise(void)
{
    struct vcpu_guest_context *c = &ap_context;
    struct evtchn_bind_ipi ipi = {.vcpu = 1};

    check_rc("second-is-down", op(VCPUOP_is_up, 1, 0), 0);
    check_rc("second-up-uninitialised", op(VCPUOP_up, 1, 0), -XEN_EINVAL);
    check_rc("second-initialise-bad-pointer", op(VCPUOP_initialise, 1, (void *)BAD_POINTER),
             -XEN_EFAULT);
    fill_context(c);
    test_refused_contexts(c);
    /* An FPU image that the CPU wouldn't load is none. */
    c->flags |= VGCF_I387_VALID;
    *(u32 *)((u8 *)&c->fpu_ctxt + 24) = 0xffffffff;
    check_rc("second-initialise", op(VCPUOP_initialise, 1, c), 0);
    check_rc("second-initialise-again", op(VCPUOP_initialise, 1, c), -XEN_EEXIST);
    check_rc("second-still-down", op(VCPUOP_is_up, 1, 0), 0);
    check_rc("second-bind_ipi", evtchn(EVTCHNOP_bind_ipi, &ipi), 0);
    ap_port = ipi.port;
    port_unmask_local(ap_port);
}

/* Up, with the state that the context gave. */
static void test_up(void)
{
    check_rc("second-up", op(VCPUOP_up, 1, 0), 0);
    check_true("second-runs", wait_step(1));
    check_hex("second-rdi", ap.rdi, 0x12345);
    check_true("second-rsp", ap.rsp == ap_context.user_regs.esp);
    check_hex("second-rflags", ap.flags & (FL_IF | FL_IOPL), FL_IF);
    fact("second-ss", "0x%lx", ap.ss & 0xffff);
    fact("second-cs", "0x%lx", ap.cs & 0xffff);
#if GUEST_BITS == 64
    check_hex("second-gs-base", ap.gs0, 0x6e6e);
#endif
#if GUEST_BITS == 64 /* (with 32 bits Xen 4.17 takes the image as it is) */
    check_hex("second-mxcsr", (u32)ap.mxcsr, 0x1f80);
#endif
    check_true("second-cr3", ap.cr3 == cr3_of(mfn_of(kernel_top())));
    check_num("second-upcall-mask", shared_info->vcpu_info[1].evtchn_upcall_mask, 1);
}

static void test_down_and_up_again(void)
{
    wait_until(op(VCPUOP_is_up, 1, 0) == 0);
    check_rc("second-took-itself-down", op(VCPUOP_is_up, 1, 0), 0);
    check_num("second-stays-down", ap.step, 1);
    check_rc("second-up-again", op(VCPUOP_up, 1, 0), 0);
    check_true("second-goes-on", wait_step(2));
    check_rc("second-down-returned", ap.seen, 0);
    check_rc("second-ipi", evtchn_send(ap_port), 0);
    check_true("second-got-ipi", wait_step(3));
    check_num("second-ipi-upcall-pending", shared_info->vcpu_info[1].evtchn_upcall_pending, 1);
}

static void test_remote_flush(void)
{
    ul *page = page_alloc();
    ul *where = page_alloc();

    /* The other vCPU reads through a mapping; changing it here with a flush everywhere must be seen
     * there. */
    page[0] = 2;
    check_rc("second-remap",
             set_pte_va((ul)where, maddr_of(page) | PT_KERNEL, UVMF_INVLPG | UVMF_ALL), 0);
    shared_word = where;
    check_true("second-sees-new-mapping", wait_step(4));
    wait_until(op(VCPUOP_is_up, 1, 0) == 0);
    check_rc("second-down-at-last", op(VCPUOP_is_up, 1, 0), 0);
    check_rc("second-down-when-down", op(VCPUOP_down, 1, 0), 0);
}

static int nmis;
static u8 nmi_mask;
static bool (*chain)(struct trap *t);

static bool take_nmi(struct trap *t)
{
    if (t->entry != ENTRY_NMI)
        return chain(t);
    nmis++;
    nmi_mask = t->handler_mask;
    return true;
}

static void test_nmi(void)
{
    struct callback_register reg = {.type = CALLBACKTYPE_nmi,
                                    .address = callback_at(trap_stub(ENTRY_NMI))};

    chain = trap_hook;
    trap_hook = take_nmi;
    check_rc("nmi-register", hc(callback_op, CALLBACKOP_register, &reg), 0);
    events_unmask();
    check_rc("nmi-send", op(VCPUOP_send_nmi, 0, 0), 0);
    hc(sched_op, SCHEDOP_yield, 0);
    check_num("nmi-arrived", nmis, 1);
    check_num("nmi-masks-events", nmi_mask, 1);
    events_mask();
    op(VCPUOP_send_nmi, 0, 0);
    hc(sched_op, SCHEDOP_yield, 0);
    check_num("nmi-ignores-upcall-mask", nmis, 2);
    check_rc("nmi-send-with-argument", op(VCPUOP_send_nmi, 0, &nmis), -XEN_EINVAL);
    trap_hook = chain;
}

void test_main(void)
{
    shared_word = (ul *)ap_stack;
    test_simple();
    test_vcpu_info();
    test_nmi();
    if (op(VCPUOP_is_up, 1, 0) < 0)
        skip("only one vCPU");
    test_initialise();
    test_up();
    test_down_and_up_again();
    test_remote_flush();
}
