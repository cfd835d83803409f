// SPDX-License-Identifier: MIT
/* See l0_model.h.  Pure; unit-tested on the host. */
#include "l0_model.h"

#include "shim.h"
#include "xen_abi.h"

#define OP(n)       (1u << (n))
#define OPS(lo, hi) ((2u << (hi)) - (1u << (lo)))

#define FEATURES_3_4 (OP(XENFEAT_writable_page_tables) | OP(XENFEAT_auto_translated_physmap))
#define FEATURES_4_0_4                                                                             \
    (FEATURES_3_4 | OP(XENFEAT_hvm_callback_vector) | OP(XENFEAT_hvm_safe_pvclock))
#define FEATURES_4_1 (FEATURES_4_0_4 | OP(XENFEAT_hvm_pirqs))

#define MEMORY_3_4 (OPS(0, 4) | OPS(6, 7) | OPS(10, 12) | OP(14))
#define MEMORY_4_2 (MEMORY_3_4 & ~(OP(10) | OP(12)))
#define GRANT_4_0  (OPS(0, 2) | OPS(5, 6) | OP(8))
#define GRANT_4_2  (GRANT_4_0 | OPS(10, 11))

const struct l0_model l0_models[] = {
    {
        .name = "3.4",
        .version = 0x30004,
        .features = FEATURES_3_4,
        .cpuid_leaves = 2,
        .hvm_params = 17,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_3_4,
                [L0_SLOT_VERSION] = OPS(0, 8),
                [L0_SLOT_GRANT] = OP(2) | OP(6),
                [L0_SLOT_VCPU] = OPS(4, 5),
                [L0_SLOT_SCHED] = OPS(0, 4),
                [L0_SLOT_EVENT] = OPS(0, 10),
                [L0_SLOT_HVM] = OPS(0, 8)},
        .rtc_late = true,
    },
    {
        .name = "4.0.0",
        .version = 0x40000,
        .features = FEATURES_3_4,
        .cpuid_leaves = 3,
        .hvm_params = 17,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_3_4,
                [L0_SLOT_VERSION] = OPS(0, 9),
                [L0_SLOT_GRANT] = GRANT_4_0,
                [L0_SLOT_VCPU] = OPS(4, 5),
                [L0_SLOT_SCHED] = OPS(0, 4),
                [L0_SLOT_EVENT] = OPS(0, 10),
                [L0_SLOT_HVM] = OPS(0, 8)},
        .orders = true,
        .wallclock = true,
        .rtc_late = true,
    },
    {
        .name = "4.0.4",
        .version = 0x40000,
        .features = FEATURES_4_0_4,
        .cpuid_leaves = 3,
        .hvm_params = 17,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_3_4,
                [L0_SLOT_VERSION] = OPS(0, 9),
                [L0_SLOT_GRANT] = GRANT_4_0,
                [L0_SLOT_VCPU] = OPS(4, 9),
                [L0_SLOT_SCHED] = OPS(0, 4),
                [L0_SLOT_EVENT] = OPS(0, 10),
                [L0_SLOT_HVM] = OPS(0, 10)},
        .vector = true,
        .orders = true,
        .wallclock = true,
        .rtc_late = true,
    },
    {
        .name = "4.1",
        .version = 0x40001,
        .features = FEATURES_4_1,
        .cpuid_leaves = 3,
        .hvm_params = 24,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_3_4,
                [L0_SLOT_VERSION] = OPS(0, 9),
                [L0_SLOT_GRANT] = GRANT_4_0,
                [L0_SLOT_VCPU] = OPS(4, 9),
                [L0_SLOT_SCHED] = OPS(0, 6),
                [L0_SLOT_EVENT] = OPS(0, 10),
                [L0_SLOT_HVM] = OPS(0, 10)},
        .vector = true,
        .orders = true,
        .wallclock = true,
        .rtc_late = true,
    },
    {
        .name = "4.2",
        .version = 0x40002,
        .features = FEATURES_4_1,
        .cpuid_leaves = 2,
        .hvm_params = 30,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_4_2,
                [L0_SLOT_VERSION] = OPS(0, 9),
                [L0_SLOT_GRANT] = GRANT_4_2,
                [L0_SLOT_VCPU] = OPS(4, 10),
                [L0_SLOT_SCHED] = OPS(0, 6),
                [L0_SLOT_EVENT] = OPS(0, 10),
                [L0_SLOT_HVM] = OPS(0, 10) | OP(15)},
        .vector = true,
        .orders = true,
        .wallclock = true,
    },
    {
        .name = "4.4",
        .version = 0x40004,
        .features = FEATURES_4_1,
        .cpuid_leaves = 2,
        .hvm_params = 32,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_4_2,
                [L0_SLOT_VERSION] = OPS(0, 9),
                [L0_SLOT_GRANT] = GRANT_4_2,
                [L0_SLOT_VCPU] = OPS(4, 10) | OP(13),
                [L0_SLOT_SCHED] = OPS(0, 6),
                [L0_SLOT_EVENT] = OPS(0, 13),
                [L0_SLOT_HVM] = OPS(0, 10) | OP(15)},
        .vector = true,
        .orders = true,
        .wallclock = true,
        .vcpu_info = true,
    },
    {
        .name = "4.6",
        .version = 0x40006,
        .features = FEATURES_4_1 | OP(13),
        .cpuid_leaves = 4,
        .hvm_params = 36,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_4_2 | OP(9),
                [L0_SLOT_VERSION] = OPS(0, 9),
                [L0_SLOT_GRANT] = GRANT_4_2,
                [L0_SLOT_VCPU] = OPS(4, 10) | OP(13),
                [L0_SLOT_SCHED] = OPS(0, 6),
                [L0_SLOT_EVENT] = OPS(0, 13),
                [L0_SLOT_HVM] = OPS(0, 10) | OP(15) | OPS(23, 24)},
        .vector = true,
        .orders = true,
        .wallclock = true,
        .vcpu_info = true,
    },
    {
        .name = "4.8",
        .version = 0x40008,
        .features = FEATURES_4_1 | OP(13),
        .cpuid_leaves = 4,
        .hvm_params = 37,
        .ops = {[L0_SLOT_MEMORY] = MEMORY_4_2 | OP(9),
                [L0_SLOT_VERSION] = OPS(0, 10),
                [L0_SLOT_GRANT] = GRANT_4_2,
                [L0_SLOT_VCPU] = OPS(0, 11) | OP(13),
                [L0_SLOT_SCHED] = OPS(0, 6),
                [L0_SLOT_EVENT] = OPS(0, 13),
                [L0_SLOT_HVM] = OPS(0, 10) | OP(15) | OPS(23, 24)},
        .vector = true,
        .orders = true,
        .wallclock = true,
        .vcpu_info = true,
    },
};
const unsigned int l0_nr_models = ARRAY_SIZE(l0_models);

