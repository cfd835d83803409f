// SPDX-License-Identifier: MIT
/* See walls.h. */
#define _GNU_SOURCE
#include "walls.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

static void fuzz(uint64_t seed, uint64_t count, uint64_t first)
{
    static struct state s;

    for (uint64_t n = first; n < first + count; n++) {
        generate(&s, seed, n);
        printf("%lu.%lu ", seed, n);
        print_case(&s);
        printf(" ->");
        fflush(stdout);
        print_outcome(&s, run_case(&s));
        printf("\n");
    }
}

/* All that a line of `fuzz` leaves out. */
static void show(uint64_t seed, uint64_t number)
{
    static struct state s;

    generate(&s, seed, number);
    print_case(&s);
    print_registers(&s);
    printf("\n");
}

int main(int argc, char **argv)
{
    /* the same addresses in every run */
    if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
        char *env[] = {NULL};
        personality(ADDR_NO_RANDOMIZE);
        execve("/proc/self/exe", argv, env);
    }
    if (argc < 2 || geteuid()) {
        fprintf(
            stderr,
            "usage, as root: walls fuzz SEED COUNT [FIRST] | show SEED NUMBER | scan | proofs\n");
        return 2;
    }
    static char buffer[1 << 16];
    setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    /* a descriptor tells the CPU's number */
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof(one), &one);
    run_init();
    if (argc > 3 && !strcmp(argv[1], "fuzz"))
        fuzz(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0),
             argc > 4 ? strtoull(argv[4], NULL, 0) : 0);
    else if (argc > 3 && !strcmp(argv[1], "show"))
        show(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0));
    else if (!strcmp(argv[1], "scan"))
        scan();
    else if (!strcmp(argv[1], "proofs"))
        return proofs();
    else
        return 2;
    return 0;
}
