// SPDX-License-Identifier: MIT
/* memory_op of a 32-bit guest: lists of any length, preempted anywhere, short, and unreadable. */
#include "fixture.h"
#include "unit.h"
#include "compat.h"
#include "frames.h"
#include "preempt.h"

mfn_t m2p_end;
static u64 slice; /* extents that the handler does before it is preempted */
#define WHOLE (1UL << 40)
static u64 stop_at; /* and where it stops for good */
static u32 handled; /* calls */
static u64 seen_cmd, seen_arg;
static s64 plain_result;
static struct xen_memory_reservation seen_r;

#define MFN_OF(pfn) ((pfn) ^ 0x80000000u)

/* As memory.c does it: extents from the command's number on. */
s64 do_memory_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    u32 op = cmd & 63;
    u64 done = cmd >> 6, end;

    (void)a3, (void)a4, (void)a5;
    handled++;
    seen_cmd = cmd;
    seen_arg = arg;
    if (op != XENMEM_decrease_reservation && op != XENMEM_populate_physmap)
        return plain_result;
    assert_true(copy_from_guest(&seen_r, arg, sizeof(seen_r)));
    assert_in_range(done, 0, seen_r.nr_extents);
    end = min_t(u64, seen_r.nr_extents, done + slice);
    for (; done < end && done < stop_at; done++) {
        u64 addr = (u64)seen_r.extent_start.p + done * 8, pfn;

        assert_true(get_guest_u64(&pfn, addr));
        assert_int_equal(pfn, 0xfffffff0u + (u32)done);
        if (op == XENMEM_populate_physmap)
            assert_true(put_guest_u64(addr, MFN_OF(pfn)));
    }
    if (done == end && done < seen_r.nr_extents && done < stop_at)
        return call_again(current(), 1, op | done << 6, 0, 0);
    return (s64)done;
}

static int setup(void **state)
{
    fixture(state);
    slice = stop_at = WHOLE;
    handled = 0;
    plain_result = 0;
    m2p_end = 0x100000;
    return 0;
}

#define ARG GUEST

static void make_list(u64 at, u32 n)
{
    for (u32 i = 0; i < n; i++)
        *(u32 *)guest_at(at + i * 4) = 0xfffffff0u + i;
}

/* A list of n extents of which `there` can be reached, up to the page's end. */
static void reserve(u64 list, u32 n, u32 there)
{
    struct xen_memory_reservation_x86_32 r = {
        .extent_start = (u32)list,
        .nr_extents = n,
        .extent_order = 9,
        .mem_flags = 0xf1a95,
        .domid = DOMID_SELF,
    };

    memcpy(guest_at(ARG), &r, sizeof(r));
    make_list(list, there);
}

/* As a guest does: executes its INT again as long as it finds itself on it. */
static s64 run(u32 op)
{
    struct vcpu *v = current();
    u64 cmd = op, arg = ARG;

    for (u32 i = 0; i < 10000; i++) {
        v->work = WORK_SLICE;
        s64 rc = compat_memory_op((u32)cmd, (u32)arg, 0, 0, 0);
        if (!v->again.wanted)
            return rc;
        v->again.wanted = false;
        assert_true(v->again.n >= 1 && (u32)v->again.arg[0] > cmd);
        cmd = v->again.arg[0];
        if (v->again.n > 1)
            arg = v->again.arg[1];
    }
    fail_msg("it goes on for ever");
    return 0;
}

static void populated(u64 list, u32 n, u32 of)
{
    for (u32 i = 0; i < of; i++)
        assert_int_equal(*(u32 *)guest_at(list + i * 4),
                         i < n ? MFN_OF(0xfffffff0u + i) : 0xfffffff0u + i);
}

static const u32 lengths[] = {0, 1, 2, 127, 128, 129, 255, 256, 257, 1000, 2048, 2500};
static const u64 slices[] = {1, 3, 64, 127, 128, WHOLE};

static void lists_of_any_length_in_slices_of_any(void **state)
{
    u64 list = GUEST + 256;

    for (u32 l = 0; l < ARRAY_SIZE(lengths); l++)
        for (u32 s = 0; s < ARRAY_SIZE(slices); s++) {
            setup(state);
            slice = slices[s];
            reserve(list, lengths[l], lengths[l]);
            assert_int_equal(run(XENMEM_populate_physmap), lengths[l]);
            populated(list, lengths[l], lengths[l]);
            assert_int_equal(*(u8 *)guest_at(list + lengths[l] * 4), 0xee);
            if (lengths[l]) {
                assert_int_equal(seen_r.extent_order, 9);
                assert_int_equal(seen_r.mem_flags, 0xf1a95);
                assert_int_equal(seen_r.domid, DOMID_SELF);
                assert_int_equal(seen_r.nr_extents, lengths[l]);
            }
            setup(state);
            slice = slices[s];
            reserve(list, lengths[l], lengths[l]);
            assert_int_equal(run(XENMEM_decrease_reservation), lengths[l]);
            populated(list, 0, lengths[l]);
        }
}

/* The handler stops at an extent: that is the number, and the call ends. */
static void what_the_handler_does_not_do(void **state)
{
    static const u32 stops[] = {0, 1, 127, 128, 129, 256, 299};
    u64 list = GUEST + 256;

    for (u32 i = 0; i < ARRAY_SIZE(stops); i++)
        for (u32 s = 0; s < ARRAY_SIZE(slices); s++) {
            setup(state);
            slice = slices[s];
            stop_at = stops[i];
            reserve(list, 300, 300);
            assert_int_equal(run(XENMEM_populate_physmap), stops[i]);
            populated(list, stops[i], 300);
        }
}

