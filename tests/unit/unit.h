/* SPDX-License-Identifier: MIT */
/* What every unit test includes: cmocka, the C library's headers that it needs, and main(). */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Runs the case that argv names, or all; --list prints their names. */
int unit_main(const struct CMUnitTest *tests, size_t n, int argc, char **argv);

#define UNIT_MAIN(tests)                                                                           \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return unit_main(tests, sizeof(tests) / sizeof((tests)[0]), argc, argv);                   \
    }

/* What a function returned that gives NULL or the reason why not: must be such a reason. */
void assert_refused(const char *err, const char *part);
/* NULL, or the test fails with the reason as its message. */
void assert_accepted(const char *err);

#endif
