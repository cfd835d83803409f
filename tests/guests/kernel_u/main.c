// SPDX-License-Identifier: MIT
/*
 * A kernel that sets U on pages of its own (pv-guest-abi 5.1): Xen sets it in every entry of a
 * 64-bit guest anyway, and what keeps user mode out is that these pages aren't in its table.  The
 * lower halves of the two tables agree here, so a hypervisor may be tempted to use one for both
 * modes. Whether the U bit appears on a stack or on a handler (guest kernel_u_handler), user mode
 * finds nothing.
 */
#include "guest.h"

#ifndef ON_HANDLER
#define ON_HANDLER 0
#endif

USER_CODE(u_read, "mov (%rdi), %rax; ud2");
USER_CODE(u_write, "movq $0x666, (%rdi); ud2");
USER_CODE(u_jump, "jmp *%rdi");

static u8 stacks[2][PAGE_SIZE] page_aligned;
static u64 secret[PAGE_SIZE / 8] page_aligned = {0x5ec2e7};

static void set_user_bit(const void *page, bool set)
{
    for (int level = 4; level >= 1; level--) {
        u64 *entry = pt_entry(kernel_l4(), (ul)page, level);
        u64 want = set || level > 1 ? *entry | PTE_US : *entry & ~PTE_US;

        if (mmu_update_one(maddr_of(entry), want))
            panic("U at level %d", level);
    }
    mmuext_one(MMUEXT_TLB_FLUSH_ALL, 0, 0);
}

/* User mode can't read, write or execute the kernel's page; says what it found. */
static void closed(const char *name)
{
    static const u8 *const ways[] = {u_read, u_write, u_jump};

    for (unsigned i = 0; i < ARRAY_LEN(ways); i++) {
        struct context ctx = user_context(user_addr(ways[i]));
        struct trap *t;

        ctx.regs.rdi = (ul)secret;
        t = user_run(&ctx);
        check(name, t->entry == X_PF && t->cr2 == (ul)secret && t->regs.rax != 0x5ec2e7, "%s",
              trap_name(t));
    }
    check_hex(name, secret[0], 0x5ec2e7);
}

/* The first one was in use before it has U. */
static void on_stack(void)
{
    check_rc("stack_switch", hc(stack_switch, FLAT_KERNEL_SS, stacks[0] + PAGE_SIZE), 0);
    closed("stack-before-U");
    check_rc("stack_switch", hc(stack_switch, FLAT_KERNEL_SS, stacks[1] + PAGE_SIZE), 0);
    closed("other-stack");
    set_user_bit(stacks[0], true);
    check_rc("stack_switch", hc(stack_switch, FLAT_KERNEL_SS, stacks[0] + PAGE_SIZE), 0);
    closed("stack-with-U");
    set_user_bit(stacks[0], false);
    check_rc("stack_switch", hc(stack_switch, FLAT_KERNEL_SS, stacks[1] + PAGE_SIZE), 0);
    closed("stack-without-U");
}

static void on_handler(void)
{
    struct callback_register reg = {.type = CALLBACKTYPE_syscall,
                                    .address = trap_stub(ENTRY_SYSCALL)};

    set_user_bit((void *)trap_stub(ENTRY_SYSCALL), true);
    closed("not-yet");
    check_rc("callback", hc(callback_op, CALLBACKOP_register, &reg), 0);
    closed("handler-with-U");
}

void test_main(void)
{
    user_init();
    closed("without-U");
    if (ON_HANDLER)
        on_handler();
    else
        on_stack();
    set_user_bit(secret, true);
    closed("page-with-U");
    check_rc("user-baseptr", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(user_l4), 0), 0);
    closed("after-new-table");
}
