// SPDX-License-Identifier: MIT
/* vm_assist: what the guest wants to have otherwise. */
#include "hypercall.h"

#define VM_ASSIST_TYPES                                                                            \
    (1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify |                    \
     1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 |                \
     1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag |             \
     1UL << VMASST_TYPE_m2p_strict)

/* The assists are the domain's: kept alike in every vCPU. */
s64 do_vm_assist(u64 cmd, u64 type, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    if (type >= 64 || !(VM_ASSIST_TYPES >> type & 1))
        return -XEN_EINVAL;
    if (cmd != VMASST_CMD_enable && cmd != VMASST_CMD_disable)
        return -XEN_ENOSYS;
    for (u32 i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(i);
        if (cmd == VMASST_CMD_enable)
            v->vm_assist |= 1UL << type;
        else
            v->vm_assist &= ~(1UL << type);
        v->iopl_assist = v->vm_assist >> VMASST_TYPE_architectural_iopl & 1;
    }
    return 0;
}
