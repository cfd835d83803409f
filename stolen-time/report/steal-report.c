// SPDX-License-Identifier: MIT
/*
 * steal-report: where the time of this guest's virtual CPUs goes.  For the operator of a guest who
 * asks whether its host is overcommitted.
 *
 * Two witnesses, side by side: the host (run-state, to the nanosecond), and the guest's kernel
 * (/proc/stat, to the jiffy).  They agree where all is well.  The host is asked by hypercall; where
 * the kernel doesn't pass that on, by the area in which the host keeps its figures for the kernel.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "area.h"

#define MAX_CPUS 1024

/* In units of its own; only the ratios count. */
struct view {
    double running, stolen, blocked, offline;
};

struct sample {
    bool kernel_has, host_has;
    struct view kernel, host;
};

static bool (*read_host)(unsigned int cpu, struct host_times *t);

/* The area is as of the vCPU's last turn, so take one there. */
static bool read_area(unsigned int cpu, struct host_times *t)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return !sched_setaffinity(0, sizeof(set), &set) && area_read(cpu, t);
}

static void choose_host(void)
{
    const char *by_call = host_open(), *by_area;

    if (!by_call) {
        read_host = host_read;
        return;
    }
    by_area = area_open();
    if (!by_area)
        read_host = read_area;
    else
        fprintf(stderr, "steal-report: the kernel's view only: %s; %s\n", by_call, by_area);
}

static void usage(FILE *to)
{
    fputs(
        "usage: steal-report [-k] [SECONDS [COUNT]]\n"
        "Prints for each virtual CPU how much of the time it ran, was ready to run while the host\n"
        "ran something else (stolen), and had nothing to do (blocked).  Once, since the start of\n"
        "the guest; or every SECONDS, COUNT times, for the time in between.\n"
        "  -k  the kernel's view only, which needs no rights\n",
        to);
}

static double number(const char *s, const char *what)
{
    char *end;
    double v = strtod(s, &end);

    if (end == s || *end || !(v > 0) || v > 1e6) {
        fprintf(stderr, "steal-report: %s must be a number above 0, not \"%s\"\n", what, s);
        exit(2);
    }
    return v;
}

/* /proc/stat: cpuN user nice system idle iowait irq softirq steal guest guest_nice */
static void read_kernel(struct sample *s)
{
    char line[512];
    FILE *f = fopen("/proc/stat", "r");

    if (!f) {
        perror("steal-report: /proc/stat");
        exit(1);
    }
    while (fgets(line, sizeof(line), f)) {
        unsigned int cpu;
        double user, nice, system, idle, iowait, irq, softirq, steal;

        if (sscanf(line, "cpu%u %lf %lf %lf %lf %lf %lf %lf %lf", &cpu, &user, &nice, &system,
                   &idle, &iowait, &irq, &softirq, &steal) == 9 &&
            cpu < MAX_CPUS) {
            s[cpu].kernel_has = true;
            s[cpu].kernel =
                (struct view){user + nice + system + irq + softirq, steal, idle + iowait, 0};
        }
    }
    fclose(f);
}

static void read_all(struct sample *s)
{
    memset(s, 0, MAX_CPUS * sizeof(*s));
    read_kernel(s);
    for (unsigned int i = 0; read_host && i < MAX_CPUS; i++) {
        struct host_times t;

        if (!read_host(i, &t))
            break;
        s[i].host_has = true;
        s[i].host = (struct view){(double)t.time[RUNNING], (double)t.time[STOLEN],
                                  (double)t.time[BLOCKED], (double)t.time[OFFLINE]};
    }
}

static struct view minus(struct view a, struct view b)
{
    return (struct view){a.running - b.running, a.stolen - b.stolen, a.blocked - b.blocked,
                         a.offline - b.offline};
}

static double percent(double part, struct view v)
{
    double sum = v.running + v.stolen + v.blocked + v.offline;

    return sum > 0 ? 100 * part / sum : 0;
}

static void print(const struct sample *now, const struct sample *before)
{
    bool host = read_host != NULL;

    if (host)
        printf("       ---------------- host -----------------   --------- kernel ----------\n");
    printf("%-5s", "cpu");
    if (host)
        printf("%9s%9s%10s%11s   ", "running", "stolen", "blocked", "offline");
    printf("%9s%9s%9s\n", "running", "stolen", "idle");
    for (unsigned int i = 0; i < MAX_CPUS; i++) {
        struct view h = minus(now[i].host, before[i].host);
        struct view k = minus(now[i].kernel, before[i].kernel);

        if (!now[i].host_has && !now[i].kernel_has)
            continue;
        printf("%-5u", i);
        if (host)
            printf("%8.2f%%%8.2f%%%9.2f%%%10.2f%%   ", percent(h.running, h), percent(h.stolen, h),
                   percent(h.blocked, h), percent(h.offline, h));
        if (now[i].kernel_has)
            printf("%8.2f%%%8.2f%%%8.2f%%\n", percent(k.running, k), percent(k.stolen, k),
                   percent(k.blocked, k));
        else
            printf("%9s%9s%9s\n", "-", "-", "-");
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct sample samples[2][MAX_CPUS];
    bool host = true;
    double seconds = 0, count = 0;
    int opt;

    while ((opt = getopt(argc, argv, "kh")) != -1)
        switch (opt) {
        case 'k':
            host = false;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    if (argc - optind > 2) {
        usage(stderr);
        return 2;
    }
    if (argc > optind)
        seconds = number(argv[optind], "SECONDS");
    if (argc > optind + 1)
        count = number(argv[optind + 1], "COUNT");

    if (host)
        choose_host();
    if (!(seconds > 0)) {
        read_all(samples[0]);
        print(samples[0], samples[1]);
        return 0;
    }
    read_all(samples[0]);
    for (unsigned long n = 1; !(count > 0) || n <= (unsigned long)count; n++) {
        struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

        nanosleep(&t, NULL);
        read_all(samples[n & 1]);
        print(samples[n & 1], samples[(n & 1) ^ 1]);
    }
    return 0;
}