static const char *const slot_names[L0_SLOTS] = {
    [L0_SLOT_MEMORY] = "memory_op",     [L0_SLOT_VERSION] = "xen_version",
    [L0_SLOT_GRANT] = "grant_table_op", [L0_SLOT_VCPU] = "vcpu_op",
    [L0_SLOT_SCHED] = "sched_op",       [L0_SLOT_EVENT] = "event_channel_op",
    [L0_SLOT_HVM] = "hvm_op",
};

const struct l0_model *l0_model_find(const char *name)
{
    for (unsigned int i = 0; i < l0_nr_models; i++)
        if (string_is(name, l0_models[i].name))
            return &l0_models[i];
    return NULL;
}

enum l0_slot l0_slot(u32 nr)
{
    switch (nr) {
    case __HYPERVISOR_event_channel_op:
        return L0_SLOT_EVENT;
    case __HYPERVISOR_sched_op:
        return L0_SLOT_SCHED;
    case __HYPERVISOR_vcpu_op:
        return L0_SLOT_VCPU;
    case __HYPERVISOR_memory_op:
        return L0_SLOT_MEMORY;
    case __HYPERVISOR_grant_table_op:
        return L0_SLOT_GRANT;
    case __HYPERVISOR_hvm_op:
        return L0_SLOT_HVM;
    case __HYPERVISOR_xen_version:
        return L0_SLOT_VERSION;
    }
    return L0_SLOTS;
}

u32 l0_op(enum l0_slot slot, u64 a1)
{
    /* memory_op's upper bits are the extent to start with */
    u32 op = slot == L0_SLOT_MEMORY ? a1 & 63 : (u32)a1;

    return min_t(u32, op, L0_MAX_OP - 1);
}

const char *l0_slot_name(enum l0_slot slot)
{
    return slot_names[slot];
}

static bool is(u32 nr, u64 a1, u32 want_nr, u32 want_op)
{
    return nr == want_nr && (u32)a1 == want_op;
}

bool l0_model_before(const struct l0_model *m, u32 nr, u64 a1, u64 a2, s64 *rc)
{
    enum l0_slot slot = l0_slot(nr);

    *rc = -XEN_ENOSYS;
    if (slot == L0_SLOTS || !(m->ops[slot] >> l0_op(slot, a1) & 1))
        return true;

    if (is(nr, a1, __HYPERVISOR_hvm_op, HVMOP_get_param) ||
        is(nr, a1, __HYPERVISOR_hvm_op, HVMOP_set_param)) {
        struct xen_hvm_param *p = (struct xen_hvm_param *)a2;

        *rc = -XEN_EINVAL;
        if (p->index >= m->hvm_params)
            return true;
        if ((u32)a1 == HVMOP_set_param && p->index == HVM_PARAM_CALLBACK_IRQ &&
            p->value >> 56 == 2 && !m->vector)
            p->value = 0;
        return false;
    }
    if (is(nr, a1, __HYPERVISOR_xen_version, XENVER_get_features)) {
        *rc = -XEN_EINVAL;
        return ((const struct xen_feature_info *)a2)->submap_idx != 0;
    }
    if (is(nr, a1, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info)) {
        *rc = -XEN_EINVAL;
        return !m->vcpu_info;
    }
    if (slot == L0_SLOT_MEMORY && !m->orders &&
        (l0_op(slot, a1) == XENMEM_populate_physmap ||
         l0_op(slot, a1) == XENMEM_decrease_reservation)) {
        *rc = (s64)(a1 >> 6);
        return ((const struct xen_memory_reservation *)a2)->extent_order > 0;
    }
    return false;
}

void l0_model_after(const struct l0_model *m, u32 nr, u64 a1, u64 a2, s64 *rc)
{
    if (is(nr, a1, __HYPERVISOR_xen_version, XENVER_version))
        *rc = m->version;
    else if (is(nr, a1, __HYPERVISOR_xen_version, XENVER_get_features) && !*rc)
        ((struct xen_feature_info *)a2)->submap &= m->features;
}
