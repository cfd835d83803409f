// SPDX-License-Identifier: MIT
/* timetool load: work on each vCPU, and what the guest knows of its time, before and after. */
#include "timetool.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fields.h"

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
    printf("SAMPLE label=%s cpu=%ld now=%lu jiffies=%lu", label, cpu,
           vcpu_start((unsigned int)cpu) + time_sum(&h), jiffies);
    print_states("call", h.time);
    print_states("area", a.time);
    printf("\n");
    fflush(stdout);
}

static void work(const char *mode, long cpu)
{
    pin(cpu);
    if (nice(19) < 0) /* samples come first */
        _exit(1);
    for (volatile unsigned long n = 0;; n++) {
        if (!strcmp(mode, "syscalls"))
            syscall(SYS_getppid);
        else if (!strcmp(mode, "idle"))
            nap(100 * MS);
    }
}

void load(const char *label, const char *mode, long t)
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
