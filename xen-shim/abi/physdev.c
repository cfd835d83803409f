// SPDX-License-Identifier: MIT
/* physdev_op of a domain without devices: I/O privilege, and refusals. */
#include "hypercall.h"
#include "shim.h"
#include "usercopy.h"

s64 do_physdev_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a3, (void)a4, (void)a5;
    switch ((u32)cmd) {
    case PHYSDEVOP_set_iopl: {
        struct physdev_set_iopl op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        if (op.iopl > 3)
            return -XEN_EINVAL;
        v->iopl = (u8)op.iopl;
        return 0;
    }
    case PHYSDEVOP_set_iobitmap: {
        struct physdev_set_iobitmap op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        if (op.nr_ports > 65536 || !guest_range_ok((u64)op.bitmap.p, op.nr_ports / 8))
            return -XEN_EINVAL;
        v->iobitmap = (u64)op.bitmap.p;
        v->iobitmap_ports = op.nr_ports;
        return 0;
    }
    case PHYSDEVOP_eoi:
    case PHYSDEVOP_irq_status_query:
        return -XEN_EINVAL;
    case PHYSDEVOP_apic_read:
    case PHYSDEVOP_apic_write:
    case PHYSDEVOP_alloc_irq_vector: {
        struct physdev_apic op;
        return copy_from_guest(&op, arg, sizeof(op)) ? -XEN_EPERM : -XEN_EFAULT;
    }
    case PHYSDEVOP_map_pirq:
    case PHYSDEVOP_unmap_pirq:
    case PHYSDEVOP_get_free_pirq:
    /* the control domain's */
    case PHYSDEVOP_manage_pci_add:
    case PHYSDEVOP_manage_pci_remove:
    case PHYSDEVOP_restore_msi:
    case PHYSDEVOP_setup_gsi:
    case PHYSDEVOP_pci_device_add:
    case PHYSDEVOP_dbgp_op:
        return -XEN_EPERM;
    }
    return -XEN_ENOSYS;
}

/* The old form: command and argument in one structure. */
s64 do_physdev_op_compat(u64 arg, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u32 cmd;

    (void)a2;
    if (!copy_from_guest(&cmd, arg, sizeof(cmd)))
        return -XEN_EFAULT;
    return do_physdev_op(cmd, arg + offsetof(struct physdev_op, u), a3, a4, a5);
}
