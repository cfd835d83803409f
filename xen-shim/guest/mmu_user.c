// SPDX-License-Identifier: MIT
/*
 * Which page table does user mode run on?  A 64-bit PV kernel has two: its own and the user's.
 * Most kernels keep all user mappings in both, and then one table does for both modes: no CR3
 * switch at system calls.  Where the lower halves of the two L4s differ the user's own is loaded.
 */
#include "frames.h"
#include "guest.h"
#include "isolate.h"
#include "map.h"
#include "mmu.h"
#include "mmu32.h"
#include "quickwalk.h"
#include "shim.h"
#include "tlb.h"

static volatile bool upper_half_open;

/*
 * The last changes of L4s, by their numbers: a pair of tables that agreed at some number still does
 * when all changes since were in other frames, or left it equal in one slot. Number n is in
 * changes[n % CHANGES] until n + CHANGES is written. To compare a pair anew costs a thousand
 * instructions, and one process that maps something must not cost it the others.
 */
#define CHANGES 16
#define ANY     (~0UL) /* frame, or slot */
static u64 generation = 1;
static struct change {
    u64 mfn, slot;
} changes[CHANGES];
static lock_t changes_lock;

static bool lower_halves_agree(u64 kernel, u64 user)
{
    const u64 *k = va(kernel), *u = va(user);

    u64 differs = 0;

    /* Mostly all agree, and this is done once or more for every process: no branch for each. */
    for (unsigned int i = 0; i < HOLE_SLOT; i += 8)
        differs |= (k[i] ^ u[i]) | (k[i + 1] ^ u[i + 1]) | (k[i + 2] ^ u[i + 2]) |
                   (k[i + 3] ^ u[i + 3]) | (k[i + 4] ^ u[i + 4]) | (k[i + 5] ^ u[i + 5]) |
                   (k[i + 6] ^ u[i + 6]) | (k[i + 7] ^ u[i + 7]);
    return !(differs & ~(PTE_A | PTE_D));
}

static u64 last_change(void)
{
    return __atomic_load_n(&generation, __ATOMIC_ACQUIRE);
}

/* Does a pair that agreed at change `then` do so at change `now`? False also where it isn't known.
 */
static bool agree_since(u64 kernel, u64 user, u64 then, u64 now)
{
    if (now - then >= CHANGES)
        return false;
    for (u64 n = then + 1; n <= now; n++) {
        const struct change *c = &changes[n % CHANGES];
        u64 mfn = ACCESS_ONCE(c->mfn), slot = ACCESS_ONCE(c->slot);

        if (mfn == ANY)
            return false;
        if (mfn != kernel >> PAGE_SHIFT && mfn != user >> PAGE_SHIFT)
            continue;
        const u64 *k = va(kernel), *u = va(user);
        if (slot >= HOLE_SLOT || (ACCESS_ONCE(k[slot]) ^ ACCESS_ONCE(u[slot])) & ~(PTE_A | PTE_D))
            return false; /* (in the upper half it's looked for U, too) */
    }
    /* none of them was overwritten while it was read */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return last_change() - then < CHANGES;
}

/* Would user mode reach what the kernel has at addr, were it on the kernel's table? */
static bool open_to_user(const struct vcpu *v, u64 addr)
{
    u64 leaf, rights = quickwalk(v->cr3, addr, &leaf);

    /* what is in the lower half user mode's own table has, too */
    return (rights & (PTE_P | PTE_U)) == (PTE_P | PTE_U) && addr >= HOLE_END;
}

/*
 * Some kernels set U on pages of their own, as Xen does it anyway and they are not in user mode's
 * table.  A kernel that does so for its stack, or for what it has as handlers, does it everywhere.
 */
void mmu_check_kernel_stack(struct vcpu *v)
{
    if (vcpu_stack_is_seen(v))
        return;
    if (!upper_half_open && open_to_user(v, v->kernel_sp - 8))
        mmu_open_upper_half();
    vcpu_stack_seen(v);
}

static void check_handlers(const struct vcpu *v)
{
    if (!upper_half_open &&
        (open_to_user(v, v->event.address) || open_to_user(v, v->syscall.address)))
        mmu_open_upper_half();
}

