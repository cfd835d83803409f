// SPDX-License-Identifier: MIT
#include "xmcfg.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32
#define MAX_VALUE (1u << 20) /* bytes of a string, items of a list */

enum kind { NUMBER, STRING, LIST };

struct value {
    enum kind kind;
    struct cfg_value v;
};

struct var {
    char *name;
    struct value value;
};

struct reader {
    const char *path, *s;
    unsigned line, depth; /* depth: open brackets, in which lines go on */
    char *error;
    struct var *vars;
    size_t n;
};

static bool fail(struct reader *r, const char *what)
{
    if (!r->error)
        r->error = xasprintf("%s:%u: %s", r->path, r->line, what);
    return false;
}

/* What stands there can't be known without Python. */
static bool computed(struct reader *r, const char *at)
{
    int n = (int)strcspn(at, "\n");
    char *what;

    while (n && isspace((unsigned char)at[n - 1]))
        n--;
    what = xasprintf("we couldn't read '%.*s': it would have to be run, and nothing in a config "
                     "is ever run; write the value itself",
                     n > 60 ? 60 : n, at);
    fail(r, what);
    free(what);
    return false;
}

static bool name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static size_t name_length(const char *s)
{
    size_t n = 0;

    while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '.')
        n++;
    return n;
}

/* Blanks, comments, and line ends where they don't end anything. */
static void blanks(struct reader *r)
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
static bool escape(struct reader *r, struct buf *out)
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
        return fail(r, "this escape isn't known here; write the character itself");
    } else {
        buf_adds(out, "\\"); /* Python keeps a backslash that means nothing */
        return true;
    }
    if (!c)
        return fail(r, "a string holds a NUL; remove it");
    buf_add(out, &c, 1);
    r->s += n;
    return true;
}

