// SPDX-License-Identifier: MIT
/*
 * /init of the bench guest: times what a PV hypervisor can make slow, in TSC ticks, and powers the
 * machine off.  Under QEMU's -icount a tick is an instruction.  One line for each operation:
 *
 *     BENCH name median minimum maximum
 *
 * and with the word `count` for init the shim's counters (xen-shim/lib/count.h) for one operation:
 *
 *     COUNT name counter=value ...
 *
 * Arguments: `exit` = exit at once (what fork+exec starts).
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../xen-shim/lib/count.h"
#include "marker.h"
#include "samples.h"

#define SAMPLES 31
#define PAGE    4096UL

static void die(const char *what)
{
    printf("BENCH-FAILED %s\n", what);
    reboot(RB_POWER_OFF);
    _exit(1);
}

/* Called at the beginning and at the end of a sample. */
static uint64_t ticks(void)
{
    uint32_t lo, hi;

    MARK(MARK_SAMPLE);
    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi)::"memory");
    return (uint64_t)hi << 32 | lo;
}

static long raw_syscall(long nr)
{
#ifdef __x86_64__
    __asm__ volatile("syscall" : "+a"(nr)::"rcx", "r11", "memory");
#else
    __asm__ volatile("int $0x80" : "+a"(nr)::"memory");
#endif
    return nr;
}

static void *map(size_t bytes, int flags)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    if (p == MAP_FAILED)
        die("mmap");
    return p;
}

/* Each runs n operations, so few that most samples meet no timer tick; what must be made ready lies
 * outside the time taken. */
static uint64_t null_call(unsigned int n)
{
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++)
        raw_syscall(SYS_getppid);
    return ticks() - t;
}

static uint64_t page_fault(unsigned int n)
{
    volatile char *p = map(n * PAGE, 0);
    uint64_t t;

    p[0] = 1; /* the page table itself */
    madvise((void *)p, n * PAGE, MADV_NOHUGEPAGE);
    t = ticks();
    for (unsigned int i = 1; i < n; i++)
        p[i * PAGE] = 1;
    t = ticks() - t;
    munmap((void *)p, n * PAGE);
    return t * n / (n - 1);
}

static uint64_t map_populate(unsigned int n)
{
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++)
        munmap(map(1 << 20, MAP_POPULATE), 1 << 20);
    return ticks() - t;
}

static uint64_t protect_pair(unsigned int n)
{
    char *p = map(64 * PAGE, MAP_POPULATE), *q = p + 24 * PAGE; /* in the middle of a mapping */
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++) {
        if (mprotect(q, PAGE, PROT_READ) || mprotect(q, PAGE, PROT_READ | PROT_WRITE))
            die("mprotect");
    }
    t = ticks() - t;
    munmap(p, 64 * PAGE);
    return t;
}

static volatile unsigned int signals;
static void on_signal(int sig)
{
    (void)sig;
    signals++;
}

static uint64_t signal_self(unsigned int n)
{
    struct sigaction sa = {.sa_handler = on_signal};
    unsigned int before = signals;
    uint64_t t;

    sigaction(SIGUSR1, &sa, NULL);
    t = ticks();
    for (unsigned int i = 0; i < n; i++)
        raise(SIGUSR1);
    t = ticks() - t;
    if (signals - before != n)
        die("signals lost");
    return t;
}

static void reap(pid_t pid)
{
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
        die("child");
}

static uint64_t fork_wait(unsigned int n)
{
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (!pid)
            _exit(0);
        reap(pid);
    }
    return ticks() - t;
}

static uint64_t exec_wait(unsigned int n)
{
    static char *const argv[] = {"/init", "exit", NULL}, *const envp[] = {NULL};
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (!pid) {
            execve(argv[0], argv, envp);
            _exit(1);
        }
        reap(pid);
    }
    return ticks() - t;
}

static void run_on(int cpu)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof(one), &one))
        die("sched_setaffinity");
}

