// SPDX-License-Identifier: MIT
/* Tries of one instruction in this process: every selector, many addresses. */
#define _GNU_SOURCE
#include "walls.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <unistd.h>

static struct attempt last;
static uint64_t resume_rip, resume_rsp;

static void on_fault(int sig, siginfo_t *si, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)si;
    last.sig = sig;
    last.trapno = (uint64_t)g[REG_TRAPNO];
    last.err = (uint64_t)g[REG_ERR];
    last.cr2 = (uint64_t)g[REG_CR2];
    last.rip = (uint64_t)g[REG_RIP];
    last.cs = (uint64_t)g[REG_CSGSFS] & 0xffff;
    g[REG_RIP] = (greg_t)resume_rip;
    g[REG_RSP] = (greg_t)resume_rsp;
    g[REG_EFL] = 0x202;
    g[REG_CSGSFS] = 0x2bl << 48 | 0x33;
}

void attempts_init(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    sigaction(SIGILL, &sa, NULL);
    sigaction(SIGTRAP, &sa, NULL);
}

#define TRY(insn, ...)                                                                             \
    do {                                                                                           \
        last = (struct attempt){0};                                                                \
        __asm__ volatile("lea 9f(%%rip), %%rax\n mov %%rax, %0\n mov %%rsp, %1\n" insn "\n9:"      \
                         : "=m"(resume_rip), "=m"(resume_rsp)                                      \
                         : __VA_ARGS__                                                             \
                         : "rax", "rcx", "memory", "cc");                                          \
    } while (0)

struct attempt attempt_access(enum access how, uint64_t addr)
{
    if (how == ACCESS_READ)
        TRY("movb (%2), %%al", "d"(addr));
    else if (how == ACCESS_WRITE)
        TRY("movb $0x5a, (%2)", "d"(addr));
    else
        TRY("jmp *%2", "d"(addr));
    return last;
}

/* The target must be a bad instruction of any mode, below 2^32. */
struct attempt attempt_far(bool call, uint16_t sel, uint64_t offset)
{
    struct {
        uint32_t offset;
        uint16_t sel;
    } __attribute__((packed)) target = {(uint32_t)offset, sel};

    if (call)
        TRY("lcall *(%2)", "d"(&target));
    else
        TRY("ljmp *(%2)", "d"(&target));
    return last;
}

static uint64_t lar(uint16_t sel)
{
    uint64_t rights = ~0ul;
    __asm__("lar %1, %0" : "+r"(rights) : "r"((uint64_t)sel) : "cc");
    return rights;
}

static uint64_t lsl(uint16_t sel)
{
    uint64_t limit = ~0ul;
    __asm__("lsl %1, %0" : "+r"(limit) : "r"((uint64_t)sel) : "cc");
    return limit;
}

/* As a fault's error code shows the selector, "own" stands for it. */
static void describe(char *text, size_t size, uint32_t sel)
{
    struct attempt j = attempt_far(false, (uint16_t)sel, CODE),
                   c = attempt_far(true, (uint16_t)sel, CODE);
    char err[2][20];
    const struct attempt *a[2] = {&j, &c};

    for (int i = 0; i < 2; i++)
        if (a[i]->rip == CODE)
            snprintf(err[i], sizeof(err[i]), "arrives %d", a[i]->sig);
        else if (a[i]->err == (sel & 0xfffcu))
            snprintf(err[i], sizeof(err[i]), "%d:%lu own", a[i]->sig, a[i]->trapno);
        else
            snprintf(err[i], sizeof(err[i]), "%d:%lu %lx", a[i]->sig, a[i]->trapno, a[i]->err);
    snprintf(text, size, "lar=%lx lsl=%lx jmp=%s call=%s", lar((uint16_t)sel), lsl((uint16_t)sel),
             err[0], err[1]);
}

/* The GDT with RPL 3, what Linux and the hypervisor have in it with each RPL, and the start of the
 * LDT. */
void scan(void)
{
    char text[160], before[160] = "";
    uint32_t first = 0, previous = 0;

    attempts_init();
    memcpy((void *)CODE, "\x0f\x0b", 2);
    for (uint32_t sel = 0; sel < 0x10000; sel++) {
        bool low = sel < 0x100 || sel >> 8 == 0xe0;
        if ((sel & 4 && sel > 0x100) || (!low && (sel & 3) != 3))
            continue;
        describe(text, sizeof(text), sel);
        if (strcmp(text, before)) {
            if (*before)
                printf("scan %x-%x: %s\n", first, previous, before);
            strcpy(before, text);
            first = sel;
        }
        previous = sel;
    }
    printf("scan %x-%x: %s\n", first, previous, before);
}
