// SPDX-License-Identifier: MIT
/*
 * Runs in dom0 of the rig: L0's own clock and counters. What it writes is in fields.h, or a number.
 *
 *   l0view clock                  TIME five times a second, until killed
 *   l0view now                    L0's clock, in ns
 *   l0view watch FILE             each new line of FILE behind at=L0's clock, until killed
 *   l0view cputime DOMID LIBRARY  CPUTIME of each vCPU: the toolstack's counter, by libxenctrl
 *   l0view wall                   CLOCK_REALTIME when L0's clock was 0
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xenctrl.h>

#include "area.h"

static uint64_t tsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

/* L0's clock when it made dom0's first vCPU; its times have added up since then. */
static uint64_t start;

static uint64_t sum(const struct host_times *t)
{
    return t->time[RUNNING] + t->time[STOLEN] + t->time[BLOCKED] + t->time[OFFLINE];
}

static uint64_t l0_now(void)
{
    struct host_times t;

    if (!host_read(0, &t))
        exit(1);
    return start + sum(&t);
}

static void nap(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Of a clock and L0's, the pair that was read the quickest. */
static void __attribute__((noreturn)) clock_pairs(void)
{
    for (;; nap(200)) {
        uint64_t best = ~0UL, at = 0, now = 0;

        for (int i = 0; i < 10; i++) {
            uint64_t a = tsc(), n = l0_now(), b = tsc();
            if (b - a < best) {
                best = b - a;
                at = a + (b - a) / 2;
                now = n;
            }
        }
        printf("TIME tsc=%lu now=%lu\n", at, now);
        fflush(stdout);
    }
}

static void wall(void)
{
    long best = 1000000000, offset = 0;

    for (int i = 0; i < 200; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_REALTIME, &a);
        uint64_t now = l0_now();
        clock_gettime(CLOCK_REALTIME, &b);
        long took = (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec;
        if (took < best) {
            best = took;
            offset = a.tv_sec * 1000000000 + a.tv_nsec + took / 2 - (long)now;
        }
    }
    printf("%ld\n", offset);
}

static void __attribute__((noreturn)) watch(const char *name)
{
    char line[1024];
    size_t n = 0;
    int c;
    FILE *f;

    while (!(f = fopen(name, "r")))
        nap(20);
    for (;;) {
        c = fgetc(f);
        if (c == EOF) {
            clearerr(f);
            nap(25);
        } else if (c == '\n') {
            printf("at=%lu %.*s\n", l0_now(), (int)n, line);
            fflush(stdout);
            n = 0;
        } else if (c != '\r' && n < sizeof(line)) {
            line[n++] = (char)c;
        }
    }
}

static int cputime(unsigned int domid, const char *library)
{
    void *l = dlopen(library, RTLD_NOW);
    xc_interface *(*open)(xentoollog_logger *, xentoollog_logger *, unsigned int);
    int (*get)(xc_interface *, uint32_t, uint32_t, xc_vcpuinfo_t *);

    if (!l) {
        fprintf(stderr, "l0view: %s\n", dlerror());
        return 1;
    }
    *(void **)&open = dlsym(l, "xc_interface_open");
    *(void **)&get = dlsym(l, "xc_vcpu_getinfo");

    xc_interface *xc = open && get ? open(NULL, NULL, 0) : NULL;
    xc_vcpuinfo_t info;
    if (!xc) {
        fprintf(stderr, "l0view: no libxenctrl\n");
        return 1;
    }
    for (unsigned int i = 0; !get(xc, domid, i, &info); i++)
        printf("CPUTIME cpu=%u now=%lu ns=%lu\n", i, l0_now(), info.cpu_time);
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: l0view clock | now | wall | watch FILE | cputime DOMID LIBRARY\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *why = host_open();
    struct host_times t;

    if (!why)
        why = area_open();
    if (why || !area_read(0, &t)) {
        fprintf(stderr, "l0view: %s\n", why ? why : "no run-state area");
        return 1;
    }
    start = t.entry - sum(&t);
    if (argc == 2 && !strcmp(argv[1], "clock"))
        clock_pairs();
    else if (argc == 2 && !strcmp(argv[1], "now"))
        printf("%lu\n", l0_now());
    else if (argc == 2 && !strcmp(argv[1], "wall"))
        wall();
    else if (argc == 3 && !strcmp(argv[1], "watch"))
        watch(argv[2]);
    else if (argc == 4 && !strcmp(argv[1], "cputime"))
        return cputime((unsigned int)atoi(argv[2]), argv[3]);
    else
        return usage();
    return 0;
}
