// SPDX-License-Identifier: MIT
/*
 * What the domain builder promises (pv-guest-abi 1.3-1.5): the registers of the first instruction,
 * start_info, the order of the initial page tables and the area they map, their flags, P2M and M2P,
 * the module and the command line, the ring pages, and shared_info as it is before any hypercall of
 * ours touched it.
 */
#include "guest.h"

static void test_registers(void)
{
    static const u8 zero[] = {
        START_RAX,
        START_RBX,
        START_RCX,
        START_RDX,
        START_RDI,
        START_RBP,
#if GUEST_BITS == 64
        START_R8,
        START_R9,
        START_R10,
        START_R11,
        START_R12,
        START_R13,
        START_R14,
        START_R15
#endif
    };
    ul any = 0, stack = start_info->pt_base + start_info->nr_pt_frames * PAGE_SIZE + PAGE_SIZE;

    ul data = GUEST_BITS == 64 ? 0 : FLAT_KERNEL_DS;

    for (unsigned i = 0; i < ARRAY_LEN(zero); i++)
        any |= start_regs[zero[i]];
    check_hex("start-other-gprs", any, 0);
    check_true("start-rsi-is-start_info", start_regs[START_RSI] == (ul)start_info);
    check_true("start-rsp-behind-page-tables", start_regs[START_RSP] == stack);
    check_hex("start-rflags", start_regs[START_RFLAGS], FL_IF | FL_FIXED);
    check_hex("start-ds", start_regs[START_DS], data);
    check_hex("start-es", start_regs[START_ES], data);
    check_hex("start-fs", start_regs[START_FS], data);
    check_hex("start-gs", start_regs[START_GS], data);
    fact("start-ss", "0x%lx", start_regs[START_SS]);
    fact("start-cs", "0x%lx", start_regs[START_CS]);
}

static void test_start_info(void)
{
    struct start_info *si = start_info;
    ul end = (si->pt_base + si->nr_pt_frames * PAGE_SIZE + PAGE_SIZE + 0x3fffff) & ~0x3fffffUL;

    check_true("info-magic", !strncmp(si->magic, GUEST_MAGIC, sizeof(GUEST_MAGIC)));
    check_true("info-nr_pages", si->nr_pages >= (end - VIRT_BASE) >> PAGE_SHIFT);
    fact("info-nr_pages-are", "%lu", si->nr_pages);
    check_hex("info-shared_info-offset", si->shared_info & 0xfff, 0);
    check_hex("info-flags", si->flags, 0);
    check("info-cmdline", !strncmp((char *)si->cmd_line, "arg1 arg2", 10), "%s", si->cmd_line);
    check_true("info-store_evtchn", si->store_evtchn != 0);
    check_true("info-console_evtchn",
               si->console.domU.evtchn != 0 && si->console.domU.evtchn != si->store_evtchn);
    check_num("info-first_p2m_pfn", si->first_p2m_pfn, 0);
    check_num("info-nr_p2m_frames", si->nr_p2m_frames, 0);
    check_true("info-order-p2m-then-info",
               ((si->mfn_list + si->nr_pages * sizeof(ul) + 4095) & ~4095UL) == (ul)si);
    check_true("info-order-store", M2P[si->store_mfn] == pfn_of(si) + 1);
    check_true("info-order-console", M2P[si->console.domU.mfn] == pfn_of(si) + 2);
    check_true("info-order-page-tables", si->pt_base == (ul)si + 3 * PAGE_SIZE);
}

static void test_module(void)
{
    struct start_info *si = start_info;
    static const char want[] = "module-contents";

    if (!si->mod_len) {
        fact("module", "none");
        return;
    }
    check_true("module-in-kernel-map", si->mod_start > VIRT_BASE && si->mod_start < si->mfn_list);
    check_hex("module-aligned", si->mod_start & 0xfff, 0);
    check("module-len", si->mod_len >= sizeof(want) - 1, "%lu", si->mod_len);
    check_true("module-contents", !memcmp((void *)si->mod_start, want, sizeof(want) - 1));
}

static void test_p2m(void)
{
    const ul *p2m = (const ul *)start_info->mfn_list;
    ul bad = 0, holes = 0;

    for (ul pfn = 0; pfn < start_info->nr_pages; pfn++) {
        if (p2m[pfn] == ~0UL)
            holes++;
        else if (M2P[p2m[pfn]] != pfn)
            bad++;
    }
    check_num("p2m-m2p-differences", bad, 0);
    check_num("p2m-holes", holes, 0);
    check_true("p2m-shared_info-is-not-ours",
               M2P[start_info->shared_info >> PAGE_SHIFT] >= start_info->nr_pages);
}