/* A process that sends back each byte it gets. */
struct echo {
    int there[2], back[2];
    pid_t pid;
};

/* on: its CPU, or -1 for any */
static void echo_start(struct echo *e, int on)
{
    char c;

    if (pipe(e->there) || pipe(e->back))
        die("pipe");
    e->pid = fork();
    if (e->pid)
        return;
    if (on >= 0)
        run_on(on);
    close(e->there[1]);
    while (read(e->there[0], &c, 1) == 1)
        if (write(e->back[1], &c, 1) != 1)
            _exit(1);
    _exit(0);
}

static inline void echo_byte(struct echo *e)
{
    char c = 0;

    if (write(e->there[1], &c, 1) != 1 || read(e->back[0], &c, 1) != 1)
        die("ping-pong");
}

static void echo_end(struct echo *e)
{
    close(e->there[1]);
    reap(e->pid);
    close(e->there[0]);
    close(e->back[0]);
    close(e->back[1]);
}

static uint64_t ping_pong(unsigned int n)
{
    struct echo e;
    uint64_t t;

    echo_start(&e, -1);
    t = ticks();
    for (unsigned int i = 0; i < n; i++)
        echo_byte(&e);
    t = ticks() - t;
    echo_end(&e);
    return t;
}

/* The other CPUs run in the same address space, or would if L0 ran them. */
static volatile int spinning, stop_spinning;
static void *spin(void *unused)
{
    (void)unused;
    __atomic_fetch_add(&spinning, 1, __ATOMIC_RELAXED);
    while (!stop_spinning)
        __builtin_ia32_pause();
    return NULL;
}

static uint64_t unmap_shared(unsigned int n)
{
    long others = sysconf(_SC_NPROCESSORS_ONLN) - 1;
    pthread_t threads[others];
    uint64_t t = 0, start;

    spinning = stop_spinning = 0;
    for (long i = 0; i < others; i++)
        if (pthread_create(&threads[i], NULL, spin, NULL))
            die("pthread_create");
    while (spinning < others)
        usleep(1000);
    for (unsigned int i = 0; i < n; i++) {
        char *p = map(PAGE, MAP_POPULATE);

        start = ticks();
        munmap(p, PAGE);
        t += ticks() - start;
    }
    stop_spinning = 1;
    for (long i = 0; i < others; i++)
        pthread_join(threads[i], NULL);
    return t;
}

static volatile int turn;
static void futex_hand_over(int to)
{
    __atomic_store_n(&turn, to, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void futex_wait_for(int mine)
{
    int now;

    while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) != mine)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
}

static void *futex_other(void *rounds)
{
    run_on(1);
    for (unsigned int i = 0; i < *(const unsigned int *)rounds; i++) {
        futex_wait_for(1);
        futex_hand_over(0);
    }
    return NULL;
}

/* Two threads on two CPUs that wake one another. */
static uint64_t futex_ping_pong(unsigned int n)
{
    unsigned int rounds = n + 1;
    pthread_t other;
    uint64_t t = 0;

    turn = 0;
    run_on(0);
    if (pthread_create(&other, NULL, futex_other, &rounds))
        die("pthread_create");
    for (unsigned int i = 0; i < rounds; i++) {
        if (i == 1)
            t = ticks(); /* the other is there */
        futex_hand_over(1);
        futex_wait_for(0);
    }
    t = ticks() - t;
    pthread_join(other, NULL);
    return t;
}

/* ping_pong() between two CPUs, once the other is there. */
static uint64_t ping_pong_across(unsigned int n)
{
    struct echo e;
    uint64_t t;

    run_on(0);
    echo_start(&e, 1);
    echo_byte(&e);
    t = ticks();
    for (unsigned int i = 0; i < n; i++)
        echo_byte(&e);
    t = ticks() - t;
    echo_end(&e);
    return t;
}

