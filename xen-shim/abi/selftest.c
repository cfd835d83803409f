// SPDX-License-Identifier: MIT
/* See selftest.h. */
#include "selftest.h"

#include "cpu.h"
#include "hypercall.h"
#include "isolate.h"
#include "map.h"
#include "shim.h"

extern u8 image_start[], text_end[];

static enum { NONE, PANIC, SCAN } enabled;

bool selftest_enable(const char *word)
{
    if (string_is(word, "panic"))
        enabled = PANIC;
    else if (string_is(word, "scan"))
        enabled = SCAN;
    return enabled != NONE;
}

/* Runs over the stack's end, into the guard page below it. */
static u64 __attribute__((noinline)) recurse(u64 depth)
{
    volatile u64 here[32] = {depth};

    return depth ? recurse(depth - 1) + here[0] : 0;
}

static s64 run_into_bug(u64 kind)
{
    switch (kind) {
    case 0: /* no address */
        return (s64) * (volatile u64 *)0x5555000000000000UL;
    case 1:
        return (s64)recurse(1000);
    }
    panic("test=panic: kind %lu", kind);
}

struct scan {
    const struct vcpu *v;
    u64 low, high, words, unknown;
};

/* The rights with which a page has to be there; 0: it has not. */
static u64 rights(const struct vcpu *v, u64 addr)
{
    u64 off = addr - vcpu_area(v->id);

    if (addr >= (u64)image_start && addr < (u64)text_end)
        return PTE_P;
    if (addr == cpu_idt_page())
        return PTE_P | pte_nx;
    if (off == VCPU_STUB_OFF)
        return PTE_P;
    if ((off >= VCPU_IST_OFF && off < VCPU_IST_OFF + 4 * VCPU_IST_SIZE) || off == VCPU_LOBBY_OFF)
        return PTE_P | PTE_W | pte_nx;
    if (off >= VCPU_GDT_OFF && off < VCPU_GDT_OFF + GDT_RESERVED_OFF)
        return PTE_P | (v->gdt_mfn[(off - VCPU_GDT_OFF) / PAGE_SIZE] ? PTE_W : 0) | pte_nx;
    if (off == VCPU_GDT_OFF + GDT_RESERVED_OFF)
        return PTE_P | PTE_W | pte_nx;
    if (off >= VCPU_LDT_OFF && off < VCPU_LDT_OFF + ARRAY_SIZE(v->ldt_mfn) * PAGE_SIZE)
        return PTE_P | (v->ldt_mfn[(off - VCPU_LDT_OFF) / PAGE_SIZE] ? PTE_W : 0) | pte_nx;
    return 0;
}

static void scan_page(struct scan *s, u64 addr, u64 entry)
{
    const u64 *word = mfn_va(PTE_MFN(entry));

    if ((entry & (PTE_P | PTE_W | PTE_U | PTE_NX)) != rights(s->v, addr))
        s->unknown++;
    for (unsigned int i = 0; i < PAGE_SIZE / 8; i++) {
        u64 w = ACCESS_ONCE(word[i]);
        s->words += w >= s->low && w < s->high;
    }
}

/* Everything below one entry of this level, which maps what begins at addr. */
static void scan_tree(struct scan *s, u64 entry, int level, u64 addr)
{
    const u64 *table = mfn_va(PTE_MFN(entry));

    if (!(entry & PTE_P))
        return;
    if (level == 1) {
        scan_page(s, addr, entry);
    } else if (entry & PTE_PS) {
        s->unknown++;
    } else {
        for (u64 i = 0; i < 512; i++)
            scan_tree(s, table[i], level - 1, addr + (i << (12 + 9 * (level - 2))));
    }
}

static s64 scan_vcpu(u64 id, u64 low, u64 high)
{
    struct scan s = {.low = low, .high = high};
    const u64 *l4;

    if (id >= nr_vcpus)
        return -XEN_ENOENT;
    s.v = vcpu_of((u32)id);
    l4 = isolate_table(s.v);
    if (!l4 || !ACCESS_ONCE(lobby(s.v)->loaded))
        return -XEN_EAGAIN;
    for (u64 i = HOLE_SLOT; i < HOLE_SLOT + HOLE_SLOTS; i++)
        scan_tree(&s, l4[i], 4, (i << 39) | 0xffffUL << 48);
    if (!ACCESS_ONCE(lobby(s.v)->loaded))
        return -XEN_EAGAIN;
    return (s64)(min_t(u64, s.words, 0xffff) | min_t(u64, s.unknown, 0xffff) << 16);
}

s64 do_arch_7(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    (void)a4, (void)a5;
    switch (enabled) {
    case PANIC:
        return run_into_bug(a1);
    case SCAN:
        return scan_vcpu(a1, a2, a3);
    case NONE:
        break;
    }
    return -XEN_ENOSYS;
}
