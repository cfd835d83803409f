/* SPDX-License-Identifier: MIT
 * What the host says of a PV domain that runs: before it is saved, and refused too late.
 */
#ifndef LOAD_RUNNING_H
#define LOAD_RUNNING_H

#include <stdbool.h>

#include "domain.h"

#define RUNNING_LEAVES 1024u

struct running {
    unsigned int width; /* of a word of the guest's: 8 or 4 */
    uint32_t nr_leaves; /* 0: the host doesn't tell */
    struct {
        uint32_t word[6]; /* leaf, subleaf, EAX to EDX: as a saved guest's record has them */
    } leaf[RUNNING_LEAVES];
};

/* Asks by d's privcmd; called by main.  False where the host doesn't tell the width either. */
bool running_read(const struct domain *d, unsigned int domid, struct running *r);

#endif
