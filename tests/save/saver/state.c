// SPDX-License-Identifier: MIT
/*
 * Memory, page tables, descriptors, frames' numbers, registers, time: what the hypervisor keeps, or
 * L0 does. Then what it doesn't: events, timers, grant tables.
 */
#include "saver.h"

#include "grant.h"

#define PAGES 40
#define REF   40

USER_CODE(u_look, "mov %ds, %ecx; mov $0x600d, %eax; ud2");

static u8 data[PAGES][PAGE_SIZE] page_aligned;
static u64 *gdt;
static struct window w;
static volatile struct grant_entry_v1 *grants;
static u64 time_seen;

/* Any numbers, of which each page has others. */
static u32 number(u32 i)
{
    return (i * 2654435761u) ^ (i >> 7);
}

static void own_gdt(void)
{
    ul frame;

    gdt = page_alloc();
    gdt[1] = 0x00cff3000000ffff; /* flat data of ring 3 */
    make_readonly(gdt);
    frame = mfn_of(gdt);
    check_rc("gdt", hc(set_gdt, &frame, 512), 0);
}

static void open_grants(void)
{
    static xen_pfn_t frame;
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = 1};

    set_xen_guest_handle(op.frame_list, &frame);
    check_rc("grant-table", grant_op(GNTTABOP_setup_table, &op, 1), 0);
    check_num("grant-table-status", op.status, GNTST_okay);
    if (set_pte_va(w.va + 2 * PAGE_SIZE, (u64)frame << PAGE_SHIFT | PT_KERNEL, UVMF_INVLPG))
        panic("grant table");
    grants = (void *)(w.va + 2 * PAGE_SIZE);
    grants[REF].frame = (u32)mfn_of(data[0]);
    grants[REF].flags = GTF_permit_access;
    check_true("grant-of-the-console", grants[GNTTAB_RESERVED_CONSOLE].frame != 0);
}

static void open_ports(void)
{
    struct evtchn_bind_virq timer = {.virq = VIRQ_TIMER};
    u32 ipi = evtchn_new_ipi(0);
    int timers;

    if (evtchn(EVTCHNOP_bind_virq, &timer) || timer.port >= 64 || ipi >= 64)
        panic("ports");
    port_unmask_local(timer.port);
    port_unmask_local(ipi);
    events_unmask();
    timers = event_count[timer.port];
    event_count[ipi] = 0;
    check_rc("ipi", evtchn_send(ipi), 0);
    check_true("ipi-comes", wait_until(event_count[ipi] == 1));
    check_rc("timer", set_timer(system_time() + 20 * MS), 0);
    check_true("timer-comes", wait_until(event_count[timer.port] > timers));
    events_mask();
}

void state_make(void)
{
    for (u32 i = 0; i < PAGES * PAGE_SIZE / 4; i++)
        ((u32 *)data)[i] = number(i);
    w = window_open(WINDOW(0));
    set_pte_va(w.va, maddr_of(data[3]) | PT_KERNEL, UVMF_INVLPG);
    own_gdt();
    balloon_init(w.va + 3 * PAGE_SIZE);
    check_rc("watch", hc(set_debugreg, 0, data[7]), 0);
    state_again();
}

void state_again(void)
{
    open_grants();
    open_ports();
}

static void check_memory(void)
{
    ul wrong = 0, lost = 0;

    for (u32 i = 0; i < PAGES * PAGE_SIZE / 4; i++)
        wrong += ((u32 *)data)[i] != number(i);
    check_num("memory-wrong", (long)wrong, 0);
    for (ul pfn = 0; pfn < start_info->nr_pages; pfn++) {
        ul mfn = ((const ul *)start_info->mfn_list)[pfn];

        lost += mfn != ~0UL && M2P[mfn] != pfn; /* given back */
    }
    check_num("frames-lost", (long)lost, 0);
    check_true("window", *(u32 *)w.va == *(u32 *)data[3]);
    check_rc("window-changed",
             set_pte_va(w.va + PAGE_SIZE, maddr_of(data[5]) | PT_KERNEL, UVMF_INVLPG), 0);
    check_true("window-new", *(u32 *)(w.va + PAGE_SIZE) == *(u32 *)data[5]);
    set_pte_va(w.va + PAGE_SIZE, 0, UVMF_INVLPG);
    PROBE_READ(w.va + PAGE_SIZE);
    check_trap("window-gone", X_PF, 0);
    PROBE_WRITE(gdt);
    check_trap("readonly", X_PF, 3);
    balloon_check();
}

void state_check(void)
{
    u64 now = system_time();
    struct context ctx = user_context(user_addr(u_look));
    struct trap *t;
    u32 sel = 0;

    check_true("time-goes-on", now >= time_seen);
    time_seen = now;
    check_memory();
    PROBE("mov %1, %%es; mov %%es, %0", "+r"(sel), "r"(11));
    asm volatile("mov %0, %%es" ::"r"(FLAT_KERNEL_DS));
    check_hex("gdt-selector", sel & 0xffff, 11);
    check_true("debug-register", (ul)hc(get_debugreg, 0) == (ul)data[7]);
    for (int i = 0; i < 3; i++) {
        t = user_run(&ctx);
        check_user("user-mode", t, X_UD, -1);
        check_hex("user-mode-ran", t->regs.rax, 0x600d);
    }
}
