// SPDX-License-Identifier: MIT
/* What dom0 hands over for a saved guest: right in everything until a case spoils it, and then the
 * shim says what is wrong. */
#include "unit.h"
#include "handed.h"
#include "layout.h"
#include "regs.h"
#include "speculation.h"
#include "xen_abi.h"

#include <xen/foreign/x86_32.h>

/* Frames 16-32 and 64-96 are offered; 96 is L0's ring of xenstore, 97 that of the console. */
#define FRAMES  98
#define STORE   96
#define CONSOLE 97
/* The guest: PFN 0 is start_info, 1 the p2m's only frame, 2 and 3 the rings, 4 an L4, 5 a hole. */
#define PAGES 6
#define DESC  80 /* the description: two frames */

enum { INFO = 16, P2M = 17, L4 = 64 };

static u8 frames[FRAMES][PAGE_SIZE] __aligned(4096);
static u8 seen[FRAMES];
static struct handover offer;
static struct handed h;
static struct handover_guest *g;
static struct handover_vcpu *v;
static u64 *p2m, *pins, *xsave;
static struct handover_msr *msr;
static u64 next;

static void *page(mfn_t gfn)
{
    assert_true(gfn < FRAMES);
    return frames[gfn];
}

static bool first_use(mfn_t gfn)
{
    return !seen[gfn]++;
}

static bool used(mfn_t gfn)
{
    return seen[gfn];
}

/* Room in the description; its offset in *at. */
static void *put(unsigned long long *at, u64 bytes)
{
    *at = next;
    next += (bytes + 7) & ~7UL;
    assert_true(next <= 2 * PAGE_SIZE);
    return frames[DESC] + *at;
}

static void set_word(u32 pfn, u64 gfn)
{
    if (g->width == 8)
        ((u64 *)frames[P2M])[pfn] = gfn;
    else
        ((u32 *)frames[P2M])[pfn] = (u32)gfn;
}

static void describe(u32 width)
{
    unsigned long long shared;

    memset(frames, 0, sizeof(frames));
    memset(seen, 0, sizeof(seen));
    offer = (struct handover){
        .nr_vcpus = 4,
        .xcr0 = 7,
        .store_gfn = STORE,
        .console_gfn = CONSOLE,
        .guest = DESC,
        .nr_runs = 2,
        .run = {{16, 16}, {64, 32}},
    };
    h = (struct handed){
        .offer = &offer, .width = width, .page = page, .first_use = first_use, .used = used};
    g = (void *)frames[DESC];
    next = sizeof(*g);
    *g = (struct handover_guest){
        .magic = HANDOVER_MAGIC,
        .version = HANDOVER_VERSION,
        .width = width,
        .pages = 3,
        .nr_pages = PAGES,
        .populated = PAGES - 1,
        .nr_p2m = 1,
        .nr_pins = 1,
        .nr_vcpus = 1,
    };
    p2m = put(&g->p2m, 8);
    *p2m = P2M;
    pins = put(&g->pin, 8);
    *pins = (width == 8 ? 4UL : 3UL) << 60 | L4;
    v = put(&g->vcpu, 2 * sizeof(*v));
    v->context_bytes =
        width == 8 ? sizeof(struct vcpu_guest_context) : sizeof(struct vcpu_guest_context_x86_32);
    void *context = put(&v->context, v->context_bytes);
    v->xsave_bytes = 16 + 576;
    xsave = put(&v->xsave, v->xsave_bytes);
    xsave[0] = 3;
    xsave[1] = 7;
    v->nr_msrs = 1;
    msr = put(&v->msr, sizeof(*msr));
    *msr = (struct handover_msr){.index = MSR_TSC_AUX, .value = 5};
    /* in frames of its own, which needn't hold anything */
    shared = PAGE_SIZE * 2;
    g->shared_info = shared;
    g->bytes = 3 * PAGE_SIZE;
    static const u64 list[PAGES] = {INFO, P2M, STORE, CONSOLE, L4, ~0UL};
    for (u32 i = 0; i < PAGES; i++)
        set_word(i, list[i]);
    if (width == 8) {
        ((struct vcpu_guest_context *)context)->user_regs.rdx = INFO;
        ((struct start_info *)frames[INFO])->store_mfn = 2;
        ((struct start_info *)frames[INFO])->console.domU.mfn = 3;
    } else {
        ((struct vcpu_guest_context_x86_32 *)context)->user_regs.edx = INFO;
        ((struct start_info_x86_32 *)frames[INFO])->store_mfn = 2;
        ((struct start_info_x86_32 *)frames[INFO])->console.domU.mfn = 3;
    }
}

