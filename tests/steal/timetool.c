// SPDX-License-Identifier: MIT
/*
 * Runs in a Linux guest of the rig: makes load on its vCPUs and says what the guest knows of time.
 * What it writes is in fields.h; judge and the scenarios read it.
 *
 *   timetool load LABEL spin|syscalls|idle SECONDS
 *       a process on each vCPU; at the start and at the end SAMPLE of each vCPU
 *   timetool monotonic SECONDS   READINGS: a thread on each vCPU, each looking whether a clock goes
 *                                back
 *   timetool sleeps COUNT        SLEEP: lateness of sleeps of 1, 4 and 10 ms
 *   timetool wall                WALL: CLOCK_REALTIME when L0's clock was 0; what vCPU 0 has lost
 * so far timetool drift SECONDS       DRIFT: CLOCK_MONOTONIC_RAW, and CLOCK_MONOTONIC, against L0's
 * clock
 */
#include "timetool.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long cpus;

long ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

void nap(long t)
{
    struct timespec s = {t / SEC, t % SEC};

    while (nanosleep(&s, &s))
        ;
}

void pin(long cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set)) {
        perror("sched_setaffinity");
        exit(1);
    }
}

uint64_t time_sum(const struct host_times *t)
{
    return t->time[0] + t->time[1] + t->time[2] + t->time[3];
}

void need(const char *error)
{
    if (!error)
        return;
    printf("NO-TOOL %s\n", error);
    exit(1);
}

/* The area's times add up to its entry time. */
uint64_t vcpu_start(unsigned int cpu)
{
    struct host_times a;

    if (!area_read(cpu, &a))
        need("the kernel's run-state area can't be read");
    return a.entry - time_sum(&a);
}

static long seconds(const char *text)
{
    return (long)(atof(text) * 1e9);
}

int main(int argc, char **argv)
{
    cpus = sysconf(_SC_NPROCESSORS_ONLN);
    if (cpus > MAX_CPUS)
        cpus = MAX_CPUS;
    if (argc == 5 && !strcmp(argv[1], "load"))
        load(argv[2], argv[3], seconds(argv[4]));
    else if (argc == 3 && !strcmp(argv[1], "monotonic"))
        monotonic(seconds(argv[2]));
    else if (argc == 3 && !strcmp(argv[1], "sleeps"))
        sleeps(atol(argv[2]));
    else if (argc == 2 && !strcmp(argv[1], "wall"))
        wall();
    else if (argc == 3 && !strcmp(argv[1], "drift"))
        drift(seconds(argv[2]));
    else {
        fprintf(stderr, "usage: timetool load LABEL spin|syscalls|idle SECONDS | monotonic SECONDS "
                        "| sleeps COUNT | "
                        "wall | drift SECONDS\n");
        return 2;
    }
    return 0;
}
