// SPDX-License-Identifier: MIT
/* vcpu_op, timers and waiting of a 32-bit guest, and what the hypervisor says of itself. */
#include "fixture.h"
#include "unit.h"
#include "compat.h"
#include "guest_time.h"
#include "vcpu_init.h"

static const char *called;
static u64 arg[4];
static struct vcpu *on;
static s64 result;
static struct vcpu_runstate_info runstate;

static s64 note(const char *name, u64 a1, u64 a2, u64 a3, u64 a4)
{
    called = name;
    memcpy(arg, (u64[]){a1, a2, a3, a4}, sizeof(arg));
    return result;
}

#define NOTE(name)                                                                                 \
    s64 name(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)                                               \
    {                                                                                              \
        (void)a5;                                                                                  \
        return note(#name, a1, a2, a3, a4);                                                        \
    }
NOTE(do_vcpu_op)
NOTE(do_set_timer_op)
NOTE(do_sched_op)
NOTE(do_xen_version)
NOTE(do_physdev_op)
NOTE(do_vm_assist)

s64 vcpu_initialise32(struct vcpu *v, u64 ctxt)
{
    on = v;
    return note("vcpu_initialise32", ctxt, 0, 0, 0);
}

s64 runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
    on = v;
    *out = runstate;
    return note("runstate_get", 0, 0, 0, 0);
}

s64 runstate_register(struct vcpu *v, u64 area)
{
    on = v;
    return note("runstate_register", area, 0, 0, 0);
}

void clock_register_area(struct vcpu *v, u64 area)
{
    on = v;
    note("clock_register_area", area, 0, 0, 0);
}

static int setup(void **state)
{
    fixture(state);
    called = "nothing";
    result = 0;
    return 0;
}

static void vcpus_that_are_not_there(void **state)
{
    (void)state;
    assert_int_equal(compat_vcpu_op(VCPUOP_is_up, VCPUS, 0, 0, 0), -XEN_ENOENT);
    assert_int_equal(compat_vcpu_op(VCPUOP_initialise, 0xffffffff, 0, 0, 0), -XEN_ENOENT);
    assert_string_equal(called, "nothing");
}

static void operations_that_are_the_same(void **state)
{
    static const u32 cmds[] = {VCPUOP_up,
                               VCPUOP_down,
                               VCPUOP_is_up,
                               VCPUOP_set_periodic_timer,
                               VCPUOP_stop_periodic_timer,
                               VCPUOP_stop_singleshot_timer,
                               VCPUOP_register_vcpu_info,
                               VCPUOP_get_physid,
                               VCPUOP_send_nmi,
                               99};

    for (u32 i = 0; i < ARRAY_SIZE(cmds); i++) {
        setup(state);
        result = -5;
        assert_int_equal(compat_vcpu_op(cmds[i], 3, 0xf0000000, 0, 0), -5);
        assert_string_equal(called, "do_vcpu_op");
        assert_memory_equal(arg, ((u64[]){cmds[i], 3, 0xf0000000, 0}), sizeof(arg));
    }
}

static void initialising(void **state)
{
    (void)state;
    result = -XEN_EEXIST;
    assert_int_equal(compat_vcpu_op(VCPUOP_initialise, 2, 0xc0000123, 0, 0), -XEN_EEXIST);
    assert_string_equal(called, "vcpu_initialise32");
    assert_ptr_equal(on, vcpu_of(2));
    assert_int_equal(arg[0], 0xc0000123);
}

static void the_runstate(void **state)
{
    struct vcpu_runstate_info_x86_32 *got = guest_at(GUEST);

    (void)state;
    runstate = (struct vcpu_runstate_info){2, 0x8000000000000001, {~0UL, 2, 3, 1UL << 63}};
    assert_int_equal(compat_vcpu_op(VCPUOP_get_runstate_info, 1, GUEST, 0, 0), 0);
    assert_ptr_equal(on, vcpu_of(1));
    assert_int_equal(got->state, 2);
    assert_int_equal(got->state_entry_time, 0x8000000000000001);
    assert_int_equal(got->time[0], ~0UL);
    assert_int_equal(got->time[3], 1UL << 63);
    assert_int_equal(*(u8 *)(got + 1), 0xee);
    assert_int_equal(compat_vcpu_op(VCPUOP_get_runstate_info, 1, GUEST_RO, 0, 0), -XEN_EFAULT);
    result = -3;
    assert_int_equal(compat_vcpu_op(VCPUOP_get_runstate_info, 1, GUEST, 0, 0), -3);
}

