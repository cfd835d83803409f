/* SPDX-License-Identifier: MIT */
/* Two pieces of RAM, frames 16-32 and 64-128, set up anew for each test of ram.c. */
#ifndef UNIT_RAM_FIXTURE_H
#define UNIT_RAM_FIXTURE_H

#include "unit.h"
#include "ram.h"

static struct ram r;

static int start(void **state)
{
    static const struct boot_info info = {.ram = {{0x10000, 0x20000}, {0x40000, 0x80000}},
                                          .nr_ram = 2};
    (void)state;
    ram_init(&r, &info);
    return 0;
}

static void assert_free(unsigned int i, mfn_t first, mfn_t end)
{
    assert_true(i < r.nr);
    assert_int_equal(r.free[i].start, first);
    assert_int_equal(r.free[i].end, end);
}

#endif
