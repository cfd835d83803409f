// SPDX-License-Identifier: MIT
/* timetool sleeps: how late they end. */
#include "timetool.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

static int by_value(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;

    return x < y ? -1 : x > y;
}

/* Bins: below 1, 2, 4, ... of 2^-6 ms to 2^10 ms. */
void sleeps(long count)
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
        printf(
            "SLEEP ms=%ld count=%ld early=%ld median_us=%ld p90_us=%ld p99_us=%ld max_us=%ld bins=",
            length[l], count, early, late[count / 2] / 1000, late[count * 9 / 10] / 1000,
            late[count * 99 / 100] / 1000, late[count - 1] / 1000);
        for (int b = 0; b < 18; b++)
            printf("%s%ld", b ? "," : "", bin[b]);
        printf("\n");
        fflush(stdout);
    }
    free(late);
}
