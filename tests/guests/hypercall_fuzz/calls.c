// SPDX-License-Identifier: MIT
/* Which call, with what. */
#include "fuzz.h"

#include <xen/grant_table.h>

static u8 areas[2][3][PAGE_SIZE] page_aligned; /* of each vCPU; the third page is made a hole */
static u8 victims[VICTIMS][PAGE_SIZE] page_aligned;
static u8 read_only[PAGE_SIZE] page_aligned;
static struct window window;
static u64 foreign[16]; /* frames that aren't the guest's: the hypervisor's, the shim's */
static u32 nr_foreign;
static u64 max_mfn;

#define NO_NUMBER (~UINT64_C(0))

/* Addresses that aren't the guest's. */
static const u64 beyond[] = {
#if GUEST_BITS == 64
    0xffff800000000000, 0xffff808040001000, 0xffff830000000000, 0xffff87fffffffff8,
    0xffff7ffffffffff8, 0x800000000000,     0x7ffffffffff8,     NO_NUMBER,
#else
    HYPERVISOR_AT, HYPERVISOR_AT - 4, HYPERVISOR_AT + 0x40000, 0xffdffffc, 0xffe00000, 0xfffff000,
    0xfffffff8,    0xffffffff,
#endif
};

u64 rnd(struct rng *r)
{
    r->state += UINT64_C(0x9e3779b97f4a7c15);
    u64 z = r->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

u32 below(struct rng *r, u32 n)
{
    return (u32)(rnd(r) >> 32) % n;
}

/* (M2P has holes natively, and a fault isn't wanted while handlers are anyone's) */
#define MFNS (1u << 21)
static u64 ours[MFNS / 64];

static bool is_ours(u64 mfn)
{
    return mfn <= max_mfn && (mfn >= MFNS || ours[mfn / 64] >> mfn % 64 & 1);
}

void calls_init(void)
{
    long max = hc(memory_op, XENMEM_maximum_ram_page, 0);

    max_mfn = max > 0 ? (u64)max : 0;
    for (u64 pfn = 0; pfn < start_info->nr_pages; pfn++) {
        u64 mfn = ((const ul *)start_info->mfn_list)[pfn];
        if (mfn < MFNS)
            ours[mfn / 64] |= UINT64_C(1) << mfn % 64;
    }
    for (int i = 0; i < 2; i++)
        set_pte_va((ul)areas[i][2], 0, UVMF_INVLPG);
    make_readonly(read_only);
    window = window_open(WINDOW(0));
    for (u64 mfn = 0; mfn <= max_mfn && nr_foreign < ARRAY_LEN(foreign);
         mfn += mfn < 1024 ? 37 : 997)
        if (!is_ours(mfn))
            foreign[nr_foreign++] = mfn;
}

static u64 pointer(struct rng *r)
{
    switch (below(r, 16)) {
    case 0:
        return BAD_POINTER;
    case 1:
        return 0;
    case 2:
        return beyond[below(r, 8)];
    case 3:
        return (ul)read_only + below(r, PAGE_SIZE);
    case 4: /* over the end of what is mapped */
        return (ul)r->area[2] - below(r, 64);
    case 5:
    case 6:
        return (ul)victims[below(r, VICTIMS)] + (below(r, 2) ? 0 : below(r, PAGE_SIZE));
    case 7:
        return window.va + below(r, 512) * PAGE_SIZE;
    default:
        return (ul)r->area + below(r, 64) * 8;
    }
}

static u64 frame(struct rng *r, bool mine)
{
    u64 mfn;

    switch (below(r, 8)) {
    case 0:
        mfn = rnd(r) >> 24;
        break;
    case 1:
        mfn = (u64[]){
            NO_NUMBER, UINT64_C(1) << 40, UINT64_C(1) << 52, max_mfn, max_mfn + 1, 0}[below(r, 6)];
        break;
    case 2:
    case 3:
        mfn = nr_foreign ? foreign[below(r, nr_foreign)] : NO_NUMBER;
        break;
    case 4:
        return mine ? mfn_of((void *[]){window.l1, window.l2, window_top(&window)}[below(r, 3)])
                    : NO_NUMBER;
    default:
        return mine ? mfn_of(victims[below(r, VICTIMS)]) : NO_NUMBER;
    }
    mfn = (xen_pfn_t)mfn;
    return is_ours(mfn) ? NO_NUMBER : mfn; /* never what this runs on */
}

static u64 number(struct rng *r)
{
    switch (below(r, 6)) {
    case 0:
        return (u64[]){0xffffffff, 0x80000000,        0x40000000, NO_NUMBER,
                       0x7fffffff, UINT64_C(1) << 32, 65536,      513}[below(r, 8)];
    case 1:
        return below(r, 70);
    case 2:
        return DOMID_SELF - below(r, 2);
    default:
        return below(r, 5);
    }
}

static u64 entry(struct rng *r, bool mine)
{
    return frame(r, mine) << 12 | (rnd(r) & (below(r, 2) ? 0xfff : 0x67)) |
           (below(r, 4) ? 0 : rnd(r) & NO_NUMBER << 52);
}

static void fill_args(struct rng *r, bool mine)
{
    ul *w = (ul *)r->area;

    for (u32 i = 0; i < ARG_WORDS; i = i < 80 ? i + 1 : i + 13)
        switch (below(r, 6)) {
        case 0:
            w[i] = pointer(r);
            break;
        case 1:
            w[i] = frame(r, mine);
            break;
        case 2:
            w[i] = entry(r, mine);
            break;
        case 3:
            w[i] = (u64)below(r, 3) << 32 | below(r, 40);
            break;
        default:
            w[i] = number(r);
        }
}

static struct call generic(struct rng *r, u64 nr)
{
    struct call c = {nr, {0}};

    for (int i = 0; i < 5; i++)
        c.args[i] = below(r, 2) ? pointer(r) : number(r);
    return c;
}

/* (sub-operation, structure) */
static struct call sub_op(struct rng *r, u64 nr, u32 subs)
{
    struct call c = generic(r, nr);

    c.args[0] = below(r, 12) ? below(r, subs) : rnd(r);
    c.args[1] = pointer(r);
    c.args[2] = below(r, 2) ? below(r, 4) : number(r);
    return c;
}

static struct call memory_op(struct rng *r)
{
    fill_args(r, false); /* what is given back is gone */
    return sub_op(r, __HYPERVISOR_memory_op, 29);
}

static struct call event_op(struct rng *r)
{
    struct call c = sub_op(r, __HYPERVISOR_event_channel_op, 14);
    u32 *port = (u32 *)r->area;

    if (c.args[0] == EVTCHNOP_reset)
        c.args[0] = EVTCHNOP_status;
    /* the console's end of the channel is still needed */
    for (u32 i = 0; i < 2 * ARG_WORDS; i++)
        if (port[i] == start_info->console.domU.evtchn || port[i] == start_info->store_evtchn)
            port[i] = 77;
    if (c.args[1] - (ul)r->area >= 2 * PAGE_SIZE)
        c.args[1] =
            (u64[]){BAD_POINTER, 0, UINT64_C(0xffff830000000000), (ul)r->area[2] - 4}[below(r, 4)];
    return c;
}

static struct call vcpu_op(struct rng *r)
{
    struct call c = sub_op(r, __HYPERVISOR_vcpu_op, 15);
    u64 vcpu = c.args[1] = below(r, 4) ? below(r, 3) : number(r);
    u32 op = (u32)c.args[0];

    c.args[2] = pointer(r);
    if (op == VCPUOP_up || op == VCPUOP_send_nmi ||
        ((op == VCPUOP_down || op == VCPUOP_register_vcpu_info) && (u32)vcpu < 2))
        c.args[0] = VCPUOP_is_up;
    return c;
}

static struct call sched_op(struct rng *r)
{
    struct call c = sub_op(r, __HYPERVISOR_sched_op, 10);
    u32 op = (u32)c.args[0];

    if (op == SCHEDOP_block || op == SCHEDOP_shutdown || op == SCHEDOP_remote_shutdown ||
        op == SCHEDOP_shutdown_code || op == SCHEDOP_watchdog)
        c.args[0] = SCHEDOP_yield;
    if (op == SCHEDOP_poll) { /* with a deadline that is past */
        struct sched_poll *p = (struct sched_poll *)r->area;
        p->timeout = 1;
        c.args[1] = (ul)r->area;
    }
    return c;
}

static struct call mmuext_op(struct rng *r)
{
    struct mmuext_op *op = (struct mmuext_op *)r->area;
    u32 n = 1 + below(r, 4);

    for (u32 i = 0; i < n; i++) {
        op[i].cmd = below(r, 8) ? below(r, 20) : (u32)rnd(r);
        op[i].arg1.mfn = op[i].cmd == MMUEXT_NEW_BASEPTR ? frame(r, false) : frame(r, true);
        if (op[i].cmd == MMUEXT_INVLPG_LOCAL || op[i].cmd == MMUEXT_INVLPG_MULTI ||
            op[i].cmd == MMUEXT_SET_LDT)
            op[i].arg1.linear_addr = pointer(r);
        op[i].arg2.src_mfn = below(r, 2) ? frame(r, true) : below(r, 2) ? pointer(r) : number(r);
    }
    struct call c = {__HYPERVISOR_mmuext_op, {(ul)op, n, below(r, 2) ? 0 : pointer(r), DOMID_SELF}};
    if (!below(r, 8))
        c.args[0] =
            (u64[]){BAD_POINTER, (ul)r->area[2], (ul)r->area[2] - 1, IN_HYPERVISOR}[below(r, 4)],
        c.args[1] = number(r);
    if (!below(r, 6))
        c.args[3] = below(r, 2) ? below(r, 4) : DOMID_SELF + below(r, 6);
    return c;
}

static struct call mmu_update(struct rng *r)
{
    struct mmu_update *u = (struct mmu_update *)r->area;
    u32 n = 1 + below(r, 6);

    for (u32 i = 0; i < n; i++) {
        u[i].ptr = frame(r, true) << 12 | below(r, 512) * 8 | below(r, 5);
        u[i].val = (u[i].ptr & 7) == MMU_MACHPHYS_UPDATE ? 0x7ffffff : entry(r, true);
    }
    struct call c = {__HYPERVISOR_mmu_update, {(ul)u, n, below(r, 2) ? 0 : pointer(r), DOMID_SELF}};
    if (!below(r, 8))
        c.args[0] =
            (u64[]){BAD_POINTER, (ul)r->area[2], (ul)r->area[2] - 1, IN_HYPERVISOR}[below(r, 4)],
        c.args[1] = number(r);
    if (!below(r, 6))
        c.args[3] = rnd(r);
    return c;
}

static struct call va_mapping(struct rng *r)
{
    u64 va = window.va + below(r, 512) * PAGE_SIZE;

    if (!below(r, 4))
        va = (u64[]){BAD_POINTER,    0,         IN_HYPERVISOR, UINT64_C(0xffff808040001000),
                     0x800000000000, NO_NUMBER, 0x40000000}[below(r, 7)];
    u64 pte = entry(r, true);
    return (struct call){
        below(r, 4) ? __HYPERVISOR_update_va_mapping : __HYPERVISOR_update_va_mapping_otherdomain,
        {va, ARG64(pte), below(r, 2) ? below(r, 8) : pointer(r) | below(r, 8), number(r)}};
}

static struct call descriptor(struct rng *r)
{
    if (below(r, 2)) {
        u64 where = frame(r, true) << 12 | below(r, 600) * 4, what = rnd(r);

        return (struct call){__HYPERVISOR_update_descriptor, {ARG64(where), ARG64(what)}};
    }
    ul *w = (ul *)r->area;
    for (u32 i = 0; i < 20; i++)
        w[i] = frame(r, true);
    return (struct call){__HYPERVISOR_set_gdt,
                         {pointer(r), below(r, 3) ? below(r, 9000) : number(r)}};
}

static struct call debugreg(struct rng *r)
{
    struct call c = generic(r, below(r, 2) ? __HYPERVISOR_set_debugreg : __HYPERVISOR_get_debugreg);

    c.args[0] = below(r, 10);
    if (c.args[0] == 7 || c.args[0] == 5)
        c.args[1] &= ~0xffUL;
    return c;
}

static struct call simple(struct rng *r)
{
    static const u8 numbers[] = {__HYPERVISOR_xen_version,
                                 __HYPERVISOR_set_segment_base,
                                 __HYPERVISOR_fpu_taskswitch,
                                 __HYPERVISOR_vm_assist,
                                 __HYPERVISOR_set_timer_op,
                                 __HYPERVISOR_physdev_op,
                                 __HYPERVISOR_set_trap_table,
                                 __HYPERVISOR_callback_op,
                                 __HYPERVISOR_set_callbacks,
                                 __HYPERVISOR_nmi_op,
                                 __HYPERVISOR_domctl,
                                 __HYPERVISOR_sysctl,
                                 __HYPERVISOR_platform_op,
                                 __HYPERVISOR_hvm_op,
                                 __HYPERVISOR_xenpmu_op,
                                 __HYPERVISOR_kexec_op,
                                 __HYPERVISOR_xenoprof_op,
                                 __HYPERVISOR_physdev_op_compat,
                                 __HYPERVISOR_event_channel_op_compat,
                                 __HYPERVISOR_stack_switch};
    struct call c = sub_op(r, numbers[below(r, sizeof(numbers))], 34);

    if (c.nr == __HYPERVISOR_event_channel_op_compat)
        c.args[0] = GUEST_BITS == 64
                        ? pointer(r) | UINT64_C(1) << 63 | 7
                        : BAD_POINTER; /* none that is mapped: the port would be anyone's */
    return c;
}

static struct call unknown(struct rng *r)
{
    u64 nr = below(r, 3) ? 40 + below(r, 60) : rnd(r);

    return generic(r, nr == __HYPERVISOR_arch_7 ? 63 : nr);
}

static struct call multicall(struct rng *r)
{
    struct multicall_entry *e = (struct multicall_entry *)r->area[1];
    u32 n = 1 + below(r, 8);

    memset(e, 0, PAGE_SIZE);
    for (u32 i = 0; i < n; i++) {
        struct call c = below(r, 3) ? unknown(r) : below(r, 2) ? va_mapping(r) : simple(r);
        if (!below(r, 8))
            c.nr = __HYPERVISOR_multicall;
        e[i].op = c.nr;
        for (int k = 0; k < 5; k++)
            e[i].args[k] = c.args[k];
    }
    return (struct call){
        __HYPERVISOR_multicall,
        {below(r, 8) ? (ul)e : (ul)r->area[2] - below(r, 200), below(r, 6) ? n : number(r)}};
}

struct call call_make(u64 seed, u64 number_of_call, u32 vcpu)
{
    struct rng state = {seed * UINT64_C(0x2545f4914f6cdd1d) + number_of_call, areas[vcpu]},
               *r = &state;

    fill_args(r, true);
    switch (below(r, 16)) {
    case 0:
        return memory_op(r);
    case 1:
        return event_op(r);
    case 2:
        return vcpu_op(r);
    case 3:
        return sched_op(r);
    case 4:
    case 5:
        return mmuext_op(r);
    case 6:
    case 7:
        return mmu_update(r);
    case 8:
        return va_mapping(r);
    case 9:
        return descriptor(r);
    case 10:
        return debugreg(r);
    case 11:
        return sub_op(r, __HYPERVISOR_grant_table_op, 13);
    case 12:
        return multicall(r);
    case 13:
        return unknown(r);
    default:
        return simple(r);
    }
}
