// SPDX-License-Identifier: MIT
/* See fifo.h; by the rules of <xen/event_channel.h>. */
#include "guest.h"
#include "fifo.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))
#define MAX_PAGES      128
#define NEXT_PAGES     8 /* the hypervisor may prefer numbers above 4 096 */

static u8 first_pages[MAX_PAGES][PAGE_SIZE] page_aligned,
    next_pages[NEXT_PAGES][PAGE_SIZE] page_aligned;
static u8 (*pages)[PAGE_SIZE];
static struct evtchn_fifo_control_block *control[2];
static unsigned nr_pages;
static u32 head[NR_PRIORITIES];
u32 taken[MAX_TAKEN], nr_taken;

unsigned fifo_pages(void)
{
    return nr_pages;
}

volatile u32 *fifo_word(u32 port)
{
    return (volatile u32 *)pages[port / WORDS_PER_PAGE] + port % WORDS_PER_PAGE;
}

bool fifo_is(u32 port, int bit)
{
    return *fifo_word(port) >> bit & 1;
}

void fifo_mask(u32 port)
{
    __atomic_fetch_or(fifo_word(port), 1u << EVTCHN_FIFO_MASKED, __ATOMIC_SEQ_CST);
}

bool fifo_unmask_here(u32 port)
{
    return fifo_word_unmask((u32 *)fifo_word(port));
}

void fifo_unmask(u32 port)
{
    struct evtchn_unmask op = {.port = port};

    if (evtchn(EVTCHNOP_unmask, &op))
        panic("unmask");
}

ul fifo_control_mfn(unsigned vcpu)
{
    return mfn_of(control[vcpu]);
}

struct evtchn_fifo_control_block *fifo_control(unsigned vcpu)
{
    return (void *)((u8 *)control[vcpu] + 256);
}

long fifo_expand(u32 port)
{
    if (pages == next_pages && port / WORDS_PER_PAGE >= NEXT_PAGES)
        panic("port %u", port);
    while (nr_pages <= port / WORDS_PER_PAGE) {
        struct evtchn_expand_array op = {.array_gfn = mfn_of(pages[nr_pages])};
        u32 *w = (u32 *)pages[nr_pages];
        long rc;

        for (unsigned i = 0; i < WORDS_PER_PAGE; i++)
            w[i] = 1u << EVTCHN_FIFO_MASKED;
        rc = evtchn(EVTCHNOP_expand_array, &op);
        if (rc)
            return rc;
        nr_pages++;
    }
    return 0;
}

/* One port of a queue; false when it was the last. */
static bool take_one(int priority)
{
    u32 port = head[priority] ? head[priority] : READ_ONCE(fifo_control(0)->head[priority]);

    if (!port)
        return false;
    head[priority] = fifo_word_take_off((u32 *)fifo_word(port));
    if (fifo_is(port, EVTCHN_FIFO_PENDING) && !fifo_is(port, EVTCHN_FIFO_MASKED)) {
        __atomic_fetch_and(fifo_word(port), ~(1u << EVTCHN_FIFO_PENDING), __ATOMIC_SEQ_CST);
        if (nr_taken < MAX_TAKEN)
            taken[nr_taken++] = port;
    }
    return head[priority] != 0;
}

void fifo_take(void)
{
    u32 ready = 0;

    for (;;) {
        WRITE_ONCE(vcpu0_info->evtchn_upcall_pending, 0);
        ready |= __atomic_exchange_n(&fifo_control(0)->ready, 0, __ATOMIC_SEQ_CST);
        if (!ready)
            return;
        int priority = __builtin_ctz(ready);
        if (!take_one(priority))
            ready &= ~(1u << priority);
    }
}

void fifo_forget(void)
{
    nr_taken = 0;
}

void fifo_start(void)
{
    control[0] = page_alloc();
    control[1] = page_alloc();
    pages = pages ? next_pages : first_pages;
    nr_pages = 0;
    memset(head, 0, sizeof(head));
    event_take = fifo_take;
}
