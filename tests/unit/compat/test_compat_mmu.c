// SPDX-License-Identifier: MIT
/* Page-table and descriptor calls of a 32-bit guest: halves of words, lists, the number done. */
#include "fixture.h"
#include "unit.h"
#include "compat.h"
#include "desc.h"
#include "mmu.h"
#include "mmuext.h"
#include "preempt.h"

static u64 arg[5];
static struct mmuext_op done_op[2048];
static u32 nr_ops, fail_at;
static u64 gdt[14];
static u32 gdt_ents;

#define NOTE(name)                                                                                 \
    s64 name(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)                                               \
    {                                                                                              \
        memcpy(arg, (u64[]){a1, a2, a3, a4, a5}, sizeof(arg));                                     \
        return -77;                                                                                \
    }
NOTE(do_update_va_mapping)
NOTE(do_update_va_mapping_otherdomain)
NOTE(do_update_descriptor)

s64 desc_set_gdt(struct vcpu *v, const u64 *mfns, u32 ents)
{
    assert_ptr_equal(v, current());
    memcpy(gdt, mfns, (ents + 511) / 512 * 8);
    gdt_ents = ents;
    return -78;
}

s64 mmuext_one(struct vcpu *v, const struct mmuext_op *op)
{
    assert_ptr_equal(v, current());
    assert_true(nr_ops < ARRAY_SIZE(done_op));
    done_op[nr_ops] = *op;
    return nr_ops++ == fail_at ? -79 : 0;
}

/* As mmu.c has them. */
void mmu_write_done(u64 addr, u64 done)
{
    u32 n = (u32)done;

    if (addr)
        copy_to_guest(addr, &n, sizeof(n));
}

s64 mmu_continued(hypercall_fn *fn, u64 list, u64 count, u64 done_addr, u64 foreign)
{
    u32 before = 0, now = 0;

    copy_from_guest(&before, done_addr, sizeof(before));
    s64 rc = fn(list, count & ~MMU_COUNT_PREEMPTED, done_addr, foreign, 0);
    copy_from_guest(&now, done_addr, sizeof(now));
    mmu_write_done(done_addr, before + now);
    return rc;
}

static int setup(void **state)
{
    fixture(state);
    memset(arg, 0, sizeof(arg));
    nr_ops = 0;
    fail_at = ~0u;
    memset(gdt, 0, sizeof(gdt));
    return 0;
}

static void words_come_in_halves(void **state)
{
    (void)state;
    assert_int_equal(compat_update_va_mapping(0xf57ff000, 0xffffffff, 0x80000000, 0xfffffffe, 9),
                     -77);
    assert_int_equal(arg[0], 0xf57ff000);
    assert_int_equal(arg[1], 0x80000000ffffffff);
    assert_int_equal(arg[2], 0xfffffffe);
    assert_int_equal(compat_update_va_mapping_otherdomain(1, 2, 3, 4, 5), -77);
    assert_memory_equal(arg, ((u64[]){1, 0x300000002, 4, 5, 0}), sizeof(arg));
    assert_int_equal(compat_update_descriptor(0x89abcdef, 0x1234567, 0xfffffff1, 0xfffffff2, 9),
                     -77);
    assert_int_equal(arg[0], 0x0123456789abcdef);
    assert_int_equal(arg[1], 0xfffffff2fffffff1);
}

