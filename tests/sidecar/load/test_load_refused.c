// SPDX-License-Identifier: MIT
/* What can't be moved, or contradicts itself, is refused before a page is written, and said why. */
#include "../unit/test.h"

#include <stdio.h>

#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>

#include "../../../sidecar/load/check.h"
#include "stream.h"

static struct model m;
static struct stream s;
static struct image img;

static bool good_image(const void *p, size_t n)
{
    struct source src;
    bool good;

    source_memory(&src, p, n);
    img = (struct image){.src = &src};
    good = image_read(&img) && image_check(&img);
    image_free(&img);
    assert_int_equal(good, !img.why[0]);
    assert_true(strlen(img.why) < sizeof(img.why) - 1); /* not cut */
    assert_true(good || strstr(img.why, "; ") /* and what to do */);
    return good;
}

static const struct how xl = {.version = 3, .wrapper = XL, .extended = true};

/* A new guest, and after a change of it the stream. */
static void guest(unsigned int width)
{
    model_free(&m);
    model_make(&m, width, true);
}
static void save(const struct how *how)
{
    stream_free(&s);
    stream_make(&s, &m, how);
}

static void refused(const char *why)
{
    assert_false(good_image(s.p, s.n));
    if (!strstr(img.why, why))
        fail_msg("said '%s', not '%s'", img.why, why);
}
/* The same with one number changed in the stream, and after it as before. */
static void refused32(size_t at, uint32_t v, const char *why)
{
    uint32_t old;

    memcpy(&old, s.p + at, 4);
    memcpy(s.p + at, &v, 4);
    refused(why);
    memcpy(s.p + at, &old, 4);
}
static void refused8(size_t at, uint8_t v, const char *why)
{
    uint8_t old = s.p[at];

    s.p[at] = v;
    refused(why);
    s.p[at] = old;
}

static uint32_t word(size_t at)
{
    uint32_t v;

    memcpy(&v, s.p + at, 4);
    return v;
}
/* Where libxc's n-th record of a type begins. */
static size_t record(uint32_t type, unsigned int n)
{
    size_t at = s.image + 40;

    for (; word(at) != type || n--; at += 8 + ((word(at + 4) + 7) & ~7u))
        if (word(at) == 0)
            abort();
    return at;
}
enum { IGNORED = 0x80000063 };

static void set_pte(uint64_t table, unsigned int i, uint64_t e)
{
    memcpy(m.page[table] + 8 * i, &e, 8);
}

static void the_stream_is_good_before_it_is_changed(void **state)
{
    (void)state;
    for (unsigned int width = 4; width <= 8; width += 4) {
        guest(width);
        save(&xl);
        assert_true(good_image(s.p, s.n));
    }
}

static void wrappers_of_unknown_kinds(void **state)
{
    static const struct how virsh = {.version = 3, .wrapper = VIRSH};
    static const struct how xend = {.version = 1, .wrapper = XEND, .longs = 8};
    size_t inner, libxl;

    (void)state;
    guest(8);
    save(&xl);
    refused32(32, 0x04030201, "other byte order");
    refused32(36, 7, "newer xl");
    refused32(44, 0xfffffff0, "cut short");
    libxl = s.image - 24;
    refused8(libxl + 11, 3, "newer libxl");
    refused8(libxl + 15, 1, "other byte order");
    refused32(libxl + 16, 0, "no image");
    refused32(libxl + 16, 77, "unknown type 0x4d");
    refused32(libxl + 20, 8, "more than one");
    inner = record(0, 0) + 8;
    refused32(inner, 1, "more than one");
    refused32(inner, 4, "checkpoints");
    refused32(inner + 4, 0x7fffffff, "cut short");
    save(&virsh);
    refused32(16, 3, "newer libvirt");
    refused32(20, 0x7fffffff, "definition");
    save(&xend);
    refused32(16, 0x7f, "configuration");
}

static void headers_of_another_kind(void **state)
{
    (void)state;
    guest(8);
    save(&xl);
    refused8(s.image + 11, 'G', "no image");
    refused8(s.image + 15, 4, "newer Xen: version 4");
    refused8(s.image + 17, 1, "other byte order");
    refused32(s.image + 24, 2, "HVM domain");
    refused32(s.image + 28, 13, "pages of 2^13");
}

