/* SPDX-License-Identifier: MIT */
/*
 * soak PART SECONDS SEED [ARGUMENT...]: one kind of load on the kernel for so long.  Every byte
 * that comes back is compared with what it must be; the first that differs ends the part with a
 * line. Built for 64 and for 32 bits from the same sources.
 */
#ifndef SOAK_H
#define SOAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE        4096u
#define MAX_THREADS 8

/* Arguments behind SEED. */
extern char **args;
extern int nr_args;
extern const char *self; /* path of this program */

/* Says what is wrong and ends the whole process. */
void bad(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* As bad(), with errno. */
void bad_call(const char *what) __attribute__((noreturn));

/* Pseudo-random numbers: the same for the same seed. */
struct rng {
    uint64_t state;
};
extern uint64_t seed;
uint64_t rnd(struct rng *r);
uint32_t below(struct rng *r, uint32_t n);

/* Fills and checks memory with a pattern that tells key and place apart. */
void fill(void *mem, size_t bytes, uint64_t key);
void check(const void *mem, size_t bytes, uint64_t key, const char *what);

bool time_left(void);
uint64_t now_ns(void);

/* Starts n threads of fn(number) and waits for all. */
void threads(int n, void (*fn)(int));
/* Waits for a child; anything but status 0 is bad. */
void reap(int pid, const char *what);

void part_map(void);
void part_fork(void);
void part_exec(void);
void part_queue(void);
void part_tls(void);
void part_ldt(void);
void part_fpu(void);
void part_signal(void);
void part_segv(void);
void part_pipe(void);
void part_file(void);
void part_swap(void);
void part_net(void);
void part_clock(void);
/* What an exec'ed child of part_exec does. */
int exec_child(int argc, char **argv);

/* Rounds done, for the last line. */
extern volatile unsigned long rounds;

#endif
