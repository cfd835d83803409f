// SPDX-License-Identifier: MIT
/* From seed and number to a case. */
#include "walls.h"

#include <string.h>

uint64_t rnd(struct rng *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    uint64_t z = r->state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t below(struct rng *r, uint32_t n)
{
    return (uint32_t)(rnd(r) >> 32) % n;
}

/* Addresses that mean something to the kernel, the hypervisor or the CPU; or to the case itself. */
uint64_t any_address(struct rng *r)
{
    static const uint64_t pool[] = {
        0,
        UNMAPPED,
        NO_ACCESS,
        NO_ACCESS + PAGE - 1,
        READ_ONLY,
        READ_ONLY + 16,
        0x7ffffffff000,     /* the first behind user mode */
        0x7ffffffffff8,     /* the last below the middle */
        0x800000000000,     /* not canonical */
        0xffff7ffffffffff8, /* nor this */
        0x123456789abcdef0,
        0xffff800000000000, /* the hypervisor's hole, and what the shim keeps in it */
        0xffff808000100000,
        0xffff808040001000,
        0xffff808040010000,
        0xffff8080400e0000,
        0xffff8080c0000000,
        0xffff810000000000,
        0xffff820000000000,
        0xffff82d040200000, /* where Xen has its image */
        0xffff830000000000,
        0xffff830000100000,
        0xffff87fffffffff8,
        0xffff880000000000, /* the kernel's */
        0xffff888000000000,
        0xffff888000001000,
        0xffffc90000000000,
        0xffffea0000000000,
        0xfffffe0000000000,
        0xffffffff80000000,
        0xffffffff81000000,
        0xffffffff81000fff,
        0xffffffff82000000,
        0xffffffffc0000000,
        0xffffffffff600000, /* vsyscall */
        0xfffffffffffffff8,
    };
    switch (below(r, 10)) {
    case 0:
    case 1:
    case 2:
        return DATA + below(r, 2 * PAGE / 8) * 8;
    case 3: /* across its end */
        return DATA + 2 * PAGE - below(r, 20);
    case 4:
        return DATA + below(r, 2 * PAGE);
    case 5:
        return STACK + PAGE + below(r, 64) * 8;
    case 6:
        return CODE + below(r, 2 * PAGE);
    case 7: /* the kernel's own memory, by its map of all memory */
        return 0xffff888001000000 + below(r, 0x800) * PAGE + below(r, PAGE / 16) * 16;
    default:
        return pool[below(r, sizeof(pool) / sizeof(pool[0]))];
    }
}

uint16_t any_selector(struct rng *r)
{
    static const uint16_t pool[] = {
        0,      1,      2,      3,      0x08,   0x0b,   0x10,   0x13,   0x18,   0x1b,
        0x20,   0x23,   0x28,   0x2b,   0x30,   0x33,   0x3b,   0x43,   0x4b,   0x53,
        0x63,   0x6b,   0x73,   0x7b,   0x83,   0xe003, 0xe008, 0xe00b, 0xe010, 0xe013,
        0xe018, 0xe019, 0xe01b, 0xe020, 0xe021, 0xe023, 0xe028, 0xe029, 0xe02b, 0xe030,
        0xe031, 0xe033, 0xe038, 0xe03b, 0xe041, 0xe043, 0xe049, 0xe04b, 0xe050, 0xe053,
        0xe060, 0xe063, 0xe06b, 0xe073, 0xeffb, 0xdffb, 0xfffb, 0xffff,
    };
    switch (below(r, 4)) {
    case 0: /* the case's LDT, and a bit more */
        return (uint16_t)(below(r, MAX_LDT + 1) << 3 | 4 | below(r, 4));
    case 1:
        return below(r, 4) ? pool[below(r, sizeof(pool) / sizeof(pool[0]))] : (uint16_t)rnd(r);
    case 2: /* a good one */
        return (uint16_t[]){0x23, 0x2b, 0x33, 0xe023, 0xe02b, 0xe033, 7, 0xf}[below(r, 8)];
    default:
        return pool[below(r, sizeof(pool) / sizeof(pool[0]))];
    }
}

static uint64_t any_value(struct rng *r)
{
    switch (below(r, 8)) {
    case 0:
        return rnd(r);
    case 1:
        return (uint32_t)rnd(r);
    case 2:
        return (uint64_t[]){~0ul,       0x7fffffff,  0x80000000,
                            0xffffffff, 0x100000000, 0x8000000000000000}[below(r, 6)];
    case 3:
        return below(r, 300);
    case 4:
        return below(r, 8);
    default:
        return any_address(r);
    }
}

static void random_ldt(struct state *s, struct rng *r)
{
    s->nr_ldt = below(r, MAX_LDT + 1);
    for (uint32_t i = 0; i < s->nr_ldt; i++) {
        struct ldt_entry *e = &s->ldt[i];
        e->number = below(r, 8) ? i : below(r, 8200);
        e->base = below(r, 3) ? (uint32_t)(uint64_t[]){0, CODE, DATA, STACK}[below(r, 4)]
                              : (uint32_t)rnd(r);
        e->limit = below(r, 2) ? 0xfffff : below(r, 0x100000);
        e->flags = below(r, 256);
        if (below(r, 2)) /* usable: big pages, present */
            e->flags = (e->flags | 0x10) & ~0x20u;
    }
}

/* How the code is entered: mostly as it is meant to run. */
static void mode(struct state *s, struct rng *r, int bits)
{
    s->cs = below(r, 6) ? 0x33 : 0xe033;
    s->ss = below(r, 6) ? 0x2b : 0xe02b;
    s->ds_es = below(r, 4) ? 0x2b : 0;
    if (bits == 32)
        s->cs = below(r, 6) ? 0x23 : 0xe023;
    if (bits == 16) { /* a code segment of the LDT */
        s->nr_ldt = MAX_LDT;
        s->ldt[3] = (struct ldt_entry){3, (uint32_t)CODE, 0xfffff, 2 << 1 | 1 << 4};
        s->cs = 3 << 3 | 7;
        s->rip = s->code_at;
    }
    s->strict_ss = below(r, 2);
}

/* With iopl(3) Linux 6.1 looks at the instruction of each #GP, and reads the GDT for that if CS
 * isn't its own for 64 bits: as a PV guest it oopses over that, on Xen, too. */
static bool leaves_long_mode(const struct state *s)
{
    if (s->cs != 0x33)
        return true;
    for (uint32_t i = 0; i < s->code_len; i++) {
        uint8_t b = s->code[s->code_at + i];
        if (b == 0xff || b == 0xcf || b == 0xcb || b == 0xca || b == 0x05 || b == 0x80)
            return true;
    }
    return false;
}

/* QEMU 7.2 puts 2n into the error code of INT n's #GP in long mode.  Where the handler of vector 2n
 * is user mode's, Xen takes it for that. */
static bool int_mistaken(const struct state *s)
{
    for (uint32_t i = 0; i + 1 < s->code_len; i++) {
        const uint8_t *c = s->code + s->code_at + i;
        if (c[0] == 0xcd && ((c[1] & 0x7f) == 2 || (c[1] & 0x7f) == 0x40))
            return true;
    }
    return false;
}

/* A PV Linux enters its system calls with the user's DF on Xen, and then its own copies go
 * backwards. */
static bool has_syscall(const struct state *s)
{
    for (uint32_t i = 0; i + 1 < s->code_len; i++) {
        const uint8_t *c = s->code + s->code_at + i;
        if (c[0] == 0x0f && c[1] == 0x05)
            return true;
    }
    return false;
}

/* RDTSC and the like say what differs between two runs, and stores of the descriptor tables'
 * addresses between hypervisors; MOV SS with a trap behind it kills QEMU 7.2 itself. */
static bool unwanted(const struct state *s)
{
    bool step = s->rflags & 0x100;

    if (s->ports == PORTS_IOPL && leaves_long_mode(s))
        return true;
    if (int_mistaken(s) || (s->rflags & 0x400 && has_syscall(s)))
        return true;
    for (uint32_t i = 0; i < s->code_len;
         i++) /* QEMU 7.2 obeys VM in a 32-bit IRET of 64-bit mode */
        if (s->code[s->code_at + i] == 0xcf && i + 1 != s->iret_end)
            return true;
    for (uint32_t i = 0; i + 1 < s->code_len; i++) {
        const uint8_t *c = s->code + s->code_at + i;
        if (c[0] == 0x9d || c[0] == 0xcf) /* POPF, IRET may set TF */
            step = true;
        if (c[0] != 0x0f)
            continue;
        uint8_t reg = c[2] >> 3 & 7;
        if ((c[1] == 0x31 && !s->no_tsc) || (c[1] == 0xa2 && !s->no_cpuid) || c[1] == 0x33 ||
            c[1] == 0x37)
            return true;
        if (c[1] == 0x00 && reg < 2)
            return true;
        if (c[1] == 0x01 && (reg < 2 || reg == 4 || c[2] == 0xf9))
            return true;
        if (c[1] == 0xc7 && reg >= 6)
            return true;
        if (c[1] == 0xae) /* FPU and TSC_AUX state */
            return true;
    }
    for (uint32_t i = 0; i + 1 < s->code_len; i++) {
        const uint8_t *c = s->code + s->code_at + i;
        bool loads_ss = (c[0] == 0x8e && (c[1] >> 3 & 7) == 2) || c[0] == 0x17 ||
                        (c[0] == 0x0f && c[1] == 0xb2);
        if (loads_ss && step)
            return true;
        if (loads_ss) /* no trap in what may follow */
            for (uint32_t k = i + 1; k < i + 12 && k + 1 < s->code_len; k++) {
                uint8_t b = s->code[s->code_at + k];
                if (b == 0xcd || b == 0xf1 || b == 0x05 || b == 0xcc || b == 0xce)
                    return true;
            }
    }
    return false;
}

/* One kind of right in all cases of a seed: Linux was seen to leave one process' bitmap to another.
 */
static void fill_case(struct state *s, struct rng *r, enum ports right)
{
    static const uint8_t other_bits[] = {64, 64, 64, 32, 32, 16};
    uint32_t kind = below(r, nr_kinds());
    int bits = other_bits[below(r, sizeof(other_bits))];

    memset(s, 0, sizeof(*s));
    memset(s->code, 0xcc, sizeof(s->code));
    s->kind = kind_name(kind);
    s->nobody = below(r, 2);
    s->ports = below(r, 3) ? right : PORTS_NONE;
    s->no_tsc = !below(r, 8);
    s->no_cpuid = !below(r, 8);
    s->second = below(r, 4);
    random_ldt(s, r);
    for (int i = 0; i < NR_GPRS; i++)
        s->gpr[i] = any_value(r);
    if (below(r, 2)) /* loops and REP with few rounds */
        s->gpr[RCX] = below(r, 20);
    for (int i = 0; i < 32; i++) {
        s->stack[i] = any_value(r);
        s->data[i] = any_value(r);
    }
    s->stack_at = STACK + PAGE;
    if (below(r, 5))
        s->gpr[RSP] = s->stack_at + below(r, 4) * 8;
    s->rflags = 0x202 | (below(r, 2) ? 0 : rnd(r) & FLAG_ANY) | (below(r, 6) ? 0 : 0x100);
    s->code_at = below(r, 4) ? 0 : (uint32_t)PAGE - 1 - below(r, 14); /* or across the page's end */
    s->rip = CODE + s->code_at;
    mode(s, r, bits);
    emit_kind(s, r, kind, bits);
    for (uint32_t more = below(r, 3); more; more--)
        emit_kind(s, r, below(r, nr_kinds()), bits);
    if (s->iret_end)
        s->gpr[RSP] = s->stack_at;
}

void generate(struct state *s, uint64_t seed, uint64_t number)
{
    struct rng r = {seed * 0x2545f4914f6cdd1du + number};

    do
        fill_case(s, &r, seed & 1 ? PORTS_SOME : PORTS_IOPL);
    while (unwanted(s));
}
