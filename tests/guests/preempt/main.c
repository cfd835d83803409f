// SPDX-License-Identifier: MIT
/*
 * Preemption: a call with a count may take long, and an event that comes meanwhile is taken before
 * it is done; then it goes on where it was, and its results are those of a call that ran through.
 * Each kind of counted call is timed, then done again with a timer that is due in its middle: the
 * handler must have interrupted the hypercall, not what follows it.  Timers may be late and a time
 * that was taken too long, on a loaded machine even often, so it's timed and tried again; a call
 * that isn't preempted never passes.
 *
 * Where the call goes on shows in arguments that the ABI names: bit 31 of the count of mmu_update
 * and mmuext_op (then what was done before is added), the bits of memory_op's command above the
 * sixth. So a guest can pass them, too.
 */
#include "preempt.h"

static u32 timer_port;
static volatile bool during;
static bool (*chain)(struct trap *t);

static bool on_trap(struct trap *t)
{
    static const u8 call[] = {HYPERCALL_BYTES};

    if (t->entry == ENTRY_EVENT && port_pending(timer_port))
        during |= !memcmp((const void *)t->rip, call, sizeof(call));
    return chain(t);
}

/* How long it takes, in ns. */
static u64 uninterrupted(void (*call)(void))
{
    u64 start;

    events_mask();
    start = system_time();
    call();
    start = system_time() - start;
    events_unmask();
    return start;
}

bool interrupted(void (*call)(void))
{
    u64 took = ~UINT64_C(0), give_up = system_time() + IN_VAIN;

    during = false;
    for (u64 try = 0; !during && (try < 8 || system_time() < give_up); try++) {
        /* The shortest is the one that the machine didn't stand still in. */
        if (try % 8 == 0) {
            u64 time = uninterrupted(call);
            took = time < took ? time : took;
        }
        set_timer(system_time() + took * (try % 8 + 1) / 9);
        call();
        set_timer(0);
    }
    if (!during)
        print("never in %llu us\n", (unsigned long long)took / 1000);
    return during;
}

static struct mmu_update reqs[REQS];
static struct window w;
static u64 *data;
static u32 done;
static long rc;

static void updates(void)
{
    done = 77;
    rc = hc(mmu_update, reqs, REQS, &done, DOMID_SELF);
}

static void test_mmu_update(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL, ptr = maddr_of(&w.l1[1]);

    for (unsigned i = 0; i < REQS; i++)
        reqs[i] = (struct mmu_update){.ptr = ptr + i % 256 * 8, .val = i & 256 ? 0 : pte};
    check_true("mmu_update-interrupted", interrupted(updates));
    check_rc("mmu_update", rc, 0);
    check_true("mmu_update-done", done == REQS);
    check_hex("mmu_update-last", w.l1[1], 0);
    reqs[REQS - 300].ptr |= 7;
    check_true("mmu_update-error-interrupted", interrupted(updates));
    check_rc("mmu_update-error", rc, -XEN_ENOSYS);
    check_true("mmu_update-error-done", done == REQS - 300);
    check_true("mmu_update-error-before",
               w.l1[256] == 0 && PTE_MFN(w.l1[212]) == mfn_of(data) && PTE_MFN(w.l1[213]) == 0);
    done = 5;
    check_rc("mmu_update-continued", hc(mmu_update, reqs, PREEMPTED | 3, &done, DOMID_SELF), 0);
    check_num("mmu_update-continued-done", done, 8);
}

/* The last one would end it all, were it reached twice. */
static struct mmuext_op ops[OPS];

static void ext_ops(void)
{
    done = 77;
    rc = hc(mmuext_op, ops, OPS, &done, DOMID_SELF);
}

static void test_mmuext(void)
{
    for (unsigned i = 0; i < OPS; i++) {
        ops[i].cmd = i & 1 ? MMUEXT_INVLPG_LOCAL : MMUEXT_CLEAR_PAGE;
        ops[i].arg1.mfn = i & 1 ? (ul)data : mfn_of(data);
    }
    check_true("mmuext-interrupted", interrupted(ext_ops));
    check_rc("mmuext", rc, 0);
    check_true("mmuext-done", done == OPS);
    ops[OPS - 100].cmd = 77;
    ext_ops();
    check_rc("mmuext-error", rc, -XEN_ENOSYS);
    check_true("mmuext-error-done", done == OPS - 100);
    done = 5;
    check_rc("mmuext-continued", hc(mmuext_op, ops, PREEMPTED | 2, &done, DOMID_SELF), 0);
    check_num("mmuext-continued-done", done, 7);
}

static struct trap_info traps[TRAPS + 1];

static void set_traps(void)
{
    rc = hc(set_trap_table, traps);
}

/* A list has no count, only an end. */
static void test_trap_table(void)
{
    for (unsigned i = 0; i < TRAPS; i++)
        traps[i] = (struct trap_info){
            .vector = 200, .cs = FLAT_KERNEL_CS, .address = trap_stub(i == TRAPS - 1 ? 200 : 100)};
    check_true("set_trap_table-interrupted", interrupted(set_traps));
    check_rc("set_trap_table", rc, 0);
#if GUEST_BITS == 64
    traps[TRAPS].address = 1UL << 47;
    traps[TRAPS].vector = 100;
    set_traps();
    check_rc("set_trap_table-bad-end", rc, -XEN_EINVAL);
#endif
}

void test_main(void)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_TIMER};

    hc(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    if (evtchn(EVTCHNOP_bind_virq, &op))
        panic("timer");
    timer_port = op.port;
    chain = trap_hook;
    trap_hook = on_trap;
    port_unmask_local(timer_port);
    events_unmask();
    w = window_open(WINDOW(0));
    data = page_alloc();
    test_mmu_update();
    test_mmuext();
    test_trap_table();
    test_multicall();
    test_two_vcpus();
    test_balloon();
    test_grants();
}
