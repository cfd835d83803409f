// SPDX-License-Identifier: MIT
/* See upcall.h. */
#include "upcall.h"

#include "event.h"
#include "ioapic.h"
#include "l0.h"
#include "lapic.h"
#include "pci.h"
#include "pic.h"
#include "shim.h"

#include <xen/arch-x86/cpuid.h>

#define PRIVATE_GSI 16 /* reachable from no PCI device that Xen's firmware has */
#define LAST_GSI    47
#define PIC_IRQ     7 /* the parallel port's, which HVM domains don't have */

#define CALLBACK_VIA(type, value) ((u64)(type) << 56 | (value))

enum rung { PERCPU, VECTOR, GSI, INTX, PIC };
static const char *const names[] = {"percpu", "vector", "gsi", "intx", "pic"};
static enum rung rung;
static u32 gsi; /* of the rungs GSI and INTX */
/* Of L0's, not the guest's by that number. */
static struct {
    u32 port; /* 0 = none */
    void (*raised)(void);
} kept[NR_OWN];
static u32 highest_kept; /* they are among the first that a domain has */

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

static bool use_gsi(u32 pin)
{
    ioapic_route_level(pin, VECTOR_UPCALL, vcpu_of(0)->apic_id);
    gsi = pin;
    return !l0_set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA(0, pin));
}

static bool try_gsi(void)
{
    return ioapic_present() && use_gsi(PRIVATE_GSI);
}

static bool try_intx(void)
{
    int dev = ioapic_present() ? pci_find(0x5853, 0x0001) : -1;

    if (dev < 0)
        return false;
    gsi = pci_intx_gsi((u32)dev);
    ioapic_route_level(gsi, VECTOR_UPCALL, vcpu_of(0)->apic_id);
    return !l0_set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA(1, (u64)dev << 11));
}

/* Type 0 with an ISA line drives the 8259s too. */
static bool try_pic(void)
{
    pic_init();
    pic_unmask(PIC_IRQ, true);
    return !l0_set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA(0, PIC_IRQ));
}

static bool (*const try[])(void) = {try_percpu, try_vector, try_gsi, try_intx, try_pic};

/* `percpu` takes an EOI for each event, which is an exit where the LAPIC is emulated, and by its
 * page L0's dearest one (20 000 instructions); `vector` takes none. With a LAPIC in hardware
 * neither EOI nor interrupt leaves the guest. */
static bool lapic_in_hardware(void)
{
    return l0_hvm_flags() & XEN_HVM_CPUID_APIC_ACCESS_VIRT;
}

static void force_rung(const char *name)
{
    for (rung = PERCPU; rung <= PIC; rung++)
        if (string_is(name, names[rung])) {
            if (!try[rung]())
                refuse("evtchn=%s: this host does not have it", name);
            return;
        }
    refuse("evtchn=%s: no such way; percpu, vector, gsi, intx, pic", name);
}

void upcall_init(const char *force)
{
    static const enum rung without[] = {VECTOR, PERCPU, GSI, INTX, PIC},
                           with[] = {PERCPU, VECTOR, GSI, INTX, PIC};
    const enum rung *order = lapic_in_hardware() ? with : without;

    pic_mask_all();
    ioapic_mask_all();
    if (*force) {
        force_rung(force);
        return;
    }
    for (u32 i = 0; i < ARRAY_SIZE(with); i++) {
        rung = order[i];
        if (try[rung]())
            return;
    }
    refuse("this host offers no way to deliver events");
}

/*
 * Where L0 delivers to every vCPU, one wakes another by an event of L0's: a call costs it less than
 * two stores to the LAPIC, which it has to decode. Nobody handles the port: that an interrupt comes
 * is all.
 */
static void open_kick_port(struct vcpu *v)
{
    struct evtchn_bind_ipi op = {.vcpu = v->id};
    struct evtchn_unmask unmask;

    if (nr_vcpus == 1 || v->kick_port || !upcall_percpu() ||
        event_open_at_l0(EVTCHNOP_bind_ipi, &op, &op.port))
        return;
    unmask.port = op.port;
    l0_evtchn(EVTCHNOP_unmask, &unmask);
    v->kick_port = op.port;
}

void upcall_init_vcpu(struct vcpu *v)
{
    open_kick_port(v);
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

bool upcall_needs_watch(void)
{
    return rung >= GSI;
}

void upcall_keep_port(enum own which, u32 port, void (*raised)(void))
{
    kept[which].raised = raised;
    kept[which].port = port;
    highest_kept = max_t(u32, kept[OWN_STORE].port, kept[OWN_CONSOLE].port);
}

static void low_port_raised(u32 port)
{
    for (u32 i = 0; i < NR_OWN; i++)
        if (port == kept[i].port) {
            kept[i].raised();
            return;
        }
    event_raise(port);
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
            /* another vCPU may look at the same word */
            if (!test_and_clear_bit(port, l0_shared->evtchn_pending))
                continue;
            if (unlikely(port <= highest_kept))
                low_port_raised(port);
            else
                event_raise(port);
        }
    }
}

/* For the word test=mute-upcall: after this many interrupts the line goes dead, once. */
static u32 mute_after;

void upcall_test_mute(u32 interrupts)
{
    mute_after = interrupts;
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
        if (unlikely(mute_after) && !--mute_after)
            ioapic_mask(gsi);
        break;
    case PIC:
        upcall_scan(v);
        pic_eoi(PIC_IRQ);
        break;
    }
}

/*
 * On L0 before 4.2 a level interrupt can lose its end: Remote-IRR stays set and the pin never
 * fires again.  It shows by a pending flag that outlives two ticks without an interrupt on its way.
 * Only another pin helps, as masking doesn't clear Remote-IRR there.
 */
void upcall_watch(struct vcpu *v)
{
    static u32 ticks;
    static u32 moves;

    if (likely(!ACCESS_ONCE(v->l0_vi->evtchn_upcall_pending)) ||
        lapic_read(LAPIC_IRR + VECTOR_UPCALL / 32 * 16) >> VECTOR_UPCALL % 32 & 1) {
        ticks = 0;
        return;
    }
    if (v->id || rung < GSI || ++ticks < 2)
        return;
    ticks = 0;
    if (rung != PIC) {
        u32 next = gsi < LAST_GSI ? gsi + 1 : PRIVATE_GSI;
        ioapic_mask(gsi);
        rung = GSI;
        use_gsi(next);
        printk("event interrupt stuck: moved to GSI %u (%u)\n", next, ++moves);
    }
    upcall_scan(v);
}
