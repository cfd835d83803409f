/* SPDX-License-Identifier: MIT */
/* struct vcpu_runstate_info as a guest has it in memory: 64-bit, or 32-bit with 4-byte alignment
 * of 64-bit words.  Pure. */
#ifndef STOLEN_TIME_RUNSTATE_LAYOUT_H
#define STOLEN_TIME_RUNSTATE_LAYOUT_H

#include "xen_abi.h"

struct runstate_image {
    u8 bytes[sizeof(struct vcpu_runstate_info)];
    u8 size, entry; /* of the whole; where state_entry_time is */
};

static inline void runstate_image(struct runstate_image *image, const struct vcpu_runstate_info *rs,
                                  u64 flag, bool bits32)
{
    u8 entry = bits32 ? 4 : offsetof(struct vcpu_runstate_info, state_entry_time);
    u32 state = (u32)rs->state;
    u64 words[5] = {rs->state_entry_time | flag, rs->time[0], rs->time[1], rs->time[2],
                    rs->time[3]};

    *image = (struct runstate_image){.size = entry + sizeof(words), .entry = entry};
    __builtin_memcpy(image->bytes, &state, sizeof(state));
    __builtin_memcpy(image->bytes + entry, words, sizeof(words));
}

#endif
