// SPDX-License-Identifier: MIT
/*
 * dom0's side of tests/grants/mapper: `gntside DOMID REF [SECONDS]` grants that domain pages, and
 * tells it their references by its mailbox, which it granted as REF. It looks every SECONDS (else
 * 50 times a second) whether the domain is at its end; then every page must hold what it wrote.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/sys/gntalloc.h>
#include <xen/sys/gntdev.h>

#define PAGES     520  /* granted, as in mapper/main.c */
#define WRITTEN   300u /* of them by it */
#define PATIENCE  1200 /* seconds */
#define PAGE_SIZE 4096

enum { BOX_EMPTY, BOX_FILLED, BOX_DONE };
struct mailbox {
    volatile uint32_t state;
    uint32_t n, ref[PAGES];
};

static void die(const char *what)
{
    fprintf(stderr, "gntside: %s: %s\n", what, strerror(errno));
    exit(2);
}

static struct mailbox *map_mailbox(uint32_t domid, uint32_t ref)
{
    int fd = open("/dev/xen/gntdev", O_RDWR);
    struct ioctl_gntdev_map_grant_ref op = {.count = 1, .refs[0] = {.domid = domid, .ref = ref}};

    if (fd < 0 || ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, &op))
        die("gntdev");
    void *p = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)op.index);
    if (p == MAP_FAILED)
        die("mailbox");
    return p;
}

static uint32_t *grant_pages(uint16_t domid, uint32_t *refs)
{
    static struct {
        struct ioctl_gntalloc_alloc_gref op;
        uint32_t more[PAGES];
    } a;
    int fd = open("/dev/xen/gntalloc", O_RDWR);

    a.op.domid = domid;
    a.op.flags = GNTALLOC_FLAG_WRITABLE;
    a.op.count = PAGES;
    if (fd < 0 || ioctl(fd, IOCTL_GNTALLOC_ALLOC_GREF, &a))
        die("gntalloc");
    memcpy(refs, a.op.gref_ids, PAGES * sizeof(*refs));
    uint32_t *p = mmap(NULL, (size_t)PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                       (off_t)a.op.index);
    if (p == MAP_FAILED)
        die("pages");
    return p;
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: gntside DOMID REF [SECONDS]\n");
        return 2;
    }
    uint32_t domid = (uint32_t)atoi(argv[1]);
    struct mailbox *box = map_mailbox(domid, (uint32_t)atoi(argv[2]));
    uint32_t *pages = grant_pages((uint16_t)domid, box->ref);
    const unsigned int words = PAGE_SIZE / sizeof(*pages);
    time_t end = time(NULL) + PATIENCE;
    unsigned int right = 0;

    for (unsigned int i = 0; i < PAGES; i++)
        pages[i * words] = 0xd0d00000 + i;
    box->n = PAGES;
    __sync_synchronize();
    box->state = BOX_FILLED;
    while (box->state != BOX_DONE) {
        if (time(NULL) > end) {
            fprintf(stderr, "gntside: no end\n");
            return 1;
        }
        usleep(argc == 4 ? (useconds_t)atoi(argv[3]) * 1000000 : 20000);
    }
    for (unsigned int i = 0; i < WRITTEN; i++)
        right += pages[i * words] == 0xd0d00000 + i && pages[i * words + 1] == 0xbeef0000 + i;
    printf("gntside: %u of %u pages are right\n", right, WRITTEN);
    return right != WRITTEN;
}
