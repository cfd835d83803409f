// SPDX-License-Identifier: MIT
/* What a 32-bit guest is told of the hypervisor, its I/O privilege, and its assists. */
#include "compat.h"

#include "shim.h"

s64 compat_xen_version(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    static const xen_capabilities_info_t caps = "xen-3.0-x86_64 xen-3.0-x86_32p ";
    struct xen_platform_parameters_x86_32 p = {.virt_start = PV32_HOLE_START};

    switch (cmd) {
    case XENVER_capabilities:
        return copy_to_guest32(arg, &caps, sizeof(caps)) ? 0 : -XEN_EFAULT;
    case XENVER_platform_parameters:
        return copy_to_guest32(arg, &p, sizeof(p)) ? 0 : -XEN_EFAULT;
    }
    return do_xen_version(cmd, arg, a3, a4, a5);
}

s64 compat_physdev_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct physdev_set_iobitmap *native = (struct physdev_set_iobitmap *)XLAT_VIRT;
    struct physdev_set_iobitmap_x86_32 op;
    struct physdev_apic_x86_32 apic;

    switch (cmd) {
    case PHYSDEVOP_set_iobitmap:
        if (!copy_from_guest32(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        if (!range32_ok(op.bitmap, (op.nr_ports + 7UL) / 8))
            return -XEN_EINVAL;
        *native = (struct physdev_set_iobitmap){
            .bitmap.p = (uint8_t *)(u64)op.bitmap,
            .nr_ports = op.nr_ports,
        };
        return do_physdev_op(cmd, XLAT_VIRT, a3, a4, a5);
    case PHYSDEVOP_apic_read:
    case PHYSDEVOP_apic_write:
    case PHYSDEVOP_alloc_irq_vector:
        return copy_from_guest32(&apic, arg, sizeof(apic)) ? -XEN_EPERM : -XEN_EFAULT;
    }
    return do_physdev_op(cmd, arg, a3, a4, a5);
}

/* The old form: command and argument in one structure. */
s64 compat_physdev_op_compat(u64 arg, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct physdev_op_x86_32 op;

    (void)a2;
    if (!copy_from_guest32(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    return compat_physdev_op(op.cmd, arg + offsetof(struct physdev_op_x86_32, u), a3, a4, a5);
}

/* One that is about 64-bit tables isn't there. */
s64 compat_vm_assist(u64 cmd, u64 type, u64 a3, u64 a4, u64 a5)
{
    return type == VMASST_TYPE_m2p_strict ? -XEN_EINVAL : do_vm_assist(cmd, type, a3, a4, a5);
}

s64 compat_set_segment_base(u64 which, u64 base, u64 a3, u64 a4, u64 a5)
{
    (void)which, (void)base, (void)a3, (void)a4, (void)a5;
    return -XEN_ENOSYS; /* descriptors have the bases */
}
