// SPDX-License-Identifier: MIT
/* timetool monotonic, wall, drift: the guest's clocks beside each other and beside L0's. */
#include "timetool.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Clocks on all vCPUs: what one has seen, none may see again from before. */
static struct {
    clockid_t clock;
    long last __attribute__((aligned(64))), back, worst, reads, end;
} mono;

static void *watch_clock(void *cpu)
{
    long reads = 0;

    pin((long)cpu);
    while (ns(CLOCK_MONOTONIC) < mono.end)
        for (int i = 0; i < 1000; i++, reads++) {
            long seen = __atomic_load_n(&mono.last, __ATOMIC_SEQ_CST);
            long now = ns(mono.clock);

            if (now < seen) {
                __atomic_fetch_add(&mono.back, 1, __ATOMIC_SEQ_CST);
                if (seen - now > mono.worst)
                    mono.worst = seen - now;
            }
            while (seen < now && !__atomic_compare_exchange_n(&mono.last, &seen, now, false,
                                                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
                ;
        }
    __atomic_fetch_add(&mono.reads, reads, __ATOMIC_SEQ_CST);
    return NULL;
}

void monotonic(long t)
{
    static const struct {
        const char *name;
        clockid_t clock;
    } clocks[] = {{"monotonic", CLOCK_MONOTONIC}, {"raw", CLOCK_MONOTONIC_RAW}};

    for (int c = 0; c < 2; c++) {
        pthread_t thread[MAX_CPUS];
        long n = cpus > 1 ? cpus : 4;

        memset(&mono, 0, sizeof(mono));
        mono.clock = clocks[c].clock;
        mono.end = ns(CLOCK_MONOTONIC) + t;
        for (long i = 0; i < n; i++)
            if (pthread_create(&thread[i], NULL, watch_clock, (void *)(i % cpus)))
                need("no thread");
        for (long i = 0; i < n; i++)
            pthread_join(thread[i], NULL);
        printf("READINGS clock=%s threads=%ld count=%ld back=%ld worst_ns=%ld\n", clocks[c].name, n,
               mono.reads, mono.back, mono.worst);
    }
}

static uint64_t l0_now(void)
{
    struct host_times h;

    if (!host_read(0, &h))
        need("no run-state by hypercall");
    return vcpu_start(0) + time_sum(&h);
}

/* A clock beside L0's: the pair that was read the quickest. */
static void beside_l0(clockid_t clock, long *ours, long *l0)
{
    long best = SEC;

    for (int i = 0; i < 200; i++) {
        long a = ns(clock), now = (long)l0_now(), b = ns(clock);
        if (b - a >= best)
            continue;
        best = b - a;
        *ours = a + (b - a) / 2;
        *l0 = now;
    }
}

void wall(void)
{
    long ours = 0, l0 = 0;
    struct host_times h;

    need(area_open());
    need(host_open());
    beside_l0(CLOCK_REALTIME, &ours, &l0);
    if (!host_read(0, &h))
        need("no run-state");
    printf("WALL at_0=%ld stolen=%lu\n", ours - l0, h.time[STOLEN]);
}

void drift(long t)
{
    static const clockid_t clock[] = {CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC};
    long ours[2][2], l0[2][2];

    need(area_open());
    need(host_open());
    for (int end = 0; end < 2; end++) {
        for (int c = 0; c < 2; c++)
            beside_l0(clock[c], &ours[c][end], &l0[c][end]);
        if (!end)
            nap(t);
    }
    for (int c = 0; c < 2; c++) {
        long o = ours[c][1] - ours[c][0], h = l0[c][1] - l0[c][0];
        printf("DRIFT clock=%s seconds=%.3f ppm=%+.3f\n", c ? "monotonic" : "raw", (double)h / 1e9,
               (double)(o - h) * 1e6 / (double)h);
    }
}