/* Behind the read-only page there is nothing to read, and in it nothing can be written. */
static void lists_that_end_too_early(void **state)
{
    static const u32 there[] = {0, 1, 127, 128, 129, 200};

    for (u32 i = 0; i < ARRAY_SIZE(there); i++) {
        u64 list = GUEST_RO_END - there[i] * 4UL;

        setup(state);
        reserve(list, 300, there[i]);
        assert_int_equal(run(XENMEM_decrease_reservation), there[i]);
        list = GUEST_RO - there[i] * 4UL;
        setup(state);
        slice = 50;
        reserve(list, 300, there[i] + 300);
        assert_int_equal(run(XENMEM_populate_physmap), there[i]);
        populated(list, there[i], 300);
    }
}

static void reservations_that_are_none(void **state)
{
    u64 list = GUEST + 256;

    (void)state;
    reserve(list, 10, 10);
    assert_int_equal(compat_memory_op(XENMEM_populate_physmap | 11 << 6, ARG, 0, 0, 0), 11);
    assert_int_equal(compat_memory_op(XENMEM_populate_physmap, GUEST_RO_END, 0, 0, 0), 0);
    assert_int_equal(compat_memory_op(XENMEM_populate_physmap | 5 << 6, GUEST_RO_END, 0, 0, 0), 5);
    assert_int_equal(compat_memory_op(XENMEM_populate_physmap, PV32_HOLE_START, 0, 0, 0), 0);
    reserve(list, (~0u >> 6) + 1, 10);
    assert_int_equal(run(XENMEM_decrease_reservation), 0);
    reserve(list, ~0u, 10);
    assert_int_equal(run(XENMEM_decrease_reservation), 0);
    reserve(GUEST + 256, 10, 10);
    ((struct xen_memory_reservation_x86_32 *)guest_at(ARG))->extent_start = PV32_HOLE_START - 36;
    assert_int_equal(run(XENMEM_decrease_reservation), 0);
    assert_int_equal(handled, 0);
    assert_false(current()->again.wanted);
    reserve(list, 10, 10); /* at its end: nothing is left */
    assert_int_equal(compat_memory_op(XENMEM_populate_physmap | 10 << 6, ARG, 0, 0, 0), 10);
}

static void memory_map(void **state)
{
    struct xen_memory_map *native = (struct xen_memory_map *)XLAT_VIRT;
    struct xen_memory_map_x86_32 *map = guest_at(GUEST + 64);

    (void)state;
    *map = (struct xen_memory_map_x86_32){.nr_entries = 0xfffffffe, .buffer = 0xfffffff0};
    assert_int_equal(compat_memory_op(XENMEM_memory_map, GUEST + 64, 0, 0, 0), 0);
    assert_int_equal(seen_arg, XLAT_VIRT);
    assert_int_equal(seen_cmd, XENMEM_memory_map);
    assert_int_equal(native->buffer.p, 0xfffffff0);
    assert_int_equal(native->nr_entries, 0xfffffffe);
    assert_int_equal(map->nr_entries, 0xfffffffe);
    plain_result = -XEN_EFAULT;
    assert_int_equal(compat_memory_op(XENMEM_memory_map, GUEST + 64, 0, 0, 0), -XEN_EFAULT);
    plain_result = 0;
    assert_int_equal(compat_memory_op(XENMEM_memory_map, GUEST_RO, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_memory_op(XENMEM_memory_map, GUEST_RO_END - 4, 0, 0, 0), -XEN_EFAULT);
}

static void machphys_mapping(void **state)
{
    struct xen_machphys_mapping_x86_32 *m = guest_at(GUEST);

    (void)state;
    assert_int_equal(compat_memory_op(XENMEM_machphys_mapping, GUEST, 0, 0, 0), 0);
    assert_int_equal(m->v_start, 0xf5800000);
    assert_int_equal(m->v_end, 0xffe00000);
    assert_int_equal(m->max_mfn, 0xfffff);
    m2p_end = 1UL << 32;
    assert_int_equal(compat_memory_op(XENMEM_machphys_mapping, GUEST, 0, 0, 0), 0);
    assert_int_equal(m->max_mfn, 0xa600000 / 4 - 1);
    assert_int_equal(compat_memory_op(XENMEM_machphys_mapping, GUEST_RO, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(handled, 0);
}

static void numbers(void **state)
{
    (void)state;
    plain_result = 0x12345678;
    assert_int_equal(compat_memory_op(XENMEM_maximum_ram_page, 3, 0, 0, 0), 0x12345678);
    assert_int_equal(seen_arg, 3);
    plain_result = 0x80000000;
    assert_int_equal(compat_memory_op(XENMEM_maximum_ram_page, 0, 0, 0, 0), INT32_MAX);
    assert_int_equal(compat_memory_op(24 /* claim_pages */, GUEST, 0, 0, 0), -XEN_ENOSYS);
    plain_result = -XEN_EPERM;
    assert_int_equal(compat_memory_op(XENMEM_machphys_compat_mfn_list, 0, 0, 0, 0), -XEN_EPERM);
    assert_int_equal(compat_memory_op(XENMEM_machphys_mfn_list, 0, 0, 0, 0), -XEN_EPERM);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(lists_of_any_length_in_slices_of_any),
    TEST(what_the_handler_does_not_do),
    TEST(lists_that_end_too_early),
    TEST(reservations_that_are_none),
    TEST(memory_map),
    TEST(machphys_mapping),
    TEST(numbers),
};

UNIT_MAIN(tests)