static int setup(void **state)
{
    (void)state;
    describe(8);
    return 0;
}

static void refused(const char *part)
{
    assert_refused(handed_check(&h), part);
}

static void a_whole_guest(void **state)
{
    (void)state;
    for (u32 width = 4; width <= 8; width += 4) {
        describe(width);
        assert_accepted(handed_check(&h));
        assert_int_equal(h.start_info, INFO);
        assert_int_equal(h.console, CONSOLE);
        assert_int_equal(handed_frame(&h, 4), L4);
        assert_int_equal(handed_frame(&h, 5), INVALID_GFN);
        assert_int_equal(h.first, DESC);
        assert_int_equal(h.end, DESC + 3);
    }
}

static void ports_that_no_guest_has(void **state)
{
    struct start_info *si = (struct start_info *)frames[INFO];

    (void)state;
    si->store_evtchn = 1;
    si->console.domU.evtchn = 2;
    assert_accepted(handed_check(&h));
    assert_int_equal(h.store_port, 1);
    assert_int_equal(h.console_port, 2);
    describe(8);
    si->store_evtchn = si->console.domU.evtchn = 3;
    refused("xenstore has port 3, and the console 3");
    describe(8);
    si->store_evtchn = 1024;
    refused("port 1024");
    describe(8);
    si->console.domU.evtchn = ~0U;
    refused("port 0, and the console 4294967295");
}

static void no_ring_of_l0s(void **state)
{
    (void)state;
    offer.console_gfn = 0;
    set_word(3, 18);
    assert_accepted(handed_check(&h));
    assert_int_equal(h.console, 18);
}

static void other_widths(void **state)
{
    (void)state;
    h.width = 4;
    refused("of 64 bits, and the sidecar's is of 32");
}

static void a_description_that_is_none(void **state)
{
    (void)state;
    g->magic++;
    refused("version");
    describe(8);
    g->version++;
    refused("of version 3, not 2");
    describe(8);
    offer.guest = 48;
    refused("wasn't offered");
    describe(8);
    g->pages = 17; /* the run has 16 from there */
    refused("aren't in one run");
    describe(8);
    g->pages = ~0UL;
    refused("description has");
    describe(8);
    g->bytes = g->pages * PAGE_SIZE + 1;
    refused("description has");
}

/* Every array of it ends inside, also where the numbers are huge. */
static void arrays_that_reach_out(void **state)
{
    unsigned long long *const offset[] = {&g->p2m,     &g->pin,   &g->vcpu, &g->shared_info,
                                          &v->context, &v->xsave, &v->msr};

    (void)state;
    for (u32 i = 0; i < sizeof(offset) / sizeof(*offset); i++) {
        const u64 bad[] = {0, sizeof(*g) - 8, sizeof(*g) + 4, g->bytes, g->bytes + 8, ~0UL & ~7UL};
        for (u32 n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
            describe(8);
            *offset[i] = bad[n];
            assert_non_null(handed_check(&h));
        }
    }
    unsigned long long *const count[] = {&g->nr_p2m,  &g->nr_pins,     &g->nr_vcpus,
                                         &v->nr_msrs, &v->xsave_bytes, &v->context_bytes};
    for (u32 i = 0; i < sizeof(count) / sizeof(*count); i++) {
        const u64 bad[] = {1UL << 61, ~0UL, g->bytes};
        for (u32 n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
            describe(8);
            *count[i] = bad[n];
            assert_non_null(handed_check(&h));
        }
    }
}

static void frames_of_the_list(void **state)
{
    (void)state;
    set_word(4, L4 - 1);
    refused("frame 3f, which wasn't offered");
    describe(8);
    set_word(4, DESC + 1); /* the description's own */
    refused("wasn't offered");
    describe(8);
    set_word(4, INFO);
    refused("which has another");
    describe(8);
    set_word(4, STORE);
    refused("which has another");
    describe(8);
    set_word(1, 20); /* the list's frame is no word of it */
    memcpy(frames[20], frames[P2M], PAGE_SIZE);
    refused("isn't the guest's");
    describe(8);
    *p2m = STORE;
    refused("can't be");
    describe(8);
    *p2m = 15;
    refused("can't be");
    describe(8);
    g->populated++;
    refused("5 pages are there, not 6");
    describe(8);
    g->nr_pages = 513;
    refused("1 frames for 513 pages");
    describe(8);
    g->nr_pages = 0;
    refused("for 0 pages");
}

