// SPDX-License-Identifier: MIT
/*
 * Hypercalls with random numbers, sub-operations, pointers and counts: whatever a guest's kernel
 * passes, the hypervisor answers, never dies of it, and changes nothing that it wasn't told to.
 * What would end the domain or take away the ground that this runs on is left out (calls.c). The
 * answers aren't compared: they depend on memory that neither hypervisor promises.
 *
 * Words of the command line: seed=N, count=N, from=N, and `each`, which prints every call before it
 * is made.
 */
#include "fuzz.h"

typedef unsigned long long ull;

/* The code that runs, and a page beside the victims. */
static u8 canary[PAGE_SIZE] page_aligned;

static u64 checksum(const void *p, size_t bytes)
{
    u64 h = 1;

    for (const u64 *w = p; bytes; bytes -= 8)
        h = (h ^ *w++) * 0x100000001b3UL;
    return h;
}

/* Handlers and callbacks may have been replaced: nothing may need them in between. */
static bool ignore_debug(struct trap *t)
{
    return t->entry == X_DB;
}

static void make_calls(u64 seed, u64 from, u64 count, bool each)
{
    u64 slowest = 0, slowest_at = 0, refused = 0;

    for (u64 i = from; i < from + count; i++) {
        struct call c = call_make(seed, i, 0);

        if (each) {
            print("%llu: %ld (%lx %lx %lx %lx %lx)\n", (ull)i, (long)c.nr, (ul)c.args[0],
                  (ul)c.args[1], (ul)c.args[2], (ul)c.args[3], (ul)c.args[4]);
            console_flush();
        } else if (i % 500 == 0) { /* a guest that dies leaves the place */
            print("at %llu\n", (ull)i);
            console_flush();
        }
        u64 t = rdtsc();
        long rc = hypercall(c.nr, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4]);
        t = rdtsc() - t;
        refused += rc < 0;
        if (t > slowest) {
            slowest = t;
            slowest_at = i;
        }
        if (i % 16 == 0) {
            trap_init();
            events_mask();
        }
    }
    print("%llu calls, %llu refused; slowest %llu of %llu ticks\n", (ull)count, (ull)refused,
          (ull)slowest_at, (ull)slowest);
}

/* The second vCPU: calls of another seed at the same time, into the same frames. */
static u8 second_stack[2 * PAGE_SIZE] page_aligned;
static volatile u64 second_seed, second_calls;
static volatile bool stop, stopped;
static void second_main(void)
{
    for (; !stop; second_calls++) {
        struct call c = call_make(second_seed, second_calls, 1);

        hypercall(c.nr, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4]);
        if (second_calls % 16 == 0)
            trap_init();
    }
    stopped = true;
    vcpu_end(1);
}

static long start_second(void)
{
    static struct vcpu_guest_context c;

    vcpu_context(&c, second_main, second_stack + sizeof(second_stack));
    c.user_regs.eflags = 0x1000;
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    return vcpu_begin(1, &c);
}

void test_main(void)
{
    u64 seed = word_number("seed", 1), from = word_number("from", 0),
        count = word_number("count", 4000);
    const void *text = (const void *)((ul)&test_main & ~(PAGE_SIZE - 1));
    u64 text_sum = checksum(text, PAGE_SIZE), canary_sum;

    memset(canary, 0x5a, sizeof(canary));
    canary_sum = checksum(canary, sizeof(canary));
    trap_hook = ignore_debug;
    events_mask();
    calls_init();
    print("seed %llu\n", (ull)seed);
    second_seed = ~seed;
    if (!word_given("alone"))
        check_rc("second-vcpu", start_second(), 0);
    make_calls(seed, from, count, word_given("each"));
    trap_init();
    stop = true;
    wait_until(word_given("alone") || stopped);
    print("%llu calls, by the second vCPU\n", (ull)second_calls);
    check_true("second-vcpu-alive", stopped || word_given("alone"));
    check_true("alive", true);
    check_true("code-unchanged", checksum(text, PAGE_SIZE) == text_sum);
    check_true("other-page-unchanged", checksum(canary, sizeof(canary)) == canary_sum);
    check_rc("answers-as-before", hc(xen_version, XENVER_version, 0) > 0 ? 0 : -1, 0);
}
