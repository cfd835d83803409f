// SPDX-License-Identifier: MIT
/* XSAVE's state of a saved vCPU, on the CPU of this machine: XRSTOR is no privileged instruction,
 * and XSETBV, which is one, is passed over and noted. */
#define _GNU_SOURCE
#include "unit.h"
#include "cpu.h"
#include "emulate.h"
#include "frames.h"
#include "vcpu_saved.h"

#include <signal.h>
#include <ucontext.h>

#define AVX_AT    576 /* of the standard form: the first thing behind the header */
#define XSTATE_BV 512
#define X87_SSE   3UL
#define AVX       4UL

struct cpu_features cpu_features;
static u64 xcr0[4];
static u32 nr_xcr0;
static u64 msrs[4][2];
static u32 nr_msrs;
static u8 area[AVX_AT + 256] __aligned(64);
static struct vcpu v;

void *frames_alloc(u64 size)
{
    void *p = aligned_alloc(64, (size + 63) & ~63UL);

    memset(p, 0xee, size);
    return p;
}
bool emulate_wrmsr(struct vcpu *of, u32 msr, u64 val)
{
    assert_ptr_equal(of, &v);
    msrs[nr_msrs][0] = msr;
    msrs[nr_msrs++][1] = val;
    return true;
}

static void fault(int sig, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)info;
    if (memcmp((const void *)r[REG_RIP], "\x0f\x01\xd1", 3)) { /* XSETBV */
        signal(sig, SIG_DFL);
        return;
    }
    xcr0[nr_xcr0++ % ARRAY_SIZE(xcr0)] = (u64)r[REG_RDX] << 32 | (u32)r[REG_RAX];
    r[REG_RIP] += 3;
}

/* The CPU's own, where the system lets programs use XSAVE. */
static u64 cpus(void)
{
    u32 a, d;

    if (!(cpuid(1, 0).c >> 27 & 1))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return (u64)d << 32 | a;
}

static int start(void **state)
{
    (void)state;
    nr_xcr0 = nr_msrs = 0;
    memset(area, 0, sizeof(area));
    *(u16 *)area = 0x37f;
    *(u32 *)(area + 24) = 0x1f80;
    for (u32 i = 0; i < 16; i++) {
        memset(area + 160 + 16 * i, 0x10 + i, 16);
        memset(area + AVX_AT + 16 * i, 0x50 + i, 16);
    }
    if (!cpu_features.xsave) {
        cpu_features.xsave = true;
        vcpu_saved_init();
    }
    return 0;
}

static void loads(const struct vcpu_saved *s, u8 low, u8 high)
{
    struct sigaction handler = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
    u8 got[32] = {0};

    sigaction(SIGSEGV, &handler, NULL); /* (cmocka has put its own there) */
    v.saved = s;
    vcpu_saved_load(&v);
    if (cpus() & AVX)
        __asm__ volatile("vmovups %%ymm15, %0" : "=m"(got));
    else
        __asm__ volatile("movups %%xmm15, %0" : "=m"(got));
    for (u32 i = 0; i < 16; i++) {
        assert_int_equal(got[i], low);
        assert_int_equal(got[16 + i], high);
    }
    assert_null(v.saved);
}

/* All that it ever had is loaded, also what XCR0 doesn't have any more. */
static void what_it_ever_had_is_loaded(void **state)
{
    struct vcpu_saved s = {
        .xcr0 = X87_SSE, .xcr0_accum = X87_SSE | AVX, .area = area, .area_bytes = sizeof(area)};

    (void)state;
    if ((cpus() & (X87_SSE | AVX)) != (X87_SSE | AVX))
        skip();
    *(u64 *)(area + XSTATE_BV) = X87_SSE | AVX;
    loads(&s, 0x1f, 0x5f);
    assert_int_equal(nr_xcr0, 2);
    assert_int_equal(xcr0[0], X87_SSE | AVX);
    assert_int_equal(xcr0[1], X87_SSE);
}

/* An area that ends before what this CPU has, and a state that is in its first condition. */
static void a_shorter_area_and_one_in_its_first_state(void **state)
{
    struct vcpu_saved s = {
        .xcr0 = X87_SSE, .xcr0_accum = X87_SSE, .area = area, .area_bytes = AVX_AT};

    (void)state;
    if (!(cpus() & 2))
        skip();
    *(u64 *)(area + XSTATE_BV) = X87_SSE;
    loads(&s, 0x1f, 0);
    *(u64 *)(area + XSTATE_BV) = 1;
    loads(&s, 0, 0);
}

static void kept_until_the_description_is_gone(void **state)
{
    u64 msr[2] = {0xc0000103, 7}; /* index and value */
    struct vcpu_saved s = {.xcr0 = X87_SSE,
                           .xcr0_accum = X87_SSE,
                           .area = area,
                           .area_bytes = AVX_AT,
                           .msr = (const void *)msr,
                           .nr_msrs = 1};

    (void)state;
    if (!(cpus() & 2))
        skip();
    *(u64 *)(area + XSTATE_BV) = X87_SSE;
    v.saved = &s;
    vcpu_saved_keep(&v);
    memset(area, 0xdd, sizeof(area));
    memset(msr, 0xdd, sizeof(msr));
    loads(v.saved, 0x1f, 0);
    assert_int_equal(nr_msrs, 1);
    assert_int_equal(msrs[0][0], 0xc0000103);
    assert_int_equal(msrs[0][1], 7);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(what_it_ever_had_is_loaded, start),
    cmocka_unit_test_setup(a_shorter_area_and_one_in_its_first_state, start),
    cmocka_unit_test_setup(kept_until_the_description_is_gone, start),
};

UNIT_MAIN(tests)
