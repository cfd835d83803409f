// SPDX-License-Identifier: MIT
/* The talk with the shim: what doesn't fit is refused before anything is written, and the shim's
 * answer is the program's. */
#include "../unit/test.h"

#include <errno.h>

#include <xen/foreign/x86_32.h>

#include "../../../sidecar/load/check.h"
#include "../../../sidecar/load/features.h"
#include "../../../sidecar/load/handoff.h"
#include "loaded.h"

static const struct how how = {.version = 3, .wrapper = XL, .extended = true};

static struct model m;
static struct stream s;
static struct source src;
static struct image img;
static struct fake f;
static struct handoff times;

static void begin_as(unsigned int width, const struct how *as)
{
    bool good;

    model_make(&m, width, true);
    stream_make(&s, &m, as);
    fake_make(&f, width);
    source_memory(&src, s.p, s.n);
    img = (struct image){.src = &src};
    good = image_read(&img) && image_check(&img);
    assert_true(good);
}

static void begin(unsigned int width)
{
    begin_as(width, &how);
}

static void end(void)
{
    image_free(&img);
    fake_free(&f);
    stream_free(&s);
    model_free(&m);
}

static void said(const char *why)
{
    if (!strstr(img.why, why))
        fail_msg("said '%s', not '%s'", img.why, why);
    assert_int_equal(f.mapped, 0);
    img.why[0] = 0;
}

/* Not a byte in the domain is another. */
static void refused_untouched(const char *why)
{
    struct handover before = *f.handover;

    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said(why);
    assert_memory_equal(f.handover, &before, sizeof(before));
    for (uint64_t gfn = 0; gfn < FAKE_FRAMES; gfn++)
        assert_true(gfn == FAKE_HANDOVER || f.frame[gfn][0] == FAKE_OLD);
}

#define REFUSED_WITH(member, value, why)                                                           \
    do {                                                                                           \
        struct handover old = *f.handover;                                                         \
        f.handover->member = value;                                                                \
        refused_untouched(why);                                                                    \
        *f.handover = old;                                                                         \
    } while (0)

static void taken(void)
{
    bool good;

    fake_answers(&f, NULL);
    good = handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times);
    assert_string_equal(img.why, "");
    assert_true(good);
    fake_answered(&f);
    assert_loaded(&m, &how, &f);
}

static void a_shim_that_cannot_take_it(void **state)
{
    (void)state;
    begin(8);
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER + 1, 60, &times));
    said("can't be mapped");
    REFUSED_WITH(magic, 0, "no shim waits");
    REFUSED_WITH(version, 3, "another version");
    REFUSED_WITH(state, HANDOVER_TAKEN, "doesn't wait any more");
    REFUSED_WITH(widths, 4, "64-bit guest");
    REFUSED_WITH(nr_vcpus, 3, "a vCPU 3, and the domain has 3");
    REFUSED_WITH(xcr0, 3, "XCR0 0x7");
    REFUSED_WITH(xcr0, 0, "XCR0 0x7");
    REFUSED_WITH(nr_runs, HANDOVER_RUNS + 1, "241 runs");
    REFUSED_WITH(free, 5000, "contradicts itself");
    REFUSED_WITH(run[1].first, 115, "in no order");
    REFUSED_WITH(run[2].first, 1ULL << 40, "in no order");
    REFUSED_WITH(run[2].count, ~0ULL, "in no order");
    REFUSED_WITH(store_gfn, 1ULL << 40, "contradicts itself");
    taken();
    end();
}

/* One leaf as it was saved, and what the domain has of one of its registers. */
static void seen(uint32_t leaf, uint32_t subleaf, unsigned int reg, uint32_t bits,
                 unsigned int word, uint32_t has, const char *why)
{
    uint32_t policy[6] = {leaf, subleaf};
    struct how as = how;

    policy[2 + reg] = bits;
    as.cpuid = policy;
    begin_as(8, &as);
    f.handover->feature[word] = has;
    if (why)
        refused_untouched(why);
    else
        taken();
    end();
}

static void features_that_the_guest_has_seen(void **state)
{
    (void)state;
    seen(7, 0, 1, 1u << 16, 2, 0, "CPUID 0x7.0, EBX, bits 0x10000"); /* AVX512F */
    seen(7, 0, 1, 1u << 16 | 1 << 5, 2, 1u << 5, "bits 0x10000");
    seen(7, 0, 1, 1u << 16, 2, 1u << 16, NULL);
    seen(7, 0, 1, 1u << 7, 2, 0, NULL);                            /* SMEP: no instruction */
    seen(1, ~0u, 2, 1u << 25, 0, ~(1u << 25), "CPUID 0x1.0, ECX"); /* AES; without subleaves */
    seen(0x80000001, ~0u, 3, 1u << 27, 8, 0, "CPUID 0x80000001.0, EDX, bits 0x8000000");
    seen(7, 1, 0, 1u << 5, 5, 0, "CPUID 0x7.1, EAX");
    seen(7, 2, 0, ~0u, 5, 0, NULL); /* another subleaf */
    seen(0xd, 1, 0, 1u << 1, 6, 5, "CPUID 0xd.1, EAX, bits 0x2");
    seen(0xd, 0, 0, ~0u, 6, 0, NULL);
    seen(0x40000000, 0, 0, ~0u, 0, 0, NULL);
}

