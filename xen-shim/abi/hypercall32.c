// SPDX-License-Identifier: MIT
/* INT 0x82: a hypercall of a 32-bit guest's kernel.  Ring 3 can't use that gate. */
#include "bounce32.h"
#include "compat_hypercall.h"
#include "hypercall.h"
#include "preempt.h"
#include "shim.h"

struct regs *hypercall32_entry(struct regs *r)
{
    struct vcpu *v = current();

    v->kernel_mode = true;
    if ((u32)r->rax == __HYPERVISOR_iret) {
        do_iret32(v, r);
    } else {
        v->work = WORK_SLICE;
        compat_hypercall(v, r);
    }
    exit_work32(v, r);
    return r;
}
