// SPDX-License-Identifier: MIT
/* See l0.h.  The ABI that L0 versions give an HVM guest is tabled in docs/L0.md. */
#include "l0.h"

#include "count.h"
#include "l0_model.h"
#include "shim.h"
#include "regs.h"

#include <xen/arch-x86/cpuid.h>

struct l0_facts l0;
struct shared_info *l0_shared;

/* By kind of call: how often, and whether L0 said that it doesn't know it. */
static u32 calls[L0_SLOTS][L0_MAX_OP], absent[L0_SLOTS];
static const struct l0_model *model;

extern u8 l0_hypercall_page[];

static mfn_t next_unused_gfn = L0_SHARED_GFN_FIRST;

static s64 raw_call(u32 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    register u64 r10 __asm__("r10") = a4;
    register u64 r8 __asm__("r8") = a5;
    s64 rc;

    COUNT(l0_call);
    /* Debug builds of L0 destroy the argument registers. */
    __asm__ volatile("call *%[stub]"
                     : "=a"(rc), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : [stub] "r"(l0_hypercall_page + nr * 32)
                     : "rcx", "r11", "memory");
    return rc;
}

/* What L0 once said not to have isn't asked for again: the first try is the probe. */
s64 l0_call(u32 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    enum l0_slot slot = l0_slot(nr);
    s64 rc;

    if (unlikely(slot == L0_SLOTS))
        return -XEN_ENOSYS;
    u32 op = l0_op(slot, a1);
    if (unlikely(absent[slot] >> op & 1))
        return -XEN_ENOSYS;
    calls[slot][op]++;
    if (unlikely(model != NULL)) {
        if (!l0_model_before(model, nr, a1, a2, &rc)) {
            rc = raw_call(nr, a1, a2, a3, a4, a5);
            l0_model_after(model, nr, a1, a2, &rc);
        }
    } else {
        rc = raw_call(nr, a1, a2, a3, a4, a5);
    }
    if (unlikely(rc == -XEN_ENOSYS))
        __atomic_fetch_or(&absent[slot], 1u << op, __ATOMIC_RELAXED);
    return rc;
}

void l0_report_calls(void)
{
    for (u32 slot = 0; slot < L0_SLOTS; slot++)
        for (u32 op = 0; op < L0_MAX_OP; op++)
            if (calls[slot][op])
                report("stat l0 %s.%u=%u%s", l0_slot_name(slot), op, calls[slot][op],
                       absent[slot] >> op & 1 ? " absent" : "");
}

static bool find_leaves(void)
{
    for (u32 base = 0x40000000; base <= 0x4000ff00; base += 0x100) {
        struct cpuid c = cpuid(base, 0);
        if (c.b == XEN_CPUID_SIGNATURE_EBX && c.c == XEN_CPUID_SIGNATURE_ECX &&
            c.d == XEN_CPUID_SIGNATURE_EDX && c.a >= base + 2) {
            l0.cpuid_base = base;
            l0.cpuid_top = c.a;
            return true;
        }
    }
    return false;
}

static s64 l0_get_param(u32 index, u64 *value)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF, .index = index};
    s64 rc = l0_call2(__HYPERVISOR_hvm_op, HVMOP_get_param, &p);

    if (!rc)
        *value = p.value;
    return rc;
}

s64 l0_set_param(u32 index, u64 value)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF, .index = index, .value = value};
    return l0_call2(__HYPERVISOR_hvm_op, HVMOP_set_param, &p);
}

mfn_t l0_unused_gfn(void)
{
    return next_unused_gfn < L0_SHARED_GFN_END ? next_unused_gfn++ : 0;
}

bool l0_is_shared_gfn(mfn_t gfn)
{
    return gfn >= L0_SHARED_GFN_FIRST && gfn < next_unused_gfn;
}

s64 l0_map(u32 space, u64 idx, mfn_t gfn)
{
    struct xen_add_to_physmap x = {.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn};
    return l0_call2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x);
}

u64 l0_batch[L0_BATCH];

s64 l0_reservation(u32 op, u64 n, u32 order)
{
    struct xen_memory_reservation r = {.nr_extents = n, .extent_order = order, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, l0_batch);
    return l0_call2(__HYPERVISOR_memory_op, op, &r);
}

