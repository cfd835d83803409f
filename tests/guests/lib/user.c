// SPDX-License-Identifier: MIT
/* Builds the user part of the address space and runs snippets in it. */
#include "guest.h"

u64 *user_l4, *user_l1;
bool user_active;
struct trap user_exit;
void user_enter(struct context *ctx);

static u8 kernel_stack[2 * PAGE_SIZE] page_aligned;
static u8 user_stack[PAGE_SIZE] page_aligned;

ul kernel_stack_end = (ul)kernel_stack + sizeof(kernel_stack);

void user_init(void)
{
    u64 *l2 = page_alloc(), *top = l2;
    long rc = 0;

    user_l1 = page_alloc();
    for (ul a = (ul)_user_start; a < (ul)_user_end; a += PAGE_SIZE)
        user_l1[pt_index(user_addr(a), 1)] = maddr_of((void *)a) | PT_KERNEL | PTE_US;
    user_l1[pt_index(USER_STACK - PAGE_SIZE, 1)] = maddr_of(user_stack) | PT_KERNEL | PTE_US;
    l2[pt_index(USER_BASE, 2)] = maddr_of(user_l1) | PT_TABLE;
    make_readonly(user_l1);
    make_readonly(l2);
#if GUEST_BITS == 64
    u64 *l3 = page_alloc();

    l3[pt_index(USER_BASE, 3)] = maddr_of(l2) | PT_TABLE;
    top = l3;
    make_readonly(l3);
    user_l4 = page_alloc();
    user_l4[pt_index(USER_BASE, 4)] = maddr_of(l3) | PT_TABLE;
    make_readonly(user_l4);
    rc = mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(user_l4), 0);
#endif
    if (!rc)
        rc = mmu_update_one(maddr_of(&kernel_top()[pt_index(USER_BASE, TOP_LEVEL)]),
                            maddr_of(top) | PT_TOP);
#if GUEST_BITS == 64
    if (!rc)
        rc = mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(user_l4), 0);
#endif
    if (!rc)
        rc = hc(stack_switch, FLAT_KERNEL_SS, kernel_stack_end);
    if (rc)
        panic("user_init: %ld", rc);
}

struct context user_context(ul rip)
{
    return (struct context)
    {
        .f = {.rip = rip,
              .cs = USER_CS,
              .rflags = FL_IF | FL_FIXED,
              .rsp = USER_STACK - 64,
              .ss = USER_SS},
#if GUEST_BITS == 32
        .regs = {.ds = USER_SS, .es = USER_SS},
#endif
    };
}

struct trap *user_run(struct context *ctx)
{
    memset(&user_exit, 0, sizeof(user_exit));
    user_exit.entry = X_NONE;
    user_active = true;
    user_enter(ctx);
    user_active = false;
    return &user_exit;
}

struct trap *user_run_at(ul rip)
{
    struct context ctx = user_context(rip);

    return user_run(&ctx);
}

struct trap *user_run_with(const void *code, ul rdi, ul rsi)
{
    struct context ctx = user_context(user_addr(code));

    ctx.regs.rdi = rdi;
    ctx.regs.rsi = rsi;
    return user_run(&ctx);
}

void check_user(const char *name, const struct trap *t, int entry, long error)
{
    check(name, trap_is(t, entry, error), "%s", trap_name(t));
}

void fact_user(const char *name, const struct trap *t)
{
    fact(name, "%s", trap_name(t));
}
