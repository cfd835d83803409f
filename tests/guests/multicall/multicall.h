/* SPDX-License-Identifier: MIT */
#ifndef GUEST_MULTICALL_H
#define GUEST_MULTICALL_H

#include "guest.h"

#define OP(name, ...)                                                                              \
    (multicall_entry_t)                                                                            \
    {                                                                                              \
        .op = __HYPERVISOR_##name, .args = {__VA_ARGS__}, .result = 0x5a5a                         \
    }

/* A list whose second entry is iret, and a check of its results. */
extern multicall_entry_t iret_list[3];
void check_iret_list(const char *name, ul second);

/* x64_iret.c, x32_iret.c */
void test_iret_to_kernel(void);
void test_iret_to_user(void);

#endif