static void records_that_contradict_themselves(void **state)
{
    size_t at;

    (void)state;
    guest(8);
    save(&xl);
    refused32(record(2, 0), IGNORED, "before it says what guest");
    refused8(record(2, 0) + 8, 5, "words of 5 bytes");
    refused32(record(16, 0), 2, "twice");
    at = record(3, 0);
    refused32(at, IGNORED, "before it says how many");
    refused32(at + 8, 1, "for the pages 1 to");
    refused32(at + 12, 0xffffffff, "p2m frames");
    refused32(at + 12, 512, "p2m frames");
    refused32(at + 4, 12, "p2m frames");
    at = record(1, 0);
    refused32(at + 4, MAX_RECORD + 1, "record of 134217729 bytes");
    refused32(at + 8, 0, "0 pages");
    refused32(at + 8, 0x10000000, "pages in a record");
    refused32(at + 8, SMALL - 1, "too many");
    refused8(at + 16 + 7, 0x60, "unknown type 6");
    refused8(at + 16 + 6, 0x10, "entry");
    refused8(at + 16 + 5, 0x10, "beyond the guest's");
    refused8(at + 16 + 7, 0xf0, "too many");
    refused8(at + 16 + 8 * BROKEN + 7, 0, "too few");
    refused32(record(8, 0), 50, "unknown type 0x32");
    refused32(record(8, 0), 9, "HVM domain");
    refused32(record(8, 0), 10, "HVM domain");
    refused32(record(8, 0), 11, "checkpoints");
    refused32(record(8, 0), 14, "checkpoints");
    refused32(record(7, 0), IGNORED, "no shared_info");
    refused32(record(7, 0) + 4, PAGE - 8, "shared_info page of 4088");
}

static void records_of_vcpus(void **state)
{
    size_t at, xsave;

    (void)state;
    guest(8);
    save(&xl);
    at = record(4, 0);
    refused32(at, IGNORED, "no vCPU 0");
    refused32(at + 8, MAX_VCPUS, "vCPU 8192");
    refused32(at + 8, 1, "two records");
    refused32(at + 4, 0x1437, "context of 5167 bytes");
    refused32(record(5, 1), 4, "two records");
    /* one kind of record taken for the other */
    at = record(5, 0), xsave = record(6, 0);
    memcpy(s.p + at, &(uint32_t){IGNORED}, 4);
    refused32(xsave, 5, "extended context of 848 bytes");
    memcpy(s.p + xsave, &(uint32_t){IGNORED}, 4);
    refused32(at, 6, "XSAVE area of 64 bytes");
    save(&xl);
    at = xsave;
    refused32(at + 16, 6, "contradicts itself"); /* XCR0 without x87 */
    refused32(at + 16, 15, "contradicts itself");
    refused32(at + 24, 3, "contradicts itself");
    refused32(at + 32 + 512, 15, "contradicts itself");
    refused32(at + 32 + 524, 0x80000000, "contradicts itself"); /* compacted */
    at = record(12, 0);
    refused32(at + 4, 36, "28 bytes of MSRs");
    refused32(record(17, 0) + 4, 47, "47 bytes of CPUID");
    refused32(at + 40, 1, "MSR 0x140");
}

static void superpages(void **state)
{
    (void)state;
    for (unsigned int width = 4; width <= 8; width += 4) {
        guest(width);
        set_pte(L2, 9, P | 0x80 | 0 << 12);
        save(&xl);
        refused("superpages");
        guest(width);
        set_pte(L1, 9, P | 0x80 | 0 << 12); /* PAT, in the last level */
        set_pte(L2, 9, 0x80);               /* not present */
        save(&xl);
        assert_true(good_image(s.p, s.n));
    }
}

static void tables_with_pages_that_cannot_be(void **state)
{
    (void)state;
    guest(8);
    set_pte(STALE, 3, P | (uint64_t)SMALL << 12);
    save(&xl);
    refused("entry 3 of table 0xf, beyond");
    guest(4);
    m.type[L2] = 4;
    save(&xl);
    refused("level 4 in a 32-bit guest");
}

static void contexts_with_pages_of_another_kind(void **state)
{
    vcpu_guest_context_x86_64_t *c64 = (void *)&m.context[1];
    vcpu_guest_context_x86_32_t *c32 = (void *)&m.context[1];

    (void)state;
    guest(8);
    c64->ctrlreg[3] = (uint64_t)L3 << 12, save(&xl), refused("CR3 of vCPU 1");
    guest(8);
    c64->ctrlreg[3] = ~0ULL, save(&xl), refused("CR3 of vCPU 1");
    guest(8);
    c64->ctrlreg[1] = (uint64_t)30 << 12 | 1, save(&xl), refused("CR1 of vCPU 1");
    guest(8);
    c64->gdt_frames[0] = L1, save(&xl), refused("GDT of vCPU 1");
    guest(8);
    c64->gdt_frames[0] = BALLOONED, save(&xl), refused("GDT of vCPU 1");
    guest(8);
    c64->gdt_ents = 8193, save(&xl), refused("GDT of 8193");
    guest(4);
    c32->ctrlreg[3] = xen_pfn_to_cr3_x86_32(0xfffff), save(&xl), refused("CR3 of vCPU 1");
    guest(4);
    c32->gdt_frames[0] = L1, save(&xl), refused("GDT of vCPU 1");
}

