// SPDX-License-Identifier: MIT
/* The answers of older Xens: the table against docs/L0.md, and what the funnel does with it. */
#include "unit.h"
#include "l0_model.h"
#include "xen_abi.h"

#define COLUMNS 8

/* The row of docs/L0.md that starts with this, split at its bars; cells are trimmed. */
static char row_text[1024];
static char *cells[COLUMNS + 1];

static bool row(const char *what)
{
    const char *path = getenv("L0_MD");
    FILE *f = fopen(path ? path : "docs/L0.md", "r");

    if (!f)
        fail_msg("docs/L0.md can't be read: run the tests from the top of the tree");
    while (fgets(row_text, sizeof(row_text), f)) {
        char *cell = strtok(row_text, "|\n");
        int n = 0;

        for (; cell && n <= COLUMNS; cell = strtok(NULL, "|\n")) {
            while (*cell == ' ')
                cell++;
            for (size_t len = strlen(cell); len && cell[len - 1] == ' ';)
                cell[--len] = 0;
            cells[n++] = cell;
        }
        if (n == COLUMNS + 1 && !strcmp(cells[0], what)) {
            fclose(f);
            return true;
        }
    }
    fclose(f);
    return false;
}

/* "0-4 6" as bits. */
static u32 bits(const char *cell)
{
    u32 set = 0;

    while (*cell) {
        char *end;
        long lo = strtol(cell, &end, 10), hi = lo;

        assert_ptr_not_equal(end, cell);
        if (*end == '-')
            hi = strtol(end + 1, &end, 10);
        for (long i = lo; i <= hi; i++)
            set |= 1u << i;
        cell = end + (*end == ' ');
    }
    return set;
}

static void names_are_the_columns(void **state)
{
    (void)state;
    assert_true(row("what"));
    assert_int_equal(l0_nr_models, COLUMNS);
    for (unsigned int i = 0; i < COLUMNS; i++)
        assert_string_equal(cells[i + 1], l0_models[i].name);
}

static void operations_are_the_documented_ones(void **state)
{
    (void)state;
    for (u32 slot = 0; slot < L0_SLOTS; slot++) {
        assert_true(row(l0_slot_name(slot)));
        for (unsigned int i = 0; i < COLUMNS; i++)
            assert_int_equal(bits(cells[i + 1]), l0_models[i].ops[slot]);
    }
}

static void numbers_are_the_documented_ones(void **state)
{
    (void)state;
    assert_true(row("features"));
    for (unsigned int i = 0; i < COLUMNS; i++)
        assert_int_equal(bits(cells[i + 1]), l0_models[i].features);
    assert_true(row("highest CPUID leaf above the base"));
    for (unsigned int i = 0; i < COLUMNS; i++)
        assert_int_equal(atoi(cells[i + 1]), l0_models[i].cpuid_leaves);
    assert_true(row("number of HVM parameters"));
    for (unsigned int i = 0; i < COLUMNS; i++)
        assert_int_equal(atoi(cells[i + 1]), l0_models[i].hvm_params);
}

static void yes_and_no_are_the_documented_ones(void **state)
{
    (void)state;
#define COMPARE(what, field)                                                                       \
    assert_true(row(what));                                                                        \
    for (unsigned int i = 0; i < COLUMNS; i++)                                                     \
    assert_int_equal(!strcmp(cells[i + 1], "yes"), l0_models[i].field)
    COMPARE("callback by vector works", vector);
    COMPARE("reservation calls take an order", orders);
    COMPARE("wall clock in shared_info", wallclock);
    COMPARE("clock chip is late", rtc_late);
    COMPARE("register_vcpu_info works", vcpu_info);
#undef COMPARE
}

static const struct l0_model *m34(void)
{
    return l0_model_find("3.4");
}

static void models_are_found_by_their_whole_name(void **state)
{
    (void)state;
    assert_non_null(m34());
    assert_null(l0_model_find("3"));
    assert_null(l0_model_find("3.4.1"));
    assert_null(l0_model_find(""));
}

static void unknown_calls_are_answered_here(void **state)
{
    s64 rc = 0;

    (void)state;
    assert_true(l0_model_before(m34(), __HYPERVISOR_multicall, 0, 0, &rc));
    assert_int_equal(rc, -XEN_ENOSYS);
    rc = 0;
    assert_true(
        l0_model_before(m34(), __HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, 0, &rc));
    assert_int_equal(rc, -XEN_ENOSYS);
    assert_false(l0_model_before(m34(), __HYPERVISOR_sched_op, SCHEDOP_yield, 0, &rc));
}

