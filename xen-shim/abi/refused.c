// SPDX-License-Identifier: MIT
/* Calls that a domU on a release Xen gets refused, each with the error that Xen has for it. */
#include "hypercall.h"
#include "usercopy.h"

/* A plain domU may not write to the hypervisor's console on a release Xen. */
s64 do_console_io(u64 cmd, u64 count, u64 buf, u64 a4, u64 a5)
{
    (void)cmd, (void)count, (void)buf, (void)a4, (void)a5;
    return -XEN_EPERM;
}

/* Calls of the control domain's: nothing here for a domU, whose pointer is looked at first. */
s64 do_control_op(u64 arg, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 word;

    (void)a2, (void)a3, (void)a4, (void)a5;
    return copy_from_guest(&word, arg, sizeof(word)) ? -XEN_EPERM : -XEN_EFAULT;
}

s64 do_xenoprof_op(u64 op, u64 arg, u64 a3, u64 a4, u64 a5)
{
    (void)op;
    return do_control_op(arg, a3, a4, a5, 0);
}

s64 do_denied_op(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
    return -XEN_EPERM;
}

s64 do_xenpmu_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    (void)cmd, (void)arg, (void)a3, (void)a4, (void)a5;
    return -XEN_EOPNOTSUPP;
}
