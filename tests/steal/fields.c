// SPDX-License-Identifier: MIT
/* See fields.h. */
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_name[STATES] = {"running", "runnable", "blocked", "offline"};

/* What stands behind `text` where a word of the line begins with it; NULL if none does. */
static const char *behind(const char *line, const char *text)
{
    size_t n = strlen(text);

    for (;;) {
        line += strspn(line, " ");
        if (!*line)
            return NULL;
        if (!strncmp(line, text, n))
            return line + n;
        line += strcspn(line, " ");
    }
}

static const char *value_of(const char *line, const char *key, size_t *length)
{
    char text[64];
    const char *value;

    snprintf(text, sizeof(text), "%s=", key);
    value = behind(line, text);
    *length = value ? strcspn(value, " \r\n") : 0;
    return *length ? value : NULL;
}

bool fields_of(const char *line, const char *word)
{
    const char *end = behind(line, word);

    return end && (!*end || *end == ' ');
}

bool field_number(const char *line, const char *key, uint64_t *value)
{
    size_t length;
    const char *text = value_of(line, key, &length);
    char *end;

    if (!text)
        return false;
    *value = strtoul(text, &end, 10);
    return end == text + length;
}

bool field_text(const char *line, const char *key, char *value, size_t size)
{
    size_t length;
    const char *text = value_of(line, key, &length);

    if (!text || length >= size)
        return false;
    memcpy(value, text, length);
    value[length] = 0;
    return true;
}

bool field_states(const char *line, const char *prefix, uint64_t time[STATES])
{
    char key[64];

    for (int s = 0; s < STATES; s++) {
        snprintf(key, sizeof(key), "%s.%s", prefix, state_name[s]);
        if (!field_number(line, key, &time[s]))
            return false;
    }
    return true;
}

void print_states(const char *prefix, const uint64_t time[STATES])
{
    for (int s = 0; s < STATES; s++)
        printf(" %s.%s=%lu", prefix, state_name[s], time[s]);
}
