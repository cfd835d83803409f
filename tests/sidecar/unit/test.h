/* SPDX-License-Identifier: MIT
 * What cmocka.h wants before it, once.
 */
#ifndef SIDECAR_TEST_H
#define SIDECAR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
