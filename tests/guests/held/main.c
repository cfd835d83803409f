// SPDX-License-Identifier: MIT
/*
 * Frames that the hypervisor or the CPU uses (shared_info, vcpu_info, GDT, LDT), given to
 * XENMEM_decrease_reservation: the call must not take the memory away under them.  When nobody uses
 * them any more they go like others.
 */
#include "guest.h"

#define DATA UINT64_C(0x00cff3000000ffff)

static u64 *gdt, *ldt;
static u8 *info;

static long give_back(ul mfn)
{
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, &mfn);
    return hc(memory_op, XENMEM_decrease_reservation, &r);
}

static long load_es(u16 sel)
{
    u32 v = 0;

    PROBE("mov %1, %%es; mov %%es, %0", "+r"(v), "r"((u32)sel));
    asm volatile("mov %0, %%es" ::"r"(GUEST_BITS == 64 ? 0 : FLAT_KERNEL_DS));
    return v;
}

static void use_them(void)
{
    struct vcpu_register_vcpu_info op;
    ul frame;

    gdt = page_alloc();
    ldt = page_alloc();
    info = page_alloc();
    gdt[1] = ldt[1] = DATA;
    make_readonly(gdt);
    make_readonly(ldt);
    frame = mfn_of(gdt);
    check_rc("gdt", hc(set_gdt, &frame, 512), 0);
    check_rc("ldt", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512), 0);
    op = (struct vcpu_register_vcpu_info){.mfn = mfn_of(info)};
    check_rc("vcpu_info", hc(vcpu_op, VCPUOP_register_vcpu_info, 0, &op), 0);
    vcpu0_info = (struct vcpu_info *)info;
    events_unmask();
}

static void still_there(const char *what)
{
    u32 port = evtchn_new_ipi(0);
    int before = event_count[port];

    port_unmask_local(port);
    evtchn_send(port);
    check(what, load_es(0x0b) == 0x0b && load_es(0x0f) == 0x0f && event_count[port] == before + 1,
          "gdt 0x%lx, ldt 0x%lx, events %d", load_es(0x0b), load_es(0x0f),
          event_count[port] - before);
    evtchn_close(port);
}

void test_main(void)
{
    void *plain = page_alloc();

    use_them();
    still_there("before");
    fact_rc("give-back-gdt", give_back(mfn_of(gdt)));
    still_there("without-gdt");
    fact_rc("give-back-ldt", give_back(mfn_of(ldt)));
    still_there("without-ldt");
    fact_rc("give-back-vcpu_info", give_back(mfn_of(info)));
    still_there("without-vcpu_info");
    fact_rc("give-back-shared_info", give_back(start_info->shared_info >> PAGE_SHIFT));
    still_there("without-shared_info");
    check_rc("gdt-none", hc(set_gdt, 0, 0), 0);
    check_rc("ldt-none", mmuext_one(MMUEXT_SET_LDT, 0, 0), 0);
    fact_rc("give-back-unused-gdt", give_back(mfn_of(gdt)));
    fact_rc("give-back-unused-ldt", give_back(mfn_of(ldt)));
    check_rc("give-back-other", give_back(mfn_of(plain)), 1);
}
