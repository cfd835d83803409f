// SPDX-License-Identifier: MIT
/* The iret hypercall of a 32-bit guest: its frame, to each ring, and what is refused. */
#include "compat/fixture.h"
#include "unit.h"
#include "crash.h"
#include "hypercall.h"

#define JUNK 0x5a5a5a5a00000000UL

static struct vcpu *v;
static struct regs r;
static struct vcpu_info info;

void guest_crash(const struct regs *regs, const char *why)
{
    (void)regs;
    mock_assert(0, why, __FILE__, __LINE__);
    abort();
}

static int setup(void **state)
{
    fixture(state);
    v = current();
    info = (struct vcpu_info){.evtchn_upcall_mask = 1};
    v->vi = &info;
    v->kernel_mode = v->nmi_masked = true;
    v->kernel_ss = 0x69;
    v->kernel_sp = GUEST + 1024;
    r = (struct regs){.rax = 23, .rbx = 0x77, .rip = 0xc1000002, .cs = 0x61, .ss = 0x69};
    return 0;
}

/* Its last word is the last one that can be read. */
static void run(const u32 *frame, u32 words)
{
    u64 at = GUEST_RO_END - words * 4;

    memcpy(guest_at(at), frame, words * 4);
    r.rsp = JUNK | at;
    do_iret32(v, &r);
}

static void to_the_kernel(void **state)
{
    static const u32 frame[] = {0xf0000001, 0xf0000002, 0xffff0061,
                                X86_EFLAGS_IF | X86_EFLAGS_TF | X86_EFLAGS_IOPL | 1};

    (void)state;
    run(frame, 4);
    assert_int_equal(r.rax, 0xf0000001);
    assert_int_equal(r.rip, 0xf0000002);
    assert_int_equal(r.cs, 0x61);
    assert_int_equal(r.ss, 0x69);
    assert_int_equal(r.rsp, GUEST_RO_END);
    assert_int_equal(r.rflags, X86_EFLAGS_IF | X86_EFLAGS_TF | 3);
    assert_int_equal(r.rbx, 0x77);
    assert_true(v->kernel_mode);
    assert_false(v->nmi_masked);
    assert_int_equal(info.evtchn_upcall_mask, 0);
    assert_int_equal(v->iopl, 0);
}

/* IF is the mask; the CPU's own is always set. */
static void to_user_mode_with_events_off(void **state)
{
    static const u32 frame[] = {1, 0xf0000002, 0x73, X86_EFLAGS_IOPL, 0xf0000003, 0xffff007b};

    (void)state;
    info.evtchn_upcall_mask = 0;
    v->iopl_assist = true;
    run(frame, 6);
    assert_int_equal(r.rip, 0xf0000002);
    assert_int_equal(r.cs, 0x73);
    assert_int_equal(r.rsp, 0xf0000003);
    assert_int_equal(r.ss, 0x7b);
    assert_int_equal(r.rflags, X86_EFLAGS_IF | 2);
    assert_false(v->kernel_mode);
    assert_int_equal(info.evtchn_upcall_mask, 1);
    assert_int_equal(v->iopl, 3);
}

static void vm86_mode_is_not_there(void **state)
{
    u32 frame[10] = {99, 2, 3, X86_EFLAGS_VM | X86_EFLAGS_IF | X86_EFLAGS_TF, 5, 6, 7, 8, 9, 10};
    const u32 *on_stack = guest_at(GUEST + 1024 - sizeof(frame));

    for (int mask = 0; mask < 2; mask++) {
        setup(state);
        v->traps[X86_GP] =
            (struct trap_handler){.address = 0xc1234567, .cs = 0x61, .mask_events = mask};
        run(frame, 10);
        assert_int_equal(r.rip, 0xc1234567);
        assert_int_equal(r.cs, 0x61);
        assert_int_equal(r.ss, 0x69);
        assert_int_equal(r.rsp, GUEST + 1024 - sizeof(frame));
        assert_int_equal(r.rflags, X86_EFLAGS_IF | 2);
        assert_int_equal(on_stack[0], 0); /* the error code */
        assert_memory_equal(on_stack + 1, frame + 1, sizeof(frame) - 4);
        assert_int_equal(info.evtchn_upcall_mask, mask);
        assert_true(v->kernel_mode);
    }
    v->kernel_sp = GUEST_RO + 1024;
    expect_assert_failure(run(frame, 10));
    setup(state);
    expect_assert_failure(run(frame, 9));
}

static void frames_that_are_none(void **state)
{
    static const u32 ring0[] = {1, 2, 0x60, 2, 5, 6}, ring3[] = {1, 2, 0x73, 2, 5, 6};

    (void)state;
    expect_assert_failure(run(ring0, 6));
    setup(state);
    expect_assert_failure(run(ring3, 5));
    setup(state);
    expect_assert_failure(run(ring3, 3));
    setup(state);
    r.rsp = 0xfffffffc;
    expect_assert_failure(do_iret32(v, &r));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(to_the_kernel),
    TEST(to_user_mode_with_events_off),
    TEST(vm86_mode_is_not_there),
    TEST(frames_that_are_none),
};

UNIT_MAIN(tests)
