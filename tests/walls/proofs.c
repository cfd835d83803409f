// SPDX-License-Identifier: MIT
/* The rules of the walls, each tried in its simplest form. A line "WALL name: ok" or "WALL name:
 * BROKEN, what was seen". */
#define _GNU_SOURCE
#include "walls.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct state s;
static const struct outcome *o;
static int broken;

static void rule(const char *name, bool holds)
{
    printf("WALL %s: %s", name, holds ? "ok" : "BROKEN, ");
    if (!holds) {
        print_case(&s);
        printf(" ->");
        print_outcome(&s, o);
        broken++;
    }
    printf("\n");
    fflush(stdout);
}

#define RUN(bytes, ...)                                                                            \
    do {                                                                                           \
        state_plain(&s, bytes, sizeof(bytes) - 1);                                                 \
        s.nobody = true;                                                                           \
        s.ports = PORTS_SOME;                                                                      \
        s.gpr[RDX] = PORT_FIRST;                                                                   \
        canary_fill();                                                                             \
        __VA_ARGS__;                                                                               \
        o = run_case(&s);                                                                          \
    } while (0)

/* The fault that a user's own store or load there has. */
static bool page_fault(uint64_t cr2, uint64_t err)
{
    return o->seen && o->sig == SIGSEGV && o->trapno == 14 && o->err == err && o->cr2 == cr2 &&
           o->rip == s.rip;
}

static bool general_protection(uint64_t err)
{
    return o->seen && o->sig == SIGSEGV && o->trapno == 13 && o->err == err && o->rip == s.rip;
}

/* Through to the INT3 behind the code. */
static bool passed(void)
{
    return o->seen && o->sig == SIGTRAP && o->trapno == 3 && o->rip == CODE + s.code_len + 1;
}

#define NOT_CANONICAL 0x0000800000000000u
#define HOLE          0xffff830000000000u

static void string_io(void)
{
    const uint64_t end = DATA + 2 * PAGE;

    RUN("\xf3\x6c", s.gpr[RDI] = canary_alias, s.gpr[RCX] = 4);
    rule("INS of a user can't write the kernel's memory",
         page_fault(canary_alias, 7) && canary_intact() && o->gpr[RCX] == 4);
    RUN("\x6d", s.gpr[RDI] = canary_alias + 8);
    rule("nor can INSL without REP", page_fault(canary_alias + 8, 7) && canary_intact());
    RUN("\x6d", s.gpr[RDI] = canary_alias - 2);
    rule("nor INSL from the page before", page_fault(canary_alias - 2, 7) && canary_intact());
    RUN("\xf3\x6e", s.gpr[RSI] = canary_alias, s.gpr[RCX] = 4);
    rule("OUTS of a user can't read the kernel's memory",
         page_fault(canary_alias, 5) && o->gpr[RCX] == 4);
    RUN("\x6c", s.gpr[RDI] = HOLE);
    rule("INS can't write the hypervisor's memory", page_fault(HOLE, 7) || general_protection(0));
    RUN("\x6e", s.gpr[RSI] = HOLE);
    rule("OUTS can't read the hypervisor's memory", page_fault(HOLE, 5) || general_protection(0));
    RUN("\x6c", s.gpr[RDI] = NOT_CANONICAL);
    rule("INS to an address that isn't canonical is #GP", general_protection(0));
    RUN("\x6e", s.gpr[RSI] = NOT_CANONICAL);
    rule("OUTS from an address that isn't canonical is #GP", general_protection(0));
    RUN("\x6c", s.gpr[RDI] = READ_ONLY);
    rule("INS to a read-only page is its fault",
         page_fault(READ_ONLY, 7) || page_fault(READ_ONLY, 6));
    RUN("\x6c", s.gpr[RDI] = UNMAPPED);
    rule("INS to an address without memory is its fault", page_fault(UNMAPPED, 6));
    RUN("\xf3\x6c", s.gpr[RDI] = end - 2, s.gpr[RCX] = 4);
    rule("REP INSB does what it can", page_fault(end, 6) && o->gpr[RDI] == end && o->gpr[RCX] == 2);
    RUN("\x67\xf3\x6c", s.gpr[RDI] = DATA | 0xdead00000000, s.gpr[RCX] = 0x500000002);
    rule("INS with 32-bit addresses takes EDI and ECX",
         passed() && o->gpr[RDI] == DATA + 2 && !o->gpr[RCX] && o->data[0] == 0xffff);
    RUN("\x67\xf3\x6e", s.gpr[RSI] = DATA | 0xdead00000000, s.gpr[RCX] = 0x500000002);
    rule("OUTS with 32-bit addresses takes ESI and ECX",
         passed() && o->gpr[RSI] == DATA + 2 && !o->gpr[RCX]);
}

/* 32-bit code with a data segment of the LDT: mov $7, %eax; mov %eax, %es (or ds); the string
 * instruction */
static void string_io_segments(void)
{
#define SEGMENT(max)                                                                               \
    s.cs = 0x23, s.ds_es = 0x2b, s.nr_ldt = 1,                                                     \
    s.ldt[0] = (struct ldt_entry){0, (uint32_t)DATA, max, 1 | 0x40}, s.gpr[RDI] = s.gpr[RSI] = 16
#define ES_INSB  "\xb8\x07\0\0\0\x8e\xc0\x6c"
#define DS_OUTSB "\xb8\x07\0\0\0\x8e\xd8\x6e"
    RUN(ES_INSB, SEGMENT(31));
    rule("INS adds the base of ES", passed() && o->gpr[RDI] == 17 && o->data[2] == 0xff);
    RUN(DS_OUTSB, SEGMENT(31));
    rule("OUTS adds the base of DS", passed() && o->gpr[RSI] == 17);
    RUN(ES_INSB, SEGMENT(15));
    s.rip = CODE + sizeof(ES_INSB) - 2;
    rule("INS obeys the limit of ES", general_protection(0));
    RUN(DS_OUTSB, SEGMENT(15));
    s.rip = CODE + sizeof(DS_OUTSB) - 2;
    rule("OUTS obeys the limit of DS", general_protection(0));
}

