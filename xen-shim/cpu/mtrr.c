// SPDX-License-Identifier: MIT
/* See mtrr.h.  AMD64 APM vol. 2, 7.7; Intel SDM 3, 11.11. */
#include "mtrr.h"

#include "regs.h"
#include "shim.h"

#define DEF_TYPE_E  (1u << 11)
#define DEF_TYPE_WB 6

void mtrr_enable(void)
{
    bool has = cpuid(1, 0).d >> 12 & 1;

    if (has && !(rdmsr(MSR_MTRR_DEF_TYPE) & DEF_TYPE_E))
        wrmsr(MSR_MTRR_DEF_TYPE, DEF_TYPE_E | DEF_TYPE_WB);
}
