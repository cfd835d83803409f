// SPDX-License-Identifier: MIT
/*
 * Run-state areas in all places: over a page's end, moved, taken back, in memory that goes away,
 * another vCPU's; and what an area says beside what the hypercall says, also after user mode.
 */
#include "timers.h"

#if GUEST_BITS == 64
USER_CODE(u_spin, "1: rdtsc; shl $32, %rdx; or %rdx, %rax; cmp %rdi, %rax; jb 1b; ud2");
#else
USER_CODE(u_spin, "1: rdtsc; cmp %esi, %edx; jb 1b; ja 2f; cmp %edi, %eax; jb 1b; 2: ud2");
#endif
USER_CODE(u_spin_end, ".balign 64");

static u8 pages[3 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static long area_at(u32 vcpu, const void *where)
{
    struct vcpu_register_runstate_memory_area reg = {.addr.p = (ul)where};

    return hc(vcpu_op, VCPUOP_register_runstate_memory_area, vcpu, &reg);
}

static bool no_byte_but(const u8 *from, u64 n, const u8 *skip, u64 skipped)
{
    for (u64 i = 0; i < n; i++)
        if (from[i] && (from + i < skip || from + i >= skip + skipped))
            return false;
    return true;
}

static void test_over_page_end(const struct waiting *w)
{
    static const u16 before[] = {sizeof(struct vcpu_runstate_info), 40, 20, 16, 12, 8, 4, 1};
    u8 *end = pages + PAGE_SIZE;
    bool alive = true, clean = true, right = true;

    for (unsigned i = 0; i < sizeof(before) / sizeof(*before); i++) {
        struct vcpu_runstate_info a, b;

        memset(pages, 0, sizeof(pages));
        right &= !area_at(0, end - before[i]);
        sleep_ns(w, 5 * MS);
        a = area_read(end - before[i]);
        sleep_ns(w, 5 * MS);
        b = area_read(end - before[i]);
        alive &= b.state_entry_time > a.state_entry_time;
        right &= b.state == RUNSTATE_running && !(b.state_entry_time >> 63) &&
                 runstate_sum(&b) - runstate_sum(&a) == b.state_entry_time - a.state_entry_time;
        clean &= no_byte_but(pages, sizeof(pages), end - before[i], sizeof(b));
    }
    check_true("area-over-page-end-is-written", alive);
    check_true("area-over-page-end-adds-up", right);
    check_true("area-over-page-end-nothing-else", clean);
}

static void test_moved(const struct waiting *w)
{
    struct vcpu_runstate_info *first = (void *)pages, *second = (void *)(pages + 256);

    memset(pages, 0, sizeof(pages));
    check_rc("area-first", area_at(0, first), 0);
    check_true("area-first-at-once", first->state_entry_time != 0);
    check_rc("area-second", area_at(0, second), 0);
    memset(first, 0, sizeof(*first));
    sleep_ns(w, 5 * MS);
    check_true("area-first-left-alone", no_byte_but(pages, 256, pages, 0));
    check_true("area-second-written", second->state_entry_time != 0);
    check_rc("area-null", area_at(0, NULL), 0);
    memset(second, 0, sizeof(*second));
    sleep_ns(w, 5 * MS);
    check_true("area-null-ends-it", no_byte_but(pages, sizeof(pages), pages, 0));
    check_rc("area-in-the-hole", area_at(0, (void *)IN_HOLE), -XEN_EFAULT);
    check_rc("area-not-mapped", area_at(0, (void *)BAD_POINTER), 0);
    sleep_ns(w, 5 * MS);
}

/* The second page of an area goes away, then the first; each comes back elsewhere, so that what is
 * written to the old frames would show. */
static void test_unmapped(const struct waiting *w)
{
    u8 *second = pages + PAGE_SIZE;
    struct vcpu_runstate_info *area = (void *)(second - 24), a;
    u64 was = maddr_of(second) | PT_KERNEL;
    void *alias = page_alloc();

    memset(pages, 0, sizeof(pages));
    check_rc("unmapped-register", area_at(0, area), 0);
    check_rc("unmapped-alias", set_pte_va((ul)alias, was, UVMF_INVLPG), 0);
    check_rc("unmapped-off", set_pte_va((ul)second, 0, UVMF_INVLPG), 0);
    memset(alias, 0, PAGE_SIZE);
    sleep_ns(w, 5 * MS);
    sleep_ns(w, 5 * MS);
    check_true("unmapped-frame-left-alone", no_byte_but(alias, PAGE_SIZE, alias, 0));
    check_rc("unmapped-on-again", set_pte_va((ul)second, was, UVMF_INVLPG), 0);
    sleep_ns(w, 5 * MS);
    a = area_read(area);
    check_true("unmapped-goes-on", a.state_entry_time && !(a.state_entry_time >> 63));
    check_true("unmapped-goes-on-whole", runstate_sum(&a) > 0 && a.time[3] < ~UINT64_C(0) >> 1);

    check_rc("readonly-on", set_pte_va((ul)second, maddr_of(second) | PTE_P | PTE_A, UVMF_INVLPG),
             0);
    memset(alias, 0, PAGE_SIZE);
    sleep_ns(w, 5 * MS);
    check_true("readonly-frame-left-alone", no_byte_but(alias, PAGE_SIZE, alias, 0));
    check_rc("readonly-off", set_pte_va((ul)second, was, UVMF_INVLPG), 0);
    check_rc("unmapped-end", area_at(0, NULL), 0);
}

static void test_other_vcpu(const struct waiting *w)
{
    struct vcpu_runstate_info *area = (void *)pages, get;

    memset(pages, 0, sizeof(pages));
    check_rc("other-register", area_at(1, area), 0);
    check_rc("other-get", hc(vcpu_op, VCPUOP_get_runstate_info, 1, &get), 0);
    check_true("other-written-at-once", area->state_entry_time && runstate_sum(area));
    check_num("other-state", area->state, RUNSTATE_offline);
    check_num("other-state-by-call", get.state, RUNSTATE_offline);
    check_true("other-agrees",
               get.time[RUNSTATE_offline] >= area->time[RUNSTATE_offline] &&
                   get.time[RUNSTATE_offline] - area->time[RUNSTATE_offline] < IN_VAIN);
    check_rc("other-no-such-vcpu", area_at(77, area), -XEN_ENOENT);
    check_rc("other-null", area_at(1, NULL), 0);
    sleep_ns(w, 5 * MS);
}

/*
 * The area is as of the last switch to us, the call is as of now.  So all but the time running are
 * the same unless we are switched out in between, and what the call has more is what went by since
 * the area's entry time, by the clock that we read.
 */
static void compare(const struct waiting *w, const char *what,
                    const struct vcpu_runstate_info *area)
{
    bool same = false, in_time = false, ordered = true;

    for (int i = 0; i < 1000 && !(same && in_time); i++) {
        struct vcpu_runstate_info a = area_read(area), b;
        u64 before = w->now(), after, by_area;

        hc(vcpu_op, VCPUOP_get_runstate_info, 0, &b);
        after = w->now();
        same |= a.time[1] == b.time[1] && a.time[2] == b.time[2] && a.time[3] == b.time[3];
        by_area = a.state_entry_time + (runstate_sum(&b) - runstate_sum(&a));
        in_time |= by_area + MS / 20 >= before && by_area <= after + MS / 20;
        for (int s = 0; s < 4; s++)
            ordered &= b.time[s] >= a.time[s];
    }
    check_true(what, same);
    check_true("  in-the-clock-we-read", in_time);
    check_true("  never-ahead-of-the-call", ordered);
}

static void test_agreement(const struct waiting *w)
{
    struct vcpu_runstate_info *area = (void *)pages, last;
    bool monotonic = true, sums = true;

    memset(pages, 0, sizeof(pages));
    area_at(0, area);
    compare(w, "agrees-when-registered", area);
    sleep_ns(w, 5 * MS);
    compare(w, "agrees-after-sleep", area);
    hc(sched_op, SCHEDOP_yield, 0);
    compare(w, "agrees-after-yield", area);

    /* 50 ms of user mode, with the timer's event in between. */
    struct context ctx = user_context(user_addr(u_spin));
    u64 until = rdtsc() + tsc_ticks(50 * MS);

    ctx.regs.rdi = until;
#if GUEST_BITS == 32
    ctx.regs.rsi = until >> 32;
#endif
    set_timer(w->now() + 20 * MS);
    events_unmask();
    check_num("user-mode-left-by", user_run(&ctx)->entry, X_UD);
    compare(w, "agrees-after-user-mode", area);
    sleep_ns(w, 5 * MS);

    last = area_read(area);
    for (int i = 0; i < 40; i++) {
        struct vcpu_runstate_info a;

        sleep_ns(w, MS / 2);
        a = area_read(area);
        for (int s = 0; s < 4; s++)
            monotonic &= a.time[s] >= last.time[s];
        sums &=
            runstate_sum(&a) - runstate_sum(&last) == a.state_entry_time - last.state_entry_time;
        last = a;
    }
    check_true("area-monotonic", monotonic);
    check_true("area-sum-is-entry-time", sums);
    area_at(0, NULL);
}

void test_areas(const struct waiting *w)
{
    user_init();
    /* With the update flag on, as runstate.c left it, and without. */
    test_over_page_end(w);
    test_moved(w);
    test_unmapped(w);
    check_rc("flag-off", hc(vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
    test_over_page_end(w);
    test_unmapped(w);
    test_other_vcpu(w);
    test_agreement(w);
}
