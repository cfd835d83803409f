// SPDX-License-Identifier: MIT
/* The table of event channel ports. */
#include "unit.h"
#include "ports.h"
#include "xen_abi.h"

static int start(void **state)
{
    (void)state;
    for (u32 p = 1; p < NR_PORTS; p++)
        port_free(p);
    return 0;
}

static void no_port_is_valid_at_first(void **state)
{
    (void)state;
    for (u32 p = 0; p < NR_PORTS; p++)
        assert_false(port_valid(p));
}

static void port_0_is_never_given(void **state)
{
    (void)state;
    assert_false(port_take(0, PORT_L0, 0, 0));
    assert_false(port_valid(0));
}

static void last_port_is_4095(void **state)
{
    (void)state;
    assert_true(port_take(4095, PORT_L0, 0, 0));
    assert_true(port_valid(4095));
    assert_false(port_take(4096, PORT_L0, 0, 0));
    assert_false(port_take(~0u, PORT_L0, 0, 0));
    assert_false(port_valid(4096));
    assert_false(port_valid(~0u));
}

static void port_remembers_what_it_is(void **state)
{
    (void)state;
    assert_true(port_take(7, PORT_VIRQ, 127, 23));
    assert_int_equal(ports[7].kind, PORT_VIRQ);
    assert_int_equal(ports[7].vcpu, 127);
    assert_int_equal(ports[7].virq, 23);
    assert_true(port_take(8, PORT_SHIM, 0, 0));
    assert_int_equal(ports[8].kind, PORT_SHIM);
}

static void port_in_use_is_not_given_again(void **state)
{
    (void)state;
    assert_true(port_take(7, PORT_IPI, 3, 0));
    assert_false(port_take(7, PORT_L0, 0, 0));
    assert_int_equal(ports[7].kind, PORT_IPI);
    assert_int_equal(ports[7].vcpu, 3);
}

static void freed_port_is_given_again(void **state)
{
    (void)state;
    assert_true(port_take(7, PORT_IPI, 3, 0));
    port_free(7);
    assert_false(port_valid(7));
    assert_true(port_take(7, PORT_L0, 0, 0));
}

static void freeing_what_is_free_or_none_does_nothing(void **state)
{
    (void)state;
    port_free(0);
    port_free(7);
    port_free(4096);
    port_free(~0u);
    assert_false(port_valid(7));
}

static void virq_is_found_by_its_vcpu(void **state)
{
    (void)state;
    assert_true(port_take(9, PORT_VIRQ, 0, 1));
    assert_true(port_take(10, PORT_VIRQ, 1, 1));
    assert_int_equal(port_of_virq(0, 1), 9);
    assert_int_equal(port_of_virq(1, 1), 10);
    assert_int_equal(port_of_virq(2, 1), 0);
    assert_int_equal(port_of_virq(0, 2), 0);
}

static void timer_is_found_by_its_vcpu(void **state)
{
    (void)state;
    for (u32 vcpu = 0; vcpu < 128; vcpu++)
        assert_true(port_take(100 + vcpu, PORT_VIRQ, vcpu, 0));
    for (u32 vcpu = 0; vcpu < 128; vcpu++)
        assert_int_equal(port_of_virq(vcpu, 0), 100 + vcpu);
}

static void other_kinds_are_no_virqs(void **state)
{
    (void)state;
    assert_true(port_take(9, PORT_IPI, 0, 0));
    assert_true(port_take(10, PORT_L0, 0, 1));
    assert_int_equal(port_of_virq(0, 0), 0);
    assert_int_equal(port_of_virq(0, 1), 0);
}

static void freed_virq_is_not_found(void **state)
{
    (void)state;
    assert_true(port_take(9, PORT_VIRQ, 2, 0));
    assert_true(port_take(10, PORT_VIRQ, 2, 4));
    port_free(9);
    port_free(10);
    assert_int_equal(port_of_virq(2, 0), 0);
    assert_int_equal(port_of_virq(2, 4), 0);
}

