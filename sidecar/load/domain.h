/* SPDX-License-Identifier: MIT
 * The memory of the waiting domain, mapped piece by piece: by privcmd, or a fake in tests.
 */
#ifndef LOAD_DOMAIN_H
#define LOAD_DOMAIN_H

#include <stddef.h>
#include <stdint.h>

#define MAP_PAGES 1024u /* most in one call */

struct domain {
    /* Maps n frames side by side, to write; NULL with errno. */
    void *(*map)(struct domain *d, const uint64_t *gfn, size_t n);
    void (*unmap)(struct domain *d, void *p, size_t n);
    void *fake;
    int fd;
    unsigned int domid;
};

/* An ioctl of privcmd's; no direction: _IOC_NONE. */
#define PRIVCMD_REQUEST(nr, type) ((unsigned int)sizeof(type) << 16 | (unsigned int)'P' << 8 | (nr))

/* privcmd of the kernel that runs. NULL, or what is wrong. */
const char *domain_open(struct domain *d, unsigned int domid);

#endif
