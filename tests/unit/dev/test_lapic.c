// SPDX-License-Identifier: MIT
/* How the LAPIC is reached on which L0, and what is written to it by MSRs. */
#include "unit.h"
#include "regs.h"

static u64 msr[0x1000];
static unsigned int writes;
static u32 features_c;

static u64 get(u32 n)
{
    assert_in_range(n, 0, sizeof(msr) / sizeof(msr[0]) - 1);
    return msr[n];
}

static void set(u32 n, u64 v)
{
    assert_in_range(n, 0, sizeof(msr) / sizeof(msr[0]) - 1);
    msr[n] = v;
    writes++;
}

static struct cpuid features(u32 leaf, u32 subleaf)
{
    (void)leaf, (void)subleaf;
    return (struct cpuid){.c = features_c};
}
#define rdmsr       get
#define wrmsr       set
#define cpuid(l, s) features(l, s)
#include "../../../xen-shim/dev/lapic.c"

static bool chosen(u32 c, u32 flags)
{
    features_c = c;
    lapic_choose(flags);
    return lapic_by_msr;
}

static void by_msr_where_l0_has_it_right(void **state)
{
    const u32 vcpu_id = XEN_HVM_CPUID_VCPU_ID_PRESENT;

    (void)state;
    assert_true(chosen(CPUID_X2APIC, vcpu_id));
    assert_true(
        chosen(CPUID_X2APIC, vcpu_id | XEN_HVM_CPUID_APIC_ACCESS_VIRT | XEN_HVM_CPUID_X2APIC_VIRT));
    /* the toolstack took it away; an L0 that may have it wrong; a page in hardware */
    assert_false(chosen(0, vcpu_id));
    assert_false(chosen(CPUID_X2APIC, 0));
    assert_false(chosen(CPUID_X2APIC, vcpu_id | XEN_HVM_CPUID_APIC_ACCESS_VIRT));
}

static void a_cpu_is_brought_into_the_mode(void **state)
{
    (void)state;
    assert_true(chosen(CPUID_X2APIC, XEN_HVM_CPUID_VCPU_ID_PRESENT));
    msr[MSR_APIC_BASE] = 0xfee00900;
    lapic_init();
    assert_int_equal(msr[MSR_APIC_BASE], 0xfee00d00);
    assert_int_equal(msr[0x80f], 0x100 | VECTOR_SPURIOUS);
    assert_int_equal(msr[0x832], VECTOR_TIMER);
}

static void an_ipi_is_one_write(void **state)
{
    (void)state;
    lapic_by_msr = true;
    writes = 0;
    lapic_send(254, ICR_ASSERT | VECTOR_IPI);
    assert_int_equal(writes, 1);
    assert_int_equal(msr[0x830], 254UL << 32 | ICR_ASSERT | VECTOR_IPI);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(by_msr_where_l0_has_it_right),
    cmocka_unit_test(a_cpu_is_brought_into_the_mode),
    cmocka_unit_test(an_ipi_is_one_write),
};

UNIT_MAIN(tests)
