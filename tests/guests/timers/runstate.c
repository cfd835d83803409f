// SPDX-License-Identifier: MIT
/* Run-state, by call and by the registered area: the part of the test that has to do with it. */
#include "timers.h"

void test_runstate(const struct waiting *w)
{
    static struct vcpu_runstate_info area;
    struct vcpu_register_runstate_memory_area reg = {.addr.p = 0};
    struct vcpu_runstate_info a, b;
    u64 start, begun, ending, end, lag;

    start = w->now();
    check_rc("runstate-get", hc(vcpu_op, VCPUOP_get_runstate_info, 0, &a), 0);
    begun = w->now();
    check_num("runstate-running", a.state, RUNSTATE_running);
    check_true("runstate-entered-in-the-past", a.state_entry_time <= w->now());
    hc(set_timer_op, w->now() + 100 * MS);
    w->timer();
    ending = w->now();
    check_rc("runstate-get-again", hc(vcpu_op, VCPUOP_get_runstate_info, 0, &b), 0);
    end = w->now();
    check_true("runstate-each-monotonic", b.time[0] >= a.time[0] && b.time[1] >= a.time[1] &&
                                              b.time[2] >= a.time[2] && b.time[3] >= a.time[3]);
    check_true("runstate-blocked-while-waiting",
               b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked] > 50 * MS);
    lag = runstate_sum(&b) - runstate_sum(&a);
    /* Each call lies between two readings of the clock: it is no matter where a host preempts. */
    check_true("runstate-sum-is-elapsed-time",
               lag + 5 * MS >= ending - begun && lag <= end - start + 5 * MS);

    reg.addr.v = &area;
    check_rc("runstate-register", hc(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &reg), 0);
    check_num("runstate-area-running", READ_ONCE(area.state), RUNSTATE_running);
    hc(set_timer_op, w->now() + 20 * MS);
    w->timer();
    a = area;
    check_rc("runstate-get-with-area", hc(vcpu_op, VCPUOP_get_runstate_info, 0, &b), 0);
    check_true("runstate-area-agrees",
               b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked] < 50 * MS &&
                   runstate_sum(&b) >= runstate_sum(&a) && b.state == a.state);
    check_rc("runstate-update-flag",
             hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
    hc(set_timer_op, w->now() + 20 * MS);
    w->timer();
    check_true("runstate-no-update-bit-left",
               !(READ_ONCE(area.state_entry_time) & XEN_RUNSTATE_UPDATE));
    fact_rc("runstate-register-bad-pointer",
            hc(vcpu_op, VCPUOP_register_runstate_memory_area, 0, BAD_POINTER));
    check_rc("runstate-no-such-vcpu", hc(vcpu_op, VCPUOP_get_runstate_info, 77, &a), -XEN_ENOENT);
}
