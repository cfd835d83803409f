// SPDX-License-Identifier: MIT
/* See fifo.h: changing over to FIFO events and back, and the guest's calls. */
#include "event_ports.h"
#include "fifo.h"
#include "fifo_state.h"
#include "frames.h"
#include "guest.h"
#include "shim.h"
#include "tlb.h"

static mfn_t frame_of(const void *p)
{
    return ((u64)p - DIRECT_MAP) >> PAGE_SHIFT;
}

bool fifo_uses_frame(mfn_t mfn)
{
    for (u32 i = 0; i < fifo.pages; i++)
        if (frame_of(fifo.array[i]) == mfn)
            return true;
    for (u32 i = 0; i < nr_vcpus && fifo_on; i++)
        if (fifo.queues[i].control && frame_of(fifo.queues[i].control) == mfn)
            return true;
    return false;
}

/* What came early may have a place now. */
static void raise_early(void)
{
    for (u32 port = 1; port < ports_end; port++)
        if (fifo.port[port].early && port_valid(port)) {
            fifo.port[port].early = false;
            fifo_raise_locked(port);
        }
}

static void hold(mfn_t mfn)
{
    __atomic_fetch_or(frame_state(mfn), FRAME_HELD, __ATOMIC_SEQ_CST);
}

/* What is pending by the 2-level words comes by a queue. */
static void take_over(void)
{
    for (u32 port = 1; port < nr_ports; port++)
        if (test_bit(port, guest.pending) && port_valid(port))
            fifo.port[port].early = true;
}

static void change_over(void)
{
    for (u32 port = 0; port < ALL_PORTS; port++)
        fifo.port[port] = (struct fifo_port){.priority = EVTCHN_FIFO_PRIORITY_DEFAULT};
    memset(fifo.queues, 0, nr_vcpus * sizeof(*fifo.queues));
    fifo.lowest_free = NR_PORTS;
    fifo_on = true;
    event_use_2level(false);
    ports_use_fifo(true);
    /* whoever was about to set a bit there has done so when this is over */
    tlb_flush_all(TLB_ALL);
    take_over();
}

s64 fifo_init_control(struct evtchn_init_control *op)
{
    if (op->vcpu >= nr_vcpus)
        return -XEN_ENOENT;
    if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || op->offset & 7)
        return -XEN_EINVAL;
    if (!fifo.offered)
        return -XEN_ENOSYS;
    if (!frame_ok(op->control_gfn) || (fifo_on && fifo.queues[op->vcpu].control))
        return -XEN_EINVAL;
    if (!fifo_on)
        change_over();
    op->link_bits = EVTCHN_FIFO_LINK_BITS;
    hold(op->control_gfn);
    lock(&fifo.lock);
    fifo.queues[op->vcpu].control =
        (struct evtchn_fifo_control_block *)((u8 *)mfn_va(op->control_gfn) + op->offset);
    raise_early();
    unlock(&fifo.lock);
    return 0;
}

s64 fifo_expand_array(const struct evtchn_expand_array *op)
{
    if (!fifo_on)
        return -XEN_EOPNOTSUPP;
    if (fifo.pages == ARRAY_PAGES)
        return -XEN_ENOSPC;
    if (!frame_ok(op->array_gfn))
        return -XEN_EINVAL;
    hold(op->array_gfn);
    lock(&fifo.lock);
    fifo.array[fifo.pages] = mfn_va(op->array_gfn);
    __atomic_store_n(&fifo.pages, fifo.pages + 1, __ATOMIC_SEQ_CST);
    raise_early();
    unlock(&fifo.lock);
    return 0;
}

s64 fifo_set_priority(const struct evtchn_set_priority *op)
{
    if (!fifo_on)
        return -XEN_ENOSYS;
    if (!port_valid(op->port) || op->priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -XEN_EINVAL;
    lock(&fifo.lock);
    fifo.port[op->port].moved = true;
    fifo.port[op->port].priority = op->priority & 15;
    unlock(&fifo.lock);
    return 0;
}

void fifo_off(void)
{
    u32 pages = fifo.pages;

    if (!fifo_on)
        return;
    lock(&fifo.lock);
    fifo_on = false;
    fifo.pages = 0;
    event_use_2level(true);
    ports_use_fifo(false);
    unlock(&fifo.lock);
    for (u32 i = 0; i < pages; i++)
        fifo.let_go(frame_of(fifo.array[i]));
    for (u32 i = 0; i < nr_vcpus; i++) {
        const void *control = fifo.queues[i].control;
        fifo.queues[i].control = NULL;
        if (control)
            fifo.let_go(frame_of(control));
    }
}
