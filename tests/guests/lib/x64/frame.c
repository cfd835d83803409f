// SPDX-License-Identifier: MIT
/* Bounce frames of 64 bits. */
#include "guest.h"

void trap_read_frame(struct trap *t, const ul *slot)
{
    t->slot_rcx = *slot++;
    t->slot_r11 = *slot++;
    t->has_error = !(t->frame & 15);
    t->error = t->has_error ? (u32)*slot++ : 0;
    t->rip = slot[0];
    t->cs_slot = slot[1];
    t->rflags = slot[2];
    t->rsp = slot[3];
    t->ss = slot[4];
    t->regs.rcx = t->slot_rcx;
    t->regs.r11 = t->slot_r11;
}
