// SPDX-License-Identifier: MIT
/*
 * Building the domain: machine frames for the pseudo-physical layout (domain_layout.c), the
 * kernel's bytes, p2m and m2p, start_info and the first page tables.  As little as possible is
 * copied: the frames in which the loader put kernel and initrd become the guest's where a whole
 * page of the file is a whole page of the guest.
 */
#include "build.h"

#include "domain_layout.h"
#include "frames.h"
#include "guest.h"
#include "guestcon.h"
#include "kind.h"
#include "l0.h"
#include "map.h"
#include "pod.h"
#include "ram.h"
#include "shim.h"
#include "start_info32.h"
#include "tables.h"

static struct domain_layout l;
static struct guest_image g;
static void *p2m; /* of u64, or u32 for a 32-bit guest */

/* INVALID_PFN: none yet. */
static mfn_t frame_of(pfn_t pfn)
{
    u32 word;

    if (!g.bits32)
        return ((u64 *)p2m)[pfn];
    word = ((u32 *)p2m)[pfn];
    return word == (u32)INVALID_PFN ? INVALID_PFN : word;
}

static void assign(pfn_t pfn, mfn_t mfn)
{
    if (g.bits32)
        ((u32 *)p2m)[pfn] = (u32)mfn;
    else
        ((u64 *)p2m)[pfn] = mfn;
    m2p_set(mfn, pfn);
    *frame_state(mfn) = FRAME_RAM;
}

static mfn_t take(void)
{
    mfn_t mfn = ram_take(&ram);

    if (!mfn)
        refuse("too little memory for the guest kernel and its initrd: give the domain more");
    return mfn;
}

/* n consecutive frames for n consecutive PFNs. */
static mfn_t take_run(u64 n)
{
    mfn_t mfn = ram_take_run(&ram, n);

    if (!mfn)
        refuse("too little memory in one piece (%lu KiB): give the domain more", n * 4);
    memset(mfn_va(mfn), 0, n << PAGE_SHIFT);
    return mfn;
}

static void assign_run(pfn_t pfn, mfn_t mfn, u64 n)
{
    for (u64 i = 0; i < n; i++)
        assign(pfn + i, mfn + i);
}

/* The module frame that holds all of the kernel's page at guest address pa, or 0. */
static mfn_t frame_in_place(const struct boot_module *m, u64 pa)
{
    for (unsigned int i = 0; i < g.nr_segs; i++) {
        u64 start = guest_paddr(&g, g.seg[i].paddr);
        if (pa < start || pa + PAGE_SIZE > start + g.seg[i].filesz)
            continue;
        u64 addr = m->start + g.seg[i].offset + (pa - start);
        if (addr & (PAGE_SIZE - 1) || *frame_state(addr >> PAGE_SHIFT) & FRAME_TAKEN)
            return 0;
        return addr >> PAGE_SHIFT;
    }
    return 0;
}

/* Fills one page from every segment that touches it; what no segment has is zero. */
static void copy_page(u8 *dst, const struct boot_module *m, u64 pa)
{
    memset(dst, 0, PAGE_SIZE);
    for (unsigned int i = 0; i < g.nr_segs; i++) {
        u64 start = guest_paddr(&g, g.seg[i].paddr), end = start + g.seg[i].filesz;
        u64 from = max_t(u64, pa, start), to = min_t(u64, pa + PAGE_SIZE, end);
        if (from < to)
            memcpy(dst + (from - pa), va(m->start + g.seg[i].offset + (from - start)), to - from);
    }
}

/* Frames that stay where the module has them are marked before anything else may be put there. */
static void place_kernel(const struct boot_module *m)
{
    for (pfn_t pfn = l.kernel; pfn < l.kernel_end; pfn++) {
        mfn_t mfn = frame_in_place(m, pfn << PAGE_SHIFT);
        if (mfn) {
            assign(pfn, mfn);
            *frame_state(mfn) |= FRAME_TAKEN;
        } else {
            mfn = take();
            assign(pfn, mfn);
            copy_page(mfn_va(mfn), m, pfn << PAGE_SHIFT);
        }
    }
}

/* What goes before the kernel's symbols isn't of the file, so no page of it is one that stayed. */
static void place_symbols(void)
{
    u64 at = guest_paddr(&g, g.symbols.paddr);

    for (u64 i = 0; g.symbols.any && i < sizeof(g.symbols.bytes); i++) {
        u8 *page = mfn_va(frame_of((at + i) >> PAGE_SHIFT));
        page[(at + i) & (PAGE_SIZE - 1)] = g.symbols.bytes[i];
    }
}

