// SPDX-License-Identifier: MIT
/*
 * Does the guest's steal time agree with L0's accounting?  L0's is its trace of run-state changes,
 * every one of them, summed up over exactly the time between two samples of the guest.
 *
 *   judge [-s] [-c COUNTERS] TRACE CLOCK SEEN DOMID
 *     TRACE        of xentrace, class "runstate changes"
 *     CLOCK        of `l0view clock`
 *     SEEN         of `l0view watch` on the guest's console, where `timetool load` writes samples
 *     DOMID        the guest's
 *     -s           the guest's clock isn't L0's (a shim with a clock of its own): it is what makes
 * its samples appear the soonest -c COUNTERS  of `l0view cputime`, at the start and at the end: the
 * toolstack's counter is judged as well
 *
 * Writes a line for each vCPU and load: what L0 counted, what the guest knows by hypercall, area
 * and /proc/stat (fields.h).  Status 1: one of these is off by more than 1 % of L0's and more than
 * a jiffy.  Status 2: something can't be read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"
#include "trace.h"

#define JIFFY    10000000.0 /* of /proc/stat, in ns */
#define MAX_CPUS 64

static struct sample {
    char label[32];
    uint64_t cpu, seen, now, jiffies, call[STATES], area[STATES];
} * samples;
static size_t nr_samples;

static void read_samples(const char *name)
{
    FILE *f = fopen(name, "r");
    char line[1024];

    if (!f)
        die("can't be read", name);
    while (fgets(line, sizeof(line), f)) {
        struct sample s;

        if (!fields_of(line, "SAMPLE") || !field_number(line, "at", &s.seen) ||
            !field_text(line, "label", s.label, sizeof(s.label)) ||
            !field_number(line, "cpu", &s.cpu) || !field_number(line, "now", &s.now) ||
            !field_number(line, "jiffies", &s.jiffies) || !field_states(line, "call", s.call) ||
            !field_states(line, "area", s.area))
            continue;
        samples = grow(samples, nr_samples, sizeof(*samples));
        samples[nr_samples++] = s;
    }
    fclose(f);
}

/* The guest's clock becomes L0's: no sample can be seen before it was taken. */
static void shift_samples(void)
{
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < nr_samples; i++)
        if ((int64_t)(samples[i].seen - samples[i].now) < least)
            least = (int64_t)(samples[i].seen - samples[i].now);
    for (size_t i = 0; i < nr_samples; i++)
        samples[i].now += (uint64_t)least;
}

static double stolen(const uint64_t *from, const uint64_t *to)
{
    return (double)(to[STOLEN] - from[STOLEN] + to[OFFLINE] - from[OFFLINE]);
}

static bool agree(double guest, double l0)
{
    double off = guest > l0 ? guest - l0 : l0 - guest;

    return off <= JIFFY || off <= l0 / 100;
}

static bool judge(const struct sample *a, const struct sample *b)
{
    static const uint64_t zero[STATES];
    uint64_t l0[STATES];
    double elapsed = (double)(b->now - a->now);

    if (!trace_times((unsigned int)a->cpu, a->now, b->now, l0)) {
        printf("STEAL label=%s cpu=%lu from=%lu to=%lu trace_ends=%lu verdict=UNCOVERED\n",
               a->label, a->cpu, a->now, b->now, trace_ends());
        return false;
    }
    double real = stolen(zero, l0), call = stolen(a->call, b->call),
           area = stolen(a->area, b->area), stat = (double)(b->jiffies - a->jiffies) * JIFFY;
    bool ok = agree(call, real) && agree(area, real) && agree(stat, real);

    printf("STEAL label=%s cpu=%lu seconds=%.3f running=%.2f%% stolen=%.2f%% blocked=%.2f%% "
           "ms.l0=%.1f ms.call=%.1f ms.area=%.1f ms.stat=%.1f verdict=%s\n",
           a->label, a->cpu, elapsed / 1e9, 100 * (double)l0[RUNNING] / elapsed,
           100 * real / elapsed, 100 * (double)l0[BLOCKED] / elapsed, real / 1e6, call / 1e6,
           area / 1e6, stat / 1e6, ok ? "agree" : "DIFFER");
    return ok;
}

/* Each sample with the next one of the same load on the same vCPU; the number of such pairs. */
static size_t judge_samples(bool *ok)
{
    size_t pairs = 0;

    for (size_t i = 0; i < nr_samples; i++)
        for (size_t j = i + 1; j < nr_samples; j++)
            if (samples[i].cpu == samples[j].cpu && !strcmp(samples[i].label, samples[j].label)) {
                *ok &= judge(&samples[i], &samples[j]);
                pairs++;
                break;
            }
    return pairs;
}

/* What a counter of the time running says of the time between two looks at it. */
static bool judge_counter(uint64_t cpu, uint64_t from, uint64_t to, double counter)
{
    uint64_t l0[STATES];
    bool ok;

    if (!trace_times((unsigned int)cpu, from, to, l0)) {
        printf("CPUTIME cpu=%lu verdict=UNCOVERED\n", cpu);
        return false;
    }
    ok = agree(counter, (double)l0[RUNNING]);
    printf("CPUTIME cpu=%lu ms.trace=%.1f ms.counter=%.1f verdict=%s\n", cpu,
           (double)l0[RUNNING] / 1e6, counter / 1e6, ok ? "agree" : "DIFFER");
    return ok;
}

static bool judge_counters(const char *name)
{
    uint64_t first_now[MAX_CPUS] = {0}, first_ns[MAX_CPUS];
    FILE *f = fopen(name, "r");
    char line[256];
    bool ok = true;

    if (!f)
        die("can't be read", name);
    while (fgets(line, sizeof(line), f)) {
        uint64_t cpu, now, ns;

        if (!fields_of(line, "CPUTIME") || !field_number(line, "cpu", &cpu) ||
            !field_number(line, "now", &now) || !field_number(line, "ns", &ns) || cpu >= MAX_CPUS)
            continue;
        if (first_now[cpu]) {
            ok &= judge_counter(cpu, first_now[cpu], now, (double)(ns - first_ns[cpu]));
        } else {
            first_now[cpu] = now;
            first_ns[cpu] = ns;
        }
    }
    fclose(f);
    return ok;
}

static int usage(void)
{
    fprintf(stderr, "usage: judge [-s] [-c COUNTERS] TRACE CLOCK SEEN DOMID\n");
    return 2;
}

int main(int argc, char **argv)
{
    bool shift = false, ok = true;
    const char *counters = NULL;
    int opt;

    while ((opt = getopt(argc, argv, "sc:")) != -1) {
        if (opt == 's')
            shift = true;
        else if (opt == 'c')
            counters = optarg;
        else
            return usage();
    }
    if (argc - optind != 4)
        return usage();
    argv += optind;
    clock_read(argv[1]);
    read_samples(argv[2]);
    trace_read(argv[0], (uint32_t)atoi(argv[3]));
    if (shift)
        shift_samples();
    if (!judge_samples(&ok))
        die("no two samples", argv[2]);
    if (counters)
        ok &= judge_counters(counters);
    return !ok;
}
