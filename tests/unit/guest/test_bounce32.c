// SPDX-License-Identifier: MIT
/* What a 32-bit guest's handlers find on their stack, and with which registers they begin. */
#define _DEFAULT_SOURCE /* MAP_32BIT */
#include <sys/mman.h>

#include "unit.h"
#include "bounce32.h"
#include "crash.h"
#include "desc.h"
#include "guest.h"

#define UNTOUCHED 0xeeeeeeee
#define CS        0x61   /* the kernel's own */
#define SS        0x6d   /* in its LDT */
#define BASE      0x1000 /* of the kernel's stack segment, in one test */

static u32 *stack; /* below 4 GiB */
static struct vcpu_info info;
static struct vcpu v;
static struct regs r;
static struct segment segment;

struct guest guest;

void guest_crash(const struct regs *regs, const char *why)
{
    (void)regs;
    mock_assert(0, why, __FILE__, __LINE__);
    abort();
}

struct segment desc_segment(const struct vcpu *vcpu, u16 selector)
{
    (void)vcpu;
    assert_int_equal(selector, SS);
    return segment;
}

void vcpu_info_set_cr2(struct vcpu_info *vi, u64 cr2)
{
    *(u32 *)((u8 *)vi + VCPU_INFO32_CR2) = (u32)cr2;
}

static u32 top(void)
{
    return (u32)(uintptr_t)(stack + 32);
}

static int setup(void **state)
{
    (void)state;
    if (!stack)
        stack = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
                     -1, 0);
    memset(stack, 0xee, 4096);
    memset(&v, 0, sizeof(v));
    info = (struct vcpu_info){0};
    guest.pv32 = true;
    v.vi = &info;
    for (unsigned int i = 0; i < 256; i++)
        v.traps[i] = (struct trap_handler){.address = 0x1000 + i, .cs = CS};
    v.kernel_ss = SEL_RING1_DS32;
    v.kernel_sp = top();
    r = (struct regs){.rip = 0x1111,
                      .rsp = top(),
                      .rflags = X86_EFLAGS_IF | 2 | X86_EFLAGS_TF | X86_EFLAGS_DF,
                      .cs = SEL_RING1_CS32,
                      .ss = SEL_RING1_DS32};
    v.kernel_mode = true;
    return 0;
}

static void from_user_mode(void)
{
    v.kernel_mode = false;
    r.cs = SEL_RING3_CS32;
    r.ss = SEL_RING3_DS32;
    r.rsp = 0x3333;
}

/* The words from ESP on, and nothing above them. */
static void frame_is(const u32 *words, unsigned int n)
{
    assert_int_equal(r.rsp, top() - 4 * n);
    assert_memory_equal((void *)(uintptr_t)r.rsp, words, 4 * n);
    assert_int_equal(stack[32], UNTOUCHED);
    assert_int_equal(stack[32 - n - 1], UNTOUCHED);
}

#define FLAGS (2 | X86_EFLAGS_TF | X86_EFLAGS_DF)
#define FRAME(...)                                                                                 \
    do {                                                                                           \
        const u32 words_[] = {__VA_ARGS__};                                                        \
        frame_is(words_, ARRAY_SIZE(words_));                                                      \
    } while (0)

static void kernels_own_stays_on_its_stack(void **state)
{
    (void)state;
    bounce32_exception(&v, &r, X86_UD, 0);
    FRAME(0x1111, SEL_RING1_CS32, FLAGS | X86_EFLAGS_IF);
    assert_int_equal(r.rip, 0x1000 + X86_UD);
    assert_int_equal(r.cs, CS);
    assert_int_equal(r.ss, SEL_RING1_DS32);
    assert_int_equal(r.rflags, 2 | X86_EFLAGS_IF | X86_EFLAGS_DF);
}

static void alignment_checks_stay_on(void **state)
{
    (void)state;
    r.rflags |= X86_EFLAGS_AC | X86_EFLAGS_NT | X86_EFLAGS_RF;
    bounce32_exception(&v, &r, X86_UD, 0);
    assert_int_equal(r.rflags, 2 | X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_AC);
}

static void from_user_mode_it_is_the_kernels(void **state)
{
    (void)state;
    from_user_mode();
    bounce32_exception(&v, &r, X86_GP, 0x1234);
    FRAME(0x1234, 0x1111, SEL_RING3_CS32, FLAGS | X86_EFLAGS_IF, 0x3333, SEL_RING3_DS32);
    assert_int_equal(r.ss, SEL_RING1_DS32);
    assert_true(v.kernel_mode);
}