static void place_initrd(const struct boot_module *m)
{
    u64 bytes = m->end - m->start;

    for (u64 i = 0; i < l.initrd_pages; i++) {
        mfn_t mfn = (m->start >> PAGE_SHIFT) + i;
        assign(l.initrd + i, mfn);
        *frame_state(mfn) |= FRAME_TAKEN;
    }
    if (bytes & (PAGE_SIZE - 1))
        memset(va(m->end), 0, PAGE_SIZE - (bytes & (PAGE_SIZE - 1)));
}

void build_release_module(const struct boot_module *m)
{
    mfn_t first = m->start >> PAGE_SHIFT, end = round_up(m->end, PAGE_SIZE) >> PAGE_SHIFT;

    for (mfn_t mfn = first; mfn < end; mfn++) {
        if (*frame_state(mfn) & FRAME_TAKEN)
            *frame_state(mfn) &= (u8)~FRAME_TAKEN;
        else
            ram_release(&ram, mfn);
    }
}

/*
 * The guest's tables by the ABI's order: the L4 first, then all L3s, L2s and L1s; of 32 bits the L3
 * is the first.  Taken in order from `next` of each level as the walk needs them.
 */
struct table_pool {
    mfn_t next[5]; /* by level; [4] is the L4 itself */
};

static u64 *table_at(u64 *entry, struct table_pool *pool, int level)
{
    if (!(*entry & PTE_P))
        *entry = pool->next[level]++ << PAGE_SHIFT | PTE_P | PTE_W | PTE_A | PTE_D | PTE_U;
    return mfn_va(PTE_MFN(*entry));
}

static void map_guest_page(u64 *top, struct table_pool *pool, u64 addr, mfn_t mfn, bool writable)
{
    u64 *l3 = g.bits32 ? top : table_at(&top[addr >> 39 & 511], pool, 3);
    u64 *l2 = table_at(&l3[addr >> 30 & 511], pool, 2);
    u64 *l1 = table_at(&l2[addr >> 21 & 511], pool, 1);

    l1[addr >> 12 & 511] = mfn << PAGE_SHIFT | PTE_P | PTE_A | (writable ? PTE_W : 0);
}

static mfn_t build_tables(void)
{
    mfn_t run = frame_of(l.tables);
    u64 *top = mfn_va(run);
    struct table_pool pool = {{0, run + 1 + l.nr_l3 + l.nr_l2, run + 1 + l.nr_l3, run + 1, run}};

    for (u64 addr = g.virt_base; addr < l.virt_end; addr += PAGE_SIZE) {
        pfn_t pfn = (addr - g.virt_base) >> PAGE_SHIFT;
        bool table = pfn >= l.tables && pfn < l.tables + l.nr_tables;
        map_guest_page(top, &pool, addr, frame_of(pfn), !table);
    }
    if (g.bits32)
        table_at(&top[3], &pool, 2);
    if (g.has_init_p2m) {
        /* Tables of this mapping lie behind the list, in the order of their use. */
        mfn_t next = frame_of(l.p2m_tables);
        u64 nr3 = ((g.init_p2m + l.p2m_pages * PAGE_SIZE - 1) >> 39) - (g.init_p2m >> 39) + 1;
        u64 nr2 = ((g.init_p2m + l.p2m_pages * PAGE_SIZE - 1) >> 30) - (g.init_p2m >> 30) + 1;
        struct table_pool p2m_pool = {{0, next + nr3 + nr2, next + nr3, next, run}};
        for (u64 i = 0; i < l.p2m_pages; i++)
            map_guest_page(top, &p2m_pool, g.init_p2m + i * PAGE_SIZE, frame_of(l.p2m + i), true);
    }
    return run;
}

static void write_start_info(const struct boot_info *boot)
{
    static struct start_info wide;
    struct start_info *si = g.bits32 ? &wide : mfn_va(frame_of(l.start_info));
    const struct boot_module *initrd = boot->nr_modules > 1 ? &boot->module[1] : NULL;

    strlcpy(si->magic, "xen-3.0-x86_64", sizeof(si->magic));
    si->nr_pages = l.nr_pages;
    si->shared_info = guest.shared_mfn << PAGE_SHIFT;
    si->store_mfn = frame_of(l.xenstore);
    si->store_evtchn = guest.store_port;
    si->console.domU.mfn = frame_of(l.console);
    si->console.domU.evtchn = guest.console_port;
    si->pt_base = g.virt_base + (l.tables << PAGE_SHIFT);
    si->nr_pt_frames = l.nr_tables;
    si->mfn_list = g.has_init_p2m ? g.init_p2m : g.virt_base + (l.p2m << PAGE_SHIFT);
    if (g.has_init_p2m) {
        si->first_p2m_pfn = l.p2m;
        si->nr_p2m_frames = l.p2m_pages + l.p2m_table_pages;
    }
    if (initrd && l.initrd_pages) {
        si->mod_len = initrd->end - initrd->start;
        if (g.mod_start_pfn) {
            si->flags |= SIF_MOD_START_PFN;
            si->mod_start = l.initrd;
            si->mod_len = l.initrd_pages << PAGE_SHIFT;
        } else {
            si->mod_start = g.virt_base + (l.initrd << PAGE_SHIFT);
        }
    }
    strlcpy((char *)si->cmd_line, boot->module[0].string, sizeof(si->cmd_line));
    if (g.bits32)
        start_info32(mfn_va(frame_of(l.start_info)), si);
}

