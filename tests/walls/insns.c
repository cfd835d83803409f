// SPDX-License-Identifier: MIT
/* Instructions of each kind, with what they need in registers and memory. */
#include "walls.h"

#include <string.h>

static void byte(struct state *s, uint32_t b)
{
    if (s->code_at + s->code_len < sizeof(s->code))
        s->code[s->code_at + s->code_len++] = (uint8_t)b;
}

static void bytes(struct state *s, const void *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        byte(s, ((const uint8_t *)p)[i]);
}

static void little(struct state *s, uint64_t v, uint32_t n)
{
    bytes(s, &v, n);
}

static void prefixes(struct state *s, struct rng *r, int bits)
{
    static const uint8_t pool[] = {0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65};

    for (uint32_t n = below(r, 10); n > 6; n--)
        byte(s, pool[below(r, sizeof(pool))]);
    if (bits == 64 && !below(r, 3))
        byte(s, 0x40 | below(r, 16));
}

/* A register, or memory at one, without displacement. */
static uint32_t modrm(struct rng *r, uint32_t reg, bool memory)
{
    static const uint8_t bases[] = {0, 1, 2, 3, 6, 7};

    if (!memory)
        return 0xc0 | reg << 3 | below(r, 8);
    return reg << 3 | bases[below(r, sizeof(bases))];
}

static void load_eax(struct state *s, uint32_t value, int bits)
{
    if (bits == 16)
        byte(s, 0x66);
    byte(s, 0xb8);
    little(s, value, 4);
}

static void raw(struct state *s, struct rng *r, int bits)
{
    (void)bits;
    for (uint32_t n = 1 + below(r, 16); n; n--)
        byte(s, (uint32_t)rnd(r) & 0xff);
}

/* Not before what needs a right: QEMU's CPU looks at the right first, hardware at the prefix. */
static void lock_prefix(struct state *s, struct rng *r)
{
    if (!below(r, 12))
        byte(s, 0xf0);
}

static void plain(struct state *s, struct rng *r, int bits)
{
    static const uint8_t ops[] = {0x00, 0x01, 0x02, 0x03, 0x08, 0x11, 0x19, 0x21, 0x29, 0x31,
                                  0x38, 0x39, 0x3b, 0x63, 0x69, 0x6b, 0x80, 0x81, 0x83, 0x84,
                                  0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8d, 0x8f, 0xc0,
                                  0xc1, 0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xf6, 0xf7, 0xfe,
                                  0xff, 0x62, 0xc4, 0xc5, 0xd8, 0xdb, 0xdd, 0xdf};

    lock_prefix(s, r);
    prefixes(s, r, bits);
    byte(s, ops[below(r, sizeof(ops))]);
    byte(s, modrm(r, below(r, 8), below(r, 3)));
    little(s, rnd(r), below(r, 5));
}

static void plain_0f(struct state *s, struct rng *r, int bits)
{
    prefixes(s, r, bits);
    byte(s, 0x0f);
    byte(s, (uint32_t)rnd(r) & 0xff);
    byte(s, modrm(r, below(r, 8), below(r, 3)));
    little(s, rnd(r), below(r, 5));
}

static void string(struct state *s, struct rng *r, int bits)
{
    static const uint8_t ops[] = {0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xd7};

    s->gpr[RSI] = any_address(r);
    s->gpr[RDI] = any_address(r);
    prefixes(s, r, bits);
    byte(s, ops[below(r, sizeof(ops))]);
}

static void port(struct state *s, struct rng *r, int bits)
{
    static const uint8_t ops[] = {0x6c, 0x6d, 0x6e, 0x6f, 0xe4, 0xe5,
                                  0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef};
    /* not the clock's and PCI's: Xen answers those with values of its own, where a guest has the
     * right */
    static const uint16_t ports[] = {0x80, 0x80, 0x80,  0x80,  0x81,  0x9c,   0x9e,   0x9f,
                                     0xa0, 0x7f, 0x7d,  0x7e,  0x72,  0x74,   0x60,   0x64,
                                     0x20, 0xe9, 0x3f8, 0xc00, 0xc04, 0xb004, 0xffff, 0xfffe};

    s->gpr[RSI] = any_address(r);
    s->gpr[RDI] = any_address(r);
    s->gpr[RDX] = ports[below(r, sizeof(ports) / 2)] | (rnd(r) & ~0xfffful);
    prefixes(s, r, bits);
    uint32_t op = ops[below(r, below(r, 2) ? 4 : sizeof(ops))];
    byte(s, op);
    if (op >= 0xe4 && op <= 0xe7)
        byte(s, ports[below(r, 17)]);
}

