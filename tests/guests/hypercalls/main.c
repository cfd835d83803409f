// SPDX-License-Identifier: MIT
/*
 * The hypercall convention (pv-guest-abi 2.0) and the hypercalls that only tell or set something:
 *  - SYSCALL and the stubs of the hypercall page are the same thing, every register but rax, rcx
 * and r11 survives, and the page has a stub where each number belongs;
 *  - numbers that no hypervisor knows give -ENOSYS; those of the toolstack are refused to a domU;
 *  - xen_version: every sub-op, judged by shape and not by value, and the feature bits a PV kernel
 *    needs (Linux dies early without bits 5 and 7) or must not see;
 *  - vm_assist and callback_op: which types exist, what can be unregistered;
 *  - a pointer that leads nowhere is -EFAULT and nothing worse.
 */
#include "hypercalls.h"
#include <xen/arch-x86/xen-mca.h>

static long version_op(int cmd, void *arg)
{
    return hc(xen_version, cmd, arg);
}

static void test_unknown(void)
{
    static const int numbers[] = {11, 43, 44, 47, 50, 55, 57, 63, 64, 127, 128, 1000, 0x7fffffff};
    char name[32] = "unknown-";

    for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
        int n = numbers[i], len = 8;

        for (int div = 1000000000; div; div /= 10)
            if (n / div || div == 1)
                name[len++] = '0' + n / div % 10;
        name[len] = 0;
        check_rc(name, hc_nr(n), -XEN_ENOSYS);
    }
    check_rc("unknown-negative", hc_nr(-1L), -XEN_ENOSYS);
#if GUEST_BITS == 64
    check_rc("unknown-high-half", hc_nr(0x100000000000UL), -XEN_ENOSYS);
#endif
}

static void test_refused(void)
{
    fact_rc("sysctl", hc(sysctl, BAD_POINTER));
    fact_rc("domctl", hc(domctl, BAD_POINTER));
    fact_rc("platform_op", hc(platform_op, BAD_POINTER));
    fact_rc("tmem_op", hc(tmem_op, 0));
    fact_rc("xenoprof_op", hc(xenoprof_op, 0, 0));
    fact_rc("kexec_op", hc(kexec_op, 0, 0));
    fact_rc("hvm_op-unknown", hc(hvm_op, 0x7e57, 0));
    fact_rc("mca", hc(mca, BAD_POINTER));
    fact_rc("xenpmu_op", hc(xenpmu_op, 0, BAD_POINTER));
    fact_rc("dm_op", hc(dm_op, DOMID_SELF, 0, 0));
    fact_rc("console_io-write", hc(console_io, CONSOLEIO_write, 0, ""));
    fact_rc("console_io-read", hc(console_io, CONSOLEIO_read, 0, ""));
    fact_rc("console_io-unknown", hc(console_io, 77, 0, ""));
    fact_rc("physdev_op-unknown", hc(physdev_op, 0x7e57, 0));
    fact_rc("physdev_op-apic_read", hc(physdev_op, PHYSDEVOP_apic_read, BAD_POINTER));
    fact_rc("physdev_op-set_iopl-bad-pointer", hc(physdev_op, PHYSDEVOP_set_iopl, BAD_POINTER));
    fact_rc("physdev_op-set_iopl-4",
            hc(physdev_op, PHYSDEVOP_set_iopl, &(struct physdev_set_iopl){.iopl = 4}));
    fact_rc("nmi_op-unknown", hc(nmi_op, 7, 0));
    fact_rc("sched_op-unknown", hc(sched_op, 77, 0));
    fact_rc("vcpu_op-unknown", hc(vcpu_op, 77, 0, 0));
    fact_rc("memory_op-unknown", hc(memory_op, 60, 0));
    fact_rc("grant_table_op-unknown", hc(grant_table_op, 77, &(u64){0}, 1));
    fact_rc("event_channel_op-unknown", hc(event_channel_op, 77, 0));
    fact_rc("mmuext_op-zero", hc(mmuext_op, 0, 0, 0, DOMID_SELF));
    fact_rc("set_callbacks-like-type-6",
            hc(callback_op, CALLBACKOP_register, &(struct callback_register){.type = 6}));
}

/* A string answer must be terminated inside its array and not empty. */
static bool good_string(const char *s, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        if (!s[i])
            return i != 0;
    return false;
}

