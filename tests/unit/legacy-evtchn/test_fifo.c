// SPDX-License-Identifier: MIT
/* FIFO events: the queues as a guest takes them, alone and at the same time from several threads.
 */
#include "unit.h"
#include "event_ports.h"
#include "fifo.h"
#include "fifo_state.h"
#include "kick.h"

#include <pthread.h>
#include <sched.h>

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED  (1u << EVTCHN_FIFO_MASKED)
#define LINKED  (1u << EVTCHN_FIFO_LINKED)
#define BUSY    (1u << EVTCHN_FIFO_BUSY)
#define LINK    ((u32)EVTCHN_FIFO_LINK_MASK)

u32 nr_vcpus = 2;
static u32 told[2]; /* the upcall's flag */
static struct evtchn_fifo_control_block control[2];
static event_word_t words[2][WORDS_PER_PAGE];

void *frames_alloc(u64 size)
{
    return calloc(1, size);
}
void event_tell(u32 vcpu)
{
    __atomic_store_n(&told[vcpu], 1, __ATOMIC_SEQ_CST);
}
void kick_pollers(u32 port)
{
    (void)port;
}
void event_raise(u32 port)
{
    fail_msg("port %u goes the 2-level way", port);
}
void lock_wait(const lock_t *l)
{
    (void)l;
    sched_yield();
}

/* As fifo_op.c changes over; ports 1 to 99 are IPIs of vCPU 0, and not masked. */
static int start(void **state)
{
    (void)state;
    if (!fifo.port)
        fifo_init(true, NULL);
    memset(control, 0, sizeof(control));
    memset(words, 0, sizeof(words));
    memset(told, 0, sizeof(told));
    memset(fifo.queues, 0, nr_vcpus * sizeof(*fifo.queues));
    for (u32 i = 0; i < ALL_PORTS; i++) {
        port_free(i);
        fifo.port[i] = (struct fifo_port){.priority = EVTCHN_FIFO_PRIORITY_DEFAULT};
    }
    for (u32 i = 1; i < 100; i++)
        port_take(i, PORT_IPI, 0, 0);
    fifo.queues[0].control = &control[0];
    fifo.queues[1].control = &control[1];
    fifo.array[0] = words[0];
    fifo.array[1] = words[1];
    fifo.pages = 2;
    fifo.lowest_free = NR_PORTS;
    fifo_on = true;
    return 0;
}

static u32 word(u32 port)
{
    return __atomic_load_n(&words[0][port], __ATOMIC_SEQ_CST);
}

