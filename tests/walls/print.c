// SPDX-License-Identifier: MIT
/* An outcome as one line. */
#include "walls.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

static const char *const names[NR_GPRS] = {"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
                                           "rdi", "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp"};

/* The canary's page is another in each run. */
static void address(const char *name, uint64_t v)
{
    if (canary_alias && v - canary_alias < 2 * PAGE)
        printf(" %s=K+%lx", name, v - canary_alias);
    else
        printf(" %s=%lx", name, v);
}

void print_case(const struct state *s)
{
    printf("%s %s cs=%x ss=%x%s ds=%x fl=%lx ports=%d second=%d code=", s->kind,
           s->nobody ? "nobody" : "root", s->cs, s->ss, s->strict_ss ? "!" : "", s->ds_es,
           s->rflags, s->ports, s->second);
    for (uint32_t i = 0; i < s->code_len; i++)
        printf("%02x", s->code[s->code_at + i]);
    address("at", s->rip);
}

void print_registers(const struct state *s)
{
    for (int i = 0; i < NR_GPRS; i++)
        address(names[i], s->gpr[i]);
    printf(" tsc=%d cpuid=%d\nstack", !s->no_tsc, !s->no_cpuid);
    for (int i = 0; i < 32; i++)
        printf(" %lx", s->stack[i]);
    printf("\ndata");
    for (int i = 0; i < 32; i++)
        printf(" %lx", s->data[i]);
    for (uint32_t i = 0; i < s->nr_ldt; i++)
        printf("\nldt %x: base %x limit %x flags %x", s->ldt[i].number, s->ldt[i].base,
               s->ldt[i].limit, s->ldt[i].flags);
}

static bool long_mode(uint64_t cs)
{
    return (cs | 3) == 0x33 || (cs | 3) == 0xe033;
}

/* An outer Xen clears the upper halves of an HVM guest's old registers at any of its exits from
 * compatibility mode. */
static uint64_t known_half(const struct state *s, const struct outcome *o, int reg, uint64_t v)
{
    return reg < RDI || (long_mode(s->cs) && long_mode(o->csgsfs & 0xffff)) ? v : (uint32_t)v;
}

void print_outcome(const struct state *s, const struct outcome *o)
{
    if (o->seen && o->sig == SIGVTALRM) {
        printf(" goes on");
        return;
    }
    if (!o->seen) {
        /* only without a handler: which signal says enough */
        if (WIFSIGNALED(o->status))
            printf(" dies of %d", WTERMSIG(o->status));
        else
            printf(" ends with %d", WEXITSTATUS(o->status));
        return;
    }
    printf(" SIG%d code %d", o->sig, o->code);
    if (o->sig == SIGSYS)
        printf(" nr=%d arch=%x", o->syscall_nr, o->syscall_arch);
    else
        address("addr", o->addr);
    /* the number in the error code of INT n's #GP is wrong in QEMU 7.2, but not in the shim */
    printf(" trap=%lu err=%lx", o->trapno, o->trapno == 13 && o->err & 2 ? 2 : o->err);
    address("cr2", o->cr2);
    address("rip", long_mode(o->csgsfs & 0xffff) ? o->rip : (uint32_t)o->rip);
    printf(" fl=%lx cs=%lx ss=%lx ds=%x es=%x fs=%lx gs=%lx", o->rflags, o->csgsfs & 0xffff,
           o->csgsfs >> 48, o->ds, o->es, o->csgsfs >> 32 & 0xffff, o->csgsfs >> 16 & 0xffff);
    address("fsbase", o->fs_base);
    address("gsbase", o->gs_base);
    for (int i = 0; i < NR_GPRS; i++)
        if (known_half(s, o, i, o->gpr[i]) != known_half(s, o, i, s->gpr[i]))
            address(names[i], known_half(s, o, i, o->gpr[i]));
    printf(" mem=%lx rc=", o->hash);
    for (uint32_t i = 0; i < s->nr_ldt; i++)
        printf("%d,", o->ldt_rc[i]);
    printf("%d,%d,%d", o->ports_rc, o->tsc_rc, o->cpuid_rc);
}
