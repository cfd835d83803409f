// SPDX-License-Identifier: MIT
/*
 * See isolate32.h.  A 32-bit guest has one table for both modes, so the shim makes another for user
 * mode, one for each vCPU.  The GiBs below the kernel's have the guest's own level-2 tables
 * in both.  In the kernel's GiBs user mode has tables of the shim's, with those pages that the
 * guest lets it reach (U at both levels: a vDSO), put there when it gets to them and looked at
 * again on each way to user mode.
 *
 * The kernel goes to user mode by an IRET of its own, on its own table.  There all below its GiBs
 * can't be executed, so user mode's first instruction faults.  This is once for each system call,
 * so nothing is looked at then: user mode's table is kept in step all the time, isolate.S loads it
 * and lets user mode try again.  Only where it is shown pages that could have changed (see above)
 * C code comes first.
 */
#include "isolate32.h"

#include "guest.h"
#include "l0.h"
#include "frames.h"
#include "map.h"
#include "mmu32.h"
#include "ram.h"
#include "regs.h"
#include "segment.h"
#include "shim.h"

#define GIBS 4

#define PAGES    16 /* of the kernel's GiBs that user mode reaches */
#define NR_L1    4
#define L1_BYTES (1u << 21)

/* Of a vCPU. */
struct user_tables {
    u64 *l3, *l2[GIBS];
    unsigned int kernel_gib; /* the first one */
    struct {
        u64 *table;
        u32 base; /* what it maps; 1: nothing */
    } l1[NR_L1];
    unsigned int next_l1, next_page;
    struct {
        u64 *at; /* the entry in one of these; NULL: none */
        u64 leaf;
        u32 addr;
    } page[PAGES];
};
static struct user_tables *user[MAX_VCPUS];

static unsigned int gib_of(u64 addr)
{
    return (unsigned int)(addr >> 30 & (GIBS - 1));
}

void isolate32_init_vcpu(struct vcpu *v)
{
    struct user_tables *u;

    if (!isolate)
        return;
    if (!pte_nx)
        refuse("isolation of a 32-bit guest's kernel takes NX, which this host doesn't offer: "
               "isolate=no");
    _Static_assert(sizeof(*u) <= PAGE_SIZE, "");
    user[v->id] = u = mfn_va(ram_page());
    u->kernel_gib = gib_of(guest.virt_base);
    u->l3 = mmu32_own_table(3);
    for (unsigned int i = u->kernel_gib; i < GIBS; i++) {
        u->l2[i] = mmu32_own_table(2);
        u->l3[i] = mmu32_table_entry(u->l2[i]);
    }
    for (unsigned int i = 0; i < NR_L1; i++) {
        u->l1[i].table = mmu32_own_table(1);
        u->l1[i].base = 1;
    }
    isolate_set_table(v, mmu32_table_entry(u->l3));
    *frame_state(isolate32_root(v) >> PAGE_SHIFT) = 4;
}

u64 isolate32_root(const struct vcpu *v)
{
    return isolate ? (u64)isolate_table(v) - DIRECT_MAP : 0;
}

u64 isolate32_l3_entry(const struct vcpu *v, unsigned int gib, u64 e)
{
    struct user_tables *u;

    if (!isolate)
        return e;
    u = user[v->id];
    if (gib < u->kernel_gib) {
        ACCESS_ONCE(u->l3[gib]) = e;
        return e ? e | pte_nx : 0;
    }
    ACCESS_ONCE(u->l3[gib]) = mmu32_table_entry(u->l2[gib]);
    return e;
}

/*
 * Where the kernel is that runs now: a loader like PV GRUB starts another one, which may lie
 * higher. Its handlers tell.
 */
static void follow_kernel(struct vcpu *v, struct user_tables *u)
{
    const struct trap_handler *t = &v->traps[X86_PF];
    unsigned int gib = gib_of(selector_is_null(t->cs) ? guest.virt_base : t->address);

    if (gib < gib_of(guest.virt_base))
        gib = gib_of(guest.virt_base);
    if (likely(gib == u->kernel_gib))
        return;
    ACCESS_ONCE(u->kernel_gib) = gib;
    mmu32_copy_root_again(v);
}

/* What the guest's tables say of addr, without the shim's own NX: the last entry in *at, what it
 * and its level 2 have in common, or 0 where nothing is present. */
