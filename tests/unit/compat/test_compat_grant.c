// SPDX-License-Identifier: MIT
/* grant_table_op of a 32-bit guest: frame lists, entries of other sizes, and what is the same. */
#include "fixture.h"
#include "unit.h"
#include "compat.h"
#include "grant.h"
#include "preempt.h"

static u64 seen[3];
static u32 handled, entries, fail_at;
static s64 result;
static s16 status;
static u32 frames; /* that the handler gives */
static struct gnttab_copy copies[600];
static struct gnttab_transfer transfers[600];

s64 do_grant_table_op(u64 cmd, u64 arg, u64 count, u64 a4, u64 a5)
{
    struct gnttab_setup_table op;
    struct gnttab_get_status_frames s;

    (void)a4, (void)a5;
    handled++;
    memcpy(seen, (u64[]){cmd, arg, count}, sizeof(seen));
    if (cmd == GNTTABOP_setup_table && !result) {
        assert_true(copy_from_guest(&op, arg, sizeof(op)));
        assert_int_equal(op.dom, 0x7ff0);
        op.status = status;
        for (u32 i = 0; i < frames && !status; i++)
            assert_true(put_guest_u64((u64)op.frame_list.p + i * 8, 0xfee00000u + i));
        assert_true(copy_to_guest(arg, &op, sizeof(op)));
    } else if (cmd == GNTTABOP_get_status_frames && !result) {
        assert_true(copy_from_guest(&s, arg, sizeof(s)));
        assert_int_equal(s.nr_frames, 3);
        assert_int_equal(s.dom, 0x7ff0);
        assert_int_equal((u64)s.frame_list.p, 0xf0000000);
        s.status = status;
        assert_true(copy_to_guest(arg, &s, sizeof(s)));
    }
    return result;
}

s64 grant_one(u32 cmd, void *op)
{
    if (entries == fail_at)
        return -79;
    assert_true(entries < ARRAY_SIZE(copies));
    if (cmd == GNTTABOP_copy) {
        copies[entries++] = *(struct gnttab_copy *)op;
        ((struct gnttab_copy *)op)->status = status;
    } else {
        assert_int_equal(cmd, GNTTABOP_transfer);
        transfers[entries++] = *(struct gnttab_transfer *)op;
        ((struct gnttab_transfer *)op)->status = status;
    }
    return 0;
}

static int setup(void **state)
{
    fixture(state);
    memset(seen, 0, sizeof(seen));
    handled = entries = frames = 0;
    fail_at = ~0u;
    result = status = 0;
    return 0;
}

#define ARG  GUEST
#define LIST (GUEST + 1024)

static struct gnttab_setup_table_x86_32 *setup_arg(u32 n, u64 list)
{
    struct gnttab_setup_table_x86_32 *op = guest_at(ARG);

    *op = (struct gnttab_setup_table_x86_32){
        .dom = 0x7ff0, .nr_frames = n, .status = 0x55, .frame_list = (u32)list};
    return op;
}

static void the_frames_of_the_table(void **state)
{
    static const u32 numbers[] = {0, 1, 4, 64};

    for (u32 i = 0; i < ARRAY_SIZE(numbers); i++) {
        setup(state);
        frames = numbers[i];
        struct gnttab_setup_table_x86_32 *op = setup_arg(frames, LIST);
        assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 1, 0, 0), 0);
        assert_int_equal(op->status, 0);
        assert_int_equal(op->nr_frames, frames);
        for (u32 k = 0; k < frames; k++)
            assert_int_equal(((u32 *)guest_at(LIST))[k], 0xfee00000 + k);
        assert_int_equal(*(u8 *)guest_at(LIST + frames * 4), 0xee);
    }
}

/* Nothing is stored where the handler stored nothing. */
static void no_frames(void **state)
{
    struct gnttab_setup_table_x86_32 *op = setup_arg(0xffffff, LIST);

    (void)state;
    status = GNTST_general_error;
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 1, 0, 0), 0);
    assert_int_equal(op->status, GNTST_general_error);
    assert_int_equal(*(u8 *)guest_at(LIST), 0xee);
    status = 0;
    op = setup_arg(4, GUEST_RO - 8);
    frames = 4;
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 1, 0, 0), 0);
    assert_int_equal(op->status, GNTST_okay);
    assert_int_equal(((u32 *)guest_at(GUEST_RO - 8))[1], 0xfee00001);
    result = -XEN_EFAULT;
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 1, 0, 0), -XEN_EFAULT);
    handled = 0;
    setup_arg(0xffffffff, LIST);
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 1, 0, 0), -XEN_EFAULT);
    setup_arg(2, PV32_HOLE_START - 4);
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 1, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, GUEST_RO_END - 8, 1, 0, 0),
                     -XEN_EFAULT);
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 2, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_grant_table_op(GNTTABOP_setup_table, ARG, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(handled, 0);
}

