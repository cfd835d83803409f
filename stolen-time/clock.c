// SPDX-License-Identifier: MIT
/* See clock.h. */
#include "clock.h"

#include "guest.h"
#include "l0.h"
#include "mmu.h"
#include "rtc.h"
#include "shim.h"
#include "timemath.h"
#include "usercopy.h"

static bool use_pvclock;
static s64 offset; /* guest time - L0 time, with pvclock */
static u64 tsc_start;
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

void clock_init(void)
{
    struct vcpu_time_info t;

    read_l0_time(&l0_shared->vcpu_info[0].time, &t);
    if (!t.tsc_to_system_mul)
        refuse("this host does not tell the TSC's rate");
    tsc_mul = t.tsc_to_system_mul;
    tsc_shift = t.tsc_shift;
    tsc_start = rdtsc();
    use_pvclock = l0_has(XENFEAT_hvm_safe_pvclock);
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

u64 clock_now(void)
{
    struct vcpu_time_info t;

    if (!use_pvclock)
        return ticks_to_ns(rdtsc() - tsc_start, tsc_mul, tsc_shift);
    read_l0_time(&current()->l0_vi->time, &t);
    return t.system_time + (u64)offset +
           ticks_to_ns(rdtsc() - t.tsc_timestamp, t.tsc_to_system_mul, t.tsc_shift);
}

static void guest_time(const struct vcpu *v, struct vcpu_time_info *t)
{
    if (use_pvclock) {
        read_l0_time(&v->l0_vi->time, t);
        t->system_time += (u64)offset;
    } else {
        u64 tsc = rdtsc();
        *t = (struct vcpu_time_info){
            .tsc_timestamp = tsc,
            .system_time = ticks_to_ns(tsc - tsc_start, tsc_mul, tsc_shift),
            .tsc_to_system_mul = tsc_mul,
            .tsc_shift = tsc_shift,
        };
    }
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

void clock_force_refresh(struct vcpu *v)
{
    struct vcpu_time_info t, copy;

    v->l0_time_seen = v->l0_vi->time.version;
    guest_time(v, &t);
    publish(&v->vi->time, &t);
    if (!v->time_area || guest_table_is_users(v))
        return;
    /* In the guest's memory: the same steps by copies that may fail. */
    copy = v->vi->time;
    copy.version |= 1;
    if (copy_to_guest(v->time_area, &copy.version, sizeof(copy.version)) &&
        copy_to_guest(v->time_area, &copy, sizeof(copy))) {
        copy.version++;
        copy_to_guest(v->time_area, &copy.version, sizeof(copy.version));
    }
}

/* With no pvclock the guest's copy is refreshed by the 1 s safety timer of timer.c. */
void clock_refresh(struct vcpu *v)
{
    if (v->l0_time_seen != ACCESS_ONCE(v->l0_vi->time.version))
        clock_force_refresh(v);
}

void clock_wallclock(void)
{
    struct shared_info *g = guest.shared;
    u32 version = g->wc_version | 1;
    u64 wall;

    if (use_pvclock && l0_wallclock(&wall))
        wall -= (u64)offset; /* L0's is at its own system time 0 */
    else if ((wall = rtc_read()))
        wall -= clock_now();

    g->wc_version = version;
    barrier();
    g->wc_sec = (u32)(wall / 1000000000UL);
    g->wc_sec_hi = (u32)(wall / 1000000000UL >> 32);
    g->wc_nsec = (u32)(wall % 1000000000UL);
    barrier();
    g->wc_version = version + 1;
}
