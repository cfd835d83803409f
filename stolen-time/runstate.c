// SPDX-License-Identifier: MIT
/* See runstate.h. */
#include "runstate.h"

#include "clock.h"
#include "guest.h"
#include "l0.h"
#include "map.h"
#include "runstate_layout.h"
#include "shim.h"
#include "usercopy.h"

/* Since 4.18; Debian 12's headers are older. */
#ifndef VCPUOP_register_runstate_phys_area
#define VCPUOP_register_runstate_phys_area 14
#define XENFEAT_runstate_phys_area         18
#endif

enum source { PHYS, VA, POLL };
static const char *const names[] = {"phys", "va", "poll"};
static enum source source;
bool runstate_polled;
static u64 epoch; /* L0's time when it made vCPU 0 */

static u64 sum(const struct vcpu_runstate_info *r)
{
    return r->time[0] + r->time[1] + r->time[2] + r->time[3];
}

static s64 register_phys(struct vcpu *v)
{
    u64 va = (u64)&lobby(v)->l0_runstate;
    struct vcpu_register_runstate_memory_area area = {
        .addr.p = PTE_MFN(*map_entry(va)) << PAGE_SHIFT | (va & (PAGE_SIZE - 1))};

    if (!l0_has(XENFEAT_runstate_phys_area))
        return -XEN_ENOSYS;
    return l0_vcpu_op(VCPUOP_register_runstate_phys_area, v->id, &area);
}

static s64 register_va(struct vcpu *v)
{
    struct vcpu_register_runstate_memory_area area = {.addr.v = &lobby(v)->l0_runstate};

    return l0_vcpu_op(VCPUOP_register_runstate_memory_area, v->id, &area);
}

static s64 try_poll(struct vcpu *v)
{
    struct vcpu_runstate_info rs;

    return l0_vcpu_op(VCPUOP_get_runstate_info, v->id, &rs);
}

static s64 (*const try[])(struct vcpu *v) = {register_phys, register_va, try_poll};

/* L0 writes when our CPU is switched away from and back: a change under our eyes shows in the
 * entry time. */
static void snapshot(const struct vcpu *v, struct vcpu_runstate_info *out)
{
    u64 entry;

    do {
        entry = ACCESS_ONCE(lobby(v)->l0_runstate.state_entry_time);
        barrier();
        *out = lobby(v)->l0_runstate;
        barrier();
    } while (entry != ACCESS_ONCE(lobby(v)->l0_runstate.state_entry_time));
    out->state_entry_time &= ~XEN_RUNSTATE_UPDATE;
}

void runstate_init(struct vcpu *v, const char *force)
{
    for (source = PHYS; source <= POLL; source++) {
        if (*force && !string_is(force, names[source]))
            continue;
        s64 rc = try[source](v);
        if (!rc)
            break;
        if (*force)
            refuse("runstate=%s: this host does not have it (error %ld)", force, rc);
    }
    if (source > POLL && *force)
        refuse("runstate=%s: no such way; phys, va, poll", force);
    if (source > POLL)
        refuse("this host has no run-state information");
    runstate_polled = source == POLL;
    if (source != POLL) {
        /* L0 wrote it at once.  The sum is the time from the vCPU's making to its last change. */
        struct vcpu_runstate_info rs;
        snapshot(v, &rs);
        epoch = rs.state_entry_time - sum(&rs);
    }
}

void runstate_init_vcpu(struct vcpu *v)
{
    s64 rc = try[source](v);

    if (rc)
        panic("no run-state of vCPU %u (error %ld)", v->id, rc);
}

const char *runstate_name(void)
{
    return names[source];
}

bool runstate_l0_now(u64 *now)
{
    struct vcpu_runstate_info rs;

    if (l0_vcpu_op(VCPUOP_get_runstate_info, 0, &rs))
        panic("no run-state of vCPU 0");
    *now = epoch + sum(&rs);
    return source != POLL;
}

/* The figures are as of now, so that is when the state was entered; else what goes on would be
 * counted twice. */
static s64 poll_l0(const struct vcpu *v, struct vcpu_runstate_info *out)
{
    s64 rc = l0_vcpu_op(VCPUOP_get_runstate_info, v->id, out);

    out->state_entry_time = clock_now();
    return rc;
}

/* The figures as the guest's: those of this domain instance, from where it went on. */
static void since_resume(const struct vcpu *v, struct vcpu_runstate_info *rs)
{
    for (int i = 0; i < 4; i++)
        rs->time[i] -= v->runstate_base[i];
}

void runstate_resume(struct vcpu *v)
{
    struct vcpu_runstate_info rs;

    if (!l0_vcpu_op(VCPUOP_get_runstate_info, v->id, &rs))
        memcpy(v->runstate_base, rs.time, sizeof(v->runstate_base));
    v->runstate_seen = ~0UL;
}

void runstate_poll(struct vcpu *v)
{
    poll_l0(v, &lobby(v)->l0_runstate);
}

static void write_area(const struct vcpu *v, u64 area, const struct vcpu_runstate_info *rs)
{
    struct runstate_image image;
    u64 flag = v->vm_assist & 1UL << VMASST_TYPE_runstate_update_flag ? XEN_RUNSTATE_UPDATE : 0;

    runstate_image(&image, rs, flag, guest.pv32);
    /* Wherever the copy ends, at a page that isn't there any more or not, the flag goes again. */
    if (flag)
        put_guest_u64(area + image.entry, rs->state_entry_time | flag);
    barrier();
    copy_to_guest(area, image.bytes, image.size);
    barrier();
    if (flag)
        put_guest_u64(area + image.entry, rs->state_entry_time);
}

void runstate_update(struct vcpu *v)
{
    struct vcpu_runstate_info rs;
    u64 area = ACCESS_ONCE(v->runstate_area);

    v->runstate_seen = ACCESS_ONCE(lobby(v)->l0_runstate.state_entry_time);
    clock_refresh(v);
    if (!area)
        return;
    snapshot(v, &rs);
    if (source != POLL)
        rs.state_entry_time = clock_from_l0(rs.state_entry_time);
    since_resume(v, &rs);
    rs.state = RUNSTATE_running; /* or v would not do this */
    write_area(v, area, &rs);
}

s64 runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
    s64 rc = source == POLL ? poll_l0(v, out) : l0_vcpu_op(VCPUOP_get_runstate_info, v->id, out);

    if (rc)
        return rc;
    if (source != POLL)
        out->state_entry_time = clock_from_l0(out->state_entry_time);
    since_resume(v, out);
    return 0;
}

/* An address that isn't mapped is as good as any, as on Xen: nothing is written while it is so. */
s64 runstate_register(struct vcpu *v, u64 area)
{
    struct vcpu_runstate_info rs;

    if (v == current()) {
        runstate_interrupt(v);
        v->runstate_area = area;
        runstate_update(v);
        return 0;
    }
    ACCESS_ONCE(v->runstate_area) = 0;
    s64 rc = area ? runstate_get(v, &rs) : 0;
    if (rc)
        return rc;
    if (area)
        write_area(v, area, &rs);
    ACCESS_ONCE(v->runstate_area) = area;
    v->runstate_seen = ~0UL; /* what it has seen since goes to the new place when it runs next */
    return 0;
}
