// SPDX-License-Identifier: MIT
#include "guest.h"
void test_main(void)
{
    check_rc("x", hc_nr(63), -XEN_ENOSYS);
    PROBE("ud2", NONE, NONE);
    check_trap("ud2", X_UD, -1);
    user_init();
}
