// SPDX-License-Identifier: MIT
/*
 * What a backend does all the time, in TSC ticks, which are instructions under QEMU's -icount:
 * mapping and unmapping a page and 32 in a list, by hypercall; an event to a port whose other end
 * is this domain, through L0, and an IPI, until the guest's words show it; with 2-level and then
 * with FIFO events. Lines as of tests/bench: BENCH name median minimum maximum.
 */
#include "mapper.h"

#define SAMPLES 31
#define IN_LIST 32

static u64 sample[SAMPLES];

static u64 ticks(void)
{
    u32 lo, hi;

    asm volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi)::"memory");
    return (u64)hi << 32 | lo;
}

static void result(const char *name)
{
    for (unsigned i = 1; i < SAMPLES; i++)
        for (unsigned k = i; k && sample[k] < sample[k - 1]; k--) {
            u64 t = sample[k];
            sample[k] = sample[k - 1];
            sample[k - 1] = t;
        }
    print("BENCH %s %lu %lu %lu\n", name, sample[SAMPLES / 2], sample[0], sample[SAMPLES - 1]);
}

static void map_and_unmap(const char *name, const u32 *refs, struct window w, unsigned n)
{
    static struct gnttab_map_grant_ref m[IN_LIST];
    static struct gnttab_unmap_grant_ref u[IN_LIST];

    for (unsigned s = 0; s < SAMPLES; s++) {
        for (unsigned i = 0; i < n; i++)
            m[i] = (struct gnttab_map_grant_ref){
                .host_addr = w.va + i * PAGE_SIZE, .flags = GNTMAP_host_map, .ref = refs[i]};
        u64 t = ticks();
        hc(grant_table_op, GNTTABOP_map_grant_ref, m, n);
        t = ticks() - t;
        for (unsigned i = 0; i < n; i++) {
            if (m[i].status)
                panic("map: status %d", m[i].status);
            u[i] =
                (struct gnttab_unmap_grant_ref){.host_addr = m[i].host_addr, .handle = m[i].handle};
        }
        u64 begin = ticks();
        hc(grant_table_op, GNTTABOP_unmap_grant_ref, u, n);
        sample[s] = t + ticks() - begin;
    }
    result(name);
}

static volatile u32 *words; /* of FIFO events, or NULL: by shared_info */

static bool pending(u32 port)
{
    return words ? words[port] >> EVTCHN_FIFO_PENDING & 1 : port_pending(port);
}

static void clear(u32 port)
{
    if (words)
        __atomic_fetch_and(&words[port], ~(1u << EVTCHN_FIFO_PENDING), __ATOMIC_SEQ_CST);
    else
        port_clear(port);
}

/* Masked ports: what is timed is that it gets there, not what the guest does with it. */
static void notify(const char *name, u32 send, u32 to)
{
    for (unsigned s = 0; s < SAMPLES; s++) {
        clear(to);
        u64 t = ticks();
        evtchn_send(send);
        while (!pending(to))
            hc(xen_version, XENVER_version, 0);
        sample[s] = ticks() - t;
    }
    result(name);
}

static u8 array[8][PAGE_SIZE] page_aligned;

static void use_fifo(void)
{
    static u8 control[PAGE_SIZE] page_aligned;
    struct evtchn_init_control init = {.control_gfn = mfn_of(control)};

    if (evtchn(EVTCHNOP_init_control, &init))
        panic("no FIFO events");
    memset(array, 0x40, sizeof(array)); /* masked */
    for (unsigned i = 0; i < ARRAY_LEN(array); i++) {
        struct evtchn_expand_array e = {.array_gfn = mfn_of(array[i])};
        if (evtchn(EVTCHNOP_expand_array, &e))
            panic("expand_array");
    }
    words = (volatile u32 *)array;
}

void bench(const u32 *refs, struct window w)
{
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct evtchn_bind_interdomain b = {.remote_dom = DOMID_SELF};
    u32 ipi = evtchn_new_ipi(0);

    map_and_unmap("grant-map-unmap-1", refs, w, 1);
    map_and_unmap("grant-map-unmap-32", refs, w, IN_LIST);
    if (evtchn(EVTCHNOP_alloc_unbound, &a))
        panic("alloc_unbound");
    b.remote_port = a.port;
    if (evtchn(EVTCHNOP_bind_interdomain, &b))
        panic("bind_interdomain");
    events_mask();
    notify("notify-2-level", b.local_port, a.port);
    notify("ipi-2-level", ipi, ipi);
    use_fifo();
    notify("notify-fifo", b.local_port, a.port);
    notify("ipi-fifo", ipi, ipi);
}