/* Every entry must map VIRT_BASE + PFN to that PFN's frame, with the builder's flags. */
static void test_tables(void)
{
    u64 *top = kernel_top();
    ul first = start_info->pt_base, last = first + start_info->nr_pt_frames * PAGE_SIZE;
    ul end = (last + PAGE_SIZE + 0x7ffff + 0x3fffff) & ~0x3fffffUL;
    ul wrong_frame = 0, not_rw = 0, rw_tables = 0, missing = 0, used = 0;
    u64 seen_l1 = 0, not_l1 = ~UINT64_C(0);
    int upper = TOP_LEVEL - 1; /* one table of each level above L1 */
#if GUEST_BITS == 64
    u64 *l3 = mfn_to_va(PTE_MFN(top[511])), *l2 = mfn_to_va(PTE_MFN(l3[510]));

    check_true("tables-order-l3-second", (ul)l3 == first + PAGE_SIZE);
#else
    u64 *l3 = top, *l2 = mfn_to_va(PTE_MFN(l3[3]));
#endif
    check_true("tables-order-top-first", mfn_of(top) == PTE_MFN(*pt_entry(top, (ul)top, 1)));
    check_true("tables-order-l2-behind", (ul)l2 == first + (upper - 1) * PAGE_SIZE);
    check_true("tables-order-l1-behind",
               (ul)mfn_to_va(PTE_MFN(l2[0])) == first + upper * PAGE_SIZE);
    check_num("tables-count", start_info->nr_pt_frames, upper + (end - VIRT_BASE) / 0x200000);
    for (ul va = VIRT_BASE; va < end; va += PAGE_SIZE) {
        u64 *e = pt_entry(top, va, 1);
        bool table = va >= first && va < last;

        if (!e || !(*e & PTE_P)) {
            missing++;
            continue;
        }
        if (PTE_MFN(*e) != mfn_of((void *)va) && va != (ul)shared_info)
            wrong_frame++;
        if (table && (*e & PTE_RW))
            rw_tables++;
        if (!table && !(*e & PTE_RW))
            not_rw++;
        seen_l1 |= *e;
        not_l1 &= *e;
    }
    check_num("tables-missing", missing, 0);
    check_num("tables-wrong-frame", wrong_frame, 0);
    check_num("tables-readonly-data", not_rw, 0);
    check_num("tables-writable-tables", rw_tables, 0);
    check_true("tables-nothing-beyond", !pt_entry(top, end, 1));
    check_hex("tables-l1-common-flags", not_l1 & 0x1a1, PTE_P | PTE_A);
    check_hex("tables-l1-never", seen_l1 & (PTE_PSE | PTE_PWT | PTE_PCD | PTE_NX), 0);
    fact("tables-l1-user-bit", "%s", not_l1 & PTE_US ? "set" : "not set");
    fact("tables-l1-guest-kernel-bit", "%s", not_l1 & PTE_GUEST_KERNEL ? "set" : "not set");
    check_hex("tables-l2-flags", l2[0] & 0x1a7, PTE_P | PTE_RW | PTE_US | PTE_A);
#if GUEST_BITS == 64
    check_hex("tables-l3-flags", l3[510] & 0x1a7, PTE_P | PTE_RW | PTE_US | PTE_A);
    check_hex("tables-l4-flags", top[511] & 0x1a7, PTE_P | PTE_RW | PTE_US | PTE_A);
    for (int i = 0; i < 512; i++)
        used += (i < 256 || i > 271) && (top[i] & PTE_P);
    check_num("tables-l4-entries", used, 1);
    check_true("tables-l4-has-m2p-slot", top[256] & PTE_P);
#else
    fact_hex("tables-l3-flags", l3[3] & 0xfff);
    for (int i = 0; i < 512; i++)
        used += top[i] != 0;
    check_num("tables-l3-entries", used, 1);
    fact_hex("tables-l2-m2p-slot-flags", l2[pt_index(HYPERVISOR_AT, 2)] & 0xfff);
    fact_hex("tables-l2-last-slot-flags", l2[511] & 0xfff);
#endif
}

static void test_ring_pages(void)
{
    const volatile u32 *store = mfn_to_va(start_info->store_mfn);

    (void)store[0];
    check_true("rings-console-is-used", true);
    check_true("rings-store-readable", store[1023] == store[1023]);
}

static void test_shared_info(void)
{
    int masked = 0;

    for (int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        masked += shared_info->vcpu_info[i].evtchn_upcall_mask == 1;
    check_num("shared-upcall-masks", masked, XEN_LEGACY_MAX_VCPUS);
    /* event_init() has masked the console's and the store's port. */
    fact_hex("shared-evtchn-mask-0",
             shared_info->evtchn_mask[0] &
                 ~(1UL << start_info->console.domU.evtchn | 1UL << start_info->store_evtchn));
    check_num("shared-cr2", vcpu0_info->arch.cr2, 0);
    check_true("shared-time-version-even-nonzero",
               vcpu0_info->time.version && !(vcpu0_info->time.version & 1));
    check_true("shared-time-mul", vcpu0_info->time.tsc_to_system_mul != 0);
    check_true("shared-wallclock", shared_info->wc_sec > 1500000000);
    check_num("shared-max_pfn", shared_info->arch.max_pfn, 0);
    check_num("shared-nmi_reason", shared_info->arch.nmi_reason, 0);
}

static void test_fpu_and_debug(void)
{
    u16 fcw;
    u32 mxcsr;

    asm volatile("fnstcw %0; stmxcsr %1" : "=m"(fcw), "=m"(mxcsr));
    check_hex("start-fcw", fcw, 0x37f);
    check_hex("start-mxcsr", mxcsr, 0x1f80);
    check_hex("start-dr6", (ul)hc(get_debugreg, 6), 0xffff0ff0);
    check_hex("start-dr7", (ul)hc(get_debugreg, 7), 0x400);
}

void test_main(void)
{
    test_registers();
    test_start_info();
    test_module();
    test_p2m();
    test_tables();
    test_ring_pages();
    test_shared_info();
    test_fpu_and_debug();
}
