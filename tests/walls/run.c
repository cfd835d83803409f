// SPDX-License-Identifier: MIT
/* Runs a case in a child and takes its outcome. */
#define _GNU_SOURCE
#include "walls.h"

#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIRECT_MAP       0xffff888000000000u /* Linux' map of all memory, with four levels */
#define NOBODY           65534
#define UC_STRICT_SS     0x6 /* UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS */
#define SIGNAL_STACK     (RECORD + 8 * PAGE)
#define SIGNAL_STACK_LEN (8 * PAGE)

uint64_t canary_alias;

static struct outcome *const out = (struct outcome *)RECORD;
static const struct state *now;
extern char __executable_start[], etext[];

/* Without libc, whose FS base may be gone. */
static long raw_call(long nr, long a, long b, long c)
{
    long rc;

    __asm__ volatile("syscall"
                     : "=a"(rc)
                     : "a"(nr), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return rc;
}

static uint64_t hash(uint64_t h, uint64_t from, uint64_t len)
{
    for (const uint64_t *p = (const uint64_t *)from; len; len -= 8)
        h = (h ^ *p++) * 0x100000001b3u;
    return h;
}

static void on_signal(int sig, siginfo_t *si, void *context)
{
    const ucontext_t *uc = context;
    const greg_t *g = uc->uc_mcontext.gregs;

    __asm__ volatile("pushfq\n andl $~0x44000, (%rsp)\n popfq"); /* AC, NT stay as they were */
    if (out->seen)
        raw_call(SYS_exit_group, 1, 0, 0);
    out->sig = sig;
    out->code = si->si_code;
    out->addr = sig == SIGSYS ? 0 : (uint64_t)si->si_addr;
    for (int i = 0; i < NR_GPRS; i++)
        out->gpr[i] = (uint64_t)g[i];
    out->rip = (uint64_t)g[REG_RIP];
    out->rflags = (uint64_t)g[REG_EFL];
    out->csgsfs = (uint64_t)g[REG_CSGSFS];
    out->err = (uint64_t)g[REG_ERR];
    out->trapno = (uint64_t)g[REG_TRAPNO];
    out->cr2 = (uint64_t)g[REG_CR2];
    out->syscall_nr = sig == SIGSYS ? si->si_syscall : 0;
    out->syscall_arch = sig == SIGSYS ? si->si_arch : 0;
    __asm__ volatile("mov %%ds, %0\n mov %%es, %1" : "=r"(out->ds), "=r"(out->es));
    raw_call(SYS_arch_prctl, 0x1003, (long)&out->fs_base, 0);
    raw_call(SYS_arch_prctl, 0x1004, (long)&out->gs_base, 0);
    out->hash = hash(hash(hash(1, DATA, 2 * PAGE), STACK, 2 * PAGE), CODE, PAGE);
    for (int i = 0; i < 4; i++)
        out->data[i] = ((uint64_t *)DATA)[i];
    out->seen = 1;
    raw_call(SYS_exit_group, 0, 0, 0);
}

/* The way in: what the kernel restores when this returns is the case. */
static void on_start(int sig, siginfo_t *si, void *context)
{
    ucontext_t *uc = context;
    greg_t *g = uc->uc_mcontext.gregs;

    (void)sig, (void)si;
    __asm__ volatile("mov %0, %%ds\n mov %0, %%es" ::"r"((uint32_t)now->ds_es));
    for (int i = 0; i < NR_GPRS; i++)
        g[i] = (greg_t)now->gpr[i];
    g[REG_RIP] = (greg_t)now->rip;
    g[REG_EFL] = (greg_t)now->rflags;
    g[REG_CSGSFS] = (greg_t)((uint64_t)now->ss << 48 | now->cs);
    uc->uc_flags =
        (uc->uc_flags & ~(unsigned long)UC_STRICT_SS) | (now->strict_ss ? UC_STRICT_SS : 2);
}

static void set_handlers(void)
{
    static const int caught[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGVTALRM};
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction start = {.sa_sigaction = on_start, .sa_flags = SA_SIGINFO};
    stack_t ss = {.ss_sp = (void *)SIGNAL_STACK, .ss_size = SIGNAL_STACK_LEN};

    sigaltstack(&ss, NULL);
    sigfillset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
        sigaction(caught[i], &sa, NULL);
    sigaction(SIGUSR1, &start, NULL);
}

/* System calls of the case itself, told by their RIP: the odd ones come back with an error, the
 * even ones are SIGSYS; modify_ldt and sigreturn are done.  Ours are free. */
static void restrict_calls(void)
{
#define LOAD(field)                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(op, k, then, otherwise) BPF_JUMP(BPF_JMP | (op) | BPF_K, (uint32_t)(k), then, otherwise)
#define RETURN(what)               BPF_STMT(BPF_RET | BPF_K, what)
    struct sock_filter code[] = {
        LOAD(instruction_pointer) /* low half; the high one of our text is 0 */,
        IF(BPF_JGE, (uintptr_t)__executable_start, 0, 4),
        IF(BPF_JGE, (uintptr_t)etext, 3, 0),
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, instruction_pointer) + 4},
        IF(BPF_JEQ, 0, 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(arch),
        IF(BPF_JEQ, AUDIT_ARCH_X86_64, 0, 4),
        LOAD(nr),
        IF(BPF_JEQ, 15, 7, 0),
        IF(BPF_JEQ, 154, 6, 0),
        IF(BPF_JSET, 1, 3, 4),
        LOAD(nr),
        IF(BPF_JEQ, 119, 3, 0),
        IF(BPF_JEQ, 173, 2, 0),
        IF(BPF_JSET, 1, 0, 2),
        RETURN(SECCOMP_RET_ERRNO | 7),
        RETURN(SECCOMP_RET_ALLOW),
        RETURN(SECCOMP_RET_TRAP),
    };
    /* 9 -> 17, 10 -> 17, 11 -> 15 or 16: counted from the next one */
    code[11].jt = 16 - 12, code[11].jf = 18 - 12;
    code[9].jt = 17 - 10, code[10].jt = 17 - 11;
    code[13].jt = 17 - 14, code[14].jt = 17 - 15;
    code[15].jt = 16 - 16, code[15].jf = 18 - 16;
    struct sock_fprog prog = {sizeof(code) / sizeof(code[0]), code};

    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0)) {
        perror("walls: seccomp");
        exit(2);
    }
}