static void privileged(struct state *s, struct rng *r, int bits)
{
    static const uint8_t insns[][4] = {
        {1, 0xf4},          {1, 0xfa},          {1, 0xfb},          {2, 0x0f, 0x06},
        {2, 0x0f, 0x08},    {2, 0x0f, 0x09},    {2, 0x0f, 0x30},    {2, 0x0f, 0x32},
        {2, 0x0f, 0x07},    {2, 0x0f, 0x35},    {3, 0x0f, 0, 0xd0}, {3, 0x0f, 0, 0xd8},
        {3, 0x0f, 1, 0x17}, {3, 0x0f, 1, 0x1f}, {3, 0x0f, 1, 0xf0}, {3, 0x0f, 1, 0x3f},
        {3, 0x0f, 1, 0xd1}, {3, 0x0f, 1, 0xf8}, {3, 0x0f, 1, 0xca}, {3, 0x0f, 1, 0xcb},
        {3, 0x0f, 1, 0xc1}, {3, 0x0f, 1, 0xd9}, {3, 0x0f, 1, 0xd8}, {3, 0x0f, 1, 0xda},
        {3, 0x0f, 1, 0xdc}, {3, 0x0f, 1, 0xdd}, {3, 0x0f, 1, 0xde}, {3, 0x0f, 1, 0xdf},
        {3, 0x0f, 1, 0xc8}, {3, 0x0f, 1, 0xc9}, {2, 0x0f, 0xaa},    {2, 0x0f, 0x34},
    };

    prefixes(s, r, bits);
    if (!below(r, 3)) { /* MOV from and to control and debug registers */
        byte(s, 0x0f);
        byte(s, 0x20 + below(r, 4));
        byte(s, modrm(r, below(r, 8), false));
        return;
    }
    const uint8_t *i = insns[below(r, sizeof(insns) / sizeof(insns[0]))];
    bytes(s, i + 1, i[0]);
}

static void interrupt(struct state *s, struct rng *r, int bits)
{
    static const uint8_t vectors[] = {0,    1,    2,    3,    4,    5,    6,    8,
                                      0xd,  0xe,  0x12, 0x20, 0x30, 0x7f, 0x80, 0x81,
                                      0x82, 0xf0, 0xf1, 0xf2, 0xf7, 0xff};

    prefixes(s, r, bits);
    switch (below(r, 6)) {
    case 0:
        byte(s, 0xcc);
        break;
    case 1:
        byte(s, 0xce);
        break;
    case 2:
        byte(s, 0x0f);
        byte(s, 0x0b);
        break;
    default:
        byte(s, 0xcd);
        byte(s, below(r, 3) ? vectors[below(r, sizeof(vectors))] : (uint32_t)rnd(r) & 0xff);
    }
}

/* A far pointer, or a frame, where the code will find it. */
static void far_words(struct state *s, struct rng *r, uint64_t *at, uint32_t size)
{
    uint64_t target = below(r, 2) ? CODE + 0x800 : any_address(r), words[5];

    words[0] = target;
    words[1] = any_selector(r);
    words[2] = (rnd(r) & (FLAG_ANY | 0x3000)) | 2;
    words[3] = below(r, 2) ? STACK + PAGE : any_address(r);
    words[4] = any_selector(r);
    for (uint32_t i = 0; i < 5; i++)
        memcpy((uint8_t *)at + i * size, &words[i], size);
    (void)s;
}

static void far_transfer(struct state *s, struct rng *r, int bits)
{
    uint32_t size = bits / 8;
    bool wide = bits == 64 && below(r, 2);

    switch (below(r, bits == 64 ? 3 : 4)) {
    case 0: /* LRET, LRET n, IRET */
        s->gpr[RSP] = s->stack_at;
        size = wide ? 8 : bits == 16 ? 2 : 4;
        far_words(s, r, s->stack, size);
        if (wide)
            byte(s, 0x48);
        if (s->code_len > wide || below(r, 3) == 0) {
            byte(s, 0xcb);
        } else {
            byte(s, 0xcf);
            s->iret_end = s->code_len;
        }
        break;
    case 1:
    case 2: /* LJMP, LCALL through memory */
        s->gpr[RBX] = DATA;
        size = wide ? 8 : bits == 16 ? 2 : 4;
        far_words(s, r, s->data, size);
        if (wide)
            byte(s, 0x48);
        if (bits == 16)
            byte(s, 0x67);
        byte(s, 0xff);
        byte(s, (below(r, 2) ? 3 : 5) << 3 | 3);
        break;
    default:
        byte(s, below(r, 2) ? 0xea : 0x9a);
        little(s, CODE + 0x800, size);
        little(s, any_selector(r), 2);
    }
}

