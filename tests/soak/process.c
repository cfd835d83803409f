// SPDX-License-Identifier: MIT
/* Processes: exec, pipes, signals; files and the network. */
#define _GNU_SOURCE
#include "soak.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_all(int fd, const void *buf, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t w = write(fd, (const uint8_t *)buf + done, n - done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            bad_call("write");
        done += (size_t)w;
    }
}

static void read_all(int fd, void *buf, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = read(fd, (uint8_t *)buf + done, n - done);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            bad_call("read");
        if (!r)
            bad("end of data after %zu of %zu bytes", done, n);
        done += (size_t)r;
    }
}

static uint64_t sum_words(char **words)
{
    uint64_t sum = 0;

    for (; *words; words++)
        for (const char *c = *words; *c; c++)
            sum = (sum ^ (uint8_t)*c) * 0x100000001b3u;
    return sum;
}

extern char **environ;

/* Its arguments and environment, as it found them, in one number. */
int exec_child(int argc, char **argv)
{
    uint64_t sum = sum_words(argv + 2) ^ sum_words(environ);

    (void)argc;
    return write(3, &sum, sizeof(sum)) != sizeof(sum);
}

void part_exec(void)
{
    static char big[60000];
    struct rng r = {seed};

    for (; time_left(); rounds++) {
        char *argv[] = {(char *)self, "exec-child", big, "x", NULL};
        char env[3000], *envp[] = {env, "A=b", NULL};
        int fd[2];
        uint64_t got, want;

        size_t n = below(&r, sizeof(big) - 1), e = below(&r, sizeof(env) - 1);
        for (size_t i = 0; i < n; i++)
            big[i] = (char)('a' + below(&r, 26));
        big[n] = 0;
        memset(env, 'E', e);
        env[e] = 0;
        want = sum_words(argv + 2) ^ sum_words(envp);
        if (pipe(fd))
            bad_call("pipe");
        int pid = rounds & 1 ? fork() : vfork();
        if (pid < 0)
            bad_call("fork");
        if (!pid) {
            dup2(fd[1], 3);
            execve(self, argv, envp);
            _exit(99);
        }
        close(fd[1]);
        reap(pid, "exec");
        read_all(fd[0], &got, sizeof(got));
        if (got != want)
            bad("arguments or environment arrived changed");
        close(fd[0]);
    }
}

/* Two processes that send each other blocks of odd sizes. */
void part_pipe(void)
{
    static uint8_t buf[70000];
    int fd[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
        bad_call("socketpair");
    int pid = fork();
    if (pid < 0)
        bad_call("fork");
    if (!pid) {
        close(fd[0]);
        for (;;) {
            uint32_t n;
            read_all(fd[1], &n, sizeof(n));
            if (!n)
                _exit(0);
            read_all(fd[1], buf, n);
            write_all(fd[1], buf, n);
        }
    }
    close(fd[1]);
    struct rng r = {seed};
    for (; time_left(); rounds++) {
        uint32_t n = 1 + below(&r, below(&r, 8) ? 600 : sizeof(buf));
        uint64_t key = rnd(&r);
        fill(buf, n, key);
        write_all(fd[0], &n, sizeof(n));
        write_all(fd[0], buf, n);
        memset(buf, 0, n);
        read_all(fd[0], buf, n);
        check(buf, n, key, "block through a socket pair");
    }
    write_all(fd[0], &(uint32_t){0}, 4);
    reap(pid, "pipe");
}

static volatile uint64_t queued_sum, queued;
static volatile uint32_t ticks;

static void on_queued(int sig, siginfo_t *si, void *context)
{
    (void)sig, (void)context;
    queued++;
    queued_sum += (uint32_t)si->si_value.sival_int;
}

static void on_tick(int sig)
{
    (void)sig;
    ticks++;
}

/* Queued signals from a child, timers, on a stack of their own. */
void part_signal(void)
{
    static uint8_t stack[65536];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction sa = {.sa_sigaction = on_queued,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct itimerval t = {{0, 3000}, {0, 3000}};
    struct rng r = {seed};

    sigaltstack(&ss, NULL);
    sigaction(SIGRTMIN, &sa, NULL);
    sigaction(SIGVTALRM, &tick, NULL);
    setitimer(ITIMER_VIRTUAL, &t, NULL);
    for (; time_left(); rounds++) {
        uint64_t sum = queued_sum, count = queued;
        uint32_t n = 1 + below(&r, 60);
        int parent = getpid(), pid = fork();
        if (pid < 0)
            bad_call("fork");
        if (!pid) {
            for (uint32_t i = 0; i < n; i++)
                if (sigqueue(parent, SIGRTMIN, (union sigval){.sival_int = (int)(i + 5)}))
                    _exit(9);
            _exit(0);
        }
        for (uint32_t i = 0; i < n; i++)
            if (raise(SIGRTMIN) || sigqueue(parent, SIGRTMIN, (union sigval){.sival_int = 1}))
                bad_call("sigqueue");
        reap(pid, "signal");
        /* raise() passes pid and uid where sigqueue has the value */
        if (queued - count != 3 * (uint64_t)n)
            bad("%u signals, must be %u", (unsigned)(queued - count), 3 * n);
        (void)sum;
    }
    if (!ticks)
        bad("no tick of the virtual timer");
}

/* Files in a directory: written, synced, dropped from the cache, read; shared maps too.
 * Argument: the directory. */
void part_file(void)
{
    static uint8_t buf[1 << 20];
    struct rng r = {seed};
    char name[200], other[220];

    snprintf(name, sizeof(name), "%s/soak.%d", nr_args ? args[0] : "/tmp", (int)getpid());
    snprintf(other, sizeof(other), "%s.new", name);
    for (; time_left(); rounds++) {
        size_t n = 1 + below(&r, sizeof(buf));
        uint64_t key = rnd(&r);
        int fd = open(other, O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (fd < 0)
            bad_call(other);
        fill(buf, n, key);
        if (rounds & 1) {
            write_all(fd, buf, n);
        } else {
            if (ftruncate(fd, (off_t)n))
                bad_call("ftruncate");
            uint8_t *m = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (m == MAP_FAILED)
                bad_call("mmap of a file");
            memcpy(m, buf, n);
            munmap(m, n);
        }
        if (fsync(fd))
            bad_call("fsync");
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
        if (rename(other, name))
            bad_call("rename");
        fd = open(name, O_RDONLY);
        if (fd < 0)
            bad_call(name);
        memset(buf, 0, n);
        read_all(fd, buf, n);
        check(buf, n, key, "file read back");
        close(fd);
    }
    unlink(name);
}

/* A server that sends back what it gets.  Arguments: address, port. */
void part_net(void)
{
    static uint8_t buf[1 << 17], back[1 << 17];
    struct rng r = {seed};

    if (nr_args < 2)
        bad("arguments: address port");
    for (; time_left(); rounds++) {
        struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(args[1]))};
        int s = socket(AF_INET, SOCK_STREAM, 0);
        inet_aton(args[0], &sa.sin_addr);
        if (s < 0 || connect(s, (struct sockaddr *)&sa, sizeof(sa)))
            bad_call("connect");
        size_t n = 1 + below(&r, sizeof(buf));
        uint64_t key = rnd(&r);
        fill(buf, n, key);
        int pid = fork();
        if (pid < 0)
            bad_call("fork");
        if (!pid) {
            write_all(s, buf, n);
            shutdown(s, SHUT_WR);
            _exit(0);
        }
        read_all(s, back, n);
        check(back, n, key, "bytes from the echo server");
        reap(pid, "net");
        close(s);
    }
}
