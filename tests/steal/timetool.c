// SPDX-License-Identifier: MIT
/*
 * Runs in a Linux guest of the rig: makes load on its vCPUs and says what the guest knows of time.
 * One line for each fact, words separated by spaces; judge.c and the scenarios read them.
 *
 *   timetool load LABEL spin|syscalls|idle SECONDS
 *       a process on each vCPU, and at the start and the end for each vCPU
 *       SAMPLE LABEL CPU NOW RUNNING RUNNABLE BLOCKED OFFLINE JIFFIES A-RUNNING ... A-OFFLINE
 *       NOW is L0's clock; A-: the area that the kernel registered; JIFFIES: /proc/stat's steal
 *   timetool monotonic SECONDS   a thread on each vCPU, each looking whether a clock goes back
 *   timetool sleeps COUNT        lateness of sleeps of 1, 4 and 10 ms
 *   timetool wall                CLOCK_REALTIME when L0's clock was 0; what vCPU 0 has lost so far
 *   timetool drift SECONDS       CLOCK_MONOTONIC_RAW against L0's clock
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "area.h"

#define MAX_CPUS 64
#define MS       1000000L
#define SEC      1000000000L

static long cpus;

static long ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

static void nap(long t)
{
    struct timespec s = {t / SEC, t % SEC};

    while (nanosleep(&s, &s))
        ;
}

static void pin(long cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set)) {
        perror("sched_setaffinity");
        exit(1);
    }
}

static uint64_t sum(const struct host_times *t)
{
    return t->time[0] + t->time[1] + t->time[2] + t->time[3];
}

static void need(const char *error)
{
    if (!error)
        return;
    printf("NO-TOOL %s\n", error);
    exit(1);
}

/* L0's clock when it made the vCPU: the area's times add up to its entry time. */
static uint64_t vcpu_start(unsigned int cpu)
{
    struct host_times a;

    if (!area_read(cpu, &a))
        need("the kernel's run-state area can't be read");
    return a.entry - sum(&a);
}

static uint64_t l0_now(void)
{
    struct host_times h;

    if (!host_read(0, &h))
        need("no run-state by hypercall");
    return vcpu_start(0) + sum(&h);
}

static unsigned long steal_jiffies(long cpu)
{
    char line[512];
    unsigned long steal = 0;
    FILE *f = fopen("/proc/stat", "r");

    while (f && fgets(line, sizeof(line), f)) {
        long n;
        unsigned long v;
        if (sscanf(line, "cpu%ld %*u %*u %*u %*u %*u %*u %*u %lu", &n, &v) == 2 && n == cpu)
            steal = v;
    }
    if (f)
        fclose(f);
    return steal;
}

/*
 * On the vCPU itself, all within one turn on L0's CPU, and at a moment when the kernel has counted
 * all that was stolen: it does so at its ticks, so one must have come since the turn began.
 */
static void sample(const char *label, long cpu)
{
    const uint64_t two_ticks = 8 * MS;
    long give_up = ns(CLOCK_MONOTONIC) + 30 * SEC;
    struct host_times h, a, before;
    unsigned long jiffies;

    pin(cpu);
    do {
        if (!host_read((unsigned int)cpu, &before) || !area_read((unsigned int)cpu, &a))
            need("no run-state");
        jiffies = steal_jiffies(cpu);
        if (!host_read((unsigned int)cpu, &h))
            need("no run-state");
        if (before.time[RUNNING] - a.time[RUNNING] >= two_ticks &&
            h.time[STOLEN] == before.time[STOLEN] && h.time[OFFLINE] == before.time[OFFLINE])
            break;
    } while (ns(CLOCK_MONOTONIC) < give_up);
    printf("SAMPLE %s %ld %lu", label, cpu, vcpu_start((unsigned int)cpu) + sum(&h));
    printf(" %lu %lu %lu %lu %lu", h.time[0], h.time[1], h.time[2], h.time[3], jiffies);
    printf(" %lu %lu %lu %lu\n", a.time[0], a.time[1], a.time[2], a.time[3]);
    fflush(stdout);
}