static void pinned_tables(void **state)
{
    const u64 bad[] = {
        L4, 5UL << 60 | L4, 4UL << 60 | STORE, 4UL << 60 | 18, 4UL << 60 | DESC, 4UL << 60 | 1000};

    (void)state;
    for (u32 i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        describe(8);
        *pins = bad[i];
        refused("can't be pinned");
    }
    describe(4);
    *pins = 4UL << 60 | L4;
    refused("can't be pinned at level 4");
}

static void vcpus(void **state)
{
    (void)state;
    v->id = 1;
    refused("vCPU 1 isn't in order");
    describe(8);
    g->nr_vcpus = 2;
    v[1] = v[0];
    refused("vCPU 0 isn't in order");
    describe(8);
    g->nr_vcpus = 2;
    v[1] = v[0];
    v[1].id = 4;
    refused("vCPU 4 is up, and the domain has 4");
    describe(8);
    g->nr_vcpus = 2;
    v[1] = v[0];
    v[1].id = 3;
    assert_accepted(handed_check(&h));
    describe(8);
    v->context_bytes -= 8;
    refused("reaches out");
}

static void xsave_state(void **state)
{
    (void)state;
    xsave[1] = 0xf;
    refused("has used XCR0 f, and this domain has 7");
    describe(8);
    xsave[0] = 2;
    refused("has used XCR0");
    describe(8);
    xsave[1] = 1; /* less than XCR0 */
    refused("has used XCR0");
    describe(8);
    xsave[2 + 512 / 8] = 8; /* XSTATE_BV */
    refused("can't be loaded");
    describe(8);
    xsave[2 + 520 / 8] = 1UL << 63; /* compacted */
    refused("can't be loaded");
    describe(8);
    xsave[2 + 24 / 8] = 0x10000; /* MXCSR */
    refused("can't be loaded");
    describe(8);
    v->xsave_bytes -= 8;
    refused("bytes of XSAVE");
    describe(8);
    offer.xcr0 = 0;
    refused("doesn't have");
    v->xsave_bytes = 0;
    memset(seen, 0, sizeof(seen));
    assert_accepted(handed_check(&h));
}

static void msrs(void **state)
{
    (void)state;
    msr->index = MSR_SPEC_CTRL;
    assert_accepted(handed_check(&h));
    describe(8);
    msr->index = 0xc0011027;
    refused("MSR c0011027");
    describe(8);
    msr->index = 0xc0011027;
    msr->value = 0;
    assert_accepted(handed_check(&h));
}

static void rings_and_start_info(void **state)
{
    (void)state;
    ((struct start_info *)frames[INFO])->store_mfn = 4;
    refused("xenstore ring's PFN 4 is in frame 40, not 60");
    describe(8);
    ((struct start_info *)frames[INFO])->console.domU.mfn = PAGES;
    refused("console ring's PFN 6");
    describe(8);
    offer.console_gfn = 0; /* then the guest can't have that of L0's either */
    offer.run[1].count = 34;
    ((struct start_info *)frames[INFO])->console.domU.mfn = 2;
    refused("console ring's PFN 2");
    describe(8);
    ((struct vcpu_guest_context *)(frames[DESC] + v->context))->user_regs.rdx = 30;
    refused("frame 1e can't be start_info");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(a_whole_guest, setup),
    cmocka_unit_test_setup(ports_that_no_guest_has, setup),
    cmocka_unit_test_setup(no_ring_of_l0s, setup),
    cmocka_unit_test_setup(other_widths, setup),
    cmocka_unit_test_setup(a_description_that_is_none, setup),
    cmocka_unit_test_setup(arrays_that_reach_out, setup),
    cmocka_unit_test_setup(frames_of_the_list, setup),
    cmocka_unit_test_setup(pinned_tables, setup),
    cmocka_unit_test_setup(vcpus, setup),
    cmocka_unit_test_setup(xsave_state, setup),
    cmocka_unit_test_setup(msrs, setup),
    cmocka_unit_test_setup(rings_and_start_info, setup),
};

UNIT_MAIN(tests)
