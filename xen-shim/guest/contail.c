// SPDX-License-Identifier: MIT
/* See contail.h. */
#include "contail.h"

#include "com1.h"
#include "shim.h"

#define LOOKS    100          /* at a port that is busy, before the next tick */
#define PATIENCE 1000000000UL /* ns without a byte taken */

static char tail[CONTAIL_BYTES];
static u64 said, sent; /* bytes ever */
static bool joined, stuck;
static u64 moved; /* when it last took one; 0: since the next look */

void contail_put(const char *p, u32 n)
{
    if (said == sent)
        moved = 0;
    for (u32 i = 0; i < n; i++)
        tail[said++ % CONTAIL_BYTES] = p[i];
    if (said - sent > CONTAIL_BYTES)
        sent = said - CONTAIL_BYTES;
}

void contail_join(void)
{
    if (joined)
        return;
    joined = true;
    stuck = false;
    moved = 0;
    sent = said > CONTAIL_BYTES ? said - CONTAIL_BYTES : 0;
}

void contail_leave(void)
{
    joined = false;
}

bool contail_joined(void)
{
    return joined;
}

u32 contail_room(void)
{
    return joined && !stuck ? CONTAIL_BYTES - (u32)(said - sent) : ~0u;
}

bool contail_left(void)
{
    return joined && !stuck && said != sent;
}

bool contail_send(u32 most, u64 now)
{
    const u64 start = sent;

    if (!joined)
        return false;
    if (!moved)
        moved = now;
    for (u32 looks = 0; sent != said && sent - start < most && looks < (stuck ? 1 : LOOKS);
         looks++) {
        u32 at = sent % CONTAIL_BYTES, n = CONTAIL_BYTES - at;
        n = min_t(u32, n, (u32)(said - sent));
        n = min_t(u32, n, most - (u32)(sent - start));
        u32 took = (u32)com1_send((const u8 *)&tail[at], n);
        sent += took;
        if (took)
            looks = 0;
    }
    if (sent != start || sent == said) {
        moved = now;
        stuck = false;
    } else if (now - moved > PATIENCE) {
        stuck = true;
    }
    return sent != start;
}
