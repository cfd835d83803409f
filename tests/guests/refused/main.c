// SPDX-License-Identifier: MIT
/*
 * Calls that a domU without devices may make but gets little from (pv-guest-abi 2.0, 2.5, 2.9): the
 * rarer sched_ops, the watchdog among them, physdev_op in both forms, and whole hypercalls that are
 * the toolstack's or that few hypervisors have. Each must be refused as Xen refuses it, and harm
 * nothing.
 */
#include "guest.h"

static void test_sched(void)
{
    struct sched_shutdown code = {.reason = SHUTDOWN_poweroff};
    struct sched_remote_shutdown remote = {.domain_id = DOMID_SELF};
    struct sched_watchdog dog = {.id = 0, .timeout = 1000};
    struct sched_pin_override pin = {.pcpu = 0};
    struct sched_watchdog none = {.id = 1, .timeout = 0};

    check_rc("watchdog-none-to-stop", hc(sched_op, SCHEDOP_watchdog, &none), -XEN_EINVAL);
    check_rc("watchdog-start", hc(sched_op, SCHEDOP_watchdog, &dog), 1);
    dog.id = 1;
    check_rc("watchdog-again", hc(sched_op, SCHEDOP_watchdog, &dog), 0);
    dog.id = 77;
    check_rc("watchdog-no-such", hc(sched_op, SCHEDOP_watchdog, &dog), -XEN_EINVAL);
    dog.id = 1;
    dog.timeout = 0;
    check_rc("watchdog-stop", hc(sched_op, SCHEDOP_watchdog, &dog), 0);
    check_rc("watchdog-bad-pointer", hc(sched_op, SCHEDOP_watchdog, BAD_POINTER), -XEN_EFAULT);
    check_rc("shutdown_code", hc(sched_op, SCHEDOP_shutdown_code, &code), 0);
    check_rc("shutdown_code-bad-pointer", hc(sched_op, SCHEDOP_shutdown_code, BAD_POINTER),
             -XEN_EFAULT);
    fact_rc("remote_shutdown-self", hc(sched_op, SCHEDOP_remote_shutdown, &remote));
    remote.domain_id = 0;
    fact_rc("remote_shutdown-dom0", hc(sched_op, SCHEDOP_remote_shutdown, &remote));
    fact_rc("remote_shutdown-bad-pointer", hc(sched_op, SCHEDOP_remote_shutdown, BAD_POINTER));
    fact_rc("pin_override", hc(sched_op, SCHEDOP_pin_override, &pin));
    check_rc("sched_op-unknown", hc(sched_op, 99, &pin), -XEN_ENOSYS);
    check_rc("sched_op_compat-unknown", hc_nr(__HYPERVISOR_sched_op_compat, 99, 0), -XEN_ENOSYS);
}

static void physdev(const char *name, int cmd)
{
    static u64 zero[16];

    for (int i = 0; i < 16; i++)
        zero[i] = 0;
    fact_rc(name, hc(physdev_op, cmd, zero));
}

static void test_physdev(void)
{
    physdev("eoi", PHYSDEVOP_eoi);
    physdev("irq_status_query", PHYSDEVOP_irq_status_query);
    physdev("apic_read", PHYSDEVOP_apic_read);
    physdev("apic_write", PHYSDEVOP_apic_write);
    physdev("alloc_irq_vector", PHYSDEVOP_alloc_irq_vector);
    physdev("map_pirq", PHYSDEVOP_map_pirq);
    physdev("unmap_pirq", PHYSDEVOP_unmap_pirq);
    physdev("get_free_pirq", PHYSDEVOP_get_free_pirq);
    physdev("manage_pci_add", PHYSDEVOP_manage_pci_add);
    physdev("manage_pci_remove", PHYSDEVOP_manage_pci_remove);
    physdev("restore_msi", PHYSDEVOP_restore_msi);
    physdev("setup_gsi", PHYSDEVOP_setup_gsi);
    physdev("pci_device_add", PHYSDEVOP_pci_device_add);
    physdev("dbgp_op", PHYSDEVOP_dbgp_op);
    check_rc("physdev-unknown", hc(physdev_op, 99, 0), -XEN_ENOSYS);

    struct physdev_op op = {.cmd = PHYSDEVOP_IRQ_UNMASK_NOTIFY};
    fact_rc("physdev_op_compat-unmask-notify", hc_nr(__HYPERVISOR_physdev_op_compat, &op));
    op.cmd = PHYSDEVOP_set_iopl;
    op.u.set_iopl.iopl = 1;
    check_rc("physdev_op_compat-set_iopl", hc_nr(__HYPERVISOR_physdev_op_compat, &op), 0);
    op.cmd = 99;
    check_rc("physdev_op_compat-unknown", hc_nr(__HYPERVISOR_physdev_op_compat, &op), -XEN_ENOSYS);
    check_rc("physdev_op_compat-bad-pointer", hc_nr(__HYPERVISOR_physdev_op_compat, BAD_POINTER),
             -XEN_EFAULT);
}

static void test_calls(void)
{
    fact_rc("xsm_op", hc(xsm_op, BAD_POINTER));
    fact_rc("argo_op", hc_nr(__HYPERVISOR_argo_op, 0, 0, 0, 0, 0));
    fact_rc("hypfs_op", hc_nr(__HYPERVISOR_hypfs_op, 0, 0, 0, 0, 0));
    check_rc("arch_7", hc_nr(__HYPERVISOR_arch_7, 0), -XEN_ENOSYS);
}

void test_main(void)
{
    test_sched();
    test_physdev();
    test_calls();
}
