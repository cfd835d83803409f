// SPDX-License-Identifier: MIT
#include "fake.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_t shim;
static const char *refusal;

bool fake_may(const struct fake *f, uint64_t gfn)
{
    for (unsigned int i = 0; i < f->handover->nr_runs; i++)
        if (gfn >= f->handover->run[i].first &&
            gfn - f->handover->run[i].first < f->handover->run[i].count)
            return true;
    return gfn == FAKE_HANDOVER;
}

static void *map(struct domain *d, const uint64_t *gfn, size_t n)
{
    struct fake *f = d->fake;
    char *p = mmap(NULL, n * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || n > MAP_PAGES)
        abort();
    for (size_t i = 0, run; i < n; i += run) {
        for (run = 0; i + run < n && gfn[i + run] == gfn[i] + run; run++)
            if (gfn[i + run] >= FAKE_FRAMES || !fake_may(f, gfn[i + run]))
                goto no;
        if (mmap(p + i * PAGE, run * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, f->fd,
                 (off_t)(gfn[i] * PAGE)) == MAP_FAILED)
            abort();
    }
    f->mapped++;
    return p;
no:
    munmap(p, n * PAGE);
    errno = EFAULT;
    return NULL;
}

static void unmap(struct domain *d, void *p, size_t n)
{
    ((struct fake *)d->fake)->mapped--;
    munmap(p, n * PAGE);
}

void fake_make(struct fake *f, unsigned int width)
{
    struct handover *h;

    *f = (struct fake){.domain = {.map = map, .unmap = unmap, .fake = f, .fd = -1}};
    f->fd = memfd_create("domain", 0);
    if (f->fd < 0 || ftruncate(f->fd, (off_t)FAKE_FRAMES * PAGE))
        abort();
    f->frame = mmap(NULL, (size_t)FAKE_FRAMES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    if (f->frame == MAP_FAILED)
        abort();
    memset(f->frame, FAKE_OLD, (size_t)FAKE_FRAMES * PAGE);
    h = f->handover = (struct handover *)f->frame[FAKE_HANDOVER];
    *h = (struct handover){.magic = HANDOVER_MAGIC,
                           .version = HANDOVER_VERSION,
                           .state = HANDOVER_WAIT,
                           .nr_vcpus = 4,
                           .widths = width,
                           .xcr0 = 7,
                           .store_gfn = FAKE_STORE,
                           .console_gfn = FAKE_CONSOLE,
                           .free = 100 + 3000 + 2000,
                           .nr_runs = 3,
                           .run = {{16, 100}, {300, 3000}, {5000, 2000}}};
}

void fake_free(struct fake *f)
{
    munmap(f->frame, (size_t)FAKE_FRAMES * PAGE);
    close(f->fd);
}

static void *answer(void *arg)
{
    struct handover *h = arg;

    while (__atomic_load_n(&h->state, __ATOMIC_ACQUIRE) != HANDOVER_GO)
        usleep(100);
    if (refusal)
        snprintf(h->why, sizeof(h->why), "%s", refusal);
    __atomic_store_n(&h->state, refusal ? HANDOVER_REFUSED : HANDOVER_TAKEN, __ATOMIC_RELEASE);
    return NULL;
}

void fake_answers(struct fake *f, const char *why)
{
    refusal = why;
    if (pthread_create(&shim, NULL, answer, f->handover))
        abort();
}

void fake_answered(struct fake *f)
{
    (void)f;
    pthread_join(shim, NULL);
}
