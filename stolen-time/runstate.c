// SPDX-License-Identifier: MIT
/* See runstate.h. */
#include "runstate.h"

#include "clock.h"
#include "l0.h"
#include "shim.h"
#include "usercopy.h"

void runstate_init_vcpu(struct vcpu *v)
{
    struct vcpu_register_runstate_memory_area area = {.addr.v = &v->l0_runstate};
    s64 rc = l0_vcpu_op(VCPUOP_register_runstate_memory_area, v->id, &area);

    if (rc)
        refuse("this host has no run-state information (error %ld)", rc);
}

/* L0 writes when our CPU is switched away from and back: a change under our eyes shows in the
 * entry time. */
static void snapshot(const struct vcpu *v, struct vcpu_runstate_info *out)
{
    u64 entry;

    do {
        entry = ACCESS_ONCE(v->l0_runstate.state_entry_time);
        barrier();
        *out = v->l0_runstate;
        barrier();
    } while (entry != ACCESS_ONCE(v->l0_runstate.state_entry_time));
    out->state_entry_time = clock_from_l0(out->state_entry_time & ~XEN_RUNSTATE_UPDATE);
    out->state = RUNSTATE_running; /* or nobody would read it */
}

void runstate_update(struct vcpu *v)
{
    struct vcpu_runstate_info rs;
    u64 entry_field = v->runstate_area + offsetof(struct vcpu_runstate_info, state_entry_time);

    v->runstate_seen = ACCESS_ONCE(v->l0_runstate.state_entry_time);
    snapshot(v, &rs);
    if (!(v->vm_assist & 1UL << VMASST_TYPE_runstate_update_flag)) {
        copy_to_guest(v->runstate_area, &rs, sizeof(rs));
        return;
    }
    rs.state_entry_time |= XEN_RUNSTATE_UPDATE;
    if (put_guest_u64(entry_field, rs.state_entry_time) &&
        copy_to_guest(v->runstate_area, &rs, sizeof(rs))) {
        barrier();
        put_guest_u64(entry_field, rs.state_entry_time & ~XEN_RUNSTATE_UPDATE);
    }
}

s64 runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
    s64 rc = l0_vcpu_op(VCPUOP_get_runstate_info, v->id, out);

    if (!rc)
        out->state_entry_time = clock_from_l0(out->state_entry_time);
    return rc;
}

s64 runstate_register(struct vcpu *v, u64 area)
{
    v->runstate_area = area;
    if (!area || v != current()) /* another vCPU's is first written when it runs */
        return 0;

    struct vcpu_runstate_info rs;
    s64 rc = runstate_get(v, &rs);
    if (!rc && !copy_to_guest(area, &rs, sizeof(rs)))
        rc = -XEN_EFAULT;
    v->runstate_seen = ACCESS_ONCE(v->l0_runstate.state_entry_time);
    return rc;
}