static void test_version_strings(void)
{
    static xen_extraversion_t extra;
    static xen_compile_info_t compile;
    static xen_capabilities_info_t caps;
    static xen_changeset_info_t changeset;
    static xen_commandline_t cmdline;
    static xen_domain_handle_t handle;
    bool native = false, zero = true;

    check_rc("version-extraversion", version_op(XENVER_extraversion, extra), 0);
    check_true("version-extraversion-string", extra[0] == '.' && good_string(extra, sizeof(extra)));
    check_rc("version-compile_info", version_op(XENVER_compile_info, &compile), 0);
    check_true("version-compile_info-strings",
               good_string(compile.compiler, sizeof(compile.compiler)) &&
                   good_string(compile.compile_date, sizeof(compile.compile_date)));
    check_rc("version-capabilities", version_op(XENVER_capabilities, caps), 0);
    for (char *p = caps; *p; p++)
        native |= !strncmp(p, GUEST_MAGIC " ", sizeof(GUEST_MAGIC));
    check_true("version-capabilities-ours", native);
    check_rc("version-changeset", version_op(XENVER_changeset, changeset), 0);
    /* Debian's is empty. */
    check_true("version-changeset-string",
               !changeset[0] || good_string(changeset, sizeof(changeset)));
    fact_rc("version-commandline", version_op(XENVER_commandline, cmdline));
    check_rc("version-guest_handle", version_op(XENVER_guest_handle, handle), 0);
    for (unsigned i = 0; i < sizeof(handle); i++)
        zero &= !handle[i];
    fact("version-guest_handle-zero", "%s", zero ? "yes" : "no");
}

static void test_version(void)
{
    struct xen_platform_parameters params;
    struct xen_feature_info fi = {.submap_idx = 0};
    static const u8 must[] = {XENFEAT_mmu_pt_update_preserve_ad, XENFEAT_highmem_assist,
                              XENFEAT_gnttab_map_avail_bits, XENFEAT_memory_op_vnode_supported};
    u32 want = 0;
    long v = version_op(XENVER_version, NULL);

    check("version-version", v >= (3 << 16) && v < (5 << 16), "major %ld", v >> 16);
    test_version_strings();
    check_rc("version-pagesize", version_op(XENVER_pagesize, NULL), 4096);
    check_rc("version-pagesize-with-pointer", version_op(XENVER_pagesize, &fi), -XEN_EINVAL);
    check_rc("version-platform_parameters", version_op(XENVER_platform_parameters, &params), 0);
    check_hex("version-virt_start", params.virt_start, (ul)M2P);
    check_rc("version-get_features", version_op(XENVER_get_features, &fi), 0);
    for (unsigned i = 0; i < ARRAY_LEN(must); i++)
        want |= 1U << must[i];
    check_hex("version-features-needed", fi.submap & want, want);
    check_hex("version-features-not-for-pv", fi.submap & 0x70f, 0);
    fact("version-features", "0x%x", fi.submap & ~(1U << XENFEAT_dom0));
    fi.submap_idx = 1;
    fact_rc("version-get_features-1", version_op(XENVER_get_features, &fi));
    fact_rc("version-get_features-bad-pointer",
            version_op(XENVER_get_features, (void *)BAD_POINTER));
    fact_rc("version-extraversion-bad-pointer",
            version_op(XENVER_extraversion, (void *)BAD_POINTER));
    fact_rc("version-build_id-null", version_op(XENVER_build_id, NULL) >= 0);
    check_rc("version-unknown", version_op(77, NULL), -XEN_ENOSYS);
}

static void test_vm_assist(void)
{
    static const char *const names[] = {"4gb_segments",
                                        "4gb_segments_notify",
                                        "writable_pagetables",
                                        "pae_extended_cr3",
                                        "architectural_iopl",
                                        "runstate_update_flag",
                                        "6"};

    for (unsigned t = 0; t < ARRAY_LEN(names); t++) {
        print("vm_assist %s\n", names[t]);
        fact_rc("vm_assist-enable", hc(vm_assist, VMASST_CMD_enable, t));
        fact_rc("vm_assist-disable", hc(vm_assist, VMASST_CMD_disable, t));
    }
    fact_rc("vm_assist-m2p_strict", hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_m2p_strict));
    fact_rc("vm_assist-m2p_strict-off", hc(vm_assist, VMASST_CMD_disable, VMASST_TYPE_m2p_strict));
    fact_rc("vm_assist-type-63", hc(vm_assist, VMASST_CMD_enable, 63));
    fact_rc("vm_assist-type-huge", hc(vm_assist, VMASST_CMD_enable, 1000));
    check_rc("vm_assist-unknown-command", hc(vm_assist, 2, 0), -XEN_ENOSYS);
}

