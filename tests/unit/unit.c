// SPDX-License-Identifier: MIT
/* See unit.h; and what the shim's files call that has no sense on the host. */
#include "unit.h"
#include "types.h"

void panic(const char *fmt, ...) __printf(1, 2);
void refuse(const char *fmt, ...) __printf(1, 2);
void lock_wait(const void *lock);

static char said[256];

/* Fails the test, unless it waits for just that in expect_assert_failure(). */
static void end(const char *fmt, va_list ap)
{
    vsnprintf(said, sizeof(said), fmt, ap);
    mock_assert(0, said, __FILE__, __LINE__);
    abort();
}

void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    end(fmt, ap);
    va_end(ap);
}

void refuse(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    end(fmt, ap);
    va_end(ap);
}

/* (weak: a test with threads has its own) */
void __attribute__((weak)) lock_wait(const void *lock)
{
    (void)lock;
    fail_msg("a lock that nobody gives back");
}

void assert_refused(const char *err, const char *part)
{
    if (!err)
        fail_msg("accepted; expected a refusal with \"%s\"", part);
    else if (!strstr(err, part))
        fail_msg("refused with \"%s\"; expected \"%s\"", err, part);
}

void assert_accepted(const char *err)
{
    if (err)
        fail_msg("refused: %s", err);
}

int unit_main(const struct CMUnitTest *tests, size_t n, int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--list")) {
        for (size_t i = 0; i < n; i++)
            puts(tests[i].name);
        return 0;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("unit", tests, n, NULL, NULL);
}
