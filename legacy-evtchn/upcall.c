// SPDX-License-Identifier: MIT
/* See upcall.h. */
#include "upcall.h"

#include "event.h"
#include "ioapic.h"
#include "l0.h"
#include "lapic.h"
#include "pci.h"
#include "shim.h"

#define PRIVATE_GSI 16 /* reachable from no PCI device that Xen's firmware has */

#define CALLBACK_VIA(type, value) ((u64)(type) << 56 | (value))

enum rung { PERCPU, VECTOR, GSI, INTX };
static const char *const names[] = {"percpu", "vector", "gsi", "intx"};
static enum rung rung;

static s64 set_upcall_vector(u32 vcpu)
{
    struct xen_hvm_evtchn_upcall_vector op = {.vcpu = vcpu, .vector = VECTOR_UPCALL};
    return l0_call2(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &op);
}

static bool try_percpu(void)
{
    if (set_upcall_vector(0))
        return false;
    /* Unused for delivery then, but toolstacks ask a domain for a clean shutdown or suspend only
     * when it is not 0. */
    return !l0_set_param(HVM_PARAM_CALLBACK_IRQ, 1);
}

static bool try_vector(void)
{
    /* Old L0s accept type 2 and do nothing: the feature bit is the probe. */
    return l0_has(XENFEAT_hvm_callback_vector) &&
           !l0_set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA(2, VECTOR_UPCALL));
}

static bool try_gsi(void)
{
    ioapic_route_level(PRIVATE_GSI, VECTOR_UPCALL, vcpu_of(0)->apic_id);
    return !l0_set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA(0, PRIVATE_GSI));
}

static bool try_intx(void)
{
    int dev = pci_find(0x5853, 0x0001);

    if (dev < 0)
        return false;
    /* INTA of device D on bus 0 is GSI 16 + ((4 D + D / 8) mod 32). */
    u32 gsi = 16 + ((4 * (u32)dev + (u32)dev / 8) & 31);
    ioapic_route_level(gsi, VECTOR_UPCALL, vcpu_of(0)->apic_id);
    return !l0_set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA(1, (u64)dev << 11));
}

void upcall_init(const char *force)
{
    static bool (*const try[])(void) = {try_percpu, try_vector, try_gsi, try_intx};

    ioapic_mask_all();
    for (rung = PERCPU; rung <= INTX; rung++) {
        if (*force &&
            (strlen(force) != strlen(names[rung]) || strncmp(force, names[rung], strlen(force))))
            continue;
        if (try[rung]())
            return;
        if (*force)
            refuse("evtchn=%s: this host does not have it", force);
    }
    if (*force)
        refuse("evtchn=%s: no such way; percpu, vector, gsi, intx", force);
    refuse("this host offers no way to deliver events");
}

void upcall_init_vcpu(struct vcpu *v)
{
    if (v->id && rung == PERCPU) {
        s64 rc = set_upcall_vector(v->id);
        if (rc)
            panic("no upcall vector for vCPU %u (error %ld)", v->id, rc);
    }
}

const char *upcall_name(void)
{
    return names[rung];
}

bool upcall_percpu(void)
{
    return rung == PERCPU || rung == VECTOR;
}

void upcall_scan(struct vcpu *v)
{
    struct vcpu_info *vi = v->l0_vi;

    /* Clear the flag first: an event that comes while we look sets it again. */
    __atomic_exchange_n(&vi->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    u64 sel = __atomic_exchange_n(&vi->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    for (; sel; sel &= sel - 1) {
        u32 word = (u32)__builtin_ctzl(sel);
        u64 bits = ACCESS_ONCE(l0_shared->evtchn_pending[word]) &
                   ~ACCESS_ONCE(l0_shared->evtchn_mask[word]);
        for (; bits; bits &= bits - 1) {
            u32 port = word * 64 + (u32)__builtin_ctzl(bits);
            clear_bit(port, l0_shared->evtchn_pending);
            event_raise(port);
        }
    }
}

void upcall_interrupt(struct vcpu *v)
{
    switch (rung) {
    case PERCPU:
        lapic_eoi();
        upcall_scan(v);
        break;
    case VECTOR: /* injected past the LAPIC: nothing to EOI */
        upcall_scan(v);
        break;
    case GSI:
    case INTX: /* level: the EOI comes last, and delivers again what came meanwhile */
        upcall_scan(v);
        lapic_eoi();
        break;
    }
}
