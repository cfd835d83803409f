/* SPDX-License-Identifier: MIT */
/* How the programs of the bench say what they timed: the line that tests/bench/table reads. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline int samples_ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Median, minimum and maximum of n samples, which are sorted by it. */
static inline void samples_print(const char *name, uint64_t *t, unsigned int n)
{
    qsort(t, n, sizeof(t[0]), samples_ascending);
    printf("BENCH %s %llu %llu %llu\n", name, (unsigned long long)t[n / 2],
           (unsigned long long)t[0], (unsigned long long)t[n - 1]);
}