/* Asked of a guest that runs, before there is an image: its width and its CPU are known. */
static void fits(uint32_t seen, unsigned int width, const char *why)
{
    uint32_t leaf[] = {7, 0, 0, seen, 0, 0};
    bool good;

    source_memory(&src, leaf, sizeof(leaf));
    img = (struct image){.src = &src, .width = width, .cpuid.len = sizeof(leaf)};
    good = features_read(&img);
    assert_true(good);
    good = handoff_fits(&img, &f.domain, FAKE_HANDOVER);
    assert_int_equal(good, !why);
    said(why ? why : "");
    assert_int_equal(f.handover->state, HANDOVER_WAIT);
}

static void whether_a_guest_that_runs_fits(void **state)
{
    (void)state;
    fake_make(&f, 8);
    f.handover->feature[2] = 1u << 16;
    fits(1u << 16, 8, NULL);
    fits(1u << 16, 4, "32-bit guest");
    fits(1u << 17, 8, "CPUID 0x7.0, EBX, bits 0x20000");
    f.handover->state = HANDOVER_TAKEN;
    img.why[0] = 0;
    assert_false(handoff_fits(&img, &f.domain, FAKE_HANDOVER));
    said("doesn't wait any more");
    assert_false(handoff_fits(&img, &f.domain, FAKE_FRAMES));
    said("can't be mapped");
    fake_free(&f);
}

static void too_few_frames(void **state)
{
    uint64_t need, pages;

    (void)state;
    begin(8);
    *f.handover = (struct handover){.magic = HANDOVER_MAGIC,
                                    .version = HANDOVER_VERSION,
                                    .state = HANDOVER_WAIT,
                                    .nr_vcpus = 4,
                                    .widths = 8,
                                    .xcr0 = 7,
                                    .store_gfn = FAKE_STORE,
                                    .console_gfn = FAKE_CONSOLE,
                                    .nr_runs = 1,
                                    .free = 10,
                                    .run = {{300, 10}}};
    refused_untouched("1 MiB more");
    /* as many as there must be; the directory in the middle of them, since the last run is too
     * short */
    f.handover->nr_runs = 2;
    f.handover->run[1] = (struct handover_run){8000, 2};
    for (need = 10; need < 200 && f.handover->state == HANDOVER_WAIT; need++) {
        f.handover->free = need;
        f.handover->run[0].count = need - 2;
        fake_answers(&f, NULL);
        if (!handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times)) {
            assert_int_equal(f.handover->state, HANDOVER_WAIT);
            said("frames");
            f.handover->state = HANDOVER_GO; /* for the thread to end */
            fake_answered(&f);
            f.handover->state = HANDOVER_WAIT;
            continue;
        }
        fake_answered(&f);
    }
    pages = ((struct handover_guest *)f.frame[f.handover->guest])->pages;
    assert_int_equal(need - 1, img.populated - 2 + pages);
    assert_loaded(&m, &how, &f);
    end();
}

static void no_room_in_a_row_for_the_directory(void **state)
{
    (void)state;
    begin(8);
    f.handover->nr_runs = 200;
    f.handover->free = 200;
    for (unsigned int i = 0; i < 200; i++)
        f.handover->run[i] = (struct handover_run){300 + 2 * i, 1};
    refused_untouched("needs");
    end();
}

static void frames_are_given_out_from_the_lowest_on(void **state)
{
    (void)state;
    begin(8);
    taken();
    assert_int_equal(img.page[0].gfn, 16);
    assert_int_equal(img.page[START_INFO].gfn, 17);
    assert_int_equal(img.page[TOP].gfn, 18);
    assert_true(f.handover->guest > 6900); /* the end of the highest */
    end();
}

static void the_lowest_are_level_3_tables_of_a_32_bit_guest(void **state)
{
    (void)state;
    begin(4);
    taken();
    assert_int_equal(img.page[TOP].gfn, 16);
    assert_int_equal(img.page[L3].gfn, 17);
    assert_int_equal(img.page[0].gfn, 18);
    end();
}

