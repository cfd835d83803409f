// SPDX-License-Identifier: MIT
/* Takes events on vCPU 0 and counts them; helpers for the tests of event channels and time. */
#include "guest.h"

int event_upcalls;
int event_count[64];
void (*event_hook)(int port);
struct vcpu_info *vcpu0_info;

static bool bit_get(const xen_ulong_t *map, u32 n)
{
    return READ_ONCE(map[n / LONG_BITS]) >> (n % LONG_BITS) & 1;
}

static void bit_set(xen_ulong_t *map, u32 n)
{
    __atomic_fetch_or(&map[n / LONG_BITS], 1UL << n % LONG_BITS, __ATOMIC_SEQ_CST);
}

static bool bit_clear(xen_ulong_t *map, u32 n)
{
    ul bit = 1UL << n % LONG_BITS;

    return __atomic_fetch_and(&map[n / LONG_BITS], ~bit, __ATOMIC_SEQ_CST) & bit;
}

bool port_pending(u32 port)
{
    return bit_get(shared_info->evtchn_pending, port);
}
bool port_masked(u32 port)
{
    return bit_get(shared_info->evtchn_mask, port);
}
void port_mask(u32 port)
{
    bit_set(shared_info->evtchn_mask, port);
}
void port_unmask_local(u32 port)
{
    bit_clear(shared_info->evtchn_mask, port);
}
bool port_clear(u32 port)
{
    return bit_clear(shared_info->evtchn_pending, port);
}

static void drain(void)
{
    WRITE_ONCE(vcpu0_info->evtchn_upcall_pending, 0);
    ul sel = __atomic_exchange_n(&vcpu0_info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    for (; sel; sel &= sel - 1) {
        int word = __builtin_ctzl(sel);
        ul ready = shared_info->evtchn_pending[word] & ~shared_info->evtchn_mask[word];

        for (; ready; ready &= ready - 1) {
            int port = word * LONG_BITS + __builtin_ctzl(ready);

            port_clear(port);
            if (port < 64)
                event_count[port]++;
            if (event_hook)
                event_hook(port);
        }
    }
}

void (*event_take)(void) = drain;

static bool take_event(struct trap *t)
{
    if (t->entry != ENTRY_EVENT)
        return false;
    event_upcalls++;
    event_take();
    return true;
}

bool fifo_word_unmask(u32 *word)
{
    u32 w = READ_ONCE(*word);

    while (w & 1u << EVTCHN_FIFO_MASKED) {
        if (w & 1u << EVTCHN_FIFO_PENDING)
            return false;
        w &= ~(1u << EVTCHN_FIFO_BUSY);
        if (__atomic_compare_exchange_n(word, &w, w & ~(1u << EVTCHN_FIFO_MASKED), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            break;
    }
    return true;
}

u32 fifo_word_take_off(u32 *word)
{
    u32 w = READ_ONCE(*word);

    while (!__atomic_compare_exchange_n(
        word, &w, w & ~(1u << EVTCHN_FIFO_LINKED | (u32)EVTCHN_FIFO_LINK_MASK), false,
        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    return w & EVTCHN_FIFO_LINK_MASK;
}

void event_init(void)
{
    vcpu0_info = &shared_info->vcpu_info[0];
    /* The other ends of these speak up at any time, which would wake a block or a poll under test.
     */
    if (!(start_info->flags & SIF_INITDOMAIN)) {
        port_mask(start_info->console.domU.evtchn);
        port_mask(start_info->store_evtchn);
    }
    trap_hook = take_event;
}

void events_drop(void)
{
    WRITE_ONCE(vcpu0_info->evtchn_upcall_pending, 0);
    WRITE_ONCE(vcpu0_info->evtchn_pending_sel, 0);
}

void events_mask(void)
{
    WRITE_ONCE(vcpu0_info->evtchn_upcall_mask, 1);
    barrier();
}

void events_unmask(void)
{
    barrier();
    WRITE_ONCE(vcpu0_info->evtchn_upcall_mask, 0);
    barrier();
    /* What became pending while masked is only looked at on the next way out of the hypervisor. */
    if (READ_ONCE(vcpu0_info->evtchn_upcall_pending))
        hc(xen_version, XENVER_version, 0);
}

long evtchn(int cmd, void *arg)
{
    return hc(event_channel_op, cmd, arg);
}

u32 evtchn_new_ipi(u32 vcpu)
{
    struct evtchn_bind_ipi ipi = {.vcpu = vcpu};
    long rc = evtchn(EVTCHNOP_bind_ipi, &ipi);

    if (rc)
        panic("bind_ipi: %ld", rc);
    return ipi.port;
}

long evtchn_close(u32 port)
{
    struct evtchn_close c = {.port = port};

    return evtchn(EVTCHNOP_close, &c);
}

long evtchn_send(u32 port)
{
    struct evtchn_send s = {.port = port};

    return evtchn(EVTCHNOP_send, &s);
}

int evtchn_state(u32 port)
{
    struct evtchn_status s = {.dom = DOMID_SELF, .port = port};
    long rc = evtchn(EVTCHNOP_status, &s);

    return rc ? (int)rc : (int)s.status;
}

u64 rdtsc(void)
{
    u32 lo, hi;

    asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi));
    return ((u64)hi << 32) | lo;
}

u64 tsc_ticks(u64 ns)
{
    const struct vcpu_time_info *ti = &vcpu0_info->time;
    u64 shifted = (ns << 32) / ti->tsc_to_system_mul;

    return ti->tsc_shift >= 0 ? shifted >> ti->tsc_shift : shifted << -ti->tsc_shift;
}

u64 system_time(void)
{
    const struct vcpu_time_info *ti = &vcpu0_info->time;
    u64 ns, delta;
    u32 version;

    do {
        version = READ_ONCE(ti->version) & ~1U;
        barrier();
        delta = rdtsc() - ti->tsc_timestamp;
        delta = ti->tsc_shift >= 0 ? delta << ti->tsc_shift : delta >> -ti->tsc_shift;
        ns = ti->system_time + (delta >> 32) * ti->tsc_to_system_mul +
             ((u32)delta * (u64)ti->tsc_to_system_mul >> 32);
        barrier();
    } while (READ_ONCE(ti->version) != version);
    return ns;
}
