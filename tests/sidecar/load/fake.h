/* SPDX-License-Identifier: MIT
 * A domain that isn't there: its frames are those of a memory file, its shim is a thread.
 */
#ifndef LOAD_FAKE_H
#define LOAD_FAKE_H

#include "../../../sidecar/load/domain.h"
#include "../../../sidecar/load/image.h"
#include "../../../xen-shim/boot/handover.h"

#define FAKE_FRAMES 8192u
enum { FAKE_HANDOVER = 256, FAKE_STORE = 4090, FAKE_CONSOLE = 4091 };
#define FAKE_OLD 0xa5 /* what lies in frames that nobody has written */

struct fake {
    struct domain domain;
    int fd;
    uint8_t (*frame)[PAGE]; /* all of them, for the test */
    struct handover *handover;
    unsigned int mapped; /* windows that are still there */
};

/* A shim of this width waits in it, with frames in three runs and holes between them. */
void fake_make(struct fake *f, unsigned int width);
void fake_free(struct fake *f);
/* May this frame be written?  One of the runs', or the handover's own. */
bool fake_may(const struct fake *f, uint64_t gfn);

/* The shim answers, once it was told to go: takes the guest, or why it doesn't. */
void fake_answers(struct fake *f, const char *why);
/* To its end; what it was told. */
void fake_answered(struct fake *f);

#endif