static bool string(struct reader *r, bool raw, struct buf *out)
{
    char q = *r->s;
    bool triple = r->s[1] == q && r->s[2] == q;
    unsigned began = r->line;

    r->s += triple ? 3 : 1;
    for (;;) {
        if (!*r->s || (*r->s == '\n' && !triple)) {
            r->line = began;
            return fail(r, "a string isn't closed");
        }
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

/* Whether a string begins here; *prefix: letters before its quote. */
static bool string_here(const char *s, size_t *prefix)
{
    for (*prefix = 0; *prefix < 2 && s[*prefix] && strchr("rRuUbB", s[*prefix]); ++*prefix)
        ;
    return s[*prefix] == '\'' || s[*prefix] == '"';
}

static bool strings(struct reader *r, struct value *out)
{
    struct buf b = {0};
    size_t prefix;

    buf_adds(&b, "");
    while (string_here(r->s, &prefix)) {
        bool raw = memchr(r->s, 'r', prefix) || memchr(r->s, 'R', prefix);

        r->s += prefix;
        if (!string(r, raw, &b))
            break;
        if (b.len > MAX_VALUE)
            fail(r, "a string is too long");
        blanks(r);
    }
    *out = (struct value){STRING, {.str = (char *)b.data}};
    return !r->error;
}

static bool number(struct reader *r, struct value *out)
{
    char *end;
    long v;
    /* Python 2 wrote octal with a 0, Python 3 with 0o. */
    bool o = r->s[0] == '0' && (r->s[1] == 'o' || r->s[1] == 'O');

    errno = 0;
    v = strtol(r->s + (o ? 2 : 0), &end, o ? 8 : 0);
    if (errno || end == r->s || name_start(*end) || *end == '.' || isdigit((unsigned char)*end))
        return computed(r, r->s);
    r->s = end;
    *out = (struct value){NUMBER, {.str = xasprintf("%ld", v)}};
    return true;
}

static bool expression(struct reader *r, struct value *out);

static void push(struct cfg_value *list, struct cfg_value item)
{
    list->items = xrealloc(list->items, (list->n + 1) * sizeof(item));
    list->items[list->n++] = item;
}

/* [...], or (...): a tuple is a list to us, and (x) is x. */
static bool bracket(struct reader *r, struct value *out)
{
    const char *at = r->s;
    char close = *r->s == '[' ? ']' : ')';
    bool comma = false;
    struct value item = {0};

    *out = (struct value){.kind = LIST};
    if (++r->depth > MAX_DEPTH)
        return fail(r, "too many brackets in each other");
    r->s++;
    for (;;) {
        blanks(r);
        if (*r->s == close)
            break;
        if (!*r->s)
            return fail(r, "a bracket isn't closed");
        if (!expression(r, &item))
            return false;
        push(&out->v, item.v);
        blanks(r);
        if (*r->s == ',') {
            comma = true;
            r->s++;
        } else if (*r->s != close) {
            return *r->s ? computed(r, at) : fail(r, "a bracket isn't closed");
        }
    }
    r->s++;
    r->depth--;
    if (close == ')' && !comma && out->v.n == 1)
        *out = item;
    return true;
}

static bool term(struct reader *r, struct value *out)
{
    const char *at = r->s;
    size_t n, prefix;

    if (string_here(r->s, &prefix))
        return strings(r, out);
    if (isdigit((unsigned char)*r->s) || (*r->s == '-' && isdigit((unsigned char)r->s[1])))
        return number(r, out);
    if (*r->s == '[' || *r->s == '(')
        return bracket(r, out);
    if (!name_start(*r->s))
        return computed(r, at);
    n = name_length(r->s);
    r->s += n;
    if (n == 4 && (!memcmp(at, "True", 4) || !memcmp(at, "None", 4))) {
        *out =
            (struct value){*at == 'T' ? NUMBER : STRING, {.str = xstrdup(*at == 'T' ? "1" : "")}};
        return true;
    }
    if (n == 5 && !memcmp(at, "False", 5)) {
        *out = (struct value){NUMBER, {.str = xstrdup("0")}};
        return true;
    }
    for (size_t i = r->n; i-- > 0;) {
        if (strlen(r->vars[i].name) == n && !memcmp(r->vars[i].name, at, n)) {
            *out = r->vars[i].value;
            return true;
        }
    }
    return computed(r, at);
}

/* a + b, for two strings or two lists. */
static bool join(struct reader *r, const char *at, struct value *a, const struct value *b)
{
    struct value sum = {.kind = a->kind};

    if (a->kind != b->kind || a->kind == NUMBER)
        return computed(r, at);
    if (a->kind == STRING) {
        if (strlen(a->v.str) + strlen(b->v.str) > MAX_VALUE)
            return fail(r, "a string is too long");
        sum.v.str = xasprintf("%s%s", a->v.str, b->v.str);
    } else {
        if (a->v.n + b->v.n > MAX_VALUE / 64)
            return fail(r, "a list is too long");
        for (size_t i = 0; i < a->v.n; i++)
            push(&sum.v, a->v.items[i]);
        for (size_t i = 0; i < b->v.n; i++)
            push(&sum.v, b->v.items[i]);
    }
    *a = sum;
    return true;
}

static bool expression(struct reader *r, struct value *out)
{
    const char *at = r->s;
    struct value next = {0};

    if (!term(r, out))
        return false;
    for (;;) {
        blanks(r);
        if (*r->s != '+')
            break;
        r->s++;
        blanks(r);
        if (!term(r, &next) || !join(r, at, out, &next))
            return false;
    }
    if (*r->s && !strchr("\n;,])", *r->s))
        return computed(r, at);
    return true;
}

static void assign(struct reader *r, struct cfg *cfg, char *name, unsigned line, struct value v)
{
    size_t i = 0;

    while (i < r->n && strcmp(r->vars[i].name, name))
        i++;
    if (i == r->n) {
        r->vars = xrealloc(r->vars, (r->n + 1) * sizeof(*r->vars));
        r->vars[r->n++].name = name;
        cfg->keys = xrealloc(cfg->keys, r->n * sizeof(*cfg->keys));
        cfg->keys[i] = (struct cfg_key){.name = name};
        cfg->n = r->n;
    }
    r->vars[i].value = v;
    cfg->keys[i].line = line;
    cfg->keys[i].value = v.v;
}

/* NAME = value, NAME += value. */
static bool statement(struct reader *r, struct cfg *cfg)
{
    const char *at = r->s;
    size_t n = name_start(*at) ? name_length(at) : 0;
    unsigned line = r->line;
    struct value v = {0}, old = {0};
    bool plus;
    char *name;

    r->s += n;
    blanks(r);
    plus = *r->s == '+' && r->s[1] == '=';
    if (!n || (!plus && (*r->s != '=' || r->s[1] == '=')))
        return computed(r, at);
    r->s += plus ? 2 : 1;
    name = xasprintf("%.*s", (int)n, at);
    blanks(r);
    if (!expression(r, &v))
        return false;
    /* `a = 1, 2` is a tuple, which no key of a config is. */
    if (*r->s && *r->s != '\n' && *r->s != ';')
        return computed(r, at);
    if (plus) {
        for (size_t i = 0; i < r->n; i++)
            if (!strcmp(r->vars[i].name, name))
                old = r->vars[i].value;
        if (!old.v.str && !old.v.items && old.kind != LIST)
            return computed(r, at);
        if (!join(r, at, &old, &v))
            return false;
        v = old;
    }
    assign(r, cfg, name, line, v);
    return true;
}

char *xm_parse(const struct buf *text, struct cfg *cfg)
{
    struct reader r = {
        .path = cfg->path, .s = text->len ? (const char *)text->data : "", .line = 1};
    bool fresh = true; /* at the start of a line */

    while (!r.error) {
        const char *at = r.s;

        blanks(&r);
        if (!*r.s)
            break;
        if (*r.s == '\n' || *r.s == ';') {
            fresh = *r.s == '\n';
            r.line += *r.s++ == '\n';
            continue;
        }
        /* What is indented belongs to an `if` or a function. */
        if (fresh && r.s != at && (*at == ' ' || *at == '\t'))
            fail(&r, "an indented line; only assignments can be read, and nothing in a config is "
                     "ever run");
        else
            statement(&r, cfg);
        fresh = false;
    }
    free(r.vars);
    return r.error;
}
