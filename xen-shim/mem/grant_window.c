// SPDX-License-Identifier: MIT
/* See grant_window.h. */
#include "grant_window.h"

#include "frames.h"
#include "shim.h"

mfn_t grant_window;
static u32 *mappings; /* of a free frame: the number of the next free one, plus one */
static u32 frames;
static u32 never_used; /* from here on */
static u32 first_free; /* below that, plus one; 0 = none */

void grant_window_init(mfn_t first, u32 n)
{
    grant_window = n ? first : 0;
    frames = n;
    mappings = frames_alloc(GRANT_WINDOW * sizeof(*mappings));
}

void grant_window_reset(void)
{
    memset(mappings, 0, never_used * sizeof(*mappings));
    never_used = first_free = 0;
}

u32 grant_window_take(void)
{
    u32 n = first_free;

    if (n) {
        first_free = mappings[--n];
        return n;
    }
    return never_used < frames ? never_used++ : GRANT_WINDOW;
}

void grant_window_give(u32 n)
{
    ACCESS_ONCE(mappings[n]) = first_free;
    first_free = n + 1;
}

u32 grant_window_get(u32 n)
{
    u32 mapping = n < GRANT_WINDOW ? ACCESS_ONCE(mappings[n]) : 0;

    return mapping & MAPPING_USED ? mapping : 0;
}

void grant_window_set(u32 n, u32 mapping)
{
    ACCESS_ONCE(mappings[n]) = mapping;
}