static void no_rights(void)
{
    RUN("\x6c", s.ports = PORTS_NONE, s.gpr[RDI] = DATA);
    rule("INS without a right is #GP", general_protection(0));
    RUN("\xe5\x9e", );
    rule("IN across the end of the right is #GP", general_protection(0));
    RUN("\xfa", );
    rule("CLI without IOPL is #GP", general_protection(0));
}

/* What the kernel has at RIP may not show in how a return to it ends. */
static void bad_returns(void)
{
    static const uint8_t bytes[][2] = {{0x90, 0x90}, {0xcd, 0x21}, {0xcd, 0x5a}, {0xcd, 0x80},
                                       {0xec, 0xec}, {0x0f, 0xa2}, {0x6c, 0x6c}};
    static const struct {
        uint16_t cs, ss;
        const char *name;
    } pairs[] = {
        {0x33, 0x7, "a return with a bad SS doesn't tell what the kernel has at RIP"},
        {0x1b, 0x2b, "a return with a bad CS doesn't tell what the kernel has at RIP"},
        {0x33, 0x2b, "a return to the kernel's memory doesn't tell what is there"},
        {0x23, 0x7, "a return to 32-bit code doesn't tell it either"},
    };

    for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
        struct outcome first = {0};
        bool same = true;
        for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
            RUN("", s.rip = canary_alias + 256, s.cs = pairs[p].cs, s.ss = pairs[p].ss,
                s.strict_ss = true, memcpy((void *)(CANARY + 256), bytes[i], 2));
            if (!i)
                first = *o;
            if (memcmp(&first, o, sizeof(first)) || o->rip != s.rip || o->sig != SIGSEGV) {
                same = false;
                break;
            }
        }
        rule(pairs[p].name, same);
    }
    RUN("\xcd\x80", s.cs = 0x1b, s.gpr[RAX] = 20);
    rule("a return with a bad CS doesn't execute INT 0x80",
         o->seen && o->sig == SIGSEGV && o->rip == CODE && o->gpr[RAX] == 20);
    RUN("\xcd\x80", s.ss = 7, s.strict_ss = true, s.gpr[RAX] = 20);
    rule("a return with a bad SS doesn't execute INT 0x80",
         o->seen && o->sig == SIGSEGV && o->rip == CODE && o->gpr[RAX] == 20);
    RUN("\x6c", s.cs = 0x1b, s.gpr[RDI] = DATA);
    rule("a return with a bad CS doesn't execute INS",
         o->seen && o->sig == SIGSEGV && o->rip == CODE && o->gpr[RDI] == DATA);
    RUN("\xec", s.cs = 0x1b);
    rule("a return with a bad CS doesn't execute IN",
         o->seen && o->sig == SIGSEGV && o->rip == CODE && !o->gpr[RAX]);
}

/* One line for all addresses; the first that gives way is named. */
static void upper_half(void)
{
    static const char *const names[] = {"no address of the upper half can be read", "nor written",
                                        "nor executed"};

    attempts_init();
    for (int how = ACCESS_READ; how <= ACCESS_JUMP; how++) {
        uint64_t at = 0, n = 0;
        for (uint64_t slot = 256; slot < 512 && !at; slot++)
            for (uint64_t i = 0; i < 4 && !at; i++, n++) {
                uint64_t a = 0xffff000000000000u | slot << 39 |
                             (uint64_t[]){0, 0x100000, 0x40001000, 0x7ffffff000}[i];
                struct attempt t = attempt_access(how, a);
                if (t.sig != SIGSEGV || t.trapno != 14)
                    at = a;
            }
        for (uint64_t a = 0xffffffff80000000u; a < 0xffffffffff000000u && !at; a += 0x200000, n++) {
            struct attempt t = attempt_access(how, a);
            if (t.sig != SIGSEGV || t.trapno != 14)
                at = a;
        }
        if (at)
            printf("WALL %s: BROKEN, %lx\n", names[how], at);
        else
            printf("WALL %s: ok\n", names[how]);
        broken += at != 0;
    }
}

/* Nothing but code segments lets a far transfer arrive, and it arrives in ring 3. */
static void gates(void)
{
    uint32_t bad = 0;

    memcpy((void *)CODE, "\x0f\x0b", 2);
    for (uint32_t sel = 0; sel < 0x10000 && !bad; sel += sel < 0x100 || sel >> 8 == 0xe0 ? 1 : 8)
        for (int call = 0; call < 2; call++) {
            struct attempt t = attempt_far(call, (uint16_t)sel, CODE);
            if (!t.sig || (t.cs & 3) != 3 || (t.sig == SIGILL ? t.rip != CODE : t.rip == CODE))
                bad = sel + 1;
        }
    if (bad)
        printf("WALL no selector is a gate for user mode: BROKEN, %x\n", bad - 1);
    else
        printf("WALL no selector is a gate for user mode: ok\n");
    broken += bad != 0;
}

int proofs(void)
{
    if (!canary_alias) {
        printf("WALL the canary's address in the kernel is known: BROKEN\n");
        return 1;
    }
    string_io();
    string_io_segments();
    no_rights();
    bad_returns();
    upper_half();
    gates();
    printf("WALL broken: %d\n", broken);
    return broken;
}