static void events_are_masked_behind_the_old_mask(void **state)
{
    (void)state;
    v.traps[X86_UD].mask_events = true;
    bounce32_exception(&v, &r, X86_UD, 0);
    FRAME(0x1111, SEL_RING1_CS32, FLAGS | X86_EFLAGS_IF);
    assert_int_equal(info.evtchn_upcall_mask, 1);
    r.rsp = top();
    r.rflags |= X86_EFLAGS_TF;
    r.rip = 0x1111;
    r.cs = SEL_RING1_CS32;
    bounce32_exception(&v, &r, X86_UD, 0);
    FRAME(0x1111, SEL_RING1_CS32 | 1 << 16, FLAGS);
}

static void page_fault_has_its_address(void **state)
{
    (void)state;
    bounce32_page_fault(&v, &r, 0xdeadb000, PF_W | PF_P);
    FRAME(PF_W | PF_P, 0x1111, SEL_RING1_CS32, FLAGS | X86_EFLAGS_IF);
    assert_int_equal(*(u32 *)((u8 *)&info + VCPU_INFO32_CR2), 0xdeadb000);
}

/* Whoever made the access for it. */
static void page_fault_of_user_mode_is_one(void **state)
{
    (void)state;
    from_user_mode();
    bounce32_page_fault(&v, &r, 0xdeadb000, PF_P);
    assert_int_equal(*(u32 *)(uintptr_t)r.rsp, PF_P | PF_U);
}

static void int_n_has_no_error_code(void **state)
{
    (void)state;
    bounce32_soft_interrupt(&v, &r, X86_GP);
    FRAME(0x1111, SEL_RING1_CS32, FLAGS | X86_EFLAGS_IF);
}

static void int80_without_a_handler_is_gp(void **state)
{
    (void)state;
    from_user_mode();
    v.traps[0x80].cs = 0;
    bounce32_int80(&v, &r);
    FRAME(0x402, 0x110f, SEL_RING3_CS32, FLAGS | X86_EFLAGS_IF, 0x3333, SEL_RING3_DS32);
}

static void the_iopl_is_shown_to_who_asked_for_it(void **state)
{
    (void)state;
    v.iopl = 3;
    v.iopl_assist = true;
    bounce32_exception(&v, &r, X86_UD, 0);
    FRAME(0x1111, SEL_RING1_CS32, FLAGS | X86_EFLAGS_IF | X86_EFLAGS_IOPL);
}

static void a_stack_segments_base_counts(void **state)
{
    (void)state;
    segment = (struct segment){.base = (u32)-BASE, .limit = ~0u, .valid = true, .writable = true};
    from_user_mode();
    v.kernel_ss = SS;
    v.kernel_sp = top() + BASE;
    bounce32_exception(&v, &r, X86_UD, 0);
    assert_int_equal(r.rsp, top() + BASE - 20);
    assert_int_equal(r.ss, SS);
    assert_int_equal(stack[31], SEL_RING3_DS32);
    assert_int_equal(stack[27], 0x1111);
}

static void a_stack_beyond_its_limit_is_the_end(void **state)
{
    (void)state;
    segment = (struct segment){.limit = top() - 21, .valid = true, .writable = true};
    from_user_mode();
    v.kernel_ss = SS;
    expect_assert_failure(bounce32_exception(&v, &r, X86_UD, 0));
}

static void a_stack_in_the_hole_is_the_end(void **state)
{
    (void)state;
    from_user_mode();
    v.kernel_sp = PV32_HOLE_START + 4;
    expect_assert_failure(bounce32_exception(&v, &r, X86_UD, 0));
}

static void no_handler_is_the_end(void **state)
{
    (void)state;
    v.traps[X86_UD].cs = 1; /* a null selector, with the RPL that it gets */
    expect_assert_failure(bounce32_exception(&v, &r, X86_UD, 0));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(kernels_own_stays_on_its_stack, setup),
    cmocka_unit_test_setup(alignment_checks_stay_on, setup),
    cmocka_unit_test_setup(from_user_mode_it_is_the_kernels, setup),
    cmocka_unit_test_setup(events_are_masked_behind_the_old_mask, setup),
    cmocka_unit_test_setup(page_fault_has_its_address, setup),
    cmocka_unit_test_setup(page_fault_of_user_mode_is_one, setup),
    cmocka_unit_test_setup(int_n_has_no_error_code, setup),
    cmocka_unit_test_setup(int80_without_a_handler_is_gp, setup),
    cmocka_unit_test_setup(the_iopl_is_shown_to_who_asked_for_it, setup),
    cmocka_unit_test_setup(a_stack_segments_base_counts, setup),
    cmocka_unit_test_setup(a_stack_beyond_its_limit_is_the_end, setup),
    cmocka_unit_test_setup(a_stack_in_the_hole_is_the_end, setup),
    cmocka_unit_test_setup(no_handler_is_the_end, setup),
};

UNIT_MAIN(tests)
