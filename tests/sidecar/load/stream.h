/* SPDX-License-Identifier: MIT
 * Saves a model, as the toolstacks do: written from the formats' descriptions, by nobody's code.
 */
#ifndef LOAD_STREAM_H
#define LOAD_STREAM_H

#include "model.h"

enum wrapper { BARE, XL, XL_OLD, XEND, VIRSH, LIBXL };

struct how {
    unsigned int version; /* of libxc's stream: 1, 2, 3 */
    enum wrapper wrapper;
    unsigned int longs;    /* of version 1: 4 or 8 bytes */
    bool live;             /* pages came before, of other types and contents */
    bool verify;           /* and come again, with other contents */
    bool converted;        /* version 2, made of version 1 */
    bool extended;         /* records beyond the context: ext, XSAVE, MSRs */
    bool unknown;          /* a record that a reader may pass over */
    const uint32_t *cpuid; /* of version 3: a leaf, its subleaf and what is in it; or NULL */
    bool empty;            /* such records, and those of vCPUs that are down, without content */
};

struct stream {
    uint8_t *p;
    size_t n, room;
    size_t image; /* where libxc's image begins */
};

void stream_make(struct stream *s, const struct model *m, const struct how *how);
void stream_free(struct stream *s);

/* For the formats' files. */
void put(struct stream *s, const void *p, size_t n);
void put16(struct stream *s, uint16_t v);
void put32(struct stream *s, uint32_t v);
void put64(struct stream *s, uint64_t v);
void put_be32(struct stream *s, uint32_t v);
void put_xsave(struct stream *s);
void put_ext(struct stream *s, unsigned int vcpu);
#define XSAVE_BYTES (16u + 832u)
void stream1(struct stream *s, const struct model *m, const struct how *how);
void stream2(struct stream *s, const struct model *m, const struct how *how);

#endif
