// SPDX-License-Identifier: MIT
/* See trace.h. */
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/trace.h>

#include "fields.h"

static struct {
    uint64_t tsc, now;
} * clock_at;
static size_t nr_clock;

static struct change {
    uint64_t now;
    uint16_t vcpu;
    uint8_t from, to;
} * changes;
static size_t nr_changes;
static uint64_t end;

void die(const char *what, const char *name)
{
    fprintf(stderr, "judge: %s: %s\n", name, what);
    exit(2);
}

void *grow(void *list, size_t n, size_t size)
{
    if (n & (n - 1))
        return list;
    list = realloc(list, (n ? 2 * n : 1) * size);
    if (!list)
        die("too much", "memory");
    return list;
}

void clock_read(const char *name)
{
    FILE *f = fopen(name, "r");
    char line[256];
    uint64_t tsc, now;

    if (!f)
        die("can't be read", name);
    while (fgets(line, sizeof(line), f)) {
        if (!fields_of(line, "TIME") || !field_number(line, "tsc", &tsc) ||
            !field_number(line, "now", &now))
            continue;
        clock_at = grow(clock_at, nr_clock, sizeof(*clock_at));
        clock_at[nr_clock].tsc = tsc;
        clock_at[nr_clock++].now = now;
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

/* A record's words behind its head, the two of the TSC first: vCPU and domain are in the third. */
static void add_change(uint32_t event, const uint32_t *word)
{
    changes = grow(changes, nr_changes, sizeof(*changes));
    changes[nr_changes++] = (struct change){
        .now = end, .vcpu = (uint16_t)word[2], .from = event >> 8 & 3, .to = event >> 4 & 3};
}

void trace_read(const char *name, uint32_t domid)
{
    FILE *f = fopen(name, "r");
    uint32_t head, word[9];

    if (!f)
        die("can't be read", name);
    while (fread(&head, 4, 1, f) == 1) {
        unsigned int extra = head >> TRACE_EXTRA_SHIFT & TRACE_EXTRA_MAX,
                     cycles = head >> 31 ? 2 : 0;
        uint32_t event = head & ((1u << TRACE_EXTRA_SHIFT) - 1);

        if (fread(word, 4, extra + cycles, f) != extra + cycles)
            break;
        if (event == TRC_LOST_RECORDS)
            die("L0 lost records", name);
        if (cycles)
            end = now_at((uint64_t)word[1] << 32 | word[0]);
        if ((event & ~0xff0u) == TRC_SCHED_RUNSTATE_CHANGE && cycles && extra >= 1 &&
            word[2] >> 16 == domid)
            add_change(event, word);
    }
    fclose(f);
    if (!nr_changes)
        die("no changes of this domain", name);
}

uint64_t trace_ends(void)
{
    return end;
}

static uint64_t overlap(uint64_t a, uint64_t b, uint64_t from, uint64_t to)
{
    a = a > from ? a : from;
    b = b < to ? b : to;
    return b > a ? b - a : 0;
}

bool trace_times(unsigned int vcpu, uint64_t from, uint64_t to, uint64_t time[STATES])
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
    if (state < 0 || end < to)
        return false;
    time[state] += overlap(last, end, from, to);
    return true;
}
