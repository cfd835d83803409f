// SPDX-License-Identifier: MIT
/*
 * See fifo.h.  A word is pending, masked, linked (in a queue), and has the number of the next port
 * of its queue.  The guest takes a port off the head of a queue by clearing LINKED and the number;
 * we add at the tail.  One lock is enough, as the guest's side has none.
 */
#include "fifo.h"

#include "event.h"
#include "event_ports.h"
#include "fifo_state.h"
#include "frames.h"
#include "kick.h"
#include "ports.h"
#include "shim.h"

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED  (1u << EVTCHN_FIFO_MASKED)
#define LINKED  (1u << EVTCHN_FIFO_LINKED)
#define BUSY    (1u << EVTCHN_FIFO_BUSY)
#define LINK    ((u32)EVTCHN_FIFO_LINK_MASK)

/* A guest that goes on changing a word has to wait, and one that doesn't care loses its event. */
#define TRIES_BEFORE_BUSY 4
#define TRIES             10000

bool fifo_on;
struct fifo fifo;

void fifo_init(bool offer, void (*when_let_go)(mfn_t mfn))
{
    fifo.offered = offer;
    fifo.let_go = when_let_go;
    if (!offer)
        return;
    ports_extend(frames_alloc((ALL_PORTS - NR_PORTS) * sizeof(struct own_port)));
    fifo.port = frames_alloc(ALL_PORTS * sizeof(*fifo.port));
    fifo.queues = frames_alloc(nr_vcpus * sizeof(*fifo.queues));
}

static event_word_t *word_of(u32 port)
{
    u32 page = port / WORDS_PER_PAGE;

    return page < fifo.pages ? &fifo.array[page][port % WORDS_PER_PAGE] : NULL;
}

/* The tail leads to `port` from now on, if it is in the queue: who takes it sees the one or the
 * other, for both sides exchange the whole word. */
static bool append(event_word_t *tail, u32 port)
{
    u32 w = ACCESS_ONCE(*tail);

    for (u32 tries = 0; tries < TRIES && w & LINKED; tries++) {
        if (__atomic_compare_exchange_n(tail, &w, (w & ~(BUSY | LINK)) | port, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
        if (tries == TRIES_BEFORE_BUSY)
            w = __atomic_or_fetch(tail, BUSY, __ATOMIC_SEQ_CST);
    }
    if (w & BUSY)
        __atomic_fetch_and(tail, ~BUSY, __ATOMIC_SEQ_CST);
    return false;
}

/* Who was the tail of another queue, and is linked in this one, must not be taken for linked there.
 */
static void forget_tails(u32 port)
{
    for (u32 i = 0; i < nr_vcpus; i++)
        for (u32 k = 0; k < EVTCHN_FIFO_MAX_QUEUES; k++)
            if (fifo.queues[i].tail[k] == port)
                fifo.queues[i].tail[k] = 0;
}

/* LINKED, at the end of a queue: false when it is in one already. */
static bool set_linked(event_word_t *word)
{
    u32 w = ACCESS_ONCE(*word);

    do
        if (w & (LINKED | MASKED))
            return false;
    while (!__atomic_compare_exchange_n(word, &w, (w & ~LINK) | LINKED, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST));
    return true;
}

/* Puts a pending port that isn't masked in its queue, and tells its vCPU.  Under the lock. */
static void deliver(u32 port, event_word_t *word)
{
    struct fifo_port *p = &fifo.port[port];
    u32 vcpu = port_get(port).vcpu, ready = 1u << p->priority;
    struct queues *q = &fifo.queues[vcpu];
    u32 *tail = &q->tail[p->priority];
    bool linked = false;

    if (!q->control) {
        p->early = true;
        return;
    }
    if (!set_linked(word))
        return;
    if (unlikely(p->moved)) {
        forget_tails(port);
        p->moved = false;
    }
    if (*tail && *tail != port)
        linked = append(word_of(*tail), port);
    if (!linked)
        ACCESS_ONCE(q->control->head[p->priority]) = port;
    *tail = port;
    if (!linked && !(__atomic_fetch_or(&q->control->ready, ready, __ATOMIC_SEQ_CST) & ready))
        event_tell(vcpu);
}

void fifo_raise_locked(u32 port)
{
    event_word_t *word = word_of(port);

    if (!word) {
        fifo.port[port].early = true;
        return;
    }
    if (!(__atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST) & MASKED))
        deliver(port, word);
}

void fifo_raise(u32 port)
{
    lock(&fifo.lock);
    bool here = fifo_on; /* or the guest went back while we waited */
    if (here && port_valid(port))
        fifo_raise_locked(port);
    unlock(&fifo.lock);
    if (!here)
        event_raise(port);
    kick_pollers(port);
}

bool fifo_pending(u32 port)
{
    const event_word_t *word = word_of(port);

    return word ? ACCESS_ONCE(*word) & PENDING : fifo.port[port].early;
}

/* One that is linked stays so, as the guest finds nothing pending when it comes to it. */
void fifo_clear(u32 port)
{
    event_word_t *word;

    lock(&fifo.lock);
    word = word_of(port);
    if (word)
        __atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST);
    if (fifo.port[port].priority != EVTCHN_FIFO_PRIORITY_DEFAULT)
        fifo.port[port].moved = true;
    fifo.port[port].priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    fifo.port[port].early = false;
    fifo.lowest_free = min_t(u32, fifo.lowest_free, port);
    unlock(&fifo.lock);
}

void fifo_unmask(u32 port)
{
    event_word_t *word;

    lock(&fifo.lock);
    word = word_of(port);
    if (word && __atomic_and_fetch(word, ~MASKED, __ATOMIC_SEQ_CST) & PENDING)
        deliver(port, word);
    unlock(&fifo.lock);
}

void fifo_moved(u32 port)
{
    lock(&fifo.lock);
    fifo.port[port].moved = true;
    unlock(&fifo.lock);
}

u32 fifo_free_port(void)
{
    u32 lowest = 0;

    for (u32 port = max_t(u32, fifo.lowest_free, NR_PORTS); port < ALL_PORTS; port++) {
        const event_word_t *word = word_of(port);

        if (port_valid(port))
            continue;
        if (!lowest)
            lowest = port;
        /* what was closed in a queue must be out of it first */
        if (word && ACCESS_ONCE(*word) & LINKED)
            continue;
        fifo.lowest_free = lowest;
        return port;
    }
    return 0;
}
