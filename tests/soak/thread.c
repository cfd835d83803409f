// SPDX-License-Identifier: MIT
/* Threads: futexes, thread-local storage, LDT, FPU state, clocks. */
#define _GNU_SOURCE
#include "soak.h"

#include <asm/ldt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 16

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t slots[SLOTS], put_sum, got_sum;
static unsigned int used;
static int producers;

/* Even threads put numbers into the ring, odd ones take them out. */
static void queue_thread(int n)
{
    struct rng r = {seed + (uint64_t)n};
    uint64_t sum = 0;

    while (n & 1 || time_left()) {
        uint64_t x = rnd(&r);
        pthread_mutex_lock(&mutex);
        while (n & 1 ? !used && producers : used == SLOTS)
            pthread_cond_wait(&changed, &mutex);
        if (n & 1 && !used) {
            pthread_mutex_unlock(&mutex);
            break;
        }
        if (n & 1)
            x = slots[--used];
        else
            slots[used++] = x;
        rounds++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
        sum += x;
    }
    pthread_mutex_lock(&mutex);
    *(n & 1 ? &got_sum : &put_sum) += sum;
    producers -= !(n & 1);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

void part_queue(void)
{
    producers = 3;
    threads(6, queue_thread);
    if (put_sum != got_sum)
        bad("sum put in differs from sum taken out");
}

static _Thread_local uint64_t own[64];
static _Thread_local int own_number;

static void tls_thread(int n)
{
    uint64_t key = seed + rounds * MAX_THREADS + (uint64_t)n;

    if (own_number || own[0] || own[63])
        bad("a new thread's storage isn't fresh");
    own_number = n + 1;
    fill(own, sizeof(own), key);
    for (int i = 0; i < 20; i++) {
        sched_yield();
        if (own_number != n + 1)
            bad("thread %d finds the number of thread %d", n + 1, own_number);
        check(own, sizeof(own), key, "thread-local storage");
    }
}

void part_tls(void)
{
    for (; time_left(); rounds++)
        threads(6, tls_thread);
}

/* A segment of each process's own in its LDT, read through FS or GS (what libc doesn't use). */
void part_ldt(void)
{
#ifdef __x86_64__
#define READ_SEGMENT(sel, out)                                                                     \
    __asm__ volatile("mov %%gs, %%eax; mov %1, %%gs; mov %%gs:0, %0; mov %%eax, %%gs"              \
                     : "=&r"(out)                                                                  \
                     : "r"(sel)                                                                    \
                     : "eax")
#else
#define READ_SEGMENT(sel, out)                                                                     \
    __asm__ volatile("mov %%fs, %%eax; mov %1, %%fs; mov %%fs:0, %0; mov %%eax, %%fs"              \
                     : "=&r"(out)                                                                  \
                     : "r"(sel)                                                                    \
                     : "eax")
#endif
    static uint32_t words[4] __attribute__((aligned(16)));

    for (; time_left(); rounds++) {
        int child[4];
        for (uint32_t i = 0; i < 4; i++) {
            child[i] = fork();
            if (child[i] < 0)
                bad_call("fork");
            if (child[i])
                continue;
            struct user_desc d = {.entry_number = i * 7,
                                  .base_addr = (unsigned int)(uintptr_t)&words[i],
                                  .limit = 0xfffff,
                                  .seg_32bit = 1,
                                  .limit_in_pages = 1,
                                  .useable = 1};
            words[i] = (uint32_t)(seed + rounds + i);
            if (syscall(SYS_modify_ldt, 1, &d, sizeof(d)))
                bad_call("modify_ldt");
            for (int k = 0; k < 50; k++) {
                uint32_t sel = (i * 7) << 3 | 7, got;
                READ_SEGMENT(sel, got);
                if (got != words[i])
                    bad("segment of the LDT reads %x, must be %x", got, words[i]);
                sched_yield();
            }
            _exit(0);
        }
        for (int i = 0; i < 4; i++)
            reap(child[i], "ldt");
    }
}

/* Layout known to fpu.S. */
struct fpu {
    uint8_t xmm[16][16];
    double x87[6];
    uint32_t mxcsr;
    uint16_t control, zero;
};

_Static_assert(offsetof(struct fpu, x87) == 256 && offsetof(struct fpu, control) == 308, "fpu.S");
/* Loads all, calls the kernel, lets time pass in a loop, stores all: no C code in between. */
void fpu_round(const struct fpu *in, struct fpu *out, uint32_t spins);

static volatile uint32_t alarms;

/* The interrupted code's registers must come back, whatever a handler does to them. */
static void clobber_fpu(int sig)
{
    static const struct fpu other = {.mxcsr = 0x1f80, .control = 0x37f};
    struct fpu out;

    (void)sig;
    alarms++;
    fpu_round(&other, &out, 1);
}

static void fpu_thread(int n)
{
    struct rng r = {seed + (uint64_t)n};

    while (time_left()) {
        struct fpu in = {0}, out = {0};
        fill(in.xmm, sizeof(in.xmm), rnd(&r));
        for (int i = 0; i < 6; i++)
            in.x87[i] = (double)(int32_t)rnd(&r) / 3;
        in.mxcsr = 0x1f80 | below(&r, 4) << 13;
        in.control = (uint16_t)(0x37f | below(&r, 4) << 10);
        fpu_round(&in, &out, 1 + below(&r, 20000));
        if (memcmp(in.xmm, out.xmm, sizeof(long) == 8 ? 256 : 128))
            bad("XMM registers changed");
        /* stored with the rounding that was set: the values were doubles, so nothing is lost */
        if (memcmp(in.x87, out.x87, sizeof(in.x87)))
            bad("x87 registers changed");
        if (in.mxcsr != (out.mxcsr & ~0x3fu) || in.control != out.control)
            bad("MXCSR %x, control %x; must be %x, %x", out.mxcsr, out.control, in.mxcsr,
                in.control);
        rounds++;
    }
}

/* FPU registers in all threads, with a signal handler that uses them too. */
void part_fpu(void)
{
    struct itimerval t = {{0, 20000}, {0, 20000}};
    struct sigaction sa = {.sa_handler = clobber_fpu, .sa_flags = SA_RESTART};

    sigaction(SIGALRM, &sa, NULL);
    setitimer(ITIMER_REAL, &t, NULL);
    threads(6, fpu_thread);
    if (!alarms)
        bad("no alarm");
}

static uint64_t latest;

/* Time may never go back, on whatever vCPU it is read, and no sleep ends early. */
static void clock_thread(int n)
{
    struct rng r = {seed + (uint64_t)n};

    while (time_left()) {
        pthread_mutex_lock(&mutex);
        for (int i = 0; i < 10; i++) {
            uint64_t t = now_ns();
            if (t < latest)
                bad("clock went back by %llu ns", (unsigned long long)(latest - t));
            latest = t;
        }
        pthread_mutex_unlock(&mutex);
        uint64_t ns = below(&r, 3000000), from = now_ns();
        struct timespec ts = {0, (long)ns};
        if (nanosleep(&ts, NULL))
            bad_call("nanosleep");
        uint64_t took = now_ns() - from;
        if (took < ns)
            bad("slept %llu ns of %llu", (unsigned long long)took, (unsigned long long)ns);
        rounds++;
    }
}

void part_clock(void)
{
    threads(6, clock_thread);
}
