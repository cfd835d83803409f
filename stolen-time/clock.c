// SPDX-License-Identifier: MIT
/* See clock.h. */
#include "clock.h"

#include "guest.h"
#include "l0.h"
#include "mmu.h"
#include "rtc.h"
#include "runstate.h"
#include "shim.h"
#include "usercopy.h"

#define NS_PER_SEC 1000000000UL

static bool use_pvclock;
static bool l0_known = true; /* L0's time itself, not only how it goes on */
static bool use_rtc;         /* for the wall clock */
static s64 offset;           /* guest time - L0 time */
static u32 wallclock_seen;
static u32 tsc_mul;
static s8 tsc_shift;

/* L0 writes on our own CPU, so a version that is odd can't be seen; one that changes can. */
static void read_l0_time(const struct vcpu_time_info *src, struct vcpu_time_info *dst)
{
    u32 version;

    do {
        version = ACCESS_ONCE(src->version);
        barrier();
        *dst = *src;
        barrier();
    } while (version & 1 || version != ACCESS_ONCE(src->version));
}

void clock_init(const char *force)
{
    struct vcpu_time_info t;

    read_l0_time(&l0_shared->vcpu_info[0].time, &t);
    if (!t.tsc_to_system_mul)
        refuse("this host does not tell the TSC's rate");
    tsc_mul = t.tsc_to_system_mul;
    tsc_shift = t.tsc_shift;
    use_pvclock = l0_has(XENFEAT_hvm_safe_pvclock);
    use_rtc = false;
    if (string_is(force, "runstate"))
        use_pvclock = !(use_rtc = true);
    else if (string_is(force, "pvclock") && !use_pvclock)
        refuse("clock=pvclock: this host does not have it");
    else if (*force && !string_is(force, "pvclock"))
        refuse("clock=%s: no such clock; pvclock, runstate", force);
}

const char *clock_name(void)
{
    return use_pvclock ? "pvclock" : "runstate";
}

u32 clock_tsc_khz(void)
{
    return scale_to_khz(tsc_mul, tsc_shift);
}

void clock_scale(u32 *mul, s8 *shift)
{
    *mul = tsc_mul;
    *shift = tsc_shift;
}

u64 clock_from_l0(u64 l0_ns)
{
    return l0_ns + (u64)offset;
}

bool clock_to_l0(u64 ns, u64 *l0_ns)
{
    *l0_ns = ns - (u64)offset;
    return l0_known;
}

/* Our vCPU's line at L0's time again, by a call: L0's own line is in a TSC that isn't ours. */
static void follow_l0(struct vcpu *v)
{
    struct vcpu_time_info t;
    u64 now, before = rdtsc();

    l0_known = runstate_l0_now(&now);
    u64 took = rdtsc() - before;
    read_l0_time(&v->l0_vi->time, &t);
    line_follow(&v->clock, before + took / 2, clock_from_l0(now),
                ticks_to_ns(took, t.tsc_to_system_mul, t.tsc_shift), t.tsc_to_system_mul,
                t.tsc_shift);
}

static void read_time(const struct vcpu *v, struct vcpu_time_info *t)
{
    if (use_pvclock) {
        read_l0_time(&v->l0_vi->time, t);
        t->system_time += (u64)offset;
    } else {
        /* One that hasn't run yet has none. */
        const struct time_line *l = v->clock.mul ? &v->clock : &current()->clock;
        *t = (struct vcpu_time_info){
            .tsc_timestamp = l->tsc,
            .system_time = l->ns,
            .tsc_to_system_mul = l->mul,
            .tsc_shift = l->shift,
        };
    }
}

u64 clock_now(void)
{
    struct vcpu_time_info t;

    read_time(current(), &t);
    struct time_line l = {t.tsc_timestamp, t.system_time, t.tsc_to_system_mul, t.tsc_shift};
    return line_at(&l, rdtsc());
}

void clock_continue(u64 ns)
{
    struct vcpu *v = current();

    offset = 0;
    if (!use_pvclock)
        follow_l0(v);
    offset = (s64)(ns - clock_now());
    v->clock = (struct time_line){0};
}

/* The readers' protocol: the version is odd while the rest changes. */
static void publish(struct vcpu_time_info *dst, const struct vcpu_time_info *t)
{
    u32 version = dst->version | 1;

    ACCESS_ONCE(dst->version) = version;
    barrier();
    dst->tsc_timestamp = t->tsc_timestamp;
    dst->system_time = t->system_time;
    dst->tsc_to_system_mul = t->tsc_to_system_mul;
    dst->tsc_shift = t->tsc_shift;
    dst->flags = t->flags;
    barrier();
    ACCESS_ONCE(dst->version) = version + 1;
}

/* The second copy, in the guest's memory: the same steps by copies that may fail. */
static void publish_area(struct vcpu *v)
{
    struct vcpu_time_info copy = v->vi->time;
    u64 area = ACCESS_ONCE(v->time_area);

    v->time_area_stale = false;
    if (!area)
        return;
    copy.version |= 1;
    if (copy_to_guest(area, &copy.version, sizeof(copy.version)) &&
        copy_to_guest(area, &copy, sizeof(copy))) {
        copy.version++;
        copy_to_guest(area, &copy.version, sizeof(copy.version));
    }
}

static void refresh_area(struct vcpu *v)
{
    if (!guest_table_is_users(v))
        publish_area(v);
    else
        v->runstate_seen = ~0UL; /* when the kernel's table is loaded */
}

void clock_force_refresh(struct vcpu *v)
{
    struct vcpu_time_info t;

    v->l0_time_seen = v->l0_vi->time.version;
    if (!use_pvclock && v == current())
        follow_l0(v);
    read_time(v, &t);
    publish(&v->vi->time, &t);
    v->time_area_stale = true;
    if (v == current())
        refresh_area(v);
    /* Somebody set L0's clock. */
    if (unlikely(wallclock_seen != ACCESS_ONCE(l0_shared->wc_version)) && v->id == 0 && v->up)
        clock_wallclock();
}

void clock_refresh(struct vcpu *v)
{
    if (v->l0_time_seen != ACCESS_ONCE(v->l0_vi->time.version))
        clock_force_refresh(v);
    else if (unlikely(v->time_area_stale))
        refresh_area(v);
}

void clock_register_area(struct vcpu *v, u64 area)
{
    ACCESS_ONCE(v->time_area) = area;
    if (v == current())
        clock_force_refresh(v);
    else if (area)
        publish_area(v);
}

/* L0's wall clock at its system time 0: the one it has, or one it is made to write. */
static bool l0_tells(u64 *wall)
{
    u32 before = ACCESS_ONCE(l0_shared->wc_version);

    if (!l0_known || use_rtc)
        return false;
    return l0_wallclock(wall) || (rtc_set_as_it_is(clock_now) && l0_wallclock_since(before, wall));
}

void clock_wallclock(void)
{
    u32 *wc = guest.wc, version = wc[0] | 1;
    u64 wall;

    if (l0_tells(&wall))
        wall -= (u64)offset;
    else if ((wall = rtc_next_second(clock_now)))
        wall -= clock_now() + l0_rtc_delay();
    wallclock_seen = ACCESS_ONCE(l0_shared->wc_version);
    ACCESS_ONCE(wc[0]) = version;
    barrier();
    wc[1] = (u32)(wall / NS_PER_SEC);
    *guest.wc_sec_hi = (u32)(wall / NS_PER_SEC >> 32);
    wc[2] = (u32)(wall % NS_PER_SEC);
    barrier();
    ACCESS_ONCE(wc[0]) = version + 1;
}
