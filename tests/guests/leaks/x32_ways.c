// SPDX-License-Identifier: MIT
/* See ways.h. */
#include "ways.h"

USER_CODE(u_spin, "1: dec %edi; jnz 1b; int $0x80");

/* Runs insn with canaries in all registers but ESP and those that set says. */
#define CANARY_CODE(name, set, insn)                                                               \
    void name(void);                                                                               \
    asm(".pushsection .text\n" #name ":\n"                                                         \
        "push %ebx; push %ebp; push %esi; push %edi\n"                                             \
        "movl $9f, trap_resume_rip\n"                                                              \
        "mov $0x5ec2e712, %eax\n"                                                                  \
        ".irp r, ebx, ecx, edx, esi, edi, ebp\n"                                                   \
        "mov %eax, %\\r\n.endr\n push %eax; push %eax\n" set "\n" insn "\n"                        \
        "9: movl $0, trap_resume_rip\n pop %eax; pop %eax\n"                                       \
        "pop %edi; pop %esi; pop %ebp; pop %ebx\n ret\n.popsection")

CANARY_CODE(k_undefined, "", "ud2");
CANARY_CODE(k_page_fault, "", "movl 0x7000, %ecx");
CANARY_CODE(k_protection, "", "mov %edi, %ds");
CANARY_CODE(k_breakpoint, "", "int3");
CANARY_CODE(k_port, "", "in %dx, %al");
CANARY_CODE(k_hypercall, "mov $17, %eax", "int $0x82");
CANARY_CODE(k_nmi, "mov $24, %eax; mov $11, %ebx; xor %ecx, %ecx; xor %edx, %edx", "int $0x82");
CANARY_CODE(k_hypercall_stores, "mov $17, %eax; mov $1, %ebx; mov $watched, %ecx", "int $0x82");
CANARY_CODE(k_stores, "", "mov %al, watched");

void (*const kernel_ways[NR_WAYS])(void) = {
    k_undefined, k_page_fault, k_protection,       k_breakpoint, k_port,
    k_hypercall, k_nmi,        k_hypercall_stores, k_stores,
};

void prepare_ways(void)
{
    trap_set(0x80, 3, false);
}

/* By the CPU's own IRET, and by the hypercall. */
void spin_in_user_mode(bool other_way)
{
    struct context ctx = user_context(user_addr(u_spin));

    ctx.regs.rdi = 300000;
    if ((other_way ? user_run_native(&ctx) : user_run(&ctx))->entry != 0x80)
        panic("user mode ended by %s", trap_name(&user_exit));
}

/* Where the test hook (the word test=scan) answers. */
bool in_shim(void)
{
    return hc(arch_7, 0, 0, 0) != -XEN_ENOSYS;
}