static u64 guest_rights(const struct vcpu *v, u32 addr, u64 **at, u64 *nx)
{
    u64 e3 = ((const u64 *)va(v->user_cr3))[addr >> 30], e2, e1;

    if (!(e3 & PTE_P) || !frame_ok(PTE_MFN(e3)))
        return 0;
    e2 = ((const u64 *)mfn_va(PTE_MFN(e3)))[addr >> 21 & 511];
    if (!(e2 & PTE_P) || e2 & PTE_PS || !frame_ok(PTE_MFN(e2)))
        return 0;
    *at = (u64 *)mfn_va(PTE_MFN(e2)) + (addr >> 12 & 511);
    e1 = ACCESS_ONCE(**at);
    if (!(e1 & PTE_P) || !(frame_is_ram(PTE_MFN(e1)) || l0_is_shared_gfn(PTE_MFN(e1))))
        return 0;
    *nx = (e1 | e2) & PTE_NX;
    return e1 & e2;
}

static void drop_page(struct user_tables *u, unsigned int i)
{
    if (u->page[i].at)
        *u->page[i].at = 0;
    u->page[i].at = NULL;
}

static bool shows_any(const struct user_tables *u)
{
    bool any = false;

    for (unsigned int i = 0; i < PAGES; i++)
        any |= u->page[i].at != NULL;
    return any;
}

/* The table that maps the 2 MiB of addr; the oldest one is taken when all map others. */
static u64 *table_for(struct user_tables *u, u32 addr)
{
    u32 base = addr & ~(L1_BYTES - 1);
    unsigned int i;

    for (i = 0; i < NR_L1; i++)
        if (u->l1[i].base == base)
            return u->l1[i].table;
    i = u->next_l1++ % NR_L1;
    if (u->l1[i].base != 1)
        u->l2[u->l1[i].base >> 30][u->l1[i].base >> 21 & 511] = 0;
    for (unsigned int p = 0; p < PAGES; p++)
        if (u->page[p].at && (u->page[p].addr & ~(L1_BYTES - 1)) == u->l1[i].base)
            drop_page(u, p);
    u->l1[i].base = base;
    u->l2[base >> 30][base >> 21 & 511] = mmu32_table_entry(u->l1[i].table);
    return u->l1[i].table;
}

/* The guest's entry with the bits that the CPU would set there. */
static u64 touch(u64 *at, u64 bits)
{
    return __atomic_or_fetch(at, bits, __ATOMIC_SEQ_CST);
}

static void show_page(struct user_tables *u, u32 addr, u64 leaf)
{
    u64 *at = &table_for(u, addr)[addr >> 12 & 511];
    unsigned int i;

    for (i = 0; i < PAGES && u->page[i].at != at; i++)
        ;
    if (i == PAGES) {
        i = u->next_page++ % PAGES;
        drop_page(u, i);
    }
    u->page[i].at = at;
    u->page[i].addr = addr & ~(u32)(PAGE_SIZE - 1);
    u->page[i].leaf = leaf;
    *at = leaf & PTE_D ? leaf : leaf & ~PTE_W; /* the first write is to be seen */
}

bool isolate32_fault(struct vcpu *v, u64 addr, u32 *error_code)
{
    u64 *at = NULL, nx = 0, rights, leaf;

    if (!isolate || *error_code & PF_RSVD)
        return false;
    rights = guest_rights(v, (u32)addr, &at, &nx);
    *error_code = (*error_code & ~PF_P) | (rights & PTE_P ? PF_P : 0);
    if ((rights & (PTE_P | PTE_U)) != (PTE_P | PTE_U) ||
        (*error_code & PF_W && !(rights & PTE_W)) || (*error_code & PF_I && nx))
        return false;
    leaf = touch(at, PTE_A | (*error_code & PF_W ? PTE_D : 0));
    if (gib_of(addr) >= user[v->id]->kernel_gib) {
        show_page(user[v->id], (u32)addr, leaf);
        v->shows_kernel_pages = true;
    }
    return true;
}

void isolate32_refresh(struct vcpu *v)
{
    struct user_tables *u = user[v->id];

    follow_kernel(v, u);
    if (likely(!v->shows_kernel_pages))
        return;
    for (unsigned int i = 0; i < PAGES; i++) {
        u64 *at, nx, rights;

        if (!u->page[i].at)
            continue;
        rights = guest_rights(v, u->page[i].addr, &at, &nx);
        if ((rights & (PTE_P | PTE_U)) != (PTE_P | PTE_U) || ACCESS_ONCE(*at) != u->page[i].leaf)
            drop_page(u, i);
    }
    v->shows_kernel_pages = shows_any(u);
}
