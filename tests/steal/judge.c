// SPDX-License-Identifier: MIT
/*
 * Does the guest's steal time agree with L0's accounting?  L0's is its trace of run-state changes,
 * every one of them, summed up over exactly the time between two samples of the guest.
 *
 *   judge [-s] [-c COUNTERS] TRACE CLOCK SEEN DOMID
 *     TRACE  of xentrace, class "runstate changes"; CLOCK of `l0view clock`; SEEN of `l0view watch`
 * on the guest's console, with the SAMPLE lines of timetool -s     the guest's clock isn't L0's (a
 * shim with a clock of its own): it is what makes its samples appear the soonest A line for each
 * vCPU and load: what L0 counted, what the guest knows by hypercall, area, /proc/stat. Status 1:
 * one of these is off by more than 1 % of L0's and more than a jiffy.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/trace.h>

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE, STATES };
#define JIFFY 10000000.0 /* of /proc/stat */
#define MAX   1024

struct sample {
    char label[32];
    unsigned int cpu;
    uint64_t seen, now, call[STATES], jiffies, area[STATES];
};
static struct sample samples[MAX];
static size_t nr_samples;

static struct {
    uint64_t tsc, now;
} * clock_at;
static size_t nr_clock;

struct change {
    uint64_t now;
    uint16_t vcpu;
    uint8_t from, to;
};
static struct change *changes;
static size_t nr_changes;
static uint64_t trace_end;

static void die(const char *what, const char *name)
{
    fprintf(stderr, "judge: %s: %s\n", name, what);
    exit(2);
}

static void *grow(void *list, size_t n, size_t size)
{
    if (n & (n - 1))
        return list;
    list = realloc(list, (n ? 2 * n : 1) * size);
    if (!list)
        die("too much", "memory");
    return list;
}

static FILE *must_open(const char *name)
{
    FILE *f = fopen(name, "r");

    if (!f)
        die("can't be read", name);
    return f;
}

static void read_clock(const char *name)
{
    FILE *f = must_open(name);
    uint64_t t, n;

    while (fscanf(f, "%lu %lu", &t, &n) == 2) {
        clock_at = grow(clock_at, nr_clock, sizeof(*clock_at));
        clock_at[nr_clock].tsc = t;
        clock_at[nr_clock++].now = n;
    }
    fclose(f);
    if (nr_clock < 2)
        die("no times", name);
}

/* Before the first and behind the last pair on the line through their neighbours. */
static uint64_t now_at(uint64_t tsc)
{
    static size_t i;

    while (i + 2 < nr_clock && clock_at[i + 1].tsc < tsc)
        i++;
    while (i && clock_at[i].tsc > tsc)
        i--;
    double part =
        ((double)tsc - (double)clock_at[i].tsc) / (double)(clock_at[i + 1].tsc - clock_at[i].tsc);
    return clock_at[i].now +
           (uint64_t)(int64_t)(part * (double)(clock_at[i + 1].now - clock_at[i].now));
}

static void read_samples(const char *name)
{
    FILE *f = must_open(name);
    char line[1024];

    while (fgets(line, sizeof(line), f) && nr_samples < MAX) {
        struct sample *s = &samples[nr_samples];
        char *start = strstr(line, "SAMPLE ");

        s->seen = strtoul(line, NULL, 10);
        if (start &&
            sscanf(start, "SAMPLE %31s %u %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu", s->label,
                   &s->cpu, &s->now, &s->call[0], &s->call[1], &s->call[2], &s->call[3],
                   &s->jiffies, &s->area[0], &s->area[1], &s->area[2], &s->area[3]) == 12)
            nr_samples++;
    }
    fclose(f);
}

static void read_trace(const char *name, uint32_t domid)
{
    FILE *f = must_open(name);
    uint32_t head, word[9];

    while (fread(&head, 4, 1, f) == 1) {
        unsigned int extra = head >> TRACE_EXTRA_SHIFT & TRACE_EXTRA_MAX,
                     cycles = head >> 31 ? 2 : 0;
        uint32_t event = head & ((1u << TRACE_EXTRA_SHIFT) - 1);

        if (fread(word, 4, extra + cycles, f) != extra + cycles)
            break;
        if (event == TRC_LOST_RECORDS)
            die("L0 lost records", name);
        if (cycles)
            trace_end = now_at((uint64_t)word[1] << 32 | word[0]);
        if ((event & ~0xff0u) != TRC_SCHED_RUNSTATE_CHANGE || !cycles || extra < 1 ||
            word[2] >> 16 != domid)
            continue;
        changes = grow(changes, nr_changes, sizeof(*changes));
        changes[nr_changes++] = (struct change){.now = trace_end,
                                                .vcpu = (uint16_t)word[2],
                                                .from = event >> 8 & 3,
                                                .to = event >> 4 & 3};
    }
    fclose(f);
    if (!nr_changes)
        die("no changes of this domain", name);
}

static uint64_t overlap(uint64_t a, uint64_t b, uint64_t from, uint64_t to)
{
    a = a > from ? a : from;
    b = b < to ? b : to;
    return b > a ? b - a : 0;
}

