// SPDX-License-Identifier: MIT
/* See cmdline.h. */
#include "cmdline.h"
#include "shim.h"

static bool word_is(const char *w, size_t n, const char *name)
{
    return strlen(name) == n && !strncmp(w, name, n);
}

/* Value of "name=" when the word starts so, else NULL. */
static const char *value_of(const char *w, size_t n, const char *name)
{
    size_t len = strlen(name);
    return n > len && !strncmp(w, name, len) && w[len] == '=' ? w + len + 1 : NULL;
}

static bool parse_size(const char *s, const char *end, u64 *size)
{
    u64 v = 0;

    if (s == end)
        return false;
    for (; s < end && *s >= '0' && *s <= '9'; s++)
        v = v * 10 + (u64)(*s - '0');
    if (s < end) {
        switch (*s++) {
        case 'K':
        case 'k':
            v <<= 10;
            break;
        case 'M':
        case 'm':
            v <<= 20;
            break;
        case 'G':
        case 'g':
            v <<= 30;
            break;
        default:
            return false;
        }
    }
    if (s != end)
        return false;
    *size = v;
    return true;
}

static bool copy_value(char *dst, size_t size, const char *s, const char *end)
{
    size_t len = (size_t)(end - s);

    if (len >= size)
        return false;
    memcpy(dst, s, len);
    dst[len] = 0;
    return true;
}

static bool parse_word(struct cmdline *c, const char *w, size_t n)
{
    const char *value;
    u64 number;

    if (word_is(w, n, "debug"))
        return c->debug = true;
    if (word_is(w, n, "stats"))
        return c->stats = true;
    if (word_is(w, n, "cmdline=module"))
        return c->guest_cmdline_module = true;
    if ((value = value_of(w, n, "mem")))
        return parse_size(value, w + n, &c->max_mem);
    if ((value = value_of(w, n, "maxcpus"))) {
        if (!parse_size(value, w + n, &number))
            return false;
        c->max_vcpus = (u32)number;
        return true;
    }
    if ((value = value_of(w, n, "evtchn")))
        return copy_value(c->evtchn, sizeof(c->evtchn), value, w + n);
    if ((value = value_of(w, n, "runstate")))
        return copy_value(c->runstate, sizeof(c->runstate), value, w + n);
    if ((value = value_of(w, n, "clock")))
        return copy_value(c->clock, sizeof(c->clock), value, w + n);
    if ((value = value_of(w, n, "test")))
        return copy_value(c->test, sizeof(c->test), value, w + n);
    return false;
}

const char *cmdline_parse(struct cmdline *c, const char *s)
{
    const char *bad = NULL;

    *c = (struct cmdline){0};
    for (;;) {
        while (*s == ' ')
            s++;
        if (!*s)
            return bad;
        size_t n = 0;
        while (s[n] && s[n] != ' ')
            n++;
        if (!parse_word(c, s, n) && !bad)
            bad = s;
        s += n;
    }
}
