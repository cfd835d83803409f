// SPDX-License-Identifier: MIT
/* The table of a 32-bit guest's calls, its registers, multicalls, and how preempted ones go on. */
#include "fixture.h"
#include "unit.h"
#include "bounce32.h"
#include "compat.h"
#include "preempt.h"

static struct {
    const char *name;
    u64 a[5];
} seen[64];
static u32 calls;
static s64 result;
static u32 again_after; /* that call is preempted */
static u32 again_n;
static struct vcpu_info info;

static s64 called(const char *name, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    assert_true(calls < ARRAY_SIZE(seen));
    seen[calls].name = name;
    memcpy(seen[calls].a, (u64[]){a1, a2, a3, a4, a5}, sizeof(seen[0].a));
    calls++;
    if (again_after && calls == again_after)
        return call_again(current(), again_n, 0xa0000001, 0xa0000002, 0xa0000003);
    return result;
}

#define HANDLERS                                                                                   \
    H(0, compat_set_trap_table)                                                                    \
    H(1, do_mmu_update)                                                                            \
    H(2, compat_set_gdt)                                                                           \
    H(3, compat_stack_switch)                                                                      \
    H(4, compat_set_callbacks)                                                                     \
    H(5, do_fpu_taskswitch)                                                                        \
    H(6, do_sched_op_compat)                                                                       \
    H(8, do_set_debugreg)                                                                          \
    H(9, do_get_debugreg)                                                                          \
    H(10, compat_update_descriptor)                                                                \
    H(12, compat_memory_op)                                                                        \
    H(14, compat_update_va_mapping)                                                                \
    H(15, compat_set_timer_op)                                                                     \
    H(16, do_event_channel_op_compat)                                                              \
    H(17, compat_xen_version)                                                                      \
    H(18, do_console_io)                                                                           \
    H(19, compat_physdev_op_compat)                                                                \
    H(20, compat_grant_table_op)                                                                   \
    H(21, compat_vm_assist)                                                                        \
    H(22, compat_update_va_mapping_otherdomain)                                                    \
    H(24, compat_vcpu_op)                                                                          \
    H(25, compat_set_segment_base)                                                                 \
    H(26, compat_mmuext_op)                                                                        \
    H(28, compat_nmi_op)                                                                           \
    H(29, compat_sched_op)                                                                         \
    H(30, compat_callback_op)                                                                      \
    H(31, do_xenoprof_op)                                                                          \
    H(32, do_event_channel_op)                                                                     \
    H(33, compat_physdev_op)                                                                       \
    H(35, do_control_op)                                                                           \
    H(37, do_denied_op)                                                                            \
    H(40, do_xenpmu_op)                                                                            \
    H(55, do_arch_7)