static void memory_op_is_told_without_its_start(void **state)
{
    s64 rc;
    struct xen_memory_reservation r = {.extent_order = 0};

    (void)state;
    assert_int_equal(l0_op(L0_SLOT_MEMORY, 5UL << 6 | XENMEM_populate_physmap),
                     XENMEM_populate_physmap);
    assert_false(l0_model_before(m34(), __HYPERVISOR_memory_op, 5UL << 6 | XENMEM_populate_physmap,
                                 (u64)&r, &rc));
    r.extent_order = 1;
    assert_true(l0_model_before(m34(), __HYPERVISOR_memory_op, 5UL << 6 | XENMEM_populate_physmap,
                                (u64)&r, &rc));
    assert_int_equal(rc, 5);
    assert_false(l0_model_before(l0_model_find("4.0.0"), __HYPERVISOR_memory_op,
                                 XENMEM_populate_physmap, (u64)&r, &rc));
}

static void params_end_at_17(void **state)
{
    struct xen_hvm_param p = {.index = HVM_PARAM_CONSOLE_PFN};
    s64 rc = 0;

    (void)state;
    assert_true(l0_model_before(m34(), __HYPERVISOR_hvm_op, HVMOP_get_param, (u64)&p, &rc));
    assert_int_equal(rc, -XEN_EINVAL);
    p.index = HVM_PARAM_STORE_PFN;
    assert_false(l0_model_before(m34(), __HYPERVISOR_hvm_op, HVMOP_get_param, (u64)&p, &rc));
}

static void vector_callback_turns_delivery_off(void **state)
{
    struct xen_hvm_param p = {.index = HVM_PARAM_CALLBACK_IRQ, .value = 2UL << 56 | 0xf0};
    s64 rc;

    (void)state;
    assert_false(
        l0_model_before(l0_model_find("4.1"), __HYPERVISOR_hvm_op, HVMOP_set_param, (u64)&p, &rc));
    assert_int_equal(p.value, 2UL << 56 | 0xf0);
    assert_false(l0_model_before(m34(), __HYPERVISOR_hvm_op, HVMOP_set_param, (u64)&p, &rc));
    assert_int_equal(p.value, 0);
    p.value = 16;
    assert_false(l0_model_before(m34(), __HYPERVISOR_hvm_op, HVMOP_set_param, (u64)&p, &rc));
    assert_int_equal(p.value, 16);
}

static void features_and_version_are_the_models(void **state)
{
    struct xen_feature_info f = {.submap = ~0u};
    s64 rc = 0;

    (void)state;
    l0_model_after(m34(), __HYPERVISOR_xen_version, XENVER_get_features, (u64)&f, &rc);
    assert_int_equal(f.submap, 5);
    rc = 0x40011;
    l0_model_after(m34(), __HYPERVISOR_xen_version, XENVER_version, 0, &rc);
    assert_int_equal(rc, 0x30004);
    f.submap_idx = 1;
    assert_true(
        l0_model_before(m34(), __HYPERVISOR_xen_version, XENVER_get_features, (u64)&f, &rc));
    assert_int_equal(rc, -XEN_EINVAL);
}

static void registering_vcpu_info_fails_before_4_3(void **state)
{
    s64 rc = 0;

    (void)state;
    assert_true(l0_model_before(l0_model_find("4.2"), __HYPERVISOR_vcpu_op,
                                VCPUOP_register_vcpu_info, 0, &rc));
    assert_int_equal(rc, -XEN_EINVAL);
    assert_false(l0_model_before(l0_model_find("4.6"), __HYPERVISOR_vcpu_op,
                                 VCPUOP_register_vcpu_info, 0, &rc));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_are_the_columns),
    cmocka_unit_test(operations_are_the_documented_ones),
    cmocka_unit_test(numbers_are_the_documented_ones),
    cmocka_unit_test(yes_and_no_are_the_documented_ones),
    cmocka_unit_test(models_are_found_by_their_whole_name),
    cmocka_unit_test(unknown_calls_are_answered_here),
    cmocka_unit_test(memory_op_is_told_without_its_start),
    cmocka_unit_test(params_end_at_17),
    cmocka_unit_test(vector_callback_turns_delivery_off),
    cmocka_unit_test(features_and_version_are_the_models),
    cmocka_unit_test(registering_vcpu_info_fails_before_4_3),
};

UNIT_MAIN(tests)
