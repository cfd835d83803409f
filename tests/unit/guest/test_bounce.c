// SPDX-License-Identifier: MIT
/* Frames pushed for the kernel's own exceptions: what is where on its stack, and how it goes on.
 * (From user mode the CPU's own state changes, too: tests/guests/usermode.) */
#include "unit.h"
#include "crash.h"
#include "trap.h"

#define UNTOUCHED 0xeeeeeeeeeeeeeeee

static u64 stack[64] __attribute__((aligned(64)));
static struct vcpu_info info;
static struct vcpu v;
static struct regs r;

void guest_crash(const struct regs *regs, const char *why)
{
    (void)regs;
    mock_assert(0, why, __FILE__, __LINE__);
    abort();
}

static int setup(void **state)
{
    (void)state;
    memset(stack, 0xee, sizeof(stack));
    memset(&v, 0, sizeof(v));
    info = (struct vcpu_info){0};
    v.vi = &info;
    v.kernel_mode = true;
    for (unsigned int i = 0; i < 256; i++)
        v.traps[i] = (struct trap_handler){.address = 0x1000 + i};
    r = (struct regs){.rip = 0x1111,
                      .rsp = (u64)(stack + 32),
                      .rflags = X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
                      .rcx = 0x2222,
                      .r11 = 0x3333,
                      .cs = SEL_RING1_CS,
                      .ss = SEL_RING1_DS};
    return 0;
}

/* The frame's words from RSP on: RCX R11 [error code] RIP CS RFLAGS RSP SS. */
static void frame_is(const u64 *top, unsigned int error, u64 cs, u64 rflags, u64 rsp, u64 ss)
{
    const u64 *f = (const u64 *)r.rsp;

    assert_ptr_equal(f + 7 + error, top);
    assert_int_equal(f[0], 0x2222);
    assert_int_equal(f[1], 0x3333);
    f += 2 + error;
    assert_int_equal(f[0], 0x1111);
    assert_int_equal(f[1], cs);
    assert_int_equal(f[2], rflags);
    assert_int_equal(f[3], rsp);
    assert_int_equal(f[4], ss);
    assert_int_equal(*top, UNTOUCHED);
}

static void without_error_code(void **state)
{
    (void)state;
    bounce_exception(&v, &r, X86_UD, 0x77);
    frame_is(stack + 32, 0, SEL_SEEN_KERNEL_CS, X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
             (u64)(stack + 32), SEL_SEEN_KERNEL_SS);
    assert_int_equal(r.rip, 0x1000 + X86_UD);
    assert_int_equal(r.cs, SEL_RING1_CS);
    assert_int_equal(r.ss, SEL_RING1_DS);
    assert_int_equal(r.rflags, X86_EFLAGS_IF | 2 | X86_EFLAGS_DF);
    assert_int_equal(info.evtchn_upcall_mask, 0);
}

static void with_error_code(void **state)
{
    (void)state;
    bounce_exception(&v, &r, X86_GP, 0x77);
    assert_int_equal(((u64 *)r.rsp)[2], 0x77);
    frame_is(stack + 32, 1, SEL_SEEN_KERNEL_CS, X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
             (u64)(stack + 32), SEL_SEEN_KERNEL_SS);
}

static void software_interrupts_have_none(void **state)
{
    (void)state;
    bounce_soft_interrupt(&v, &r, X86_GP);
    frame_is(stack + 32, 0, SEL_SEEN_KERNEL_CS, X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
             (u64)(stack + 32), SEL_SEEN_KERNEL_SS);
}

static void a_stack_that_is_not_aligned(void **state)
{
    (void)state;
    r.rsp = (u64)(stack + 31) + 3;
    bounce_exception(&v, &r, X86_UD, 0);
    frame_is(stack + 30, 0, SEL_SEEN_KERNEL_CS, X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
             (u64)(stack + 31) + 3, SEL_SEEN_KERNEL_SS);
}

/* The mask as it was is in CS, its inverse is IF, whatever the CPU's IF and IOPL were. */
static void the_event_mask(void **state)
{
    (void)state;
    info.evtchn_upcall_mask = 1;
    r.rflags |= X86_EFLAGS_IOPL;
    bounce_exception(&v, &r, X86_UD, 0);
    frame_is(stack + 32, 0, SEL_SEEN_KERNEL_CS | 1UL << 32, 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
             (u64)(stack + 32), SEL_SEEN_KERNEL_SS);
    assert_true(r.rflags & X86_EFLAGS_IF);
    assert_false(r.rflags & X86_EFLAGS_IOPL);
    setup(state);
    v.traps[X86_UD].mask_events = true;
    bounce_exception(&v, &r, X86_UD, 0);
    assert_int_equal(info.evtchn_upcall_mask, 1);
    assert_int_equal(((u64 *)r.rsp)[3], SEL_SEEN_KERNEL_CS);
    setup(state);
    v.iopl_assist = true;
    v.iopl = 3;
    bounce_exception(&v, &r, X86_UD, 0);
    assert_int_equal(((u64 *)r.rsp)[4] & X86_EFLAGS_IOPL, X86_EFLAGS_IOPL);
}

/* Once: the handler runs on the flat ones. */
static void selectors_that_the_kernel_loaded(void **state)
{
    (void)state;
    v.seen_cs = 0x0b;
    v.seen_ss = 0x13;
    v.odd_selectors = true;
    bounce_exception(&v, &r, X86_UD, 0);
    frame_is(stack + 32, 0, 0x08, X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
             (u64)(stack + 32), 0x13);
    assert_false(v.odd_selectors);
    assert_int_equal(r.cs, SEL_RING1_CS);
    r.rip = 0x1111;
    bounce_exception(&v, &r, X86_UD, 0);
    assert_int_equal(((u64 *)r.rsp)[3], SEL_SEEN_KERNEL_CS);
    assert_int_equal(((u64 *)r.rsp)[6], SEL_SEEN_KERNEL_SS);
}

static void no_handler_no_stack(void **state)
{
    (void)state;
    v.traps[X86_UD].address = 0;
    expect_assert_failure(bounce_exception(&v, &r, X86_UD, 0));
    setup(state);
    r.rsp = HOLE_END; /* the frame would lie in the hypervisor's hole */
    expect_assert_failure(bounce_exception(&v, &r, X86_UD, 0));
    setup(state);
    r.rsp = LOW_END + 64;
    expect_assert_failure(bounce_exception(&v, &r, X86_UD, 0));
    setup(state);
    r.rsp = 16; /* and around the end of all addresses */
    expect_assert_failure(bounce_exception(&v, &r, X86_UD, 0));
}

/* CR2 is in vcpu_info, and the error code says who it was. */
static void page_faults(void **state)
{
    (void)state;
    bounce_page_fault(&v, &r, 0x123456, PF_P | PF_U | PF_W);
    assert_int_equal(info.arch.cr2, 0x123456);
    assert_int_equal(((u64 *)r.rsp)[2], PF_P | PF_W);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(without_error_code),
    TEST(with_error_code),
    TEST(software_interrupts_have_none),
    TEST(a_stack_that_is_not_aligned),
    TEST(the_event_mask),
    TEST(selectors_that_the_kernel_loaded),
    TEST(no_handler_no_stack),
    TEST(page_faults),
};

UNIT_MAIN(tests)
