// SPDX-License-Identifier: MIT
/*
 * What a guest's disk and network cost, in TSC ticks, run by a script of the test guest's:
 *
 *     io DISK ADDRESS
 *
 * reads DISK past the page cache and sends ICMP echo requests to ADDRESS, whose kernel answers, so
 * dom0 needs no program of ours.  Lines as bench.c's: BENCH name median minimum maximum.  Under
 * QEMU's -icount all that happens on the one CPU is in these: guest, shim, L0, and dom0's back
 * ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "samples.h"

#define SAMPLES 15
#define MIB     (1 << 20)
#define BLOCK   4096
#define FLIGHT  8 /* requests on their way at a time */

static int disk, net;
static struct sockaddr_in peer = {.sin_family = AF_INET};
static void *buffer;

static void die(const char *what)
{
    printf("BENCH-FAILED %s\n", what);
    exit(1);
}

static uint64_t ticks(void)
{
    uint32_t lo, hi;

    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi)::"memory");
    return (uint64_t)hi << 32 | lo;
}

static void read_at(off_t at, size_t bytes)
{
    if (pread(disk, buffer, bytes, at) != (ssize_t)bytes)
        die("read");
}

/* A MiB at once. */
static uint64_t sequential(unsigned int n)
{
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++)
        read_at((off_t)i * MIB, MIB);
    return ticks() - t;
}

/* One block after the other, here and there. */
static uint64_t scattered(unsigned int n)
{
    unsigned int at = 1;
    uint64_t t = ticks();

    for (unsigned int i = 0; i < n; i++) {
        at = (at * 1103515245 + 12345) & 0x7fffffff;
        read_at((off_t)(at % (16 * MIB / BLOCK)) * BLOCK, BLOCK);
    }
    return ticks() - t;
}

static void request(uint16_t nr, size_t bytes)
{
    struct icmphdr *h = buffer;
    uint32_t sum = 0;

    memset(buffer, 0x5a, bytes);
    *h = (struct icmphdr){.type = ICMP_ECHO, .un.echo.sequence = htons(nr)};
    for (size_t i = 0; i < bytes / 2; i++)
        sum += ((uint16_t *)buffer)[i];
    sum = (sum & 0xffff) + (sum >> 16);
    h->checksum = (uint16_t) ~(sum + (sum >> 16));
    if (sendto(net, buffer, bytes, 0, (struct sockaddr *)&peer, sizeof(peer)) != (ssize_t)bytes)
        die("send");
}

/* True when an answer came within two seconds. */
static int answer(void)
{
    struct pollfd p = {.fd = net, .events = POLLIN};
    uint8_t in[2048];

    while (poll(&p, 1, 2000) == 1) {
        ssize_t n = recv(net, in, sizeof(in), 0);
        const struct icmphdr *h = (const struct icmphdr *)(in + (in[0] & 15) * 4);
        if (n > 28 && h->type == ICMP_ECHOREPLY)
            return 1;
    }
    return 0;
}

static uint64_t ping(unsigned int n, unsigned int flight, size_t bytes)
{
    unsigned int sent = 0;
    uint64_t t = ticks();

    for (; sent < flight; sent++)
        request((uint16_t)sent, bytes);
    for (unsigned int i = 0; i < n; i++) {
        if (!answer())
            die("no answer");
        if (sent++ < n)
            request((uint16_t)sent, bytes);
    }
    return ticks() - t;
}

static uint64_t ping_one(unsigned int n)
{
    return ping(n, 1, 64);
}

static uint64_t ping_many(unsigned int n)
{
    return ping(n, FLIGHT, 1400);
}

static void measure(const char *name, uint64_t (*run)(unsigned int n), unsigned int n)
{
    uint64_t t[SAMPLES];

    run(n);
    for (int i = 0; i < SAMPLES; i++)
        t[i] = run(n) / n;
    samples_print(name, t, SAMPLES);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 3 || !inet_aton(argv[2], &peer.sin_addr))
        die("usage: io DISK ADDRESS");
    disk = open(argv[1], O_RDONLY | O_DIRECT);
    net = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (disk < 0 || net < 0 || posix_memalign(&buffer, BLOCK, MIB))
        die("open");
    printf("BENCH-START\n");
    measure("disk-read-1MiB", sequential, 8);
    measure("disk-read-4KiB", scattered, 50);
    for (int i = 0; i < 30; i++) { /* until the link is up */
        request(0, 64);
        if (answer())
            break;
    }
    measure("ping-64", ping_one, 50);
    measure("ping-1400-8-at-once", ping_many, 100);
    printf("BENCH-DONE\n");
    return 0;
}