static void start_info_elsewhere(void **state)
{
    vcpu_guest_context_x86_64_t *c = (void *)&m.context[0];
    start_info_x86_64_t *si;

    (void)state;
    guest(8);
    c->user_regs.rdx = ~0ULL, save(&xl), refused("for start_info");
    guest(8);
    c->user_regs.rdx = TOP, save(&xl), refused("for start_info");
    guest(8);
    c->user_regs.rdx = FRESH, save(&xl), refused("for start_info");
    guest(8);
    si = (void *)m.page[START_INFO];
    si->store_mfn = SMALL, save(&xl), refused("xenstore's");
    si->store_mfn = CONSOLE, save(&xl), refused("xenstore's");
    si->store_mfn = STORE, si->console.domU.mfn = L1, save(&xl), refused("console's");
}

static void p2m_lists_that_cannot_be(void **state)
{
    (void)state;
    guest(8);
    m.p2m[0] = L1, save(&xl), refused("in the p2m list");
    m.p2m[0] = BALLOONED, save(&xl), refused("in the p2m list");
    m.p2m[0] = 1ULL << 40, save(&xl), refused("in the p2m list");
    m.p2m[0] = STORE, save(&xl), refused("in the p2m list");
    model_free(&m);
    model_make(&m, 8, false);
    m.p2m[4] = P2M, save(&xl), refused("twice in the p2m list");
}

static void older_images(void **state)
{
    static const struct how old = {.version = 1, .wrapper = XL_OLD, .longs = 8};
    size_t at;

    (void)state;
    guest(8);
    save(&old);
    assert_true(good_image(s.p, s.n));
    at = s.image;
    refused32(at, 0, "isn't a saved PV guest");
    refused32(at, MAX_PAGES + 1, "isn't a saved PV guest");
    refused32(at, MAX_PAGES, "cut short");             /* no memory is asked for */
    refused32(at + 8, 1024, "isn't a saved PV guest"); /* as an HVM domain's */
    refused32(at + 16, 65537, "65537 bytes of itself");
    refused32(at + 16, 8, "more of itself");
    refused32(at + 16, 0, "doesn't say what guest");
    refused32(at + 24, 0x1428, "contexts of 5160");
    at += 20 + 8 + 0x1430 + 8; /* the first batch */
    refused32(at, 1025, "unknown kind 1025");
    refused32(at, (uint32_t)-1000, "unknown kind -1000");
    refused32(at, (uint32_t)-5, "tmem");
    refused32(at, (uint32_t)-6, "tmem");
    refused32(at, (uint32_t)-12, "compressed");
    refused32(at, (uint32_t)-13, "compressed");
    refused32(at, (uint32_t)-3, "HVM");
}

/* The first len bytes alone. */
static void cut_refused(size_t len)
{
    uint8_t *p = malloc(len ? len : 1); /* its end is where ASan looks */

    memcpy(p, s.p, len);
    if (good_image(p, len))
        fail_msg("good with %zu of %zu bytes", len, s.n);
    free(p);
}

static void files_that_were_cut_anywhere(void **state)
{
    static const struct how hows[] = {
        {.version = 3, .wrapper = XL, .extended = true},
        {.version = 2, .wrapper = VIRSH, .empty = true},
        {.version = 3, .wrapper = BARE, .live = true},
        {.version = 1, .wrapper = XL_OLD, .longs = 4, .extended = true},
        {.version = 1, .wrapper = VIRSH, .longs = 8, .live = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
        guest(i % 2 ? 8 : 4);
        save(&hows[i]);
        assert_true(good_image(s.p, s.n));
        for (size_t n = 0; n < s.n; n += n < 600 || s.n - n < 300 ? 1 : 97)
            cut_refused(n);
    }
}

static void what_is_no_saved_guest(void **state)
{
    uint8_t page[PAGE] = {0};

    (void)state;
    assert_false(good_image(page, 0));
    assert_false(good_image(page, sizeof(page)));
    assert_non_null(strstr(img.why, "isn't a saved PV guest"));
    memset(page, 'x', sizeof(page));
    assert_false(good_image(page, sizeof(page)));
    assert_non_null(strstr(img.why, "isn't a saved PV guest"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_good_before_it_is_changed),
        cmocka_unit_test(wrappers_of_unknown_kinds),
        cmocka_unit_test(headers_of_another_kind),
        cmocka_unit_test(records_that_contradict_themselves),
        cmocka_unit_test(records_of_vcpus),
        cmocka_unit_test(superpages),
        cmocka_unit_test(tables_with_pages_that_cannot_be),
        cmocka_unit_test(contexts_with_pages_of_another_kind),
        cmocka_unit_test(start_info_elsewhere),
        cmocka_unit_test(p2m_lists_that_cannot_be),
        cmocka_unit_test(older_images),
        cmocka_unit_test(files_that_were_cut_anywhere),
        cmocka_unit_test(what_is_no_saved_guest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
