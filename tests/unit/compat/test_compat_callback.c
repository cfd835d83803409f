// SPDX-License-Identifier: MIT
/* Entry points of a 32-bit guest: each with a selector, which has RPL 1 at least. */
#include "fixture.h"
#include "unit.h"
#include "compat.h"
#include "preempt.h"

static u64 native_nmi;

s64 do_nmi_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    (void)arg, (void)a3, (void)a4, (void)a5;
    native_nmi = cmd;
    return -77;
}

void vcpu_set_kernel_sp(struct vcpu *v, u64 sp)
{
    v->kernel_sp = sp;
}

static int setup(void **state)
{
    fixture(state);
    native_nmi = 0;
    return 0;
}

static void is(const struct callback *cb, u16 cs, u64 eip, bool mask)
{
    assert_int_equal(cb->cs, cs);
    assert_int_equal(cb->address, eip);
    assert_int_equal(cb->mask_events, mask);
}

static void a_trap_table(void **state)
{
    static const struct trap_info_x86_32 table[] = {
        {0, 3, 0x60, 0xffffffff},
        {14, 4, 0x61, 0xc0000001},
        {255, 7, 0x63, 1},
        {255, 2, 0x60, 0xc0000002},
        {3, 0, 0, 5},
        {1, 0, 0x61, 0},
    };
    struct trap_handler *t = current()->traps;

    (void)state;
    t[1].address = 99;
    memcpy(guest_at(GUEST), table, sizeof(table));
    assert_int_equal(compat_set_trap_table(GUEST, 0, 0, 0, 0), 0);
    assert_int_equal(t[0].address, 0xffffffff);
    assert_int_equal(t[0].cs, 0x61);
    assert_int_equal(t[0].dpl, 3);
    assert_false(t[0].mask_events);
    assert_int_equal(t[14].cs, 0x61);
    assert_int_equal(t[14].dpl, 0);
    assert_true(t[14].mask_events);
    assert_int_equal(t[255].address, 0xc0000002); /* the last one counts */
    assert_int_equal(t[255].cs, 0x61);
    assert_int_equal(t[255].dpl, 2);
    assert_int_equal(t[3].cs, 1); /* a null one is none, and stays null */
    assert_int_equal(t[1].address, 99);
    assert_int_equal(compat_set_trap_table(0, 0, 0, 0, 0), 0);
    assert_int_equal(t[1].address, 0);
    assert_int_equal(t[255].cs, 0);
}

