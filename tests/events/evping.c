// SPDX-License-Identifier: MIT
/*
 * Events between a guest and dom0, every one counted.  Both sides use Linux's /dev/xen/evtchn,
 * whose driver masks a port when its event comes and unmasks it when the program has taken it.
 *
 *   evping guest PORTS ROUNDS   in the guest: opens PORTS unbound ports for dom0, prints their
 * numbers as `ports=...`, waits for the first event on each, then plays ROUNDS rounds on all of
 * them at once: sends, waits for the answer, sends again evping answer DOMID ROUNDS PORT... in
 * dom0: binds to the guest's ports and answers every event; binding makes Xen notify dom0 once,
 * which starts the game; prints how many events there were when nothing comes any more
 *
 * An event on a port that owes none is *doubled*; one that does not come in time is *lost*.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/evtchn.h>

#define MAX_PORTS   256
#define MAX_NUMBER  4096
#define PATIENCE_MS 60000

static int fd;
static unsigned int nr_ports, port[MAX_PORTS];
static int index_of[MAX_NUMBER];
static unsigned long received[MAX_PORTS];

static void die(const char *what)
{
    fprintf(stderr, "evping: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void add_port(int number)
{
    if (number <= 0 || number >= MAX_NUMBER || nr_ports == MAX_PORTS)
        die("port number out of range");
    index_of[number] = (int)nr_ports;
    port[nr_ports++] = (unsigned int)number;
}

static void notify(unsigned int i)
{
    struct ioctl_evtchn_notify n = {.port = port[i]};

    if (ioctl(fd, IOCTL_EVTCHN_NOTIFY, &n))
        die("notify");
}

/* Next events, unmasked again; the number of them, 0 when none came in time. */
static size_t take(uint32_t *events, size_t max, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (poll(&p, 1, timeout_ms) == 0)
        return 0;
    ssize_t n = read(fd, events, max * sizeof(*events));
    if (n < 0)
        die("read");
    if (write(fd, events, (size_t)n) != n)
        die("unmask");
    return (size_t)n / sizeof(*events);
}

static int guest(unsigned int ports, unsigned long rounds)
{
    unsigned long sent[MAX_PORTS] = {0}, doubled = 0, lost = 0;
    unsigned char owed[MAX_PORTS]; /* 1: an event must come */
    unsigned int playing = ports;
    uint32_t events[MAX_PORTS];

    for (unsigned int i = 0; i < ports; i++) {
        struct ioctl_evtchn_bind_unbound_port b = {.remote_domain = 0};
        int number = ioctl(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &b);
        if (number < 0)
            die("bind");
        add_port(number);
    }
    printf("ports=");
    for (unsigned int i = 0; i < ports; i++)
        printf("%u%c", port[i], i + 1 < ports ? ' ' : '\n');
    fflush(stdout);
    memset(owed, 1, sizeof(owed));

    while (playing) {
        size_t n = take(events, MAX_PORTS, PATIENCE_MS);
        if (!n)
            break;
        for (size_t k = 0; k < n; k++) {
            int i = index_of[events[k] % MAX_NUMBER];
            if (!owed[i]) {
                doubled++;
                continue;
            }
            received[i]++;
            if (sent[i] == rounds) {
                owed[i] = 0;
                playing--;
                continue;
            }
            sent[i]++;
            notify((unsigned int)i);
        }
    }
    /* what is doubled may still be on its way */
    for (size_t n; (n = take(events, MAX_PORTS, 500));)
        doubled += n;
    unsigned long total = 0;
    for (unsigned int i = 0; i < ports; i++) {
        lost += owed[i];
        total += received[i];
        if (owed[i])
            printf("port %u: %lu sent, %lu received\n", port[i], sent[i], received[i]);
    }
    printf("events=%lu doubled=%lu lost=%lu\n", total, doubled, lost);
    return doubled || lost;
}

static int answer(unsigned int domid, unsigned long rounds)
{
    unsigned long expected = nr_ports * (rounds + 1), got = 0;
    uint32_t events[MAX_PORTS];

    for (size_t n; (n = take(events, MAX_PORTS, got < expected ? PATIENCE_MS / 4 : 500));
         got += n) {
        for (size_t k = 0; k < n; k++) {
            int i = index_of[events[k] % MAX_NUMBER];
            received[i]++;
            notify((unsigned int)i);
        }
    }
    unsigned long low = received[0], high = received[0], total = 0;
    for (unsigned int i = 0; i < nr_ports; i++) {
        low = received[i] < low ? received[i] : low;
        high = received[i] > high ? received[i] : high;
        total += received[i];
    }
    printf("domain %u: events=%lu least=%lu most=%lu\n", domid, total, low, high);
    return 0;
}

int main(int argc, char **argv)
{
    fd = open("/dev/xen/evtchn", O_RDWR);
    if (fd < 0)
        die("/dev/xen/evtchn");
    if (argc == 4 && !strcmp(argv[1], "guest") && atoi(argv[2]) > 0 && atoi(argv[2]) <= MAX_PORTS)
        return guest((unsigned int)atoi(argv[2]), strtoul(argv[3], NULL, 10));
    if (argc > 4 && !strcmp(argv[1], "answer")) {
        for (int a = 4; a < argc; a++) {
            struct ioctl_evtchn_bind_interdomain b = {
                .remote_domain = (unsigned int)atoi(argv[2]),
                .remote_port = (unsigned int)atoi(argv[a]),
            };
            int number = ioctl(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &b);
            if (number < 0)
                die("bind");
            add_port(number);
        }
        return answer((unsigned int)atoi(argv[2]), strtoul(argv[3], NULL, 10));
    }
    fprintf(stderr, "usage: evping guest PORTS ROUNDS | evping answer DOMID ROUNDS PORT...\n");
    return 2;
}