static void test_callbacks(void)
{
    static const char *const names[] = {"event", "failsafe", "syscall", "sysenter_deprecated",
                                        "nmi",   "sysenter", "6",       "syscall32"};
    struct callback_register bad = {.type = CALLBACKTYPE_sysenter,
                                    .address = callback_at(BAD_CODE)};

    for (unsigned t = 0; t < ARRAY_LEN(names); t++) {
        struct callback_register reg = {.type = t,
                                        .address = callback_at(trap_stub(ENTRY_EVENT + t))};
        struct callback_unregister unreg = {.type = t};

        if (t == CALLBACKTYPE_event)
            reg.address = callback_at(trap_stub(ENTRY_EVENT));
        print("callback %s\n", names[t]);
        fact_rc("callback-register", hc(callback_op, CALLBACKOP_register, &reg));
        fact_rc("callback-unregister", hc(callback_op, CALLBACKOP_unregister, &unreg));
    }
    fact_rc("callback-unknown-type",
            hc(callback_op, CALLBACKOP_register, &(struct callback_register){.type = 99}));
    fact_rc("callback-unknown-command", hc(callback_op, 7, 0));
    check_rc("callback-bad-pointer", hc(callback_op, CALLBACKOP_register, BAD_POINTER),
             -XEN_EFAULT);
    /* Linux always checks this one, the classic kernels' way. */
    check_rc(
        "set_callbacks",
        set_callbacks(trap_stub(ENTRY_EVENT), trap_stub(ENTRY_FAILSAFE), trap_stub(ENTRY_SYSCALL)),
        0);
    fact_rc("callback-bad-address", hc(callback_op, CALLBACKOP_register, &bad));
}

static void test_bad_pointers(void)
{
    check_rc("bad-set_trap_table", hc(set_trap_table, BAD_POINTER), -XEN_EFAULT);
    check_rc("bad-multicall", hc(multicall, BAD_POINTER, 1), -XEN_EFAULT);
    check_rc("bad-mmu_update", hc(mmu_update, BAD_POINTER, 1, 0, DOMID_SELF), -XEN_EFAULT);
    check_rc("bad-mmuext_op", hc(mmuext_op, BAD_POINTER, 1, 0, DOMID_SELF), -XEN_EFAULT);
    check_rc("bad-set_gdt", hc(set_gdt, BAD_POINTER, 8), -XEN_EFAULT);
    check_rc("bad-event_channel_op", hc(event_channel_op, EVTCHNOP_send, BAD_POINTER), -XEN_EFAULT);
    check_rc("bad-poll", hc(sched_op, SCHEDOP_poll, BAD_POINTER), -XEN_EFAULT);
    /* The reservation ops answer with the number of extents done, even here. */
    check_rc("bad-memory_op", hc(memory_op, XENMEM_populate_physmap, BAD_POINTER), 0);
    check_rc("bad-vcpu-runstate", hc(vcpu_op, VCPUOP_get_runstate_info, 0, BAD_POINTER),
             -XEN_EFAULT);
    /* In the hypervisor's own part: refused too, whatever is mapped there. */
    check_rc("bad-hypervisor-pointer", hc(event_channel_op, EVTCHNOP_send, IN_HYPERVISOR),
             -XEN_EFAULT);
#if GUEST_BITS == 64
    check_rc("bad-noncanonical-pointer", hc(event_channel_op, EVTCHNOP_send, 0x8000000000000000UL),
             -XEN_EFAULT);
#endif
    check_rc("bad-hypervisor-target", hc(xen_version, XENVER_extraversion, IN_HYPERVISOR),
             -XEN_EFAULT);
}

void test_main(void)
{
    test_convention();
    test_page();
    test_unknown();
    test_refused();
    test_version();
    test_vm_assist();
    test_callbacks();
    test_bad_pointers();
}
