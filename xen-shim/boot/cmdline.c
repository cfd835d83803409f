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

/* A name of fewer than size bytes. */
static bool parse_name(const char *s, const char *end, char *name, size_t size)
{
    size_t len = (size_t)(end - s);

    if (len >= size)
        return false;
    memcpy(name, s, len);
    name[len] = 0;
    return true;
}

#define NAME(word)                                                                                 \
    {                                                                                              \
#word, offsetof(struct cmdline, word), sizeof(((struct cmdline *)0)->word)                 \
    }
/* The words whose values are names, each kept in the field of its own name. */
static const struct {
    const char *word;
    size_t at, size;
} names[] = {NAME(evtchn), NAME(runstate), NAME(clock),   NAME(console),
             NAME(l0),     NAME(test),     NAME(isolate), NAME(verw)};
#undef NAME

static bool parse_word(struct cmdline *c, const char *w, size_t n)
{
    const char *value;
    u64 number;

    if (word_is(w, n, "debug"))
        return c->debug = true;
    if (word_is(w, n, "stats"))
        return c->stats = true;
    /* libxl's own words for the shim that Xen comes with */
    if (word_is(w, n, "pv-shim") || word_is(w, n, "console=xen,pv"))
        return true;
    if (word_is(w, n, "evtchn=2l")) /* and a rung may be named by another */
        return c->two_level = true;
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
    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
        if ((value = value_of(w, n, names[i].word)))
            return parse_name(value, w + n, (char *)c + names[i].at, names[i].size);
    return false;
}

/* Loaders other than GRUB 2 pass the image's name as first word: a path, or xen-shim[.gz]. */
static bool is_image_name(const char *w, size_t n)
{
    static const char image[] = "xen-shim";
    size_t base = 0;

    for (size_t i = 0; i < n; i++) {
        if (w[i] == '=')
            return false;
        if (w[i] == '/')
            base = i + 1;
    }
    return base > 0 || (n >= strlen(image) && !strncmp(w, image, strlen(image)));
}

const char *cmdline_parse(struct cmdline *c, const char *s)
{
    *c = (struct cmdline){0};
    for (bool first = true;; first = false) {
        while (*s == ' ')
            s++;
        if (!*s)
            return *c->unknown ? c->unknown : NULL;
        size_t n = 0;
        while (s[n] && s[n] != ' ')
            n++;
        if (!parse_word(c, s, n) && !*c->unknown && !(first && is_image_name(s, n)))
            memcpy(c->unknown, s, min_t(size_t, n, sizeof(c->unknown) - 1));
        s += n;
    }
}
