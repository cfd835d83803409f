/* SPDX-License-Identifier: MIT */
#ifndef GUEST_MULTICALL_H
#define GUEST_MULTICALL_H

#include "guest.h"

#define OP(name, ...)                                                                              \
    (multicall_entry_t)                                                                            \
    {                                                                                              \
        .op = __HYPERVISOR_##name, .args = {__VA_ARGS__}, .result = 0x5a5a                         \
    }

/* x64_iret.c, x32_iret.c */
void test_iret_to_kernel(void);
void test_iret_to_user(void);

#endif