/* Of the union the handle alone: what is behind it needn't even be there. */
static s64 area(u32 cmd, u32 addr)
{
    *(u32 *)guest_at(GUEST_RO_END - 4) = addr;
    arg[0] = 0x77;
    return compat_vcpu_op(cmd, 1, GUEST_RO_END - 4, 0, 0);
}

static void areas_of_time(void **state)
{
    static const struct {
        u32 cmd, size;
        const char *name;
    } areas[] = {
        {VCPUOP_register_runstate_memory_area, 44, "runstate_register"},
        {VCPUOP_register_vcpu_time_memory_area, 32, "clock_register_area"},
    };

    for (u32 i = 0; i < ARRAY_SIZE(areas); i++) {
        setup(state);
        assert_int_equal(area(areas[i].cmd, PV32_HOLE_START - areas[i].size), 0);
        assert_string_equal(called, areas[i].name);
        assert_ptr_equal(on, vcpu_of(1));
        assert_int_equal(arg[0], PV32_HOLE_START - areas[i].size);
        assert_int_equal(area(areas[i].cmd, 0), 0);
        assert_int_equal(arg[0], 0);
        assert_int_equal(area(areas[i].cmd, PV32_HOLE_START - areas[i].size + 1), -XEN_EFAULT);
        assert_int_equal(area(areas[i].cmd, 0xffffffff), -XEN_EFAULT);
        assert_int_equal(arg[0], 0x77);
        assert_int_equal(compat_vcpu_op(areas[i].cmd, 1, GUEST_RO_END - 3, 0, 0), -XEN_EFAULT);
    }
}

static void timers(void **state)
{
    struct vcpu_set_singleshot_timer_x86_32 *op = guest_at(GUEST_RO_END - sizeof(*op));
    struct vcpu_set_singleshot_timer *native = (struct vcpu_set_singleshot_timer *)XLAT_VIRT;

    (void)state;
    *op = (struct vcpu_set_singleshot_timer_x86_32){0xfedcba9876543210, 0x80000001};
    assert_int_equal(
        compat_vcpu_op(VCPUOP_set_singleshot_timer, 0, GUEST_RO_END - sizeof(*op), 0, 0), 0);
    assert_string_equal(called, "do_vcpu_op");
    assert_memory_equal(arg, ((u64[]){VCPUOP_set_singleshot_timer, 0, XLAT_VIRT, 0}), sizeof(arg));
    assert_int_equal(native->timeout_abs_ns, 0xfedcba9876543210);
    assert_int_equal(native->flags, 0x80000001);
    assert_int_equal(compat_vcpu_op(VCPUOP_set_singleshot_timer, 0, GUEST_RO_END - 8, 0, 0),
                     -XEN_EFAULT);
    assert_int_equal(compat_set_timer_op(0x89abcdef, 0xfedcba98, 7, 8, 9), 0);
    assert_string_equal(called, "do_set_timer_op");
    assert_int_equal(arg[0], 0xfedcba9889abcdef);
}

static s64 poll(u64 ports, u32 n, u64 timeout)
{
    *(struct sched_poll_x86_32 *)guest_at(GUEST) =
        (struct sched_poll_x86_32){(u32)ports, n, timeout};
    called = "nothing";
    return compat_sched_op(SCHEDOP_poll, GUEST, 0, 0, 0);
}

