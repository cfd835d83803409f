// SPDX-License-Identifier: MIT
/*
 * Two domains over libxenvchan: `vchanping server DOMID PATH` grants the rings to DOMID and sends
 * back what comes, until the other side closes; `vchanping client DOMID PATH COUNT` plays COUNT
 * rounds of random blocks with the server in DOMID and compares.  The last line is the result.
 * With the word `on` behind it it says the result and goes on until it is ended.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxenvchan.h>

#define RING  (8 * 4096) /* more than a page, so that the rings are pages granted apart */
#define BLOCK 3000

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static int serve(int domid, const char *path)
{
    struct libxenvchan *ch = libxenvchan_server_init(NULL, domid, path, RING, RING);
    unsigned char buf[BLOCK];
    unsigned long bytes = 0;
    int n;

    if (!ch)
        die("server_init");
    ch->blocking = 1;
    printf("vchanping: waiting\n");
    fflush(stdout);
    while ((n = libxenvchan_read(ch, buf, sizeof(buf))) > 0) {
        for (int done = 0, k; done < n; done += k)
            if ((k = libxenvchan_write(ch, buf + done, (size_t)(n - done))) <= 0) {
                printf("vchanping: gone while answering, after %lu bytes\n", bytes);
                return 1;
            }
        bytes += (unsigned long)n;
    }
    printf("vchanping: closed after %lu bytes\n", bytes);
    libxenvchan_close(ch);
    return 0;
}

static int play(int domid, const char *path, unsigned long count, int on)
{
    struct libxenvchan *ch = NULL;
    unsigned char out[BLOCK], in[BLOCK];
    unsigned long bytes = 0;

    for (int i = 0; i < 600 && !ch; i++) {
        ch = libxenvchan_client_init(NULL, domid, path);
        if (!ch)
            usleep(100000);
    }
    if (!ch)
        die("client_init");
    ch->blocking = 1;
    srand(1);
    for (unsigned long r = 0; on || r < count; r++) {
        int n = 1 + rand() % BLOCK;

        for (int i = 0; i < n; i++)
            out[i] = (unsigned char)rand();
        if (libxenvchan_send(ch, out, (size_t)n) != n || libxenvchan_recv(ch, in, (size_t)n) != n) {
            printf("vchanping: gone in round %lu\n", r);
            return 1;
        }
        if (memcmp(out, in, (size_t)n)) {
            printf("vchanping: wrong in round %lu\n", r);
            return 1;
        }
        bytes += (unsigned long)n;
        if (r % 100 == 0)
            printf("vchanping: round %lu\n", r);
        if (r + 1 == count)
            printf("vchanping: %lu rounds, %lu bytes, all right\n", count, bytes);
        fflush(stdout);
    }
    libxenvchan_close(ch);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "server"))
        return serve(atoi(argv[2]), argv[3]);
    if (argc == 5 + (argc > 5 && !strcmp(argv[5], "on")) && !strcmp(argv[1], "client"))
        return play(atoi(argv[2]), argv[3], strtoul(argv[4], NULL, 10), argc == 6);
    fprintf(stderr, "usage: vchanping server DOMID PATH | client DOMID PATH COUNT [on]\n");
    return 2;
}