/* What the vCPU did in that time; false when the trace doesn't cover it. */
static bool l0_times(unsigned int vcpu, uint64_t from, uint64_t to, uint64_t *time)
{
    uint64_t last = 0;
    int state = -1;

    memset(time, 0, STATES * sizeof(*time));
    for (size_t i = 0; i < nr_changes; i++) {
        const struct change *c = &changes[i];
        if (c->vcpu != vcpu)
            continue;
        if (state < 0 && c->now > from)
            return false;
        time[c->from] += overlap(last, c->now, from, to);
        last = c->now;
        state = c->to;
    }
    if (state < 0 || trace_end < to)
        return false;
    time[state] += overlap(last, trace_end, from, to);
    return true;
}

static uint64_t stolen(const uint64_t *t)
{
    return t[RUNNABLE] + t[OFFLINE];
}

static bool agree(double guest, double l0)
{
    double off = guest > l0 ? guest - l0 : l0 - guest;

    return off <= JIFFY || off <= l0 / 100;
}

static bool judge(const struct sample *a, const struct sample *b)
{
    uint64_t l0[STATES];
    double elapsed = (double)(b->now - a->now);

    if (!l0_times(a->cpu, a->now, b->now, l0)) {
        printf("STEAL %s %u the trace does not cover it: from %lu to %lu, it ends at %lu\n",
               a->label, a->cpu, a->now, b->now, trace_end);
        return false;
    }
    double real = (double)stolen(l0), call = (double)(stolen(b->call) - stolen(a->call)),
           area = (double)(stolen(b->area) - stolen(a->area)),
           stat = (double)(b->jiffies - a->jiffies) * JIFFY;
    bool ok = agree(call, real) && agree(area, real) && agree(stat, real);

    printf(
        "STEAL %s %u seconds %.3f l0 running %.2f%% stolen %.2f%% blocked %.2f%% stolen_ms l0 %.1f "
        "call %.1f area %.1f stat %.1f %s\n",
        a->label, a->cpu, elapsed / 1e9, 100 * (double)l0[RUNNING] / elapsed, 100 * real / elapsed,
        100 * (double)l0[BLOCKED] / elapsed, real / 1e6, call / 1e6, area / 1e6, stat / 1e6,
        ok ? "agree" : "DIFFER");
    return ok;
}

/* The toolstack's counter of the time running, between two looks at it. */
static bool judge_counters(const char *name)
{
    static struct {
        uint64_t now, time;
    } first[MAX];
    FILE *f = must_open(name);
    char line[256];
    bool ok = true;

    while (fgets(line, sizeof(line), f)) {
        unsigned int cpu;
        uint64_t now, time, l0[STATES];

        if (sscanf(line, "CPUTIME %u %lu %lu", &cpu, &now, &time) != 3 || cpu >= MAX)
            continue;
        if (!first[cpu].now) {
            first[cpu].now = now;
            first[cpu].time = time;
            continue;
        }
        if (!l0_times(cpu, first[cpu].now, now, l0)) {
            printf("CPUTIME %u the trace does not cover it\n", cpu);
            return false;
        }
        double counter = (double)(time - first[cpu].time), real = (double)l0[RUNNING];
        printf("CPUTIME %u running_ms trace %.1f counter %.1f %s\n", cpu, real / 1e6, counter / 1e6,
               agree(counter, real) ? "agree" : "DIFFER");
        ok &= agree(counter, real);
    }
    fclose(f);
    return ok;
}

int main(int argc, char **argv)
{
    bool shift = false, ok = true;
    const char *counters = NULL;
    size_t pairs = 0;
    int opt;

    while ((opt = getopt(argc, argv, "sc:")) != -1) {
        if (opt == 's')
            shift = true;
        else if (opt == 'c')
            counters = optarg;
        else
            return 2;
    }
    if (argc - optind != 4) {
        fprintf(stderr, "usage: judge [-s] [-c COUNTERS] TRACE CLOCK SEEN DOMID\n");
        return 2;
    }
    argv += optind - 1;
    read_clock(argv[2]);
    read_samples(argv[3]);
    read_trace(argv[1], (uint32_t)atoi(argv[4]));
    if (shift) {
        int64_t least = INT64_MAX;
        for (size_t i = 0; i < nr_samples; i++)
            if ((int64_t)(samples[i].seen - samples[i].now) < least)
                least = (int64_t)(samples[i].seen - samples[i].now);
        for (size_t i = 0; i < nr_samples; i++)
            samples[i].now += (uint64_t)least;
    }
    for (size_t i = 0; i < nr_samples; i++)
        for (size_t j = i + 1; j < nr_samples; j++)
            if (samples[i].cpu == samples[j].cpu && !strcmp(samples[i].label, samples[j].label)) {
                ok &= judge(&samples[i], &samples[j]);
                pairs++;
                break;
            }
    if (counters)
        ok &= judge_counters(counters);
    if (!pairs)
        die("no two samples", argv[3]);
    return !ok;
}
