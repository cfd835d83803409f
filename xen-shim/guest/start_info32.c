// SPDX-License-Identifier: MIT
/* See start_info32.h. */
#include "start_info32.h"

#include <xen/foreign/x86_32.h>

#include "shim.h"

void start_info32(void *page, const struct start_info *si)
{
    struct start_info_x86_32 *to = page;

    to->flags = si->flags;
    to->shared_info = (u32)si->shared_info;
    to->store_mfn = (u32)si->store_mfn;
    to->store_evtchn = si->store_evtchn;
    to->console.domU.mfn = (u32)si->console.domU.mfn;
    to->console.domU.evtchn = si->console.domU.evtchn;
    strlcpy(to->magic, "xen-3.0-x86_32p", sizeof(to->magic));
    to->nr_pages = (u32)si->nr_pages;
    to->pt_base = (u32)si->pt_base;
    to->nr_pt_frames = (u32)si->nr_pt_frames;
    to->mfn_list = (u32)si->mfn_list;
    to->mod_start = (u32)si->mod_start;
    to->mod_len = (u32)si->mod_len;
    memcpy(to->cmd_line, si->cmd_line, sizeof(to->cmd_line));
}