static void timer_refused_a_port_is_not_found_there(void **state)
{
    (void)state;
    assert_true(port_take(9, PORT_L0, 0, 0));
    assert_false(port_take(9, PORT_VIRQ, 0, 0));
    assert_int_equal(port_of_virq(0, 0), 0);
}

static void freeing_an_ipi_keeps_the_timer(void **state)
{
    (void)state;
    assert_true(port_take(9, PORT_VIRQ, 0, 0));
    assert_true(port_take(10, PORT_IPI, 0, 0));
    port_free(10);
    assert_int_equal(port_of_virq(0, 0), 9);
}

/* What builders of the 3.4 age leave: the mask of the toolstack's own word size. */
static void numbers_behind_are_there_with_room_for_them(void **state)
{
    struct own_port *more = calloc(ALL_PORTS - NR_PORTS, sizeof(*more));

    (void)state;
    ports_extend(more);
    assert_true(port_take(NR_PORTS, PORT_IPI, 5, 0));
    assert_true(port_take(ALL_PORTS - 1, PORT_VIRQ, 3, 0));
    assert_false(port_take(ALL_PORTS, PORT_IPI, 0, 0));
    assert_int_equal(port_get(NR_PORTS).vcpu, 5);
    port_set_vcpu(NR_PORTS, 6);
    assert_int_equal(port_get(NR_PORTS).vcpu, 6);
    assert_int_equal(port_of_virq(3, 0), ALL_PORTS - 1);
    assert_int_equal(ports_end, ALL_PORTS);
    port_free(ALL_PORTS - 1);
    assert_int_equal(port_of_virq(3, 0), 0);
    assert_false(port_valid(ALL_PORTS - 1));
    ports_extend(NULL);
    assert_false(port_valid(NR_PORTS));
    free(more);
}

static void leftovers_of_a_32_bit_dom0_are_cleaned(void **state)
{
    static struct shared_info s;
    u8 *bytes = (u8 *)&s;

    (void)state;
    memset(bytes + 2176, 0xff, 128); /* evtchn_mask of the 32-bit layout */
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        s.vcpu_info[i].evtchn_upcall_pending = 1;
        s.vcpu_info[i].evtchn_pending_sel = ~0UL;
    }
    assert_int_not_equal(s.evtchn_pending[1024 / 64], 0);
    ports_clean(&s);
    for (u32 i = 0; i < 64; i++) {
        assert_int_equal(s.evtchn_pending[i], 0);
        assert_int_equal(s.evtchn_mask[i], ~0UL);
    }
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        assert_int_equal(s.vcpu_info[i].evtchn_upcall_pending, 0);
        assert_int_equal(s.vcpu_info[i].evtchn_pending_sel, 0);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(no_port_is_valid_at_first, start),
    cmocka_unit_test_setup(port_0_is_never_given, start),
    cmocka_unit_test_setup(last_port_is_4095, start),
    cmocka_unit_test_setup(port_remembers_what_it_is, start),
    cmocka_unit_test_setup(port_in_use_is_not_given_again, start),
    cmocka_unit_test_setup(freed_port_is_given_again, start),
    cmocka_unit_test_setup(freeing_what_is_free_or_none_does_nothing, start),
    cmocka_unit_test_setup(virq_is_found_by_its_vcpu, start),
    cmocka_unit_test_setup(timer_is_found_by_its_vcpu, start),
    cmocka_unit_test_setup(other_kinds_are_no_virqs, start),
    cmocka_unit_test_setup(freed_virq_is_not_found, start),
    cmocka_unit_test_setup(timer_refused_a_port_is_not_found_there, start),
    cmocka_unit_test_setup(freeing_an_ipi_keeps_the_timer, start),
    cmocka_unit_test_setup(numbers_behind_are_there_with_room_for_them, start),
    cmocka_unit_test(leftovers_of_a_32_bit_dom0_are_cleaned),
};

UNIT_MAIN(tests)
