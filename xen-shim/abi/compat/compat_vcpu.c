// SPDX-License-Identifier: MIT
/* vcpu_op of a 32-bit guest, and what else is about its waiting and its time. */
#include "compat.h"

#include "guest_time.h"
#include "shim.h"
#include "vcpu_init.h"

/* The union of a handle and a word of 64 bits: the handle is all that is looked at. */
static bool read_handle(u32 *addr, u64 arg, u64 size)
{
    return copy_from_guest32(addr, arg, sizeof(*addr)) && range32_ok(*addr, size);
}

static s64 get_runstate(struct vcpu *v, u64 arg)
{
    struct vcpu_runstate_info rs;
    struct runstate_image image;
    s64 rc = runstate_get(v, &rs);

    if (rc)
        return rc;
    runstate_image(&image, &rs, 0, true);
    return copy_to_guest32(arg, image.bytes, image.size) ? 0 : -XEN_EFAULT;
}

s64 compat_vcpu_op(u64 cmd, u64 id, u64 arg, u64 a4, u64 a5)
{
    u32 addr;

    if (id >= nr_vcpus)
        return -XEN_ENOENT;
    struct vcpu *v = vcpu_of((u32)id);

    switch (cmd) {
    case VCPUOP_initialise:
        return vcpu_initialise32(v, arg);
    case VCPUOP_get_runstate_info:
        return get_runstate(v, arg);
    case VCPUOP_register_runstate_memory_area:
        if (!read_handle(&addr, arg, sizeof(struct vcpu_runstate_info_x86_32)))
            return -XEN_EFAULT;
        return runstate_register(v, addr);
    case VCPUOP_register_vcpu_time_memory_area:
        if (!read_handle(&addr, arg, sizeof(struct vcpu_time_info)))
            return -XEN_EFAULT;
        clock_register_area(v, addr);
        return 0;
    case VCPUOP_set_singleshot_timer: {
        struct vcpu_set_singleshot_timer *native = (struct vcpu_set_singleshot_timer *)XLAT_VIRT;
        struct vcpu_set_singleshot_timer_x86_32 op;

        if (!copy_from_guest32(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        *native = (struct vcpu_set_singleshot_timer){op.timeout_abs_ns, op.flags};
        return do_vcpu_op(cmd, id, XLAT_VIRT, a4, a5);
    }
    }
    return do_vcpu_op(cmd, id, arg, a4, a5);
}

s64 compat_set_timer_op(u64 lo, u64 hi, u64 a3, u64 a4, u64 a5)
{
    return do_set_timer_op(wide(lo, hi), 0, a3, a4, a5);
}

static s64 poll(u64 arg)
{
    struct {
        struct sched_poll op;
        u32 port[128];
    } *area = (void *)XLAT_VIRT;
    struct sched_poll_x86_32 op;

    if (!copy_from_guest32(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.nr_ports > ARRAY_SIZE(area->port))
        return -XEN_EINVAL;
    if (!copy_from_guest32(area->port, op.ports, op.nr_ports * sizeof(u32)))
        return -XEN_EFAULT;
    area->op = (struct sched_poll){
        .ports.p = area->port,
        .nr_ports = op.nr_ports,
        .timeout = op.timeout,
    };
    return do_sched_op(SCHEDOP_poll, XLAT_VIRT, 0, 0, 0);
}

s64 compat_sched_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    return cmd == SCHEDOP_poll ? poll(arg) : do_sched_op(cmd, arg, a3, a4, a5);
}