#define H(nr, name)                                                                                \
    s64 name(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)                                               \
    {                                                                                              \
        return called(#name, a1, a2, a3, a4, a5);                                                  \
    }
HANDLERS
#undef H

static const char *const handler[64] = {
#define H(nr, name) [nr] = #name,
    HANDLERS
#undef H
        [7] = "do_control_op",
    [36] = "do_control_op",
    [42] = "do_denied_op",
    [48] = "do_denied_op",
};

void do_iret32(struct vcpu *v, struct regs *r)
{
    assert_ptr_equal(v, current());
    called("do_iret32", 0, 0, 0, 0, 0);
    r->rax = 0x1234;
}

static u32 exits;

void exit_work32(struct vcpu *v, struct regs *r)
{
    assert_ptr_equal(v, current());
    assert_ptr_equal(r, vcpu_regs(v));
    exits++;
}

static int setup(void **state)
{
    fixture(state);
    memset(seen, 0, sizeof(seen));
    calls = again_after = exits = 0;
    result = 0;
    info = (struct vcpu_info){0};
    current()->vi = &info;
    return 0;
}

#define JUNK 0x5a5a5a5a00000000UL

static struct regs *frame(u32 nr)
{
    struct regs *r = vcpu_regs(current());

    *r = (struct regs){
        .rax = JUNK | nr,
        .rbx = JUNK | 0xf0000001,
        .rcx = JUNK | 0xf0000002,
        .rdx = JUNK | 0xf0000003,
        .rsi = JUNK | 0xf0000004,
        .rdi = JUNK | 0xf0000005,
        .rbp = 0x77,
        .rip = 0xc1000002,
    };
    return r;
}

static void each_number_has_its_handler(void **state)
{
    for (u32 nr = 0; nr < 80; nr++) {
        setup(state);
        struct regs *r = frame(nr);
        const char *want = nr < 64 ? handler[nr] : NULL;

        result = -1;
        if (nr == __HYPERVISOR_multicall || nr == __HYPERVISOR_iret)
            continue;
        assert_ptr_equal(compat_hypercall(r), r);
        assert_int_equal(exits, 1);
        assert_true(current()->kernel_mode);
        if (!want) {
            assert_int_equal(r->rax, (u32)-XEN_ENOSYS);
            assert_int_equal(calls, 0);
            continue;
        }
        assert_int_equal(calls, 1);
        assert_string_equal(seen[0].name, want);
        for (u32 i = 0; i < 5; i++)
            assert_int_equal(seen[0].a[i], 0xf0000001 + i);
        assert_int_equal(r->rax, 0xffffffff);
        assert_int_equal(r->rip, 0xc1000002);
        assert_int_equal(r->rbx, JUNK | 0xf0000001);
    }
}

static void numbers_that_are_too_high(void **state)
{
    static const u32 nr[] = {64, 128, 0x80000000, 0xffffffff};

    (void)state;
    for (u32 i = 0; i < ARRAY_SIZE(nr); i++) {
        struct regs *r = compat_hypercall(frame(nr[i]));
        assert_int_equal(r->rax, (u32)-XEN_ENOSYS);
    }
    assert_int_equal(calls, 0);
}

static void iret_has_no_result(void **state)
{
    (void)state;
    struct regs *r = compat_hypercall(frame(__HYPERVISOR_iret));
    assert_int_equal(calls, 1);
    assert_int_equal(r->rax, 0x1234);
}

static void a_preempted_call_goes_back_onto_its_int(void **state)
{
    for (u32 n = 0; n <= 3; n++) {
        setup(state);
        again_after = 1;
        again_n = n;
        struct regs *r = compat_hypercall(frame(__HYPERVISOR_grant_table_op));

        assert_int_equal((u32)r->rax, __HYPERVISOR_grant_table_op);
        assert_int_equal(r->rip, 0xc1000000);
        assert_int_equal((u32)r->rbx, n > 0 ? 0xa0000001 : 0xf0000001);
        assert_int_equal((u32)r->rcx, n > 1 ? 0xa0000002 : 0xf0000002);
        assert_int_equal((u32)r->rdx, n > 2 ? 0xa0000003 : 0xf0000003);
        assert_int_equal((u32)r->rsi, 0xf0000004);
        assert_false(current()->again.wanted);
    }
}

/* Entries of a list at the end of the guest's writable memory, or anywhere. */
static u64 list(u64 addr, const u32 *ops, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        struct multicall_entry_x86_32 e = {.op = ops[i], .result = 0x99};

        for (u32 k = 0; k < 6; k++)
            e.args[k] = 0xf0000000 | i << 8 | k;
        memcpy(guest_at(addr + i * sizeof(e)), &e, sizeof(e));
    }
    return addr;
}

static struct multicall_entry_x86_32 *entry(u64 addr, u32 i)
{
    return (struct multicall_entry_x86_32 *)guest_at(addr) + i;
}

static u32 multicall(u64 addr, u32 count)
{
    struct regs *r = frame(__HYPERVISOR_multicall);

    r->rbx = JUNK | addr;
    r->rcx = JUNK | count;
    return (u32)compat_hypercall(r)->rax;
}

static void a_list_is_done_whatever_its_entries_say(void **state)
{
    static const u32 ops[] = {__HYPERVISOR_fpu_taskswitch, 63, __HYPERVISOR_multicall, 0xffffffff,
                              __HYPERVISOR_get_debugreg};

    (void)state;
    u64 addr = list(GUEST, ops, 5);
    result = (s64)0xffff0ff0;
    assert_int_equal(multicall(addr, 5), 0);
    assert_int_equal(calls, 2);
    assert_string_equal(seen[1].name, "do_get_debugreg");
    for (u32 k = 0; k < 5; k++)
        assert_int_equal(seen[1].a[k], 0xf0000400 | k);
    assert_int_equal(entry(addr, 0)->result, 0xffff0ff0);
    assert_int_equal(entry(addr, 1)->result, (u32)-XEN_ENOSYS);
    assert_int_equal(entry(addr, 2)->result, (u32)-XEN_EINVAL);
    assert_int_equal(entry(addr, 3)->result, (u32)-XEN_ENOSYS);
    assert_int_equal(entry(addr, 4)->result, 0xffff0ff0);
    assert_int_equal(entry(addr, 4)->args[0], 0xf0000400);
    assert_int_equal(*(u8 *)entry(addr, 5), 0xee);
}

