// SPDX-License-Identifier: MIT
/* As kernel_u, with the U bit on a handler only. */
#define ON_HANDLER 1
#include "../kernel_u/main.c"
