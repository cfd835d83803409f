// SPDX-License-Identifier: MIT
/*
 * See frames.h.  Both tables are sparse: where there is no RAM one page of all-ones (M2P) and one
 * of zeroes (states) stand in, read-only, so that a guest's look-up of any frame below m2p_end
 * succeeds and costs no memory.
 */
#include "frames.h"

#include "grant_window.h"
#include "map.h"
#include "regs.h"
#include "bootinfo.h"
#include "l0.h"
#include "ram.h"
#include "shim.h"
#include "walk.h"

#define M2P_ENTRY      (guest.pv32 ? 4UL : 8UL)
#define M2P_PER_PAGE   (PAGE_SIZE / M2P_ENTRY)
#define STATE_PER_PAGE 4096

mfn_t m2p_end;
struct frame_set pinned_l4s, holes;
static mfn_t no_m2p, no_state;
static u64 alloc_next; /* behind the states */

static void back_frame(mfn_t mfn)
{
    u64 m2p = M2P_RW + (mfn & ~(M2P_PER_PAGE - 1)) * M2P_ENTRY;
    u64 state = FRAME_STATES + (mfn & ~(STATE_PER_PAGE - 1UL));

    if (!(*map_entry(m2p) & PTE_W)) {
        mfn_t page = ram_page();
        memset(mfn_va(page), 0xff, PAGE_SIZE);
        map_page(m2p, page, PTE_W | pte_nx);
    }
    if (!(*map_entry(state) & PTE_W))
        map_page(state, ram_page(), PTE_W | pte_nx);
}

void frames_add(mfn_t mfn)
{
    back_frame(mfn);
    *frame_state(mfn) |= FRAME_RAM;
}

void *frames_alloc(u64 size)
{
    u64 start = alloc_next;

    for (; alloc_next < start + size; alloc_next += PAGE_SIZE)
        map_page(alloc_next, ram_page(), PTE_W | pte_nx);
    return (void *)start;
}

static void init_set(struct frame_set *s, u8 flag)
{
    *s = (struct frame_set){(const u8 *)FRAME_STATES, m2p_end,
                            frames_alloc(frame_set_size(m2p_end)), flag};
}

/* How many frames of the window for grants behind `first` the CPU's physical addresses reach. */
static u32 window_size(mfn_t first)
{
    u32 bits = cpuid(0x80000000, 0).a >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xff : 36;

    return (first + GRANT_WINDOW) >> (bits - PAGE_SHIFT) ? 0 : GRANT_WINDOW;
}

void frames_init(const struct boot_info *boot)
{
    /* Up to 4 GiB at least: the special pages and grant frames lie below it. */
    mfn_t window = round_up(max_t(u64, ram.top, 1UL << 20), (u64)STATE_PER_PAGE);
    u32 window_frames = window_size(window);
    m2p_end = window + window_frames;
    no_m2p = ram_page();
    memset(mfn_va(no_m2p), 0xff, PAGE_SIZE);
    no_state = ram_page();
    for (mfn_t mfn = 0; mfn < m2p_end; mfn += M2P_PER_PAGE)
        map_page(M2P_RW + mfn * M2P_ENTRY, no_m2p, pte_nx);
    for (mfn_t mfn = 0; mfn < m2p_end; mfn += STATE_PER_PAGE)
        map_page(FRAME_STATES + mfn, no_state, pte_nx);
    for (unsigned int i = 0; i < boot->nr_ram; i++)
        for (u64 pa = boot->ram[i].start & ~((M2P_PER_PAGE << PAGE_SHIFT) - 1);
             pa < boot->ram[i].end; pa += M2P_PER_PAGE << PAGE_SHIFT)
            back_frame(pa >> PAGE_SHIFT);
    if (guest.pv32 && m2p_end > (M2P32_RO_END - M2P32_RO) / 4)
        refuse("too much memory for a 32-bit guest: its machine-to-phys table ends at %lu GiB",
               (M2P32_RO_END - M2P32_RO) / 4 >> 18);
    /* The guest's view: the same tables, without the right to write. */
    boot_l4[M2P_RO >> 39 & 511] = boot_l4[M2P_RW >> 39 & 511] & ~PTE_W;
    alloc_next = FRAME_STATES + m2p_end;
    init_set(&pinned_l4s, guest.pv32 ? FRAME_ROOT32 : FRAME_L4);
    init_set(&holes, FRAME_HOLE);
    grant_window_init(window, window_frames);
}

u64 *walk_table(mfn_t mfn)
{
    return frame_ok(mfn) || frame_is_own_table(mfn) ? mfn_va(mfn) : NULL;
}

bool walk_data(mfn_t mfn)
{
    return mfn_mapped(mfn) && (frame_is_ram(mfn) || l0_is_shared_gfn(mfn));
}