static void work(const char *mode, long cpu)
{
    pin(cpu);
    if (nice(19) < 0) /* samples come first */
        _exit(1);
    for (volatile unsigned long n = 0;; n++) {
        if (*mode == 's' && mode[1] == 'y')
            syscall(SYS_getppid);
        else if (*mode == 'i')
            nap(100 * MS);
    }
}

static void load(const char *label, const char *mode, long t)
{
    pid_t child[MAX_CPUS];

    need(area_open());
    need(host_open());
    fflush(stdout);
    for (long i = 0; i < cpus; i++) {
        child[i] = fork();
        if (!child[i]) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work(mode, i);
        }
    }
    nap(300 * MS);
    for (long i = 0; i < cpus; i++)
        sample(label, i);
    nap(t);
    for (long i = 0; i < cpus; i++)
        sample(label, i);
    for (long i = 0; i < cpus; i++)
        kill(child[i], SIGKILL);
    for (long i = 0; i < cpus; i++)
        waitpid(child[i], NULL, 0);
}

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

static void monotonic(long t)
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
        printf("GUEST clock_%s=threads %ld reads %ld back %ld worst_ns %ld\n", clocks[c].name, n,
               mono.reads, mono.back, mono.worst);
    }
}

static int by_value(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;

    return x < y ? -1 : x > y;
}

/* Bins: below 1, 2, 4, ... of 2^-6 ms to 2^10 ms. */
static void sleeps(long count)
{
    static const long length[] = {1, 4, 10};
    long *late = calloc((size_t)count, sizeof(*late));

    if (!late)
        need("no memory");
    prctl(PR_SET_TIMERSLACK, 1UL);
    for (int l = 0; l < 3; l++) {
        long bin[18] = {0}, early = 0;

        for (long i = 0; i < count; i++) {
            long start = ns(CLOCK_MONOTONIC), end = start + length[l] * MS;
            struct timespec t = {end / SEC, end % SEC};

            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
            late[i] = ns(CLOCK_MONOTONIC) - end;
            early += late[i] < 0;
            int b = 0;
            while (b < 17 && late[i] >= MS / 64 << b)
                b++;
            bin[b]++;
        }
        qsort(late, (size_t)count, sizeof(*late), by_value);
        printf("SLEEP %ld count %ld early %ld median_us %ld p90_us %ld p99_us %ld max_us %ld bins",
               length[l], count, early, late[count / 2] / 1000, late[count * 9 / 10] / 1000,
               late[count * 99 / 100] / 1000, late[count - 1] / 1000);
        for (int b = 0; b < 18; b++)
            printf(" %ld", bin[b]);
        printf("\n");
        fflush(stdout);
    }
    free(late);
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

static void wall(void)
{
    long ours = 0, l0 = 0;
    struct host_times h;

    need(area_open());
    need(host_open());
    beside_l0(CLOCK_REALTIME, &ours, &l0);
    if (!host_read(0, &h))
        need("no run-state");
    printf("GUEST wall_at_0=%ld\nGUEST wall_stolen=%lu\n", ours - l0, h.time[STOLEN]);
}

static void drift(long t)
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
        printf("GUEST drift_%s=seconds %.3f ppm %+.3f\n", c ? "monotonic" : "raw", (double)h / 1e9,
               (double)(o - h) * 1e6 / (double)h);
    }
}

int main(int argc, char **argv)
{
    cpus = sysconf(_SC_NPROCESSORS_ONLN);
    if (cpus > MAX_CPUS)
        cpus = MAX_CPUS;
    if (argc == 5 && !strcmp(argv[1], "load"))
        load(argv[2], argv[3], (long)(atof(argv[4]) * 1e9));
    else if (argc == 3 && !strcmp(argv[1], "monotonic"))
        monotonic((long)(atof(argv[2]) * 1e9));
    else if (argc == 3 && !strcmp(argv[1], "sleeps"))
        sleeps(atol(argv[2]));
    else if (argc == 2 && !strcmp(argv[1], "wall"))
        wall();
    else if (argc == 3 && !strcmp(argv[1], "drift"))
        drift((long)(atof(argv[2]) * 1e9));
    else {
        fprintf(stderr, "timetool: load LABEL MODE SECONDS | monotonic SECONDS | sleeps COUNT | "
                        "wall | drift SECONDS\n");
        return 2;
    }
    return 0;
}