static void status_frames(void **state)
{
    struct gnttab_get_status_frames_x86_32 *op = guest_at(ARG);

    (void)state;
    *op = (struct gnttab_get_status_frames_x86_32){3, 0x7ff0, 0x55, 0xf0000000};
    status = -3;
    assert_int_equal(compat_grant_table_op(GNTTABOP_get_status_frames, ARG, 1, 0, 0), 0);
    assert_int_equal(op->status, -3);
    assert_int_equal(compat_grant_table_op(GNTTABOP_get_status_frames, ARG, 2, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_grant_table_op(GNTTABOP_get_status_frames, GUEST_RO_END, 1, 0, 0),
                     -XEN_EFAULT);
}

static struct gnttab_copy_x86_32 *make_copies(u64 at, u32 n)
{
    struct gnttab_copy_x86_32 *op = guest_at(at);

    for (u32 i = 0; i < n; i++)
        op[i] = (struct gnttab_copy_x86_32){
            .source = {0xf0000000 + i, 0x7ff0, 0xff0},
            .dest = {0xe0000000 + i, 0x1234, 0xfff},
            .len = 0xabc,
            .flags = (u16)(i & 3),
            .status = 0x55,
        };
    return op;
}

static void copies_by_reference_and_by_frame(void **state)
{
    struct gnttab_copy_x86_32 *op = make_copies(GUEST, 4);

    (void)state;
    status = -7;
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST, 4, 0, 0), 0);
    assert_int_equal(entries, 4);
    for (u32 i = 0; i < 4; i++) {
        assert_int_equal(copies[i].source.u.gmfn, 0xf0000000 + i);
        assert_int_equal(copies[i].source.domid, 0x7ff0);
        assert_int_equal(copies[i].source.offset, 0xff0);
        assert_int_equal(copies[i].dest.u.gmfn, 0xe0000000 + i);
        assert_int_equal(copies[i].dest.domid, 0x1234);
        assert_int_equal(copies[i].dest.offset, 0xfff);
        assert_int_equal(copies[i].len, 0xabc);
        assert_int_equal(copies[i].flags, i);
        assert_int_equal(op[i].status, -7);
        assert_int_equal(op[i].source.u, 0xf0000000 + i);
    }
    assert_int_equal(*(u8 *)(op + 4), 0xee);
}

static void transfers_of_frames(void **state)
{
    struct gnttab_transfer_x86_32 *op = guest_at(GUEST);

    (void)state;
    op[0] = (struct gnttab_transfer_x86_32){0xfffffff1, 0x1234, 0xfffffff2, 0x55};
    op[1] = (struct gnttab_transfer_x86_32){0xfffffff3, 0x4321, 0xfffffff4, 0x55};
    status = -9;
    assert_int_equal(compat_grant_table_op(GNTTABOP_transfer, GUEST, 2, 0, 0), 0);
    assert_int_equal(transfers[0].mfn, 0xfffffff1);
    assert_int_equal(transfers[0].domid, 0x1234);
    assert_int_equal(transfers[0].ref, 0xfffffff2);
    assert_int_equal(transfers[1].mfn, 0xfffffff3);
    assert_int_equal(op[0].status, -9);
    assert_int_equal(op[1].status, -9);
}

static void lists_that_cannot_be_reached(void **state)
{
    u64 size = sizeof(struct gnttab_copy_x86_32);

    (void)state;
    make_copies(GUEST_RO - 2 * size, 3);
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST_RO - 2 * size, 3, 0, 0),
                     -XEN_EFAULT);
    assert_int_equal(entries, 3); /* of which the last one can't be told its status */
    entries = 0;
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST_RO_END, 1, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST, 0x7fffffff, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST, 0x80000000, 0, 0), -XEN_EINVAL);
    assert_int_equal(entries, 0);
    make_copies(GUEST, 3);
    fail_at = 1;
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST, 3, 0, 0), -79);
    assert_int_equal(entries, 1);
    assert_int_equal(compat_grant_table_op(GNTTABOP_copy, GUEST, 0, 0, 0), 0);
}

static void a_long_list_is_preempted(void **state)
{
    enum { N = 500 };
    struct vcpu *v = current();
    u64 at = GUEST, count = N;
    u32 slices = 0;

    (void)state;
    make_copies(GUEST, N);
    do {
        v->work = WORK_SLICE;
        v->again.wanted = false;
        s64 rc = compat_grant_table_op(GNTTABOP_copy, (u32)at, (u32)count, 0, 0);
        if (!v->again.wanted) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(v->again.n, 3);
        assert_int_equal(v->again.arg[0], GNTTABOP_copy);
        at = v->again.arg[1];
        count = v->again.arg[2];
        assert_int_equal(at, GUEST + entries * sizeof(struct gnttab_copy_x86_32));
        assert_int_equal(count, N - entries);
    } while (++slices < 100);
    assert_int_equal(entries, N);
    assert_in_range(slices, 5, 10);
    for (u32 i = 0; i < N; i++)
        assert_int_equal(copies[i].source.u.gmfn, 0xf0000000 + i);
}

static void what_is_the_same(void **state)
{
    static const u32 cmds[] = {GNTTABOP_map_grant_ref,
                               GNTTABOP_unmap_grant_ref,
                               GNTTABOP_query_size,
                               GNTTABOP_unmap_and_replace,
                               GNTTABOP_set_version,
                               GNTTABOP_get_version,
                               GNTTABOP_swap_grant_ref,
                               GNTTABOP_cache_flush,
                               GNTTABOP_cache_flush | 1 << 12,
                               GNTTABOP_dump_table,
                               0xffffffff};

    (void)state;
    result = -5;
    for (u32 i = 0; i < ARRAY_SIZE(cmds); i++) {
        assert_int_equal(compat_grant_table_op(cmds[i], 0xf0000000, 3, 0, 0), -5);
        assert_memory_equal(seen, ((u64[]){cmds[i], 0xf0000000, 3}), sizeof(seen));
    }
    assert_int_equal(handled, ARRAY_SIZE(cmds));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(the_frames_of_the_table),
    TEST(no_frames),
    TEST(status_frames),
    TEST(copies_by_reference_and_by_frame),
    TEST(transfers_of_frames),
    TEST(lists_that_cannot_be_reached),
    TEST(a_long_list_is_preempted),
    TEST(what_is_the_same),
};

UNIT_MAIN(tests)
