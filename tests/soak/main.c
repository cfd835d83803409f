// SPDX-License-Identifier: MIT
/* See soak.h: the parts' names, and what they share. */
#include "soak.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

char **args;
int nr_args;
const char *self;
uint64_t seed;
volatile unsigned long rounds;

static const char *part_name = "?";
static uint64_t end_ns;

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"map", part_map},   {"fork", part_fork},   {"exec", part_exec}, {"queue", part_queue},
    {"tls", part_tls},   {"ldt", part_ldt},     {"fpu", part_fpu},   {"signal", part_signal},
    {"segv", part_segv}, {"pipe", part_pipe},   {"file", part_file}, {"swap", part_swap},
    {"net", part_net},   {"clock", part_clock},
};

void bad(const char *fmt, ...)
{
    char line[256];
    va_list ap;
    int n = snprintf(line, sizeof(line), "SOAK %s%u BAD round %lu: ", part_name,
                     (unsigned)sizeof(long) * 8, rounds);

    va_start(ap, fmt);
    vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
    va_end(ap);
    strcat(line, "\n");
    if (write(1, line, strlen(line)) < 0)
        _exit(2);
    _exit(1);
}

void bad_call(const char *what)
{
    bad("%s: %s", what, strerror(errno));
}

uint64_t rnd(struct rng *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    uint64_t z = r->state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t below(struct rng *r, uint32_t n)
{
    return (uint32_t)(rnd(r) >> 32) % n;
}

void fill(void *mem, size_t bytes, uint64_t key)
{
    uint64_t *p = mem;
    struct rng r = {key};

    for (size_t i = 0; i < bytes / 8; i++)
        p[i] = rnd(&r);
    for (size_t i = bytes & ~(size_t)7; i < bytes; i++)
        ((uint8_t *)mem)[i] = (uint8_t)(key + i);
}

void check(const void *mem, size_t bytes, uint64_t key, const char *what)
{
    const uint64_t *p = mem;
    struct rng r = {key};

    for (size_t i = 0; i < bytes / 8; i++) {
        uint64_t want = rnd(&r);
        if (p[i] != want)
            bad("%s: at %p (%zu of %zu) is %llx, must be %llx, read again %llx", what,
                (const void *)&p[i], i * 8, bytes, (unsigned long long)p[i],
                (unsigned long long)want, (unsigned long long)((volatile const uint64_t *)p)[i]);
    }
    for (size_t i = bytes & ~(size_t)7; i < bytes; i++)
        if (((const uint8_t *)mem)[i] != (uint8_t)(key + i))
            bad("%s: byte %zu of %zu differs", what, i, bytes);
}

uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool time_left(void)
{
    return now_ns() < end_ns;
}

struct start {
    void (*fn)(int);
    int n;
};

static void *thread_main(void *p)
{
    struct start *s = p;

    s->fn(s->n);
    return NULL;
}

void threads(int n, void (*fn)(int))
{
    pthread_t t[MAX_THREADS];
    struct start s[MAX_THREADS];

    for (int i = 0; i < n; i++) {
        s[i] = (struct start){fn, i};
        int rc = pthread_create(&t[i], NULL, thread_main, &s[i]);
        if (rc)
            bad("pthread_create: %s", strerror(rc));
    }
    for (int i = 0; i < n; i++)
        pthread_join(t[i], NULL);
}

void reap(int pid, const char *what)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            bad_call("waitpid");
    if (status)
        bad("%s: child ended with status %x", what, status);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 1 && !strcmp(argv[1], "exec-child"))
        return exec_child(argc, argv);
    if (argc < 4) {
        fprintf(stderr, "usage: soak PART SECONDS SEED [ARGUMENT...]\n");
        return 2;
    }
    part_name = argv[1];
    seed = strtoull(argv[3], NULL, 0);
    args = argv + 4;
    nr_args = argc - 4;
    end_ns = now_ns() + strtoull(argv[2], NULL, 0) * 1000000000u;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (!strcmp(parts[i].name, part_name)) {
            parts[i].run();
            printf("SOAK %s%u ok rounds=%lu\n", part_name, (unsigned)sizeof(long) * 8, rounds);
            return 0;
        }
    fprintf(stderr, "soak: no part %s\n", part_name);
    return 2;
}
