// SPDX-License-Identifier: MIT
/* See idle.h. */
#include "idle.h"

#include "clock.h"
#include "count.h"
#include "evtchn.h"
#include "kick.h"
#include "l0.h"
#include "lapic.h"
#include "shim.h"
#include "timer.h"

#define DROP_EVERY 4

extern u8 l0_hypercall_page[];
static bool use_poll, use_vmcall, drop_timer;
static u32 waits;
static evtchn_port_t quiet_port; /* of L0's, 0 = none; nothing ever comes there */

/* The instruction of the hypercall page's entry, for we must know where exactly L0 is called. */
static bool find_instruction(void)
{
    const u8 *stub = l0_hypercall_page + __HYPERVISOR_sched_op * 32;

    for (unsigned int i = 0; i < 16; i++)
        if (stub[i] == 0x0f && stub[i + 1] == 0x01 &&
            (stub[i + 2] == 0xc1 || stub[i + 2] == 0xd9)) {
            use_vmcall = stub[i + 2] == 0xc1;
            return true;
        }
    return false;
}

void idle_test_drop_timer(void)
{
    drop_timer = true;
}

/*
 * Who polls for no port is woken by every event of the domain's, whichever vCPU it is for. So where
 * there are several, each polls for one at which nothing comes; it's woken by its interrupts
 * anyway. In a new domain instance the old one is gone, or, as toolstacks differ, still there.
 */
static void open_quiet_port(void)
{
    event_release(quiet_port);
    if (nr_vcpus == 1 || event_reserve(&quiet_port))
        quiet_port = 0;
}

static struct sched_poll poll_until(u64 timeout)
{
    struct sched_poll op = {.timeout = timeout, .nr_ports = quiet_port != 0};

    set_xen_guest_handle(op.ports, &quiet_port);
    return op;
}

void idle_init(void)
{
    struct sched_poll op;
    u64 now;

    open_quiet_port();
    op = poll_until(1);

    /* A deadline of long ago: it must come back at once. */
    use_poll = find_instruction() && clock_to_l0(clock_now(), &now) &&
               !l0_call2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op);
}

/* Not by l0_call, as idle_interrupted must know where we are.  Between STI and the call there is an
 * instruction: STI's shadow would hide from L0 that an interrupt waits. */
static void __attribute__((noinline)) wait_in_poll(u64 timeout)
{
    struct sched_poll op = poll_until(timeout);
    u64 nr = __HYPERVISOR_sched_op, cmd = SCHEDOP_poll, arg = (u64)&op;

    __asm__ volatile("testb %[vmcall], %[vmcall]\n"
                     "jnz 1f\n"
                     "sti\n"
                     ".globl idle_window, idle_window_end\n"
                     "idle_window: nop\n"
                     "vmmcall\n"
                     "jmp idle_window_end\n"
                     "1: sti\n"
                     "nop\n"
                     "vmcall\n"
                     "idle_window_end: cli\n"
                     : "+a"(nr), "+D"(cmd), "+S"(arg)
                     : [vmcall] "q"(use_vmcall)
                     : "rdx", "rcx", "r8", "r9", "r10", "r11", "memory");
}

/* Returns whether the deadline came without an interrupt. */
static bool wait(struct vcpu *v)
{
    u64 start = clock_now(), now, l0_time;
    bool polls = use_poll && clock_to_l0(start, &l0_time);
    u64 deadline = timer_before_idle(v, start, polls);

    if (drop_timer && v->lapic_deadline && ++waits % DROP_EVERY == 0)
        lapic_write(LAPIC_TMICT, LAPIC_FAR);
    if (polls && deadline) {
        u64 more = v->lapic_deadline == deadline ? TIMER_LOST : 0;
        wait_in_poll(l0_time + (deadline > start ? deadline - start : 0) + more);
    } else {
        __asm__ volatile("sti; hlt; cli" ::: "memory");
    }
    now = clock_now();
    v->waited = now - start;
    v->slept_out = deadline && now >= deadline;
    return v->slept_out;
}

void idle(void)
{
    struct vcpu *v = current();
    bool due;

    /* While idle is set nobody waits for us to flush (tlb.c), so look before anything else. */
    v->idle = true;
    COUNT(halt);
    due = wait(v);
    __atomic_store_n(&v->idle, false, __ATOMIC_SEQ_CST);
    kick_answer(v);
    if (due)
        timer_due(v);
}
