// SPDX-License-Identifier: MIT
/* From the entry point to test_main(). */
#include "guest.h"

void guest_start(struct start_info *si);

void guest_start(struct start_info *si)
{
    start_info = si;
    console_init();
    print("--- %s ---\n", GUEST_NAME);
    memory_init();
    event_init();
    trap_init();
    test_main();
    finish();
}
