// SPDX-License-Identifier: MIT
/* See l0.h.  The ABI that L0 versions give an HVM guest is tabled in docs/DESIGN.md. */
#include "l0.h"

#include "count.h"
#include "shim.h"
#include "regs.h"

#include <xen/arch-x86/cpuid.h>

struct l0_facts l0;
struct shared_info *l0_shared;
u64 l0_calls[64];

extern u8 l0_hypercall_page[];

/* GFNs that no firmware of Xen's uses: above hvmloader's reserved area, below the IO-APIC. */
#define UNUSED_GFN_FIRST 0xfe100
#define UNUSED_GFN_END   0xfec00
static mfn_t next_unused_gfn = UNUSED_GFN_FIRST;

s64 l0_call(u32 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    register u64 r10 __asm__("r10") = a4;
    register u64 r8 __asm__("r8") = a5;
    s64 rc;

    l0_calls[nr % ARRAY_SIZE(l0_calls)]++;
    COUNT(l0_call);
    /* Debug builds of L0 destroy the argument registers. */
    __asm__ volatile("call *%[stub]"
                     : "=a"(rc), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : [stub] "r"(l0_hypercall_page + nr * 32)
                     : "rcx", "r11", "memory");
    return rc;
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

s64 l0_get_param(u32 index, u64 *value)
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
    return next_unused_gfn < UNUSED_GFN_END ? next_unused_gfn++ : 0;
}

bool l0_is_shared_gfn(mfn_t gfn)
{
    return gfn >= UNUSED_GFN_FIRST && gfn < next_unused_gfn;
}

s64 l0_map(u32 space, u64 idx, mfn_t gfn)
{
    struct xen_add_to_physmap x = {.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn};
    return l0_call2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x);
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

void l0_init(void)
{
    if (!find_leaves())
        refuse("no Xen found: the sidecar boots in an HVM guest of Xen only");

    struct cpuid pages = cpuid(l0.cpuid_base + 2, 0);

    /* Old L0s ignore a bad address silently, so look whether the page changed. */
    u8 first = l0_hypercall_page[0];
    wrmsr(pages.b, image_pa(l0_hypercall_page));
    if (ACCESS_ONCE(l0_hypercall_page[0]) == first)
        refuse("Xen did not install its hypercall page");

    l0.version = (u32)l0_call2(__HYPERVISOR_xen_version, XENVER_version, 0);
    l0.features = get_features();

    mfn_t gfn = l0_unused_gfn();
    s64 rc = l0_map(XENMAPSPACE_shared_info, 0, gfn);
    if (rc)
        refuse("Xen does not map shared_info (error %ld)", rc);
    l0_shared = mfn_va(gfn);

    /* Toolstacks leave various things here; see the ABI notes on 32-bit dom0s of the 3.4 age. */
    memset((void *)l0_shared->evtchn_mask, 0xff, sizeof(l0_shared->evtchn_mask));
    memset((void *)l0_shared->evtchn_pending, 0, sizeof(l0_shared->evtchn_pending));
    l0_shared->vcpu_info[0].evtchn_pending_sel = 0;
    l0_shared->vcpu_info[0].evtchn_upcall_pending = 0;

    u64 v;
    if (!l0_get_param(HVM_PARAM_STORE_PFN, &v))
        l0.store_mfn = v;
    if (!l0_get_param(HVM_PARAM_STORE_EVTCHN, &v))
        l0.store_evtchn = (u32)v;
    if (!l0_get_param(HVM_PARAM_CONSOLE_PFN, &v))
        l0.console_mfn = v;
    if (!l0_get_param(HVM_PARAM_CONSOLE_EVTCHN, &v))
        l0.console_evtchn = (u32)v;
}
