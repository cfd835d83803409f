// SPDX-License-Identifier: MIT
/* Pending and mask bits of ports, in shared_info or in event words, and the queues of the latter.
 */
#include "guest.h"
#include "storm.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))
#define PENDING        (1u << EVTCHN_FIFO_PENDING)
#define MASKED         (1u << EVTCHN_FIFO_MASKED)

static u32 words[MAX_NUMBER] page_aligned;
static struct evtchn_fifo_control_block control[MAX_VCPUS] page_aligned;
static struct {
    u32 ready, head[EVTCHN_FIFO_MAX_QUEUES];
} queue[MAX_VCPUS];

bool word_pending(u32 number)
{
    return storm.fifo ? READ_ONCE(words[number]) & PENDING : port_pending(number);
}

bool word_masked(u32 number)
{
    return storm.fifo ? READ_ONCE(words[number]) & MASKED : port_masked(number);
}

void word_mask(u32 number)
{
    if (storm.fifo)
        __atomic_fetch_or(&words[number], MASKED, __ATOMIC_SEQ_CST);
    else
        port_mask(number);
}

bool word_clear(u32 number)
{
    if (!storm.fifo)
        return port_clear(number);
    return __atomic_fetch_and(&words[number], ~PENDING, __ATOMIC_SEQ_CST) & PENDING;
}

void word_unmask_here(u32 number)
{
    struct vcpu_info *vi = vcpu_own();

    if (storm.fifo) {
        struct evtchn_unmask op = {.port = number};

        if (!fifo_word_unmask(&words[number]) && evtchn(EVTCHNOP_unmask, &op))
            panic("unmask of port %u", number);
        return;
    }
    port_unmask_local(number);
    if (port_pending(number)) {
        __atomic_or_fetch(&vi->evtchn_pending_sel, 1UL << (number / 64), __ATOMIC_SEQ_CST);
        WRITE_ONCE(vi->evtchn_upcall_pending, 1);
    }
}

void fifo_begin(void)
{
    for (unsigned int v = 0; v < storm.nr_vcpus; v++) {
        struct evtchn_init_control op = {.vcpu = v};

        op.control_gfn = mfn_of(&control[v]);
        op.offset = (u32)((ul)&control[v] & (PAGE_SIZE - 1));
        if (evtchn(EVTCHNOP_init_control, &op))
            panic("init_control of vCPU %u", v);
    }
    for (unsigned int i = 0; i < MAX_NUMBER; i++)
        words[i] = MASKED;
    for (unsigned int i = 0; i < MAX_NUMBER; i += WORDS_PER_PAGE) {
        struct evtchn_expand_array op = {.array_gfn = mfn_of(&words[i])};

        if (evtchn(EVTCHNOP_expand_array, &op))
            panic("expand_array");
    }
}

void fifo_take(unsigned int me)
{
    struct vcpu_info *vi = vcpu_own();

    for (;;) {
        WRITE_ONCE(vi->evtchn_upcall_pending, 0);
        queue[me].ready |= __atomic_exchange_n(&control[me].ready, 0, __ATOMIC_SEQ_CST);
        if (!queue[me].ready)
            return;
        u32 k = (u32)__builtin_ctz(queue[me].ready), *head = &queue[me].head[k];
        u32 number = *head ? *head : READ_ONCE(control[me].head[k]);

        if (!number || number >= MAX_NUMBER)
            panic("vCPU %u: port %u at the head", me, number);
        *head = fifo_word_take_off(&words[number]);
        if (!*head)
            queue[me].ready &= ~(1u << k);
        if ((READ_ONCE(words[number]) & (PENDING | MASKED)) == PENDING)
            storm_event(number, me);
    }
}