static bool pinned_l4(u64 pa)
{
    return !pa || (frame_get(pa >> PAGE_SHIFT) & FRAME_PINNED) == 4;
}

/* Did the pair of tables that v has agree when it was looked at last?  What isn't pinned the guest
 * can write without our seeing it. */
static inline struct same_user *same_pair(struct vcpu *v)
{
    struct same_user *s = &v->same_user[v->user_cr3 >> PAGE_SHIFT & (ARRAY_SIZE(v->same_user) - 1)];

    return s->kernel == v->cr3 && s->user == v->user_cr3 && pinned_l4(v->user_cr3) &&
                   pinned_l4(v->cr3)
               ? s
               : NULL;
}

void mmu_choose_user_table(struct vcpu *v)
{
    struct same_user *same;
    u64 now;

    /* (what isn't pinned the guest can write without our seeing it) */
    v->user_table_dirty = isolate && !pinned_l4(v->user_cr3);
    if (isolate) {
        isolate_choose_table(v);
        return;
    }
    mmu_check_kernel_stack(v);
    now = last_change();
    same = same_pair(v);
    if (same && agree_since(v->cr3, v->user_cr3, same->generation, now)) {
        same->generation = now;
        v->separate_user = false;
        return;
    }
    check_handlers(v);
    v->separate_user =
        v->user_cr3 != v->cr3 && (upper_half_open || !lower_halves_agree(v->cr3, v->user_cr3));
    if (v->separate_user) {
        mmu_prepare_l4(v->user_cr3 >> PAGE_SHIFT);
    } else {
        v->same_user[v->user_cr3 >> PAGE_SHIFT & (ARRAY_SIZE(v->same_user) - 1)] =
            (struct same_user){v->cr3, v->user_cr3, now};
    }
}

/* When processes are switched most often nothing has changed since. */
void mmu_tables_set(struct vcpu *v)
{
    const struct same_user *same = isolate ? NULL : same_pair(v);

    v->user_table_dirty = true;
    if (!same || !vcpu_stack_is_seen(v))
        return;
    /* 1. no longer dirty; 2. the look at the number. Who changes an L4 does both the other way
     * round. */
    __atomic_store_n(&v->user_table_dirty, false, __ATOMIC_SEQ_CST);
    if (same->generation == last_change())
        v->separate_user = false;
    else
        v->user_table_dirty = true;
}

static void forget_stacks(void)
{
    for (u32 i = 0; i < nr_vcpus; i++)
        vcpu_forget_stacks(vcpu_of(i));
}

void mmu_l4_entry_changed(u64 mfn, u64 slot)
{
    if (unlikely(guest.pv32)) {
        mmu32_root_changed();
        return;
    }
    if (mfn == ANY || slot - HOLE_SLOT < 512 - HOLE_SLOT) /* the kernel's pages */
        forget_stacks();
    lock(&changes_lock);
    changes[(generation + 1) % CHANGES] = (struct change){mfn, slot};
    __atomic_store_n(&generation, generation + 1, __ATOMIC_SEQ_CST);
    unlock(&changes_lock);
    for (u32 i = 0; i < nr_vcpus; i++)
        vcpu_of(i)->user_table_dirty = true;
}

void mmu_l4_frame_changed(u64 mfn)
{
    mmu_l4_entry_changed(mfn, ANY);
}

void mmu_l4_changed(void)
{
    mmu_l4_entry_changed(ANY, ANY);
}

void mmu_rechoose_user_table(struct vcpu *v)
{
    mmu_choose_user_table(v);
    if (!isolate)
        write_cr3(v->separate_user ? v->user_cr3 : v->cr3);
}

void mmu_run_on_own_table(struct vcpu *v)
{
    v->separate_user = true;
    mmu_prepare_l4(v->user_cr3 >> PAGE_SHIFT);
    write_cr3(v->user_cr3);
}

/*
 * Who is in user mode on a kernel's table at this moment leaves it before it runs on: the flush
 * comes by an interrupt, whose handler (smp_ipi) sees user_table_dirty.
 */
void mmu_open_upper_half(void)
{
    if (isolate || upper_half_open)
        return;
    upper_half_open = true;
    mmu_l4_changed();
    tlb_flush_all(TLB_ALL);
}