static void selector(struct state *s, struct rng *r, int bits)
{
    static const uint8_t sregs[] = {0, 2, 3, 4, 5, 3, 4, 5, 1, 6};
    uint32_t sel = any_selector(r);

    switch (below(r, 5)) {
    case 0: /* LAR, LSL, VERR, VERW */
        s->gpr[RBX] = sel;
        byte(s, 0x0f);
        if (below(r, 2)) {
            byte(s, 2 + below(r, 2));
            byte(s, 0xc0 | below(r, 4) << 3 | 3);
        } else {
            byte(s, 0);
            byte(s, 0xe3 + below(r, 2) * 8);
        }
        break;
    case 1: /* LSS, LFS, LGS */
        s->gpr[RBX] = DATA;
        s->data[0] = rnd(r);
        memcpy((uint8_t *)s->data + 4, &sel, 2);
        byte(s, 0x0f);
        byte(s, (uint32_t[]){0xb2, 0xb4, 0xb5}[below(r, 3)]);
        byte(s, 0x03);
        break;
    case 2: /* POP FS, GS; in old modes DS, ES */
        s->gpr[RSP] = s->stack_at;
        s->stack[0] = sel;
        if (bits != 64 && below(r, 2)) {
            byte(s, (uint32_t[]){0x07, 0x1f}[below(r, 2)]);
        } else {
            byte(s, 0x0f);
            byte(s, below(r, 2) ? 0xa1 : 0xa9);
        }
        break;
    default:
        load_eax(s, sel, bits);
        byte(s, 0x8e);
        byte(s, 0xc0 | (uint32_t)sregs[below(r, sizeof(sregs))] << 3);
    }
    if (below(r, 2)) { /* and something read through it */
        byte(s, (uint32_t[]){0x26, 0x36, 0x3e, 0x64, 0x65}[below(r, 5)]);
        byte(s, 0x8a);
        byte(s, modrm(r, 0, true));
    }
}

static void syscalls(struct state *s, struct rng *r, int bits)
{
    /* an even number ends in SIGSYS, an odd one comes back with an error (run.c) */
    load_eax(s, below(r, 4) ? below(r, 440) : (uint32_t)rnd(r), bits);
    switch (below(r, 4)) {
    case 0:
        byte(s, 0xcd);
        byte(s, 0x80);
        break;
    case 1:
        byte(s, 0x0f);
        byte(s, 0x34);
        break;
    default:
        byte(s, 0x0f);
        byte(s, 0x05);
    }
}

static void stack(struct state *s, struct rng *r, int bits)
{
    static const uint8_t ops[] = {0x50, 0x58, 0x68, 0x6a, 0x8f, 0x9c, 0x9d,
                                  0xc2, 0xc3, 0xc8, 0xc9, 0xe8, 0x60, 0x61};

    s->gpr[RSP] = any_address(r);
    s->gpr[RBP] = any_address(r);
    if (!below(r, 4))
        byte(s, 0x66);
    uint32_t op = ops[below(r, sizeof(ops) - (bits == 64 ? 2 : 0))];
    byte(s, op);
    if (op == 0x8f)
        byte(s, 0xc0 | below(r, 8));
    else
        little(s, op == 0xc8 ? below(r, 0x200) : op == 0x68 || op == 0xe8 ? rnd(r) : 0, 4);
}

/* No instruction is wanted: the way in is the test. */
static void frame(struct state *s, struct rng *r, int bits)
{
    (void)bits;
    if (below(r, 2))
        s->cs = any_selector(r);
    if (below(r, 2))
        s->ss = any_selector(r);
    if (below(r, 2))
        s->rip = any_address(r);
    if (below(r, 2))
        s->gpr[RSP] = any_address(r);
    if (below(r, 2))
        s->rflags = (uint32_t)rnd(r);
    s->strict_ss = below(r, 4);
}

static void time_and_identity(struct state *s, struct rng *r, int bits)
{
    s->no_tsc = s->no_cpuid = true;
    prefixes(s, r, bits);
    byte(s, 0x0f);
    byte(s, 0x31);
}

static void jump(struct state *s, struct rng *r, int bits)
{
    switch (below(r, 4)) {
    case 0:
        byte(s, 0xe0 + below(r, 4)); /* LOOP, JCXZ */
        byte(s, (uint32_t)rnd(r) & 0xff);
        break;
    case 1:
        byte(s, 0x70 + below(r, 16));
        byte(s, (uint32_t)rnd(r) & 0x7f);
        break;
    default: /* to an address of choice */
        s->gpr[RBX] = any_address(r);
        if (bits == 64 && below(r, 2))
            byte(s, 0x66);
        byte(s, 0xff);
        byte(s, below(r, 2) ? 0xd3 : 0xe3);
    }
}

static const struct {
    const char *name;
    void (*emit)(struct state *s, struct rng *r, int bits);
} kinds[] = {
    {"raw", raw},
    {"plain", plain},
    {"plain-0f", plain_0f},
    {"string", string},
    {"port", port},
    {"port", port},
    {"privileged", privileged},
    {"int", interrupt},
    {"far", far_transfer},
    {"far", far_transfer},
    {"selector", selector},
    {"selector", selector},
    {"syscall", syscalls},
    {"stack", stack},
    {"frame", frame},
    {"frame", frame},
    {"frame", frame},
    {"tsc", time_and_identity},
    {"jump", jump},
};

void emit_kind(struct state *s, struct rng *r, uint32_t kind, int bits)
{
    kinds[kind].emit(s, r, bits);
}

uint32_t nr_kinds(void)
{
    return sizeof(kinds) / sizeof(kinds[0]);
}

const char *kind_name(uint32_t kind)
{
    return kinds[kind].name;
}