static void iret_ends_a_list(void **state)
{
    static const u32 ops[] = {__HYPERVISOR_iret, __HYPERVISOR_fpu_taskswitch};

    (void)state;
    u64 addr = list(GUEST, ops, 2);
    assert_int_equal(multicall(addr, 2), 0x1234);
    assert_int_equal(calls, 1);
    assert_int_equal(entry(addr, 0)->result, 0x1234);
    assert_int_equal(entry(addr, 1)->result, 0x99);
}

/* At a page's edge behind which there is nothing; 0 entries need no list. */
static void lists_that_cannot_be_reached(void **state)
{
    static const u32 ops[] = {5, 5, 5};
    u64 size = sizeof(struct multicall_entry_x86_32), addr = GUEST_RO - 2 * size;

    (void)state;
    list(addr, ops, 3);
    assert_int_equal(multicall(addr, 3), (u32)-XEN_EFAULT); /* the third can't be written */
    assert_int_equal(calls, 3);
    assert_int_equal(entry(addr, 1)->result, 0);
    calls = 0;
    assert_int_equal(multicall(GUEST_RO_END - size / 2, 1), (u32)-XEN_EFAULT);
    assert_int_equal(multicall(PV32_HOLE_START - size, 2), (u32)-XEN_EFAULT);
    assert_int_equal(multicall(GUEST, 0xffffffff), (u32)-XEN_EFAULT);
    assert_int_equal(multicall(0xffffffff, 1), (u32)-XEN_EFAULT);
    assert_int_equal(calls, 0);
    assert_int_equal(multicall(PV32_HOLE_START, 0), 0);
}

static void a_long_list_is_preempted(void **state)
{
    enum { N = 300 }; /* of which each is a call to L0 */
    static u32 ops[N];
    u32 done = 0, left = N;
    u64 addr = GUEST;

    (void)state;
    for (u32 i = 0; i < N; i++)
        ops[i] = __HYPERVISOR_console_io;
    list(GUEST, ops, N);
    for (u32 slices = 0; left; slices++) {
        assert_in_range(slices, 0, 10);
        struct regs *r = frame(__HYPERVISOR_multicall);
        calls = 0;
        r->rbx = addr;
        r->rcx = left;
        compat_hypercall(r);
        assert_in_range(calls, 1, WORK_SLICE / WORK_L0 + 1);
        done += calls;
        if (r->rip == 0xc1000002)
            break;
        assert_int_equal((u32)r->rcx, left - calls);
        assert_int_equal((u32)r->rbx, addr + calls * sizeof(struct multicall_entry_x86_32));
        addr = (u32)r->rbx;
        left = (u32)r->rcx;
    }
    assert_int_equal(done, N);
    for (u32 i = 0; i < N; i++)
        assert_int_equal(entry(GUEST, i)->result, 0);
}

/* Its arguments are rewritten in the list, which begins with it the next time. */
static void a_preempted_entry(void **state)
{
    static const u32 ops[] = {5, __HYPERVISOR_mmuext_op, 5};

    (void)state;
    list(GUEST, ops, 3);
    again_after = 2;
    again_n = 2;
    struct regs *r = frame(__HYPERVISOR_multicall);
    r->rbx = GUEST;
    r->rcx = 3;
    compat_hypercall(r);
    assert_int_equal(r->rip, 0xc1000000);
    assert_int_equal((u32)r->rbx, GUEST + sizeof(struct multicall_entry_x86_32));
    assert_int_equal((u32)r->rcx, 2);
    assert_int_equal(entry(GUEST, 1)->args[0], 0xa0000001);
    assert_int_equal(entry(GUEST, 1)->args[1], 0xa0000002);
    assert_int_equal(entry(GUEST, 1)->args[2], 0xf0000102);
    assert_int_equal(entry(GUEST, 1)->result, 0x99);

    setup(state);
    list(GUEST_RO, ops, 2);
    again_after = 1;
    again_n = 1;
    assert_int_equal(multicall(GUEST_RO, 1), (u32)-XEN_EFAULT);
    assert_false(current()->again.wanted);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(each_number_has_its_handler),
    TEST(numbers_that_are_too_high),
    TEST(iret_has_no_result),
    TEST(a_preempted_call_goes_back_onto_its_int),
    TEST(a_list_is_done_whatever_its_entries_say),
    TEST(iret_ends_a_list),
    TEST(lists_that_cannot_be_reached),
    TEST(a_long_list_is_preempted),
    TEST(a_preempted_entry),
};

UNIT_MAIN(tests)