/* A process on each CPU forks n children, one after the other, all at the same time. */
static uint64_t fork_everywhere(unsigned int n)
{
    int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
    pid_t parent[cpus];
    uint64_t t = ticks();

    for (int cpu = 0; cpu < cpus; cpu++) {
        parent[cpu] = fork();
        if (!parent[cpu]) {
            run_on(cpu);
            fork_wait(n);
            _exit(0);
        }
    }
    for (int cpu = 0; cpu < cpus; cpu++)
        reap(parent[cpu]);
    return ticks() - t;
}

static const struct op {
    const char *name;
    uint64_t (*run)(unsigned int n);
    unsigned int n;
    int smp; /* needs, and is the only one with, several CPUs */
} ops[] = {
    {"null-system-call", null_call, 100, 0},
    {"page-fault", page_fault, 32, 0},
    {"mmap-populate-munmap-1MiB", map_populate, 1, 0},
    {"mprotect-pair", protect_pair, 10, 0},
    {"signal-to-self", signal_self, 30, 0},
    {"fork-exit-wait", fork_wait, 1, 0},
    {"fork-exec-wait", exec_wait, 1, 0},
    {"pipe-ping-pong", ping_pong, 20, 0},
    {"munmap-shared", unmap_shared, 5, 1},
    {"futex-ping-pong", futex_ping_pong, 20, 1},
    {"pipe-across", ping_pong_across, 20, 1},
    {"fork-on-all", fork_everywhere, 4, 1},
};

static void measure(const struct op *op)
{
    uint64_t t[SAMPLES];

    MARK(MARK_SECTION);
    op->run(op->n); /* caches of the kernel's allocators */
    for (int i = 0; i < SAMPLES; i++)
        t[i] = op->run(op->n) / op->n;
    samples_print(op->name, t, SAMPLES);
}

static void read_counters(uint64_t *c)
{
    for (unsigned int i = 0; i < NR_COUNTERS; i += 2) {
        uint32_t a = COUNT_LEAF + i / 2, b, cx = 0, d;

        __asm__ volatile("ud2; .ascii \"xen\"; cpuid" : "+a"(a), "=b"(b), "+c"(cx), "=d"(d));
        c[i] = (uint64_t)b << 32 | a;
        if (i + 1 < NR_COUNTERS)
            c[i + 1] = (uint64_t)d << 32 | cx;
    }
}

/* Differences of the medians would be of no use for rare things: a mean over many. */
static void count(const struct op *op)
{
    static const char *const names[] = {
#define NAME(name) #name,
        COUNTERS(NAME)
#undef NAME
    };
    uint64_t before[NR_COUNTERS], after[NR_COUNTERS];
    unsigned int rounds = 20;

    op->run(op->n);
    read_counters(before);
    for (unsigned int i = 0; i < rounds; i++)
        op->run(op->n);
    read_counters(after);
    printf("COUNT %s", op->name);
    for (unsigned int i = 0; i < NR_COUNTERS; i++)
        printf(" %s=%.2f", names[i], (double)(after[i] - before[i]) / (rounds * op->n));
    printf("\n");
}

static void show_memtotal(void)
{
    char line[128];
    unsigned long kib;
    FILE *f = fopen("/proc/meminfo", "r");

    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "MemTotal: %lu kB", &kib) == 1)
            printf("GUEST memtotal_kb=%lu\n", kib);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    int counting = 0;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "exit"))
            _exit(0);
        counting |= !strcmp(argv[i], "count");
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("BENCH-START\n");
    mount("proc", "/proc", "proc", 0, NULL);
    show_memtotal();
    for (unsigned int i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (ops[i].smp != (sysconf(_SC_NPROCESSORS_ONLN) > 1))
            continue;
        if (counting)
            count(&ops[i]);
        else
            measure(&ops[i]);
    }
    MARK(MARK_SECTION);
    printf("BENCH-DONE\n");
    sleep(1); /* L0's console daemon may be behind, and what is in the ring of a domain that ends is
                 lost */
    reboot(RB_POWER_OFF);
    return 1;
}
