// SPDX-License-Identifier: MIT
/* What may be in a GDT and an LDT: gates and system segments, announced or not. */
#include "segments.h"

long load_ds(u16 sel)
{
    u32 v = 0;

    PROBE("mov %1, %%ds; mov %%ds, %0", "+r"(v), "r"((u32)sel));
    asm volatile("mov %0, %%ds" ::"r"(0));
    return v;
}

/* Xen looks at all 512 descriptors of each frame, however many are announced. */
void test_gdt_gates(void)
{
    static const struct {
        const char *name;
        u64 low;
    } kind[] = {
        {"call-gate-dpl-3", GATE(0xe008, 0xec)},
        {"call-gate-dpl-0", GATE(0xe008, 0x8c)},
        {"call-gate-to-guest", GATE(0x10, 0xec)},
        {"call-gate-to-kernel", GATE(0xe033, 0xec)},
        {"call-gate-to-kernel-rpl-0", GATE(0xe030, 0xec)},
        {"call-gate-to-ldt", GATE(0xe00c, 0xec)},
        {"call-gate-to-last", GATE(0xdffb, 0xec)},
        {"interrupt-gate", GATE(0xe008, 0xee)},
        {"task-gate", GATE(0x10, 0xe5)},
        {"tss", DESC(0, 0x89, 0x67)},
        {"ldt", DESC(0, 0x82, 0x67)},
        {"type-0", DESC(0, 0x80, 0x67)},
        {"data", DESC(0, DATA_DPL0, 0xfffff)},
        {"not-present", DESC(0, 0x09, 0x67)},
    };
    static const struct {
        const char *name;
        u32 at, ents;
    } place[] = {{"inside", 8, 16}, {"behind", 16, 16}, {"last", 510, 1}};

    for (unsigned k = 0; k < ARRAY_LEN(kind); k++)
        for (unsigned p = 0; p < ARRAY_LEN(place); p++) {
            u64 *table = page_alloc();
            ul frame = mfn_of(table);
            long rc;

            table[1] = DESC(0, DATA_DPL3, 0xfffff);
            table[place[p].at] = kind[k].low;
            make_readonly(table);
            rc = hc(set_gdt, &frame, place[p].ents);
            fact(kind[k].name, "%s %s, dpl %ld, the others usable %ld", place[p].name,
                 rc ? "refused" : "taken", (long)(table[place[p].at] >> 45 & 3),
                 rc ? -1 : load_ds(0x0b));
            hc(set_gdt, 0, 0);
        }
}

/* A page of an LDT that has what can't be there is as if it weren't there. */
void test_ldt_gates(void)
{
    u64 *table = page_alloc();

    table[0] = DESC(0, DATA_DPL0, 0xfffff);
    table[1] = GATE(0xe008, 0xec);
    make_readonly(table);
    fact_rc("ldt-with-gate", mmuext_one(MMUEXT_SET_LDT, (ul)table, 512));
    load_ds(0x07);
    check("ldt-with-gate-not-usable", last_trap.entry != X_NONE, "%s",
          last_trap.entry != X_NONE ? "yes" : "no");
    mmuext_one(MMUEXT_SET_LDT, 0, 0);
    make_writable(table);
    table[0] = DESC(0, DATA_DPL0, 0xfffff);
    table[1] = 0;
    table[300] = DESC(0, DATA_DPL0, 0xfffff);
    make_readonly(table);
    check_rc("ldt-short", mmuext_one(MMUEXT_SET_LDT, (ul)table, 1), 0);
    check_hex("ldt-short-first", load_ds(0x07), 0x07);
    load_ds(0x0f);
    check_trap("ldt-short-behind", X_GP, 0x0c);
    check_rc("ldt-longer", mmuext_one(MMUEXT_SET_LDT, (ul)table, 301), 0);
    check_hex("ldt-longer-last", load_ds(300 << 3 | 7), 300 << 3 | 7);
}