/* What could be read is set. */
static void a_trap_table_that_ends_too_early(void **state)
{
    struct trap_info_x86_32 *t = guest_at(GUEST_RO_END - 16);

    (void)state;
    t[0] = (struct trap_info_x86_32){1, 0, 0x61, 5};
    t[1] = (struct trap_info_x86_32){2, 0, 0x61, 6};
    assert_int_equal(compat_set_trap_table(GUEST_RO_END - 16, 0, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(current()->traps[2].address, 6);
    assert_int_equal(compat_set_trap_table(PV32_HOLE_START, 0, 0, 0, 0), -XEN_EFAULT);
    assert_int_equal(compat_set_trap_table(0xffffffff, 0, 0, 0, 0), -XEN_EFAULT);
}

static void a_trap_table_without_end(void **state)
{
    struct vcpu *v = current();
    u64 at = GUEST;
    s64 rc;
    u32 slices = 0;

    (void)state;
    for (u32 i = 0; i < (GUEST_PAGES + 1) * PAGE_SIZE / 8; i++)
        ((struct trap_info_x86_32 *)guest_at(GUEST))[i] =
            (struct trap_info_x86_32){(u8)i, 0, 0x61, i + 1};
    for (;; slices++) {
        v->work = WORK_SLICE;
        rc = compat_set_trap_table(at, 0, 0, 0, 0);
        if (!v->again.wanted)
            break;
        v->again.wanted = false;
        assert_int_equal(v->again.n, 1);
        assert_int_equal(v->again.arg[0], at + (WORK_SLICE + 1) * 8);
        at = v->again.arg[0];
    }
    assert_int_equal(rc, -XEN_EFAULT);
    assert_int_equal(slices, 2);
    assert_int_equal(v->traps[255].address, 2560);
}

static void both_callbacks_at_once(void **state)
{
    struct vcpu *v = current();

    (void)state;
    v->failsafe.mask_events = true;
    assert_int_equal(compat_set_callbacks(0xe019, 0xc0001000, 0x60, 0xffffffff, 9), 0);
    is(&v->event, 0xe019, 0xc0001000, true);
    is(&v->failsafe, 0x61, 0xffffffff, false);
    assert_int_equal(compat_set_callbacks(0xffff0062, 0, 0, 0, 0), 0);
    is(&v->event, 0x62, 0, true);
}

static s64 reg(u16 type, u16 flags, u32 cs, u32 eip)
{
    struct callback_register_x86_32 r = {type, flags, {cs, eip}};

    memcpy(guest_at(GUEST), &r, sizeof(r));
    return compat_callback_op(CALLBACKOP_register, GUEST, 0, 0, 0);
}

static void callbacks_one_by_one(void **state)
{
    struct vcpu *v = current();

    (void)state;
    assert_int_equal(reg(CALLBACKTYPE_event, 0, 0x60, 0xf0000001), 0);
    is(&v->event, 0x61, 0xf0000001, true);
    assert_int_equal(reg(CALLBACKTYPE_failsafe, CALLBACKF_mask_events, 0x61, 2), 0);
    is(&v->failsafe, 0x61, 2, true);
    assert_int_equal(reg(CALLBACKTYPE_failsafe, 0xfffe, 0x61, 2), 0);
    is(&v->failsafe, 0x61, 2, false);
    assert_int_equal(reg(CALLBACKTYPE_sysenter, 1, 0x61, 3), 0);
    is(&v->sysenter, 0x61, 3, true);
    assert_int_equal(reg(CALLBACKTYPE_syscall32, 0, 0x10062, 4), 0);
    is(&v->syscall32, 0x62, 4, false);
    assert_int_equal(reg(CALLBACKTYPE_nmi, 0, 0x61, 0xf0000005), 0);
    is(&v->nmi, 0xe019, 0xf0000005, true);
    v->id = 1;
    assert_int_equal(reg(CALLBACKTYPE_nmi, 0, 0x61, 6), -XEN_EINVAL);
    assert_int_equal(v->nmi.address, 0xf0000005);
    assert_int_equal(reg(CALLBACKTYPE_syscall, 0, 0x61, 7), -XEN_ENOSYS);
    assert_int_equal(v->syscall.address, 0);
    assert_int_equal(reg(CALLBACKTYPE_sysenter_deprecated, 0, 0x61, 7), -XEN_ENOSYS);
    assert_int_equal(reg(99, 0, 0x61, 7), -XEN_ENOSYS);
    assert_int_equal(compat_callback_op(CALLBACKOP_register, GUEST_RO_END - 8, 0, 0, 0),
                     -XEN_EFAULT);
    assert_int_equal(compat_callback_op(7, GUEST, 0, 0, 0), -XEN_EINVAL);
}

static s64 unreg(u16 type)
{
    *(struct callback_unregister *)guest_at(GUEST) = (struct callback_unregister){type, 0};
    return compat_callback_op(CALLBACKOP_unregister, GUEST, 0, 0, 0);
}

static void unregistering(void **state)
{
    static const u16 kept[] = {CALLBACKTYPE_event, CALLBACKTYPE_failsafe, CALLBACKTYPE_sysenter,
                               CALLBACKTYPE_syscall32};

    (void)state;
    current()->nmi.address = 5;
    for (u32 i = 0; i < ARRAY_SIZE(kept); i++)
        assert_int_equal(unreg(kept[i]), -XEN_EINVAL);
    assert_int_equal(unreg(CALLBACKTYPE_syscall), -XEN_ENOSYS);
    assert_int_equal(current()->nmi.address, 5);
    assert_int_equal(unreg(CALLBACKTYPE_nmi), 0);
    assert_int_equal(current()->nmi.address, 0);
    assert_int_equal(compat_callback_op(CALLBACKOP_unregister, PV32_HOLE_START, 0, 0, 0),
                     -XEN_EFAULT);
}

static void the_nmi_the_old_way(void **state)
{
    (void)state;
    *(struct xennmi_callback_x86_32 *)guest_at(GUEST) =
        (struct xennmi_callback_x86_32){0xf0000007, 0};
    assert_int_equal(compat_nmi_op(XENNMI_register_callback, GUEST, 0, 0, 0), 0);
    is(&current()->nmi, 0xe019, 0xf0000007, true);
    assert_int_equal(compat_nmi_op(XENNMI_register_callback, GUEST_RO_END - 4, 0, 0, 0),
                     -XEN_EFAULT);
    current()->id = 2;
    assert_int_equal(compat_nmi_op(XENNMI_register_callback, GUEST, 0, 0, 0), -XEN_EINVAL);
    assert_int_equal(compat_nmi_op(XENNMI_unregister_callback, 0, 0, 0, 0), -77);
    assert_int_equal(native_nmi, XENNMI_unregister_callback);
}

static void the_kernel_stack(void **state)
{
    struct vcpu *v = current();

    (void)state;
    assert_int_equal(compat_stack_switch(0x68, 0xfffffffc, 0, 0, 0), 0);
    assert_int_equal(v->kernel_ss, 0x69);
    assert_int_equal(v->kernel_sp, 0xfffffffc);
    assert_int_equal(compat_stack_switch(0xffffe022, 0, 0, 0, 0), 0);
    assert_int_equal(v->kernel_ss, 0xe022);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(a_trap_table),
    TEST(a_trap_table_that_ends_too_early),
    TEST(a_trap_table_without_end),
    TEST(both_callbacks_at_once),
    TEST(callbacks_one_by_one),
    TEST(unregistering),
    TEST(the_nmi_the_old_way),
    TEST(the_kernel_stack),
};

UNIT_MAIN(tests)
