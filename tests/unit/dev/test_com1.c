// SPDX-License-Identifier: MIT
/* What is received on COM1, from ports that the test makes up. */
#include "unit.h"
#include "regs.h"

static u8 port_in(u16 port);
static void port_out(u16 port, u8 value);
#define inb  port_in
#define outb port_out
#include "../../../xen-shim/dev/com1.c"

static u8 fifo[64], iir;
static unsigned int head, tail, past_the_end;
static bool no_port;

static u8 port_in(u16 port)
{
    if (no_port)
        return 0xff;
    switch (port) {
    case DATA:
        if (head == tail) {
            past_the_end++;
            return 0;
        }
        return fifo[head++];
    case IIR:
        return iir;
    case LSR:
        return LSR_EMPTY | (head < tail ? LSR_RECEIVED : 0);
    }
    return 0;
}

static void port_out(u16 port, u8 value)
{
    (void)port, (void)value;
}

static void arrive(const char *s)
{
    head = tail = past_the_end = 0;
    while (*s)
        fifo[tail++] = (u8)*s++;
}

static int port_is_there(void **state)
{
    (void)state;
    no_port = false;
    iir = 0xc1;
    return com1_init() ? 0 : -1;
}

/* IIR says "received", and that the FIFO has reached its level, whatever is in it. */
static void no_byte_is_taken_that_lsr_does_not_tell_of(void **state)
{
    u8 got[COM1_BLOCK];

    (void)state;
    iir = 0xc4;
    arrive("abc");
    assert_int_equal(com1_receive(got, sizeof(got)), 3);
    assert_memory_equal(got, "abc", 3);
    assert_int_equal(com1_receive(got, sizeof(got)), 0);
    assert_int_equal(past_the_end, 0);
}

static void no_more_than_asked_for(void **state)
{
    u8 got[COM1_BLOCK];

    (void)state;
    arrive("0123456789abcdefghijklmnopqrst");
    assert_int_equal(com1_receive(got, 0), 0);
    assert_int_equal(com1_receive(got, 5), 5);
    assert_memory_equal(got, "01234", 5);
    assert_int_equal(com1_receive(got, sizeof(got)), COM1_BLOCK);
    assert_memory_equal(got, "56789abcdefghijk", COM1_BLOCK);
    assert_int_equal(com1_receive(got, sizeof(got)), 9);
}

static void port_that_is_gone_gives_nothing(void **state)
{
    u8 got[COM1_BLOCK];

    (void)state;
    arrive("abc");
    no_port = true;
    assert_int_equal(com1_receive(got, sizeof(got)), 0);
    assert_false(com1_init());
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(no_byte_is_taken_that_lsr_does_not_tell_of, port_is_there),
    cmocka_unit_test_setup(no_more_than_asked_for, port_is_there),
    cmocka_unit_test_setup(port_that_is_gone_gives_nothing, port_is_there),
};

UNIT_MAIN(tests)
