// SPDX-License-Identifier: MIT
/* Each structure of a 32-bit guest's, against the headers compiled for 32 bits. */
#include "unit.h"
#include "layout32.h"

extern const u32 headers32[];

static const struct {
    const char *name;
    u32 value;
} ours[] = {
#define SIZE(real, mine)                 {"sizeof " #mine, sizeof(struct mine)},
#define FIELD(real, mine, field, mfield) {#mine "." #mfield, offsetof(struct mine, mfield)},
#include "headers32.list"
};

static void every_size_and_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
        if (ours[i].value != headers32[i])
            fail_msg("%s: %u, not %u", ours[i].name, ours[i].value, headers32[i]);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(every_size_and_offset)};

UNIT_MAIN(tests)
