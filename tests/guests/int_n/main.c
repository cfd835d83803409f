// SPDX-License-Identifier: MIT
/*
 * INT n (pv-guest-abi 3.2): a vector whose entry has a high enough DPL is a software interrupt,
 * with no error code and RIP behind the instruction; any other is #GP with n*8+2 at the
 * instruction. For both kernel and user mode, for vectors of exceptions too. On its own because
 * QEMU 7.2 reports n*16+2 to a hypervisor that believes the error code: see `differences`.
 */
#include "guest.h"

USER_CODE(u_int20, "int $0x20; nop");
USER_CODE(u_int91, "int $0x91; nop");
USER_CODE(u_int13, "int $13; nop");
USER_CODE(u_int0, "int $0; nop");
USER_CODE(u_int82, "int $0x82; nop");

#define INT(n)                                                                                     \
    do {                                                                                           \
        trap_arm();                                                                                \
        asm volatile(FIXUP_AT "mov" SZ " $7f, %0\n\tint %1\n7:\tnop\n9:\t" FIXUP_OFF               \
                     : "=m"(behind)                                                                \
                     : "i"(n)                                                                      \
                     : "memory");                                                                  \
    } while (0)

static ul behind;

static void test_kernel(void)
{
    INT(0x20);
    check_trap("int-kernel-unset", X_GP, 0x102);
    check_num("int-kernel-unset-rip-at", behind - last_trap.rip, 2);
    trap_set(0x20, 1, false);
    INT(0x20);
    check_trap("int-kernel-dpl-1", 0x20, -1);
    check_num("int-kernel-dpl-1-rip-behind", behind - last_trap.rip, 0);
    trap_set(0x91, 0, false);
    INT(0x91);
    check_trap("int-kernel-dpl-0", X_GP, 0x48a);
    trap_set(0x91, 3, true);
    events_unmask();
    INT(0x91);
    check_trap("int-kernel-dpl-3-masking", 0x91, -1);
    check_num("int-kernel-handler-mask", last_trap.handler_mask, 1);
    check_num("int-kernel-saved-mask", TRAP_SAVED_MASK(&last_trap), 0);
    INT(13);
    check_trap("int-kernel-13-dpl-0", X_GP, 0x6a);
    trap_set(13, 3, false);
    INT(13);
    check_trap("int-kernel-13-dpl-3-no-error-code", 13, -1);
    trap_set(13, 0, false);
#if GUEST_BITS == 64
    INT(0x82);
    check_trap("int-kernel-0x82", X_GP, 0x412);
#endif
}

static void check_int(const char *name, const void *code, int entry, long error)
{
    struct trap *t = user_run_at(user_addr(code));

    check(name, trap_is(t, entry, error), "%s rip+%lu", trap_name(t), t->rip - user_addr(code));
}

static void test_user(void)
{
    trap_set(0x20, 1, false);
    check_int("int-user-dpl-1", u_int20, X_GP, 0x102);
    trap_set(0x20, 3, false);
    check_int("int-user-dpl-3", u_int20, 0x20, -1);
    trap_set(0x91, 3, false);
    check_int("int-user-0x91", u_int91, 0x91, -1);
    check_int("int-user-13", u_int13, X_GP, 0x6a);
    check_int("int-user-0", u_int0, X_GP, 0x2);
    check_int("int-user-0x82", u_int82, X_GP, 0x412);
}

void test_main(void)
{
    user_init();
    test_kernel();
    test_user();
}
