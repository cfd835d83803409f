// SPDX-License-Identifier: MIT
#include "guest.h"

static u64 state;

u64 word_number(const char *name, u64 otherwise)
{
    const char *s = (const char *)start_info->cmd_line;
    size_t n = strlen(name);

    for (; *s; s++)
        if (!strncmp(s, name, n) && s[n] == '=') {
            u64 v = 0;
            for (s += n + 1; *s >= '0' && *s <= '9'; s++)
                v = v * 10 + (u64)(*s - '0');
            return v;
        }
    return otherwise;
}

bool word_given(const char *name)
{
    for (const char *s = (const char *)start_info->cmd_line; *s; s++)
        if (!strncmp(s, name, strlen(name)))
            return true;
    return false;
}

void case_begin(u64 seed, u32 number)
{
    state = seed << 32 | number;
    case_random();
    case_random();
}

u32 case_random(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (u32)(state >> 33);
}

u32 case_below(u32 n)
{
    return case_random() % n;
}
