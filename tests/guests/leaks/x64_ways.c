// SPDX-License-Identifier: MIT
/* See ways.h. */
#include "ways.h"

USER_CODE(u_spin, "1: dec %edi; jnz 1b; mov $1, %eax; syscall");

/* Runs insn with canaries in all registers but RSP and those that set says. */
#define CANARY_CODE(name, set, insn)                                                               \
    void name(void);                                                                               \
    asm(".pushsection .text\n" #name ":\n"                                                         \
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"                       \
        "movq $9f, trap_resume_rip(%rip)\n"                                                        \
        "mov $0x5ec2e70012345678, %rax\n"                                                          \
        ".irp r, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15\n"             \
        "mov %rax, %\\r\n.endr\n push %rax; push %rax\n" set "\n" insn "\n"                        \
        "9: movq $0, trap_resume_rip(%rip)\n pop %rax; pop %rax\n"                                 \
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n ret\n.popsection")

CANARY_CODE(k_undefined, "", "ud2");
CANARY_CODE(k_page_fault, "", "movq 0x7000, %rcx");
CANARY_CODE(k_protection, "", "mov %edi, %ds");
CANARY_CODE(k_breakpoint, "", "int3");
CANARY_CODE(k_port, "", "in %dx, %al");
CANARY_CODE(k_hypercall, "mov $17, %eax", "syscall");
CANARY_CODE(k_nmi, "mov $24, %eax; mov $11, %edi; xor %esi, %esi; xor %edx, %edx", "syscall");
CANARY_CODE(k_hypercall_stores, "mov $17, %eax; mov $1, %edi; lea watched(%rip), %rsi", "syscall");
CANARY_CODE(k_stores, "", "mov %al, watched(%rip)");

void (*const kernel_ways[NR_WAYS])(void) = {
    k_undefined, k_page_fault, k_protection,       k_breakpoint, k_port,
    k_hypercall, k_nmi,        k_hypercall_stores, k_stores,
};

void prepare_ways(void)
{
    struct callback_register syscall = {.type = CALLBACKTYPE_syscall,
                                        .address = trap_stub(ENTRY_SYSCALL)};

    check_rc("syscall-register", hc(callback_op, CALLBACKOP_register, &syscall), 0);
}

/* With VGCF_in_syscall, and without. */
void spin_in_user_mode(bool other_way)
{
    struct context ctx = user_context(user_addr(u_spin));

    ctx.f.flags = other_way ? VGCF_in_syscall : 0;
    ctx.regs.rdi = 300000;
    if (user_run(&ctx)->entry != ENTRY_SYSCALL)
        panic("user mode ended by %s", trap_name(&user_exit));
}

/* Where the kernel runs in ring 1. */
bool in_shim(void)
{
    u32 cs;

    asm("mov %%cs, %0" : "=r"(cs));
    return (cs & 3) == 1;
}