static void polling(void **state)
{
    const struct sched_poll *native = (const struct sched_poll *)XLAT_VIRT;
    u32 *port = guest_at(GUEST_RO_END - 512);

    (void)state;
    for (u32 i = 0; i < 128; i++)
        port[i] = 1023 - i;
    assert_int_equal(poll(GUEST_RO_END - 512, 128, 0x8123456789abcdef), 0);
    assert_string_equal(called, "do_sched_op");
    assert_memory_equal(arg, ((u64[]){SCHEDOP_poll, XLAT_VIRT, 0, 0}), sizeof(arg));
    assert_int_equal(native->nr_ports, 128);
    assert_int_equal(native->timeout, 0x8123456789abcdef);
    for (u32 i = 0; i < 128; i++)
        assert_int_equal(native->ports.p[i], 1023 - i);
    assert_int_equal(poll(0, 0, 5), 0);
    assert_int_equal(poll(GUEST, 129, 0), -XEN_EINVAL);
    assert_int_equal(poll(GUEST, 0xffffffff, 0), -XEN_EINVAL);
    assert_int_equal(poll(GUEST_RO_END - 508, 128, 0), -XEN_EFAULT);
    assert_string_equal(called, "nothing");
    assert_int_equal(compat_sched_op(SCHEDOP_poll, GUEST_RO_END - 12, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_sched_op(SCHEDOP_shutdown, 0xf0000001, 0xf0000002, 0, 0), 0);
    assert_memory_equal(arg, ((u64[]){SCHEDOP_shutdown, 0xf0000001, 0xf0000002, 0}), sizeof(arg));
}

static void versions(void **state)
{
    (void)state;
    assert_int_equal(compat_xen_version(XENVER_capabilities, GUEST, 0, 0, 0), 0);
    assert_string_equal((char *)guest_at(GUEST), "xen-3.0-x86_64 xen-3.0-x86_32p ");
    assert_int_equal(*(u8 *)guest_at(GUEST + 1023), 0);
    assert_int_equal(*(u8 *)guest_at(GUEST + 1024), 0xee);
    assert_int_equal(compat_xen_version(XENVER_platform_parameters, GUEST + 2048, 0, 0, 0), 0);
    assert_int_equal(*(u32 *)guest_at(GUEST + 2048), 0xf5800000);
    assert_int_equal(*(u32 *)guest_at(GUEST + 2052), 0xeeeeeeee);
    assert_int_equal(compat_xen_version(XENVER_platform_parameters, GUEST_RO, 0, 0, 0),
                     -XEN_EFAULT);
    assert_int_equal(compat_xen_version(XENVER_capabilities, GUEST_RO - 1000, 0, 0, 0),
                     -XEN_EFAULT);
    assert_string_equal(called, "nothing");
    result = 0x40011;
    assert_int_equal(compat_xen_version(XENVER_version, 0, 0, 0, 0), 0x40011);
    assert_int_equal(compat_xen_version(XENVER_get_features, 0xf0000000, 0, 0, 0), 0x40011);
    assert_int_equal(arg[1], 0xf0000000);
}

/* The old form has the same structures behind its command. */
static void io_privilege(void **state)
{
    struct physdev_set_iobitmap *native = (struct physdev_set_iobitmap *)XLAT_VIRT;
    struct physdev_op_x86_32 op = {PHYSDEVOP_set_iobitmap, {0xf0000000, 0x10000}};

    (void)state;
    memcpy(guest_at(GUEST), &op, sizeof(op));
    assert_int_equal(compat_physdev_op(op.cmd, GUEST + 4, 0, 0, 0), 0);
    assert_memory_equal(arg, ((u64[]){op.cmd, XLAT_VIRT, 0, 0}), sizeof(arg));
    assert_int_equal((u64)native->bitmap.p, 0xf0000000);
    assert_int_equal(native->nr_ports, 0x10000);
    memset(native, 0, sizeof(*native));
    assert_int_equal(compat_physdev_op_compat(GUEST, 0, 0, 0, 0), 0);
    assert_int_equal((u64)native->bitmap.p, 0xf0000000);
    called = "nothing";
    assert_int_equal(compat_physdev_op(op.cmd, GUEST_RO_END - 4, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_physdev_op_compat(GUEST_RO_END - 12, 0, 0, 0, 0), -XEN_EFAULT);
    op.u[0] = 0xffffff00;
    memcpy(guest_at(GUEST), &op, sizeof(op));
    assert_int_equal(compat_physdev_op_compat(GUEST, 0, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_physdev_op(PHYSDEVOP_apic_read, GUEST_RO_END - 12, 0, 0, 0),
                     -XEN_EPERM);
    assert_int_equal(compat_physdev_op(PHYSDEVOP_apic_write, GUEST_RO_END - 8, 0, 0, 0),
                     -XEN_EFAULT);
    assert_string_equal(called, "nothing");
    op.cmd = PHYSDEVOP_set_iopl;
    memcpy(guest_at(GUEST), &op, sizeof(op));
    assert_int_equal(compat_physdev_op_compat(GUEST, 0, 0, 0, 0), 0);
    assert_memory_equal(arg, ((u64[]){PHYSDEVOP_set_iopl, GUEST + 4, 0, 0}), sizeof(arg));
}

static void assists_and_bases(void **state)
{
    (void)state;
    result = -5;
    assert_int_equal(compat_vm_assist(VMASST_CMD_enable, VMASST_TYPE_m2p_strict, 0, 0, 0),
                     -XEN_EINVAL);
    assert_int_equal(compat_set_segment_base(0, 0, 0, 0, 0), -XEN_ENOSYS);
    assert_string_equal(called, "nothing");
    assert_int_equal(compat_vm_assist(VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3, 0, 0, 0),
                     -5);
    assert_memory_equal(arg, ((u64[]){VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3, 0, 0}),
                        sizeof(arg));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(vcpus_that_are_not_there),
    TEST(operations_that_are_the_same),
    TEST(initialising),
    TEST(the_runstate),
    TEST(areas_of_time),
    TEST(timers),
    TEST(polling),
    TEST(versions),
    TEST(io_privilege),
    TEST(assists_and_bases),
};

UNIT_MAIN(tests)