static void map(uint64_t at, uint64_t len, int prot, int flags)
{
    if (mmap((void *)at, len, prot, MAP_FIXED | MAP_ANONYMOUS | flags, -1, 0) == MAP_FAILED) {
        perror("walls: mmap");
        exit(2);
    }
}

void canary_fill(void)
{
    for (uint64_t i = 0; i < PAGE / 8; i++)
        ((volatile uint64_t *)CANARY)[i] = 0xca11ab1e00000000u + i;
}

bool canary_intact(void)
{
    for (uint64_t i = 0; i < PAGE / 8; i++)
        if (((volatile uint64_t *)CANARY)[i] != 0xca11ab1e00000000u + i)
            return false;
    return true;
}

/* Where the kernel itself sees the page: root may ask for its frame. */
static void find_alias(void)
{
    uint64_t entry = 0;
    int fd = open("/proc/self/pagemap", O_RDONLY);

    if (fd >= 0 && pread(fd, &entry, 8, CANARY / PAGE * 8) == 8 && entry >> 63)
        canary_alias = DIRECT_MAP + (entry & ((1ul << 55) - 1)) * PAGE;
    close(fd);
}

void run_init(void)
{
    map(CODE, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
    map(DATA, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    map(READ_ONLY, PAGE, PROT_READ, MAP_PRIVATE);
    map(NO_ACCESS, PAGE, PROT_NONE, MAP_PRIVATE);
    map(STACK, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    map(RECORD, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    map(CANARY, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    canary_fill();
    mlock((void *)CANARY, PAGE);
    find_alias();
    memset((void *)CODE, 0xcc, 2 * PAGE);
    for (uint64_t i = 0; i < 2 * PAGE / 8; i++)
        ((uint64_t *)DATA)[i] = ((uint64_t *)STACK)[i] = i * 0x0101010101010101u;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL); /* for await */
    set_handlers();
    restrict_calls();
}

static void set_ldt(const struct state *s)
{
    for (uint32_t i = 0; i < s->nr_ldt; i++) {
        const struct ldt_entry *e = &s->ldt[i];
        struct user_desc d = {.entry_number = e->number, .base_addr = e->base, .limit = e->limit};
        uint32_t *flags = &d.limit + 1;

        *flags = e->flags;
        /* the kernel returns an error as an unsigned int, which the C library doesn't take for one:
         * errno is still what some other call left there */
        long rc = syscall(SYS_modify_ldt, 0x11, &d, sizeof(d));
        out->ldt_rc[i] = rc == -1 ? errno : -(int)rc;
    }
}

static void set_rights(const struct state *s)
{
    if (s->ports == PORTS_SOME)
        out->ports_rc = ioperm(PORT_FIRST, PORT_COUNT, 1) ? errno : 0;
    if (s->ports == PORTS_IOPL)
        out->ports_rc = iopl(3) ? errno : 0;
    if (s->no_tsc)
        out->tsc_rc = prctl(PR_SET_TSC, PR_TSC_SIGSEGV) ? errno : 0;
    if (s->no_cpuid)
        out->cpuid_rc = syscall(SYS_arch_prctl, 0x1012, 0) ? errno : 0;
    if (s->nobody && (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
        _exit(3);
}

static void __attribute__((noreturn)) child(const struct state *s)
{
    struct itimerval limit = {.it_value = {0, 100000}};
    struct rlimit cpu = {2, 2}, core = {0, 0};

    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_CORE, &core);
    set_ldt(s);
    set_rights(s);
    memcpy((void *)(CODE + s->code_at), s->code + s->code_at, s->code_len);
    memcpy((void *)s->stack_at, s->stack, sizeof(s->stack));
    memcpy((void *)DATA, s->data, sizeof(s->data));
    if (s->second == PAGE_HOLE)
        munmap((void *)(CODE + PAGE), PAGE);
    else if (s->second != PAGE_RWX)
        mprotect((void *)(CODE + PAGE), PAGE,
                 s->second == PAGE_RW ? PROT_READ | PROT_WRITE : PROT_NONE);
    now = s;
    setitimer(ITIMER_VIRTUAL, &limit, NULL);
    raise(SIGUSR1);
    _exit(4);
}

/* A case ends by its own limits, unless it sleeps or its limits don't work: then it's killed, and
 * its line says so instead of no line at all. */
static void await(int pid)
{
    const struct timespec patience = {.tv_sec = 120};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    while (!waitpid(pid, &out->status, WNOHANG))
        if (sigtimedwait(&set, NULL, &patience) < 0 && errno == EAGAIN) {
            printf("no end ");
            kill(pid, SIGKILL);
        }
}

const struct outcome *run_case(const struct state *s)
{
    memset(out, 0, sizeof(*out));
    int pid = fork();
    if (pid < 0) {
        perror("walls: fork");
        exit(2);
    }
    if (!pid)
        child(s);
    await(pid);
    return out;
}

void state_plain(struct state *s, const void *code, uint32_t len)
{
    memset(s, 0, sizeof(*s));
    memset(s->code, 0xcc, sizeof(s->code));
    memcpy(s->code, code, len);
    s->code_len = len;
    s->kind = "plain";
    s->rip = CODE;
    s->rflags = 0x202;
    s->cs = 0x33;
    s->ss = 0x2b;
    s->stack_at = STACK + PAGE;
    s->gpr[RSP] = s->stack_at;
}
