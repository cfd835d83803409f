// SPDX-License-Identifier: MIT
/* Run-state, by call and by the registered area: the part of the test that has to do with it. */
#include "timers.h"

/*
 * Two calls with a wait between them.  A host that stands still when the wait should begin leaves
 * little of it, and two clocks that it reads far from each other differ by more: once more.
 */
static void test_call(const struct waiting *w)
{
    bool right = true, past = true, running = true, monotonic = true, blocked = false,
         elapsed = false;
    u64 give_up = w->now() + IN_VAIN;

    do {
        struct vcpu_runstate_info a, b;
        u64 start = w->now(), begun, ending, end, passed;

        right &= !hc(vcpu_op, VCPUOP_get_runstate_info, 0, &a);
        begun = w->now();
        running &= a.state == RUNSTATE_running;
        past &= a.state_entry_time <= w->now();
        set_timer(w->now() + 100 * MS);
        w->timer();
        ending = w->now();
        right &= !hc(vcpu_op, VCPUOP_get_runstate_info, 0, &b);
        end = w->now();
        for (int s = 0; s < 4; s++)
            monotonic &= b.time[s] >= a.time[s];
        blocked |= b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked] > 50 * MS;
        passed = runstate_sum(&b) - runstate_sum(&a);
        /* Each call lies between two readings of the clock. */
        elapsed |= passed + 5 * MS >= ending - begun && passed <= end - start + 5 * MS;
    } while (!(blocked && elapsed) && w->now() < give_up);
    check_true("runstate-get", right);
    check_true("runstate-running", running);
    check_true("runstate-entered-in-the-past", past);
    check_true("runstate-each-monotonic", monotonic);
    check_true("runstate-blocked-while-waiting", blocked);
    check_true("runstate-sum-is-elapsed-time", elapsed);
}

void test_runstate(const struct waiting *w)
{
    static struct vcpu_runstate_info area;
    struct vcpu_register_runstate_memory_area reg = {.addr.p = 0};
    struct vcpu_runstate_info a, b;

    test_call(w);
    reg.addr.v = &area;
    check_rc("runstate-register", hc(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &reg), 0);
    check_num("runstate-area-running", READ_ONCE(area.state), RUNSTATE_running);
    set_timer(w->now() + 20 * MS);
    w->timer();
    a = area_read(&area);
    check_rc("runstate-get-with-area", hc(vcpu_op, VCPUOP_get_runstate_info, 0, &b), 0);
    check_true("runstate-area-agrees",
               b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked] < 50 * MS &&
                   runstate_sum(&b) >= runstate_sum(&a) && b.state == a.state);
    check_rc("runstate-update-flag",
             hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
    set_timer(w->now() + 20 * MS);
    w->timer();
    check_true("runstate-no-update-bit-left",
               !(READ_ONCE(area.state_entry_time) & XEN_RUNSTATE_UPDATE));
    fact_rc("runstate-register-bad-pointer",
            hc(vcpu_op, VCPUOP_register_runstate_memory_area, 0, BAD_POINTER));
    check_rc("runstate-no-such-vcpu", hc(vcpu_op, VCPUOP_get_runstate_info, 77, &a), -XEN_ENOENT);
}
