// SPDX-License-Identifier: MIT
/* Mapping of another domain's frames, as all dom0 kernels since 2006 have it. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "domain.h"
#include "image.h"

struct mmapbatch {
    int num;
    uint16_t dom;
    uint64_t addr;
    unsigned long *arr; /* frames; what failed is changed */
};
struct mmapbatch_v2 {
    unsigned int num;
    uint16_t dom;
    uint64_t addr;
    const unsigned long *arr;
    int *err;
};
#define MMAPBATCH    PRIVCMD_REQUEST(3, struct mmapbatch)
#define MMAPBATCH_V2 PRIVCMD_REQUEST(4, struct mmapbatch_v2)
#ifdef __x86_64__
_Static_assert(MMAPBATCH == 0x185003 && MMAPBATCH_V2 == 0x205004, "privcmd");
#endif

static bool no_v2; /* of this kernel, once it is known */

static bool batch(const struct domain *d, void *p, const unsigned long *frame, size_t n)
{
    static unsigned long old[MAP_PAGES];
    static int err[MAP_PAGES];
    struct mmapbatch_v2 v2 = {(unsigned int)n, (uint16_t)d->domid, (uintptr_t)p, frame, err};
    struct mmapbatch v1 = {(int)n, (uint16_t)d->domid, (uintptr_t)p, old};

    if (!no_v2) {
        memset(err, 0, sizeof(err));
        if (!ioctl(d->fd, (int)MMAPBATCH_V2, &v2)) {
            for (size_t i = 0; i < n; i++)
                if (err[i]) {
                    errno = -err[i];
                    return false;
                }
            return true;
        }
        if (errno != ENOTTY && errno != EINVAL && errno != ENOSYS)
            return false;
        no_v2 = true;
    }
    memcpy(old, frame, n * sizeof(*old));
    if (ioctl(d->fd, (int)MMAPBATCH, &v1))
        return false;
    if (memcmp(old, frame, n * sizeof(*old))) {
        errno = EFAULT;
        return false;
    }
    return true;
}

static void *map(struct domain *d, const uint64_t *gfn, size_t n)
{
    static unsigned long frame[MAP_PAGES];
    void *p;
    int saved;

    for (size_t i = 0; i < n; i++) {
        frame[i] = (unsigned long)gfn[i];
        if (frame[i] != gfn[i]) {
            errno = EOVERFLOW;
            return NULL;
        }
    }
    p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (batch(d, p, frame, n))
        return p;
    saved = errno;
    munmap(p, n * PAGE);
    errno = saved;
    return NULL;
}

static void unmap(struct domain *d, void *p, size_t n)
{
    (void)d;
    munmap(p, n * PAGE);
}

const char *domain_open(struct domain *d, unsigned int domid)
{
    *d = (struct domain){.map = map, .unmap = unmap, .domid = domid};
    d->fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (d->fd < 0 && errno == ENOENT)
        d->fd = open("/proc/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (d->fd < 0)
        return strerror(errno);
    return NULL;
}
