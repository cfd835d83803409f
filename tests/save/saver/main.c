// SPDX-License-Identifier: MIT
/*
 * A guest that suspends when the toolstack asks it to by xenstore, as a kernel does, and looks at
 * everything it has when it goes on: in the same domain (a checkpoint) or in a new one. It says
 * `GUEST resumed=N new=0|1`, goes to the size that the toolstack asks for, and ends when it is
 * asked to.
 */
#include "saver.h"

static int resumed;

static void sleep_ms(u64 ms)
{
    struct sched_poll poll = {.timeout = system_time() + ms * MS};

    hc(sched_op, SCHEDOP_poll, &poll);
}

static ul number_of(const char *s)
{
    ul n = 0;

    while (*s >= '0' && *s <= '9')
        n = n * 10 + (ul)(*s++ - '0');
    return n;
}

static void say_who(void)
{
    char domid[16] = "";

    check_true("domid", store_read("domid", domid, sizeof(domid)));
    print("GUEST domid=%s\n", domid);
}

static void suspend(void)
{
    struct sched_shutdown reason = {.reason = SHUTDOWN_suspend};
    long rc;

    events_mask();
    console_flush();
    rc = hc(sched_op, SCHEDOP_shutdown, &reason, mfn_of(start_info));
    if (!rc) {
        memory_init();
        event_init();
        console_init();
        store_init();
    }
    resumed++;
    check("suspended", rc == 0 || rc == 1, "%ld", rc);
    state_check();
    if (!rc) {
        other_again();
        state_again();
    }
    other_check();
    say_who();
    print("GUEST resumed=%d new=%d\n", resumed, rc == 0);
}

void test_main(void)
{
    char asked[32];

    events_mask();
    store_init();
    user_init();
    state_make();
    other_start();
    state_check();
    say_who();
    print("GUEST saver=ready\n");
    for (;;) {
        if (store_read("memory/target", asked, sizeof(asked)))
            balloon_to(number_of(asked));
        if (store_read("control/shutdown", asked, sizeof(asked)) && *asked) {
            store_write("control/shutdown", "");
            if (!strncmp(asked, "suspend", sizeof(asked)))
                suspend();
            else
                break;
        }
        sleep_ms(50);
    }
    print("GUEST asked=%s\n", asked);
}