/* A ring page of the host's, or, where the host has none, a page of the shim's own. */
static mfn_t special_frame(mfn_t mfn)
{
    if (mfn)
        guest.special_pages++;
    else
        mfn = ram_page();
    frames_add(mfn);
    return mfn;
}

void build_begin(const struct boot_info *boot)
{
    const struct boot_module *kernel = &boot->module[0];
    const char *err = guest_image_parse(&g, va(kernel->start), kernel->end - kernel->start);

    if (err)
        refuse("guest kernel: %s", err);
    ASSERT(g.bits32 == guest.pv32);
    guest.virt_base = g.virt_base;
    guest_set_shared(ram_page());
    kind->init();
    *frame_state(guest.shared_mfn) |= FRAME_RAM | FRAME_HELD;
}

void build_guest(struct build_result *out, const struct boot_info *boot, struct share share)
{
    const struct boot_module *kernel = &boot->module[0];
    const struct boot_module *initrd = boot->nr_modules > 1 ? &boot->module[1] : NULL;
    const char *err;

    build_begin(boot);
    if (strlen(kernel->string) >= MAX_GUEST_CMDLINE)
        refuse("guest command line: longer than %u bytes", MAX_GUEST_CMDLINE - 1);

    /* Special frames first: backing their M2P entries takes pages. */
    mfn_t store = special_frame(l0.store_mfn), console = special_frame(guestcon_l0_frame());

    u64 nr = ram_free_frames(&ram) + 2;
    for (unsigned int i = 0; i < boot->nr_modules; i++)
        nr += (round_up(boot->module[i].end, PAGE_SIZE) - boot->module[i].start) >> PAGE_SHIFT;
    if (share.pages && nr > share.pages) {
        pod_give_back(nr - share.pages);
        nr = share.pages;
    }
    if ((err = domain_layout(&l, &g, initrd ? initrd->end - initrd->start : 0, nr)))
        refuse("%s: give the domain more than %lu MiB", err, ram.frames >> 8);

    mfn_t p2m_run = take_run(l.p2m_pages);
    p2m = mfn_va(p2m_run);
    memset(p2m, 0xff, l.p2m_pages << PAGE_SHIFT);
    assign_run(l.p2m, p2m_run, l.p2m_pages);
    if (l.p2m_table_pages)
        assign_run(l.p2m_tables, take_run(l.p2m_table_pages), l.p2m_table_pages);
    assign_run(l.tables, take_run(l.nr_tables), l.nr_tables);
    place_kernel(kernel);
    place_symbols();
    if (initrd)
        place_initrd(initrd);
    assign_run(l.start_info, take_run(1), 1);
    assign_run(l.stack, take_run(1), 1);
    assign(l.xenstore, store);
    assign(l.console, console);
    write_start_info(boot); /* the last to read the loader's strings */
    for (unsigned int i = 0; i < boot->nr_modules; i++)
        build_release_module(&boot->module[i]);
    for (pfn_t pfn = 0; pfn < nr; pfn++)
        if (frame_of(pfn) == INVALID_PFN)
            assign(pfn, take());

    mfn_t root = build_tables();
    table_pin(root, kind->root_level);
    if (g.has_hypercall_page)
        kind->hypercall_page(mfn_va(frame_of((g.hypercall_page - g.virt_base) >> PAGE_SHIFT)));

    if (kind->set_root(vcpu_of(0), root))
        panic("the first page table can't be used");
    if (g.extended_cr3)
        vcpu_of(0)->vm_assist |= 1UL << VMASST_TYPE_pae_extended_cr3;
    guest.nr_pages = nr;
    guest.max_pages = share.pages ? max_t(u64, nr, share.max) : nr + ram.returned;
    *out = (struct build_result){
        .entry = g.entry,
        .stack = g.virt_base + ((l.stack + 1) << PAGE_SHIFT),
        .start_info = g.virt_base + (l.start_info << PAGE_SHIFT),
        .console = console,
    };
}
