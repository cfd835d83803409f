// SPDX-License-Identifier: MIT
/* To user mode by the CPU's own IRET, which most kernels leave by: see lib/user.h. */
#include "guest.h"

asm(".pushsection .text\n.globl k_iret\nk_iret: iret\n.popsection");
extern u8 k_iret[];

struct trap *user_run_native(const struct context *to)
{
    static struct {
        u8 room[PAGE_SIZE]; /* for what is delivered before the IRET */
        ul rip, cs, rflags, rsp, ss;
    } frame;
    struct context ctx = {
        .f = {.rax = to->f.rax,
              .rip = (ul)k_iret,
              .cs = FLAT_KERNEL_CS,
              .rflags = FL_FIXED | (vcpu0_info->evtchn_upcall_mask ? 0 : FL_IF),
              .rsp = (ul)&frame.rip},
        .regs = to->regs,
    };

    frame.rip = to->f.rip;
    frame.cs = to->f.cs;
    frame.rflags = to->f.rflags;
    frame.rsp = to->f.rsp;
    frame.ss = to->f.ss;
    return user_run(&ctx);
}
