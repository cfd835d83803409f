// SPDX-License-Identifier: MIT
#include "xmlex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool xm_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

size_t xm_name_length(const char *s)
{
    size_t n = 0;

    while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '.')
        n++;
    return n;
}

void xm_blanks(struct xm_lexer *r)
{
    for (;;) {
        if (*r->s == ' ' || *r->s == '\t' || *r->s == '\r' || *r->s == '\f') {
            r->s++;
        } else if (*r->s == '#') {
            r->s += strcspn(r->s, "\n");
        } else if (*r->s == '\\' && (r->s[1] == '\n' || !strncmp(r->s + 1, "\r\n", 2))) {
            r->s += r->s[1] == '\n' ? 2 : 3;
            r->line++;
        } else if (*r->s == '\n' && r->depth) {
            r->s++;
            r->line++;
        } else {
            return;
        }
    }
}

/* One escape; r->s is behind the backslash. */
static bool escape(struct xm_lexer *r, struct buf *out)
{
    static const char from[] = "abfnrtv\\'\"", to[] = "\a\b\f\n\r\t\v\\'\"";
    const char *simple = *r->s ? strchr(from, *r->s) : NULL;
    char c = 0;
    int n = 0, v = 0;

    if (simple) {
        c = to[simple - from];
        n = 1;
    } else if (*r->s == '\n') {
        r->s++;
        r->line++;
        return true;
    } else if (*r->s == 'x' && isxdigit((unsigned char)r->s[1]) &&
               isxdigit((unsigned char)r->s[2])) {
        c = (char)strtol((char[]){r->s[1], r->s[2], 0}, NULL, 16);
        n = 3;
    } else if (*r->s >= '0' && *r->s <= '7') {
        for (; n < 3 && r->s[n] >= '0' && r->s[n] <= '7'; n++)
            v = v * 8 + r->s[n] - '0';
        c = (char)v;
    } else if (*r->s == 'u' || *r->s == 'U' || *r->s == 'N' || *r->s == 'x') {
        return xm_fail(r, r->s, "this escape isn't known here; write the character itself");
    } else {
        buf_adds(out, "\\"); /* Python keeps a backslash that means nothing */
        return true;
    }
    if (!c)
        return xm_fail(r, r->s, "a string holds a NUL; remove it");
    buf_add(out, &c, 1);
    r->s += n;
    return true;
}

static bool string(struct xm_lexer *r, bool raw, struct buf *out)
{
    char q = *r->s;
    bool triple = r->s[1] == q && r->s[2] == q;
    const char *began = r->s;

    r->s += triple ? 3 : 1;
    for (;;) {
        if (!*r->s || (*r->s == '\n' && !triple))
            return xm_fail(r, began, "a string isn't closed");
        if (*r->s == q && (!triple || (r->s[1] == q && r->s[2] == q))) {
            r->s += triple ? 3 : 1;
            return true;
        }
        if (*r->s == '\\' && !raw) {
            r->s++;
            if (!escape(r, out))
                return false;
            continue;
        }
        if (*r->s == '\\' && r->s[1] && r->s[1] != '\n')
            buf_add(out, r->s++, 1);
        r->line += *r->s == '\n';
        buf_add(out, r->s++, 1);
    }
}

bool xm_string_here(const char *s, size_t *prefix)
{
    for (*prefix = 0; *prefix < 2 && s[*prefix] && strchr("rRuUbB", s[*prefix]); ++*prefix)
        ;
    return s[*prefix] == '\'' || s[*prefix] == '"';
}

char *xm_strings(struct xm_lexer *r)
{
    struct buf b = {0};
    size_t prefix;

    buf_adds(&b, "");
    while (xm_string_here(r->s, &prefix)) {
        bool raw = memchr(r->s, 'r', prefix) || memchr(r->s, 'R', prefix);

        r->s += prefix;
        if (!string(r, raw, &b))
            break;
        if (b.len > XM_MAX_VALUE)
            xm_fail(r, r->s, "a string is too long");
        xm_blanks(r);
    }
    return (char *)b.data;
}
