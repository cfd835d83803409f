// SPDX-License-Identifier: MIT
/* The page of stubs by which a guest makes hypercalls. */
#include "unit.h"

#include <xen/xen.h>

#include "hypercall_page.h"

static u8 page[3 * 4096];
static u8 *const stubs = page + 4096;

static int start(void **state)
{
    (void)state;
    memset(page, 0x77, sizeof(page));
    hypercall_page_fill(stubs);
    return 0;
}

static void only_the_page_is_written(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 4096; i++) {
        assert_int_equal(page[i], 0x77);
        assert_int_equal(page[2 * 4096 + i], 0x77);
    }
}

/* push rcx; push r11; mov eax; syscall; pop r11; pop rcx; ret */
static void stub_of_32_bytes_for_every_number(void **state)
{
    (void)state;
    for (u32 nr = 0; nr < 128; nr++) {
        u8 want[32];
        if (nr == __HYPERVISOR_iret)
            continue;
        memset(want, 0xcc, sizeof(want));
        memcpy(want, "\x51\x41\x53\xb8\0\0\0\0\x0f\x05\x41\x5b\x59\xc3", 14);
        memcpy(want + 4, &nr, 4);
        assert_memory_equal(stubs + nr * 32, want, sizeof(want));
    }
}

/* It does not come back, and leaves what the frame of the hypercall has below the guest's. */
static void stub_of_iret_pushes_rax_and_does_not_return(void **state)
{
    u8 want[32];
    (void)state;
    memset(want, 0xcc, sizeof(want));
    memcpy(want, "\x51\x41\x53\x50\xb8\x17\0\0\0\x0f\x05", 11);
    assert_memory_equal(stubs + 23 * 32, want, sizeof(want));
}

/* mov eax; int 0x82; ret, and for iret push eax; mov eax; int 0x82. */
static void stubs_of_a_32_bit_guest(void **state)
{
    (void)state;
    hypercall_page_fill32(stubs);
    for (u32 nr = 0; nr < 128; nr++) {
        u8 want[32];
        bool iret = nr == __HYPERVISOR_iret;
        memset(want, 0xcc, sizeof(want));
        memcpy(want, iret ? "\x50\xb8\0\0\0\0\xcd\x82" : "\xb8\0\0\0\0\xcd\x82\xc3", 8);
        memcpy(want + 1 + iret, &nr, 4);
        assert_memory_equal(stubs + nr * 32, want, sizeof(want));
    }
    only_the_page_is_written(state);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(only_the_page_is_written, start),
    cmocka_unit_test_setup(stub_of_32_bytes_for_every_number, start),
    cmocka_unit_test_setup(stub_of_iret_pushes_rax_and_does_not_return, start),
    cmocka_unit_test_setup(stubs_of_a_32_bit_guest, start),
};

UNIT_MAIN(tests)
