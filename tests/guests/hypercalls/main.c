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
#include "guest.h"
#include <xen/arch-x86/xen-mca.h>

static long version_op(int cmd, void *arg)
{
    return hc(xen_version, cmd, arg);
}

static void test_convention(void)
{
    ul rbx = 0x1111, rdi = XENVER_version, rsi = 0, rdx = 0x4444, rbp_ok;
    register ul r8 asm("r8") = 0x5555;
    register ul r9 asm("r9") = 0x6666;
    register ul r10 asm("r10") = 0x7777;
    register ul r12 asm("r12") = 0x8888;
    register ul r15 asm("r15") = 0x9999;
    ul rax = __HYPERVISOR_xen_version, flags_before, flags_after;

    asm volatile("pushfq; pop %[fb]\n\t"
                 "push %%rbp; mov %%rsp, %%rbp; syscall\n\t"
                 "cmp %%rsp, %%rbp; setz %%cl; movzbl %%cl, %%ecx; pop %%rbp\n\t"
                 "pushfq; pop %[fa]"
                 : "+a"(rax), "+b"(rbx), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8), "+r"(r9),
                   "+r"(r10), "+r"(r12),
                   "+r"(r15), [fb] "=&r"(flags_before), [fa] "=&r"(flags_after), "=&c"(rbp_ok)
                 :
                 : "r11", "memory");
    /* Local register variables last only until the next call. */
    u64 seen[] = {r8, r9, r10, r12, r15};

    check("convention-result", rax >> 16 == 4, "major %lu", rax >> 16);
    check_true("convention-rbx-rbp-r12-r15",
               rbx == 0x1111 && rbp_ok && seen[3] == 0x8888 && seen[4] == 0x9999);
    check_hex("convention-rdi", rdi, XENVER_version);
    check_hex("convention-rsi", rsi, 0);
    check_hex("convention-rdx", rdx, 0x4444);
    check_hex("convention-r8", seen[0], 0x5555);
    check_hex("convention-r9", seen[1], 0x6666);
    check_hex("convention-r10", seen[2], 0x7777);
    check_hex("convention-flags", (flags_before ^ flags_after) & (FL_IF | FL_DF | FL_TF | FL_IOPL),
              0);
}

static void test_page(void)
{
    static const u8 prologue[4] = {0x51, 0x41, 0x53, 0xb8};
    int stubs = 0, numbers = 0;

    check("page-filled", hypercall_page[0] != 0xc3, "first byte 0x%x", hypercall_page[0]);
    for (int n = 0; n < 40; n++) {
        const u8 *s = hypercall_page + n * 32;
        u32 nr;

        if (n == __HYPERVISOR_iret)
            continue;
        stubs += !memcmp(s, prologue, 4);
        memcpy(&nr, s + 4, 4);
        numbers += nr == (u32)n;
    }
    fact("page-stubs-of-xen's-shape", "%d", stubs);
    check_num("page-stub-numbers", numbers, 39);
    check_true("page-same-answer",
               hypercall_by_page(__HYPERVISOR_xen_version, 0, 0, 0, 0, 0) == hc(xen_version, 0, 0));
    check_rc("page-unknown", hypercall_by_page(100, 0, 0, 0, 0, 0), -XEN_ENOSYS);
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
    check_rc("unknown-high-half", hc_nr(0x100000000000UL), -XEN_ENOSYS);
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
        native |= !strncmp(p, "xen-3.0-x86_64 ", 15);
    check_true("version-capabilities-x86_64", native);
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
    check_hex("version-virt_start", params.virt_start, 0xffff800000000000UL);
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
    struct callback_register noncanonical = {.type = CALLBACKTYPE_sysenter,
                                             .address = 0x800000000000UL};

    for (unsigned t = 0; t < ARRAY_LEN(names); t++) {
        struct callback_register reg = {.type = t, .address = trap_stub(ENTRY_EVENT + t)};
        struct callback_unregister unreg = {.type = t};

        if (t == CALLBACKTYPE_event)
            reg.address = trap_stub(ENTRY_EVENT);
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
    check_rc("set_callbacks",
             hc(set_callbacks, trap_stub(ENTRY_EVENT), trap_stub(ENTRY_FAILSAFE),
                trap_stub(ENTRY_SYSCALL)),
             0);
    fact_rc("callback-noncanonical", hc(callback_op, CALLBACKOP_register, &noncanonical));
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
    check_rc("bad-hypervisor-pointer", hc(event_channel_op, EVTCHNOP_send, 0xffff830000000000UL),
             -XEN_EFAULT);
    check_rc("bad-noncanonical-pointer", hc(event_channel_op, EVTCHNOP_send, 0x8000000000000000UL),
             -XEN_EFAULT);
    check_rc("bad-hypervisor-target", hc(xen_version, XENVER_extraversion, 0xffff830000000000UL),
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
