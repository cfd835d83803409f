// SPDX-License-Identifier: MIT
/* The guest's share of the domain's memory: the builder's formula the other way round. */
#include "unit.h"
#include "share.h"
#include "../../../sidecar/hvmmem.h"

#define GIB   (1UL << 30)
#define PAGES 256 /* of a MiB */

static struct boot_info info;

/* The map of a domain of so many MiB, as firmware makes it: holes, some of the last MiB kept. */
static u64 mapped(u64 mib)
{
    u64 bytes = mib << 20, low = bytes > 0xf0000000 ? 0xf0000000 : bytes;

    info = (struct boot_info){.nr_ram = 2};
    info.ram[0].start = 0;
    info.ram[0].end = 0x9f000;
    info.ram[1].start = 0x100000;
    info.ram[1].end = low - 0x2000;
    if (bytes > low) {
        info.ram[2].start = 4 * GIB;
        info.ram[2].end = 4 * GIB + bytes - low;
        info.nr_ram++;
    }
    return share_domain_mib(&info);
}

static void a_map_tells_the_domains_mib(void **state)
{
    (void)state;
    assert_int_equal(mapped(35), 35);
    assert_int_equal(mapped(3840), 3840);
    assert_int_equal(mapped(3841), 3841);
    assert_int_equal(mapped(70000), 70000);
    info.ram[1].end -= 0xfd000; /* the firmware keeps nearly a MiB */
    assert_int_equal(share_domain_mib(&info), 70000);
    info.nr_ram = 0;
    assert_int_equal(share_domain_mib(&info), 0);
}

static void each_guest_gets_what_its_config_says(void **state)
{
    (void)state;
    for (long mib = 1; mib < 20000; mib++) {
        struct share s = share_of_guest(mapped((u64)(mib + hvm_more(mib, mib))), 0);

        assert_int_equal(s.pages, mib * PAGES);
        assert_int_equal(s.max, 0);
    }
}

static void each_guest_below_maxmem_too(void **state)
{
    (void)state;
    for (long max = 33; max < 20000; max += 7)
        for (long mib = 32; mib < max; mib += 1 + max / 9) {
            long more = hvm_more(mib, max);
            struct share s = share_of_guest(mapped((u64)(max + more)), (u64)(mib + more));

            assert_int_equal(s.pages, mib * PAGES);
            assert_int_equal(s.max, max * PAGES);
        }
}

static void a_domain_too_small_for_any_share_has_no_limit(void **state)
{
    (void)state;
    for (u64 mib = 0; mib <= 2; mib++)
        assert_int_equal(share_of_guest(mib, 0).pages, 0);
    for (u64 mib = 0; mib <= 7; mib++)
        assert_int_equal(share_of_guest(mib, 1).pages, 0);
    assert_int_equal(share_of_guest(100, 1).pages, 0);
    /* more than the map shows */
    assert_int_equal(share_of_guest(100, 200).pages, share_of_guest(100, 100).pages);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_map_tells_the_domains_mib),
    cmocka_unit_test(each_guest_gets_what_its_config_says),
    cmocka_unit_test(each_guest_below_maxmem_too),
    cmocka_unit_test(a_domain_too_small_for_any_share_has_no_limit),
};

UNIT_MAIN(tests)