s64 l0_shutdown(u32 reason)
{
    struct sched_shutdown s = {.reason = reason};
    return l0_call2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &s);
}

static u32 get_features(void)
{
    struct xen_feature_info f = {.submap_idx = 0};
    return l0_call2(__HYPERVISOR_xen_version, XENVER_get_features, &f) ? 0 : f.submap;
}

/* What L0 says of itself.  Again when a model is to answer. */
static void probe(void)
{
    u64 v;

    l0.version = (u32)l0_call2(__HYPERVISOR_xen_version, XENVER_version, 0);
    l0.features = get_features();
    l0.console_mfn = 0;
    l0.store_evtchn = l0.console_evtchn = 0;
    if (model)
        l0.cpuid_top = min_t(u32, l0.cpuid_top, l0.cpuid_base + model->cpuid_leaves);
    if (!l0_get_param(HVM_PARAM_STORE_PFN, &v))
        l0.store_mfn = v;
    if (!l0_get_param(HVM_PARAM_STORE_EVTCHN, &v))
        l0.store_evtchn = (u32)v;
    if (!l0_get_param(HVM_PARAM_CONSOLE_PFN, &v))
        l0.console_mfn = v;
    if (l0.console_mfn && !l0_get_param(HVM_PARAM_CONSOLE_EVTCHN, &v))
        l0.console_evtchn = (u32)v;
}

static void install_hypercall_page(void)
{
    if (!find_leaves())
        refuse("no Xen found: the sidecar boots in an HVM guest of Xen only");
    wrmsr(cpuid(l0.cpuid_base + 2, 0).b, image_pa(l0_hypercall_page));
}

static void map_shared_info(mfn_t gfn)
{
    s64 rc = l0_map(XENMAPSPACE_shared_info, 0, gfn);

    if (rc)
        refuse("Xen does not map shared_info (error %ld)", rc);
    l0_shared = mfn_va(gfn);
}

void l0_init(void)
{
    /* Old L0s ignore a bad address silently, so look whether the page changed. */
    u8 first = l0_hypercall_page[0];
    install_hypercall_page();
    if (ACCESS_ONCE(l0_hypercall_page[0]) == first)
        refuse("Xen did not install its hypercall page");
    probe();
    map_shared_info(l0_unused_gfn());
}

void l0_connect_again(void)
{
    install_hypercall_page();
    memset(absent, 0, sizeof(absent));
    probe();
    map_shared_info(((u64)l0_shared - DIRECT_MAP) >> PAGE_SHIFT);
}

static struct cpuid hvm_leaf(void)
{
    u32 leaf = l0.cpuid_base + 4;

    return l0.cpuid_top >= leaf ? cpuid(leaf, 0) : (struct cpuid){0};
}

u32 l0_hvm_flags(void)
{
    return hvm_leaf().a;
}

u32 l0_domid(void)
{
    struct cpuid hvm = hvm_leaf();

    return hvm.a & XEN_HVM_CPUID_DOMID_PRESENT ? hvm.c : 1;
}

void l0_use_model(const char *name)
{
    if (!*name)
        return;
    model = l0_model_find(name);
    if (!model)
        refuse("l0=%s: no such model of an older Xen; the names are in docs/L0.md", name);
    memset(calls, 0, sizeof(calls));
    probe();
}

static bool read_wallclock(u64 *ns)
{
    u32 version, sec;

    do {
        version = ACCESS_ONCE(l0_shared->wc_version);
        barrier();
        sec = l0_shared->wc_sec;
        *ns = ((u64)l0_shared->wc_sec_hi << 32 | sec) * 1000000000UL + l0_shared->wc_nsec;
        barrier();
    } while (version & 1 || version != ACCESS_ONCE(l0_shared->wc_version));
    return sec;
}

bool l0_wallclock(u64 *ns)
{
    return read_wallclock(ns) && (!model || model->wallclock);
}

bool l0_wallclock_since(u32 version, u64 *ns)
{
    return ACCESS_ONCE(l0_shared->wc_version) != version && read_wallclock(ns);
}

u64 l0_rtc_delay(void)
{
    return model && model->rtc_late ? 1500000000UL : 0;
}
