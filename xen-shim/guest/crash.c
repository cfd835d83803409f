// SPDX-License-Identifier: MIT
/* See crash.h. */
#include "crash.h"

#include "console.h"
#include "guestcon.h"
#include "panic.h"
#include "shim.h"
#include "vcpu.h"

void guest_crash(const struct regs *regs, const char *why)
{
    struct vcpu *v = current();

    guestcon_flush(); /* its last lines come before ours */
    console_panic();
    report("guest crashed on vCPU %u in %s mode: %s", v->id, v->kernel_mode ? "kernel" : "user",
           why);
    panic_show_regs(regs);
    panic_end();
}