static void rings_that_l0_has_not_are_ordinary_pages(void **state)
{
    (void)state;
    begin(8);
    f.handover->console_gfn = 0;
    taken();
    assert_memory_equal(f.frame[img.page[CONSOLE].gfn], m.page[CONSOLE], PAGE);
    end();
}

static void what_the_shim_refuses_is_said(void **state)
{
    (void)state;
    begin(8);
    fake_answers(&f, "no memory\n\x1b[31m");
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    fake_answered(&f);
    assert_string_equal(img.why, "was refused by the shim: no memory");
    end();
}

static void a_shim_that_says_nothing(void **state)
{
    (void)state;
    begin(8);
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 0, &times));
    said("hasn't answered within 0 s");
    assert_int_equal(f.handover->state, HANDOVER_GO);
    end();
}

/* The domain is destroyed while its shim is waited for: nothing can be mapped any more. */
static void *(*map_before)(struct domain *d, const uint64_t *gfn, size_t n);

static void *map_until_go(struct domain *d, const uint64_t *gfn, size_t n)
{
    if (f.handover->state == HANDOVER_GO) {
        errno = ESRCH;
        return NULL;
    }
    return map_before(d, gfn, n);
}

static void a_domain_that_is_destroyed_meanwhile(void **state)
{
    (void)state;
    begin(8);
    map_before = f.domain.map;
    f.domain.map = map_until_go;
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said("the domain is gone");
    end();
}

static void level_3_tables_that_must_lie_below_4_gib(void **state)
{
    vcpu_guest_context_x86_32_t *c = (void *)&m.context[0];

    (void)state;
    for (int extended = 0; extended < 2; extended++) {
        model_make(&m, 4, true);
        c->vm_assist = (uint32_t)extended << 3;
        stream_make(&s, &m, &how);
        source_memory(&src, s.p, s.n);
        img = (struct image){.src = &src};
        assert_true(image_read(&img) && image_check(&img));
        fake_make(&f, 4);
        f.handover->nr_runs = 1;
        f.handover->run[0] = (struct handover_run){1 << 20, f.handover->free};
        /* (the fake has no memory there) */
        assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
        said(extended ? "can't be written" : "below 4 GiB");
        end();
    }
}

/* A file that changes between the two passes. */
static bool second_pass;
static size_t change_at;
static uint8_t change_by;

static bool changed_read(const struct source *c, uint64_t at, void *to, size_t n)
{
    memcpy(to, (const char *)c->memory + at, n);
    if (second_pass && change_at >= at && change_at < at + n)
        ((uint8_t *)to)[change_at - at] ^= change_by;
    return true;
}

static bool short_read(const struct source *c, uint64_t at, void *to, size_t n)
{
    (void)c, (void)at, (void)to, (void)n;
    errno = 0;
    return false;
}

static void a_file_that_changes_meanwhile(void **state)
{
    (void)state;
    begin(8);
    second_pass = true;
    src.read = changed_read;
    /* an entry of a table names a page that isn't there, or is beyond all */
    change_at = page_at(&img.page[L1]) + 8 * E_USER + 1, change_by = (31 ^ BALLOONED) << 4;
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said("has changed");
    change_at += 3, change_by = 1;
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said("beyond");
    /* the start_info page of vCPU 0, and the page tables */
    change_at = img.vcpu[0].context.at + 0x268, change_by = 0x80;
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said("has changed");
    change_at = img.vcpu[3].context.at + 0x1378 + 3 * 8 + 4;
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said("CR3 of vCPU 3");
    src.read = short_read;
    assert_false(handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times));
    said("has become shorter");
    /* the shim knows of nothing, and a good file is taken after all */
    assert_int_equal(f.handover->state, HANDOVER_WAIT);
    source_memory(&src, s.p, s.n);
    second_pass = false;
    taken();
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shim_that_cannot_take_it),
        cmocka_unit_test(features_that_the_guest_has_seen),
        cmocka_unit_test(whether_a_guest_that_runs_fits),
        cmocka_unit_test(too_few_frames),
        cmocka_unit_test(no_room_in_a_row_for_the_directory),
        cmocka_unit_test(frames_are_given_out_from_the_lowest_on),
        cmocka_unit_test(the_lowest_are_level_3_tables_of_a_32_bit_guest),
        cmocka_unit_test(rings_that_l0_has_not_are_ordinary_pages),
        cmocka_unit_test(what_the_shim_refuses_is_said),
        cmocka_unit_test(a_shim_that_says_nothing),
        cmocka_unit_test(a_domain_that_is_destroyed_meanwhile),
        cmocka_unit_test(level_3_tables_that_must_lie_below_4_gib),
        cmocka_unit_test(a_file_that_changes_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
