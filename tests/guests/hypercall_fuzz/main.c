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

static u64 number(const char *name, u64 otherwise)
{
    const char *s = (const char *)start_info->cmd_line;
    size_t n = strlen(name);

    for (; *s; s++)
        if (!strncmp(s, name, n) && s[n] == '=') {
            u64 v = 0;
            for (s += n + 1; *s >= '0' && *s <= '9'; s++)
                v = v * 10 + (u64)(*s - '0');
            return v;
        }
    return otherwise;
}

static bool word(const char *name)
{
    for (const char *s = (const char *)start_info->cmd_line; *s; s++)
        if (!strncmp(s, name, strlen(name)))
            return true;
    return false;
}

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
        struct call c = call_make(seed, i);

        if (each) {
            print("%lu: %ld (%lx %lx %lx %lx %lx)\n", i, (long)c.nr, c.args[0], c.args[1],
                  c.args[2], c.args[3], c.args[4]);
            console_flush();
        } else if (i % 500 == 0) { /* a guest that dies leaves the place */
            print("at %lu\n", i);
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
    print("%lu calls, %lu refused; slowest %lu of %lu ticks\n", count, refused, slowest_at,
          slowest);
}

void test_main(void)
{
    u64 seed = number("seed", 1), from = number("from", 0), count = number("count", 4000);
    const void *text = (const void *)((ul)&test_main & ~(PAGE_SIZE - 1));
    u64 text_sum = checksum(text, PAGE_SIZE), canary_sum;

    memset(canary, 0x5a, sizeof(canary));
    canary_sum = checksum(canary, sizeof(canary));
    trap_hook = ignore_debug;
    events_mask();
    calls_init();
    print("seed %lu\n", seed);
    make_calls(seed, from, count, word("each"));
    trap_init();
    check_true("alive", true);
    check_true("code-unchanged", checksum(text, PAGE_SIZE) == text_sum);
    check_true("other-page-unchanged", checksum(canary, sizeof(canary)) == canary_sum);
    check_rc("answers-as-before", hc(xen_version, XENVER_version, 0) > 0 ? 0 : -1, 0);
}
