// SPDX-License-Identifier: MIT
/* Each structure of a 32-bit guest's, against the headers compiled for 32 bits. */
#include "unit.h"
#include "layout32.h"

extern const u32 layout32_real[];

static const struct {
    const char *name;
    u32 value;
} ours[] = {
#define SIZE(real, mine)                 {"sizeof " #mine, sizeof(struct mine)},
#define FIELD(real, mine, field, mfield) {#mine "." #mfield, offsetof(struct mine, mfield)},
#include "layout32.list"
};

static void every_size_and_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
        if (ours[i].value != layout32_real[i])
            fail_msg("%s: %u, not %u", ours[i].name, ours[i].value, layout32_real[i]);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(every_size_and_offset)};

UNIT_MAIN(tests)
