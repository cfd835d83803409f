// SPDX-License-Identifier: MIT
/* The upcall: takes events on any vCPU and answers each. */
#include "guest.h"
#include "storm.h"

bool port_try(struct port *p)
{
    return !__atomic_exchange_n(&p->busy, 1, __ATOMIC_ACQUIRE);
}

void port_release(struct port *p)
{
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
}

void storm_mask(struct port *p)
{
    word_mask(p->number);
    __atomic_add_fetch(&storm.masks, 1, __ATOMIC_RELAXED);
}

void storm_unmask(struct port *p)
{
    struct evtchn_unmask op = {.port = p->number};

    __atomic_add_fetch(&storm.unmask_calls, 1, __ATOMIC_RELAXED);
    if (evtchn(EVTCHNOP_unmask, &op))
        panic("unmask of port %u", p->number);
}

/* Upcalls must be masked. */
void storm_unmask_here(struct port *p)
{
    __atomic_add_fetch(&storm.unmasks, 1, __ATOMIC_RELAXED);
    word_unmask_here(p->number);
}

u64 storm_total(void)
{
    u64 n = 0;

    for (unsigned int v = 0; v < storm.nr_vcpus; v++)
        n += READ_ONCE(storm.taken[v]);
    return n;
}

static void answer(struct port *p)
{
    if (!p->owed) {
        __atomic_add_fetch(&storm.doubled, 1, __ATOMIC_RELAXED);
        return;
    }
    p->received++;
    storm.taken[vcpu_id()]++;
    if (p->sent == storm.rounds) {
        p->owed = 0;
        __atomic_sub_fetch(&storm.playing, 1, __ATOMIC_RELAXED);
        return;
    }
    p->sent++;
    if (evtchn_send(p->number))
        panic("send on port %u", p->number);
}

/* Every other event with its port masked meanwhile, as drivers do. */
static void handle(struct port *p)
{
    bool masked = (p->received & 1) && port_try(p); /* held: it can't be rebound meanwhile */

    if (masked)
        storm_mask(p);
    if (word_clear(p->number))
        answer(p);
    if (!masked)
        return;
    if (p->received & 2 && p->vcpu == vcpu_id())
        storm_unmask_here(p);
    else
        storm_unmask(p);
    port_release(p);
}

void storm_event(u32 number, unsigned int me)
{
    int i = storm.index[number];

    if (i < 0 && vcpu_is_wake(number)) {
        word_clear(number);
    } else if (i >= 0 && READ_ONCE(storm.ports[i].vcpu) == me) {
        handle(&storm.ports[i]);
    } else if (i >= 0 && storm.fifo) {
        /* it was in this queue when it was bound elsewhere: into that one */
        struct evtchn_unmask op = {.port = number};
        if (!word_masked(number) && evtchn(EVTCHNOP_unmask, &op))
            panic("unmask of port %u", number);
    }
}

static bool take(struct trap *t)
{
    struct vcpu_info *vi = vcpu_own();
    unsigned int me = vcpu_id();

    if (t->entry != ENTRY_EVENT)
        return false;
    if (storm.fifo) {
        fifo_take(me);
        return true;
    }
    while (READ_ONCE(vi->evtchn_upcall_pending)) {
        WRITE_ONCE(vi->evtchn_upcall_pending, 0);
        u64 sel = __atomic_exchange_n(&vi->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

        for (; sel; sel &= sel - 1) {
            u32 word = (u32)__builtin_ctzl(sel);
            u64 ready = READ_ONCE(shared_info->evtchn_pending[word]) &
                        ~READ_ONCE(shared_info->evtchn_mask[word]);

            for (; ready; ready &= ready - 1)
                storm_event(word * 64 + (u32)__builtin_ctzl(ready), me);
        }
    }
    return true;
}

void storm_take_events(void)
{
    for (int i = 0; i < MAX_NUMBER; i++)
        storm.index[i] = -1;
    trap_hook = take;
}