/* Behind the hole's start lie tables of the shim's. */
static void entries_of_the_hypervisor(void **state)
{
    (void)state;
    assert_int_equal(compat_update_va_mapping(PV32_HOLE_START, 1, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_update_va_mapping(0xffffffff, 1, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_update_va_mapping_otherdomain(PV32_HOLE_START, 1, 0, 0, DOMID_SELF),
                     -XEN_EINVAL);
    assert_int_equal(arg[0], 0);
}

static void descriptor_tables(void **state)
{
    static const u32 ents[] = {0, 1, 512, 513, 7168};
    u32 *list = guest_at(GUEST);

    for (u32 i = 0; i < ARRAY_SIZE(ents); i++) {
        setup(state);
        for (u32 k = 0; k < 14; k++)
            list[k] = 0xfffffff0 + k;
        assert_int_equal(compat_set_gdt(GUEST, ents[i], 0, 0, 0), -78);
        assert_int_equal(gdt_ents, ents[i]);
        for (u32 k = 0; k < 14; k++)
            assert_int_equal(gdt[k], k < (ents[i] + 511) / 512 ? 0xfffffff0 + k : 0);
    }
    gdt_ents = 99;
    assert_int_equal(compat_set_gdt(GUEST, 7169, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_set_gdt(GUEST, 0xffffffff, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_set_gdt(GUEST_RO_END - 4, 513, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_set_gdt(PV32_HOLE_START, 1, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(gdt_ents, 99);
    assert_int_equal(compat_set_gdt(0xffffffff, 0, 0, 0, 0), -XEN_EFAULT);
}

#define DONE (GUEST + PAGE_SIZE - 16)

static u64 make_ops(u64 at, u32 n)
{
    struct mmuext_op_x86_32 *op = guest_at(at);

    for (u32 i = 0; i < n; i++)
        op[i] = (struct mmuext_op_x86_32){MMUEXT_UNPIN_TABLE, 0xf0000000 + i, 0xfffffff0 + i};
    *(u32 *)guest_at(DONE) = 0x5555;
    return at;
}

static u32 number_done(void)
{
    return *(u32 *)guest_at(DONE);
}

static void operations_as_the_handler_knows_them(void **state)
{
    u64 at = make_ops(GUEST, 5);

    (void)state;
    assert_int_equal(compat_mmuext_op(at, 5, DONE, DOMID_SELF, 0), 0);
    assert_int_equal(nr_ops, 5);
    assert_int_equal(number_done(), 5);
    for (u32 i = 0; i < 5; i++) {
        assert_int_equal(done_op[i].cmd, MMUEXT_UNPIN_TABLE);
        assert_int_equal(done_op[i].arg1.linear_addr, 0xf0000000 + i);
        assert_int_equal((u64)done_op[i].arg2.vcpumask.p, 0xfffffff0 + i);
    }
    assert_int_equal(compat_mmuext_op(at, 5, 0, 7, 0), 0);
    assert_int_equal(nr_ops, 10);
    assert_int_equal(compat_mmuext_op(at, 0, DONE, DOMID_SELF, 0), 0);
    assert_int_equal(number_done(), 0);
}

static void what_a_32_bit_guest_has_not(void **state)
{
    struct mmuext_op_x86_32 *op = guest_at(make_ops(GUEST, 4));

    (void)state;
    op[1].cmd = MMUEXT_PIN_L4_TABLE;
    op[2].cmd = MMUEXT_NEW_USER_BASEPTR;
    assert_int_equal(compat_mmuext_op(GUEST, 4, DONE, DOMID_SELF, 0), -XEN_EINVAL);
    assert_int_equal(nr_ops, 1);
    assert_int_equal(number_done(), 2);
}

static void a_list_that_fails_in_its_middle(void **state)
{
    (void)state;
    make_ops(GUEST, 5);
    fail_at = 3;
    assert_int_equal(compat_mmuext_op(GUEST, 5, DONE, DOMID_SELF, 0), -79);
    assert_int_equal(nr_ops, 4);
    assert_int_equal(number_done(), 3);
}

static void foreign_domains(void **state)
{
    (void)state;
    make_ops(GUEST, 1);
    assert_int_equal(compat_mmuext_op(GUEST, 1, DONE, 8, 0), -XEN_ESRCH);
    assert_int_equal(compat_mmuext_op(GUEST, 1, DONE, DOMID_XEN, 0), -XEN_EPERM);
    assert_int_equal(compat_mmuext_op(GUEST, 1 | MMU_COUNT_PREEMPTED, DONE, 8, 0), -XEN_ESRCH);
    assert_int_equal(number_done(), 0x5555);
    assert_int_equal(nr_ops, 0);
}

static void lists_that_cannot_be_read(void **state)
{
    u64 at = GUEST_RO_END - 2 * sizeof(struct mmuext_op_x86_32);

    (void)state;
    make_ops(at, 2);
    assert_int_equal(compat_mmuext_op(at, 3, DONE, DOMID_SELF, 0), -XEN_EFAULT);
    assert_int_equal(nr_ops, 2);
    assert_int_equal(number_done(), 2);
    assert_int_equal(compat_mmuext_op(PV32_HOLE_START - 12, 2, DONE, DOMID_SELF, 0), -XEN_EFAULT);
    assert_int_equal(compat_mmuext_op(0xffffffff, 0x7fffffff, 0, DOMID_SELF, 0), -XEN_EFAULT);
    assert_int_equal(nr_ops, 2);
    assert_int_equal(compat_mmuext_op(at, 2, GUEST_RO, DOMID_SELF, 0), 0); /* as on Xen */
}

/* The number done goes on counting, and each operation is done once. */
static void a_long_list_is_preempted(void **state)
{
    enum { N = 1000 };
    struct vcpu *v = current();
    u64 at = make_ops(GUEST + PAGE_SIZE, N), count = N;
    u32 slices = 0;

    (void)state;
    do {
        v->work = WORK_SLICE;
        v->again.wanted = false;
        s64 rc = compat_mmuext_op((u32)at, (u32)count, DONE, DOMID_SELF, 0);
        assert_int_equal(number_done(), nr_ops);
        if (!v->again.wanted) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(v->again.n, 2);
        at = v->again.arg[0];
        count = v->again.arg[1];
        assert_int_equal(at, GUEST + PAGE_SIZE + nr_ops * sizeof(struct mmuext_op_x86_32));
        assert_int_equal(count, (N - nr_ops) | MMU_COUNT_PREEMPTED);
    } while (++slices < 100);
    assert_in_range(slices, 3, 5);
    assert_int_equal(nr_ops, N);
    for (u32 i = 0; i < N; i++)
        assert_int_equal(done_op[i].arg1.mfn, 0xf0000000 + i);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(words_come_in_halves),
    TEST(entries_of_the_hypervisor),
    TEST(descriptor_tables),
    TEST(operations_as_the_handler_knows_them),
    TEST(what_a_32_bit_guest_has_not),
    TEST(a_list_that_fails_in_its_middle),
    TEST(foreign_domains),
    TEST(lists_that_cannot_be_read),
    TEST(a_long_list_is_preempted),
};

UNIT_MAIN(tests)
