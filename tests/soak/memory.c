// SPDX-License-Identifier: MIT
/* Address spaces: maps, protections, copy on write, swap. */
#define _GNU_SOURCE
#include "soak.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGIONS 24

struct region {
    uint8_t *mem;
    uint32_t pages;
    uint64_t key; /* page i holds pattern key + i; 0 = zeroes */
};

static uint8_t *map(uint32_t pages, int flags)
{
    void *p = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (p == MAP_FAILED)
        bad_call("mmap");
    return p;
}

static void fill_region(const struct region *g)
{
    for (uint32_t i = 0; i < g->pages; i++)
        fill(g->mem + (size_t)i * PAGE, PAGE, g->key + i);
}

static void check_region(const struct region *g, const char *what)
{
    static const uint8_t zero[PAGE];

    for (uint32_t i = 0; i < g->pages; i++)
        if (g->key)
            check(g->mem + (size_t)i * PAGE, PAGE, g->key + i, what);
        else if (memcmp(g->mem + (size_t)i * PAGE, zero, PAGE))
            bad("%s: page %u of %u isn't zero", what, i, g->pages);
}

static void resize(struct region *g, uint32_t pages, struct rng *r)
{
    uint32_t before = g->pages;

    g->mem = mremap(g->mem, (size_t)before * PAGE, (size_t)pages * PAGE, MREMAP_MAYMOVE);
    if (g->mem == MAP_FAILED)
        bad_call("mremap");
    g->pages = before < pages ? before : pages;
    check_region(g, "after mremap");
    g->pages = pages;
    g->key = rnd(r) | 1;
    fill_region(g);
}

static void one_map(struct region *g, struct rng *r)
{
    size_t bytes = (size_t)g->pages * PAGE;

    switch (below(r, 6)) {
    case 0:
        check_region(g, "before munmap");
        if (munmap(g->mem, bytes))
            bad_call("munmap");
        g->pages = 1 + below(r, 96);
        g->mem = map(g->pages, below(r, 2) ? MAP_POPULATE : 0);
        g->key = 0;
        check_region(g, "new map");
        g->key = rnd(r) | 1;
        fill_region(g);
        break;
    case 1:
        if (mprotect(g->mem, bytes, PROT_READ))
            bad_call("mprotect");
        check_region(g, "read-only");
        if (mprotect(g->mem, bytes, PROT_READ | PROT_WRITE))
            bad_call("mprotect");
        break;
    case 2:
        if (mprotect(g->mem, bytes, PROT_NONE) || mprotect(g->mem, bytes, PROT_READ | PROT_WRITE))
            bad_call("mprotect");
        check_region(g, "after PROT_NONE");
        g->key = rnd(r) | 1;
        fill_region(g);
        break;
    case 3:
        if (madvise(g->mem, bytes, MADV_DONTNEED))
            bad_call("madvise");
        g->key = 0;
        check_region(g, "after MADV_DONTNEED");
        break;
    case 4:
        resize(g, 1 + below(r, 128), r);
        break;
    default:
        check_region(g, "at rest");
    }
}

void part_map(void)
{
    struct region g[REGIONS];
    struct rng r = {seed};

    for (int i = 0; i < REGIONS; i++)
        g[i] = (struct region){map(8, 0), 8, 0};
    for (; time_left(); rounds++)
        one_map(&g[below(&r, REGIONS)], &r);
    for (int i = 0; i < REGIONS; i++)
        check_region(&g[i], "at the end");
}

/* Parent and children write the same pages; each must see its own. */
void part_fork(void)
{
    struct region g = {map(64, 0), 64, seed | 1};
    struct rng r = {seed};

    fill_region(&g);
    for (; time_left(); rounds++) {
        int child[3];
        for (int i = 0; i < 3; i++) {
            child[i] = fork();
            if (child[i] < 0)
                bad_call("fork");
            if (!child[i]) {
                check_region(&g, "child's copy");
                g.key = rnd(&r) + (uint64_t)i;
                fill_region(&g);
                if (i == 1) { /* a grandchild, while the others write too */
                    int pid = fork();
                    if (!pid) {
                        check_region(&g, "grandchild's copy");
                        _exit(0);
                    }
                    reap(pid, "grandchild");
                }
                check_region(&g, "child's own");
                _exit(0);
            }
        }
        check_region(&g, "parent's while children write");
        g.key = rnd(&r);
        fill_region(&g);
        for (int i = 0; i < 3; i++)
            reap(child[i], "fork");
        check_region(&g, "parent's");
    }
}

/* More memory than there is, so that the kernel swaps.  Argument: MiB. */
void part_swap(void)
{
    uint32_t pages = (uint32_t)strtoul(nr_args ? args[0] : "64", NULL, 0) * 256;
    uint8_t *mem = map(pages, MAP_NORESERVE);
    uint8_t *generation = calloc(pages, 1);
    struct rng r = {seed};

    for (uint32_t i = 0; i < pages; i++)
        fill(mem + (size_t)i * PAGE, PAGE, seed + i);
    for (; time_left(); rounds++) {
        uint32_t first = below(&r, pages - 64), n = 1 + below(&r, 64);
        bool write = below(&r, 3) == 0;
        for (uint32_t i = first; i < first + n; i++) {
            uint8_t *p = mem + (size_t)i * PAGE;
            check(p, PAGE, seed + i + ((uint64_t)generation[i] << 32), "swapped page");
            if (write)
                fill(p, PAGE, seed + i + ((uint64_t)++generation[i] << 32));
        }
    }
    for (uint32_t i = 0; i < pages; i++)
        check(mem + (size_t)i * PAGE, PAGE, seed + i + ((uint64_t)generation[i] << 32),
              "at the end");
}

static uint8_t *guarded;
static volatile uint32_t faults;

static void open_page(int sig, siginfo_t *si, void *context)
{
    uintptr_t at = (uintptr_t)si->si_addr;

    (void)sig, (void)context;
    if (at - (uintptr_t)guarded >= 64 * PAGE)
        bad("SIGSEGV at %p, not in the guarded pages", si->si_addr);
    if (si->si_code != SEGV_ACCERR)
        bad("SIGSEGV with code %d", si->si_code);
    faults++;
    if (mprotect((void *)(at & ~(uintptr_t)(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE))
        bad_call("mprotect in the handler");
}

/* As garbage collectors do: write faults counted by a handler, one for each page and no more. */
void part_segv(void)
{
    struct sigaction sa = {.sa_sigaction = open_page, .sa_flags = SA_SIGINFO};
    struct rng r = {seed};

    sigaction(SIGSEGV, &sa, NULL);
    guarded = map(64, 0);
    for (; time_left(); rounds++) {
        uint64_t touched = 0;
        uint32_t before = faults, want = 0;
        fill(guarded, 64 * PAGE, rounds);
        if (mprotect(guarded, 64 * PAGE, below(&r, 2) ? PROT_READ : PROT_NONE))
            bad_call("mprotect");
        for (int i = 0; i < 100; i++) {
            uint32_t page = below(&r, 64);
            want += !(touched >> page & 1);
            touched |= 1ull << page;
            ((volatile uint8_t *)guarded)[page * PAGE + below(&r, PAGE)] ^= 0;
        }
        if (faults - before != want)
            bad("%u faults, must be %u", faults - before, want);
        if (mprotect(guarded, 64 * PAGE, PROT_READ | PROT_WRITE))
            bad_call("mprotect");
        check(guarded, 64 * PAGE, rounds, "guarded pages");
    }
}