static u32 take_off(u32 port)
{
    u32 w = word(port);

    while (!__atomic_compare_exchange_n(&words[0][port], &w, w & ~(LINKED | LINK), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    return w & LINK;
}

/* A guest's vCPU: what it has read of heads, and which queues are ready. */
struct taker {
    u32 vcpu, ready, head[EVTCHN_FIFO_MAX_QUEUES];
    void (*handle)(struct taker *t, u32 port);
};

/* Takes one port; false: there is none. */
static bool take(struct taker *t)
{
    struct evtchn_fifo_control_block *c = &control[t->vcpu];
    u32 priority, port;

    t->ready |= __atomic_exchange_n(&c->ready, 0, __ATOMIC_SEQ_CST);
    if (!t->ready)
        return false;
    priority = (u32)__builtin_ctz(t->ready);
    port = t->head[priority] ? t->head[priority]
                             : __atomic_load_n(&c->head[priority], __ATOMIC_SEQ_CST);
    if (!port) {
        t->ready &= ~(1u << priority);
        return true;
    }
    t->head[priority] = take_off(port);
    if (!t->head[priority])
        t->ready &= ~(1u << priority);
    if ((word(port) & (PENDING | MASKED)) == PENDING)
        t->handle(t, port);
    return true;
}

static u32 came[64], nr_came;

static void note(struct taker *t, u32 port)
{
    (void)t;
    __atomic_fetch_and(&words[0][port], ~PENDING, __ATOMIC_SEQ_CST);
    came[nr_came++] = port;
}

static void take_all(u32 vcpu)
{
    struct taker t = {.vcpu = vcpu, .handle = note};

    nr_came = 0;
    while (take(&t))
        ;
}

static void they_came(const u32 *want, u32 n)
{
    assert_int_equal(nr_came, n);
    for (u32 i = 0; i < n; i++)
        assert_int_equal(came[i], want[i]);
}
#define they_come(vcpu, ...)                                                                       \
    do {                                                                                           \
        const u32 want_[] = {__VA_ARGS__};                                                         \
        take_all(vcpu);                                                                            \
        they_came(want_, ARRAY_SIZE(want_));                                                       \
    } while (0)

static void set_priority(u32 port, u32 priority)
{
    fifo.port[port].moved = true;
    fifo.port[port].priority = priority & 15;
}

static void first_in_first_out(void **state)
{
    (void)state;
    fifo_raise(3);
    fifo_raise(1);
    fifo_raise(2);
    fifo_raise(1);
    assert_true(told[0]);
    they_come(0, 3, 1, 2);
    fifo_raise(2);
    they_come(0, 2);
}

static void higher_priorities_come_first(void **state)
{
    (void)state;
    set_priority(1, 15);
    set_priority(2, 0);
    fifo_raise(1);
    fifo_raise(3);
    fifo_raise(2);
    they_come(0, 2, 3, 1);
}

static void a_masked_port_waits_for_the_unmask(void **state)
{
    (void)state;
    words[0][5] = MASKED;
    fifo_raise(5);
    assert_true(fifo_pending(5));
    assert_int_equal(word(5), MASKED | PENDING);
    assert_false(told[0]);
    fifo_unmask(5);
    they_come(0, 5);
    fifo_unmask(5);
    take_all(0);
    assert_int_equal(nr_came, 0);
}

/* The last port of a queue, which it was taken from, is linked in another one. */
static void a_tail_that_moved_is_no_tail(void **state)
{
    (void)state;
    fifo_raise(7);
    they_come(0, 7);
    set_priority(7, 3);
    fifo_raise(7);
    fifo_raise(8); /* must not be linked behind 7, which is in another queue */
    they_come(0, 7, 8);

    port_set_vcpu(7, 1);
    fifo_moved(7);
    fifo_raise(7);
    fifo_raise(9);
    set_priority(10, 3);
    fifo_raise(10);
    they_come(0, 10, 9);
    they_come(1, 7);
}

static void what_is_queued_stays_where_it_is(void **state)
{
    (void)state;
    fifo_raise(1);
    fifo_raise(2);
    set_priority(2, 0);
    fifo_raise(2);
    fifo_raise(3);
    they_come(0, 1, 2, 3);
    fifo_raise(1);
    fifo_raise(2);
    they_come(0, 2, 1);
}

static void what_is_closed_does_not_come(void **state)
{
    (void)state;
    fifo_raise(1);
    fifo_raise(2);
    port_free(1);
    fifo_clear(1);
    they_come(0, 2);
    fifo_raise(1);
    assert_false(fifo_pending(1));
}

static void what_has_no_place_comes_early(void **state)
{
    (void)state;
    fifo.queues[0].control = NULL;
    fifo_raise(1);
    assert_true(fifo.port[1].early);
    port_take(5000, PORT_IPI, 1, 0);
    fifo_raise(5000);
    assert_true(fifo.port[5000].early);
    assert_true(fifo_pending(5000));
}

static void own_numbers_lie_behind_those_of_l0(void **state)
{
    (void)state;
    assert_int_equal(fifo_free_port(), NR_PORTS);
    port_take(NR_PORTS, PORT_IPI, 0, 0);
    assert_int_equal(fifo_free_port(), NR_PORTS + 1);
    for (u32 p = NR_PORTS + 1; p < ALL_PORTS; p++)
        assert_true(port_take(fifo_free_port(), PORT_IPI, 0, 0));
    assert_int_equal(fifo_free_port(), 0);
    port_free(77777);
    fifo_clear(77777);
    assert_int_equal(fifo_free_port(), 77777);
}

/*
 * Two raise at random, two take, one masks, unmasks and moves ports.  Each raise has a number; in
 * the end each port's last one has been seen.
 */
#define PORTS  40
#define RAISES 200000

static u32 raised[PORTS + 1], seen[PORTS + 1], running;

static u32 random_below(u32 *x, u32 n)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x % n;
}

static void look(struct taker *t, u32 port)
{
    (void)t;
    __atomic_fetch_and(&words[0][port], ~PENDING, __ATOMIC_SEQ_CST);
    __atomic_store_n(&seen[port], __atomic_load_n(&raised[port], __ATOMIC_SEQ_CST),
                     __ATOMIC_SEQ_CST);
}

static void *taker(void *arg)
{
    struct taker t = {.vcpu = (u32)(u64)arg, .handle = look};

    /* `running` is read first: what was raised before is told by then */
    for (;;) {
        u32 more = __atomic_load_n(&running, __ATOMIC_SEQ_CST);
        bool any = false;

        if (__atomic_exchange_n(&told[t.vcpu], 0, __ATOMIC_SEQ_CST) || t.ready)
            while (take(&t))
                any = true;
        if (!more && !any)
            return NULL;
    }
}

static void *raiser(void *arg)
{
    u32 x = (u32)(u64)arg;

    for (u32 i = 0; i < RAISES; i++) {
        u32 port = 1 + random_below(&x, PORTS);
        __atomic_fetch_add(&raised[port], 1, __ATOMIC_SEQ_CST);
        fifo_raise(port);
    }
    return NULL;
}

/* As a guest does it: by the word where that will do. */
static void unmask(u32 port)
{
    u32 w = word(port);

    while (w & MASKED) {
        if (w & PENDING) {
            fifo_unmask(port);
            return;
        }
        w &= ~BUSY;
        if (__atomic_compare_exchange_n(&words[0][port], &w, w & ~MASKED, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
            return;
    }
}

static void *unsettler(void *arg)
{
    u32 x = 99;

    (void)arg;
    while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
        u32 port = 1 + random_below(&x, PORTS);

        __atomic_fetch_or(&words[0][port], MASKED, __ATOMIC_SEQ_CST);
        switch (random_below(&x, 3)) {
        case 0: /* a port moves while it is masked, as kernels do it */
            port_set_vcpu(port, random_below(&x, 2));
            fifo_moved(port);
            break;
        case 1:
            lock(&fifo.lock);
            set_priority(port, random_below(&x, 16));
            unlock(&fifo.lock);
        }
        unmask(port);
    }
    return NULL;
}

static void nothing_is_lost_among_threads(void **state)
{
    pthread_t raisers[2], takers[2], third;

    (void)state;
    memset(raised, 0, sizeof(raised));
    memset(seen, 0, sizeof(seen));
    running = 1;
    for (u64 i = 0; i < 2; i++) {
        pthread_create(&takers[i], NULL, taker, (void *)i);
        pthread_create(&raisers[i], NULL, raiser, (void *)(i + 1));
    }
    pthread_create(&third, NULL, unsettler, NULL);
    pthread_join(raisers[0], NULL);
    pthread_join(raisers[1], NULL);
    __atomic_store_n(&running, 2, __ATOMIC_SEQ_CST);
    __atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
    pthread_join(third, NULL);
    pthread_join(takers[0], NULL);
    pthread_join(takers[1], NULL);
    /* the third one's last unmask may have come when a taker had gone */
    take_all(0);
    for (u32 i = 0; i < nr_came; i++)
        seen[came[i]] = raised[came[i]];
    take_all(1);
    for (u32 i = 0; i < nr_came; i++)
        seen[came[i]] = raised[came[i]];
    for (u32 p = 1; p <= PORTS; p++) {
        assert_int_equal(word(p) & (PENDING | LINKED | MASKED | BUSY), 0);
        assert_int_equal(seen[p], raised[p]);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(first_in_first_out, start),
    cmocka_unit_test_setup(higher_priorities_come_first, start),
    cmocka_unit_test_setup(a_masked_port_waits_for_the_unmask, start),
    cmocka_unit_test_setup(a_tail_that_moved_is_no_tail, start),
    cmocka_unit_test_setup(what_is_queued_stays_where_it_is, start),
    cmocka_unit_test_setup(what_is_closed_does_not_come, start),
    cmocka_unit_test_setup(what_has_no_place_comes_early, start),
    cmocka_unit_test_setup(own_numbers_lie_behind_those_of_l0, start),
    cmocka_unit_test_setup(nothing_is_lost_among_threads, start),
};

UNIT_MAIN(tests)
