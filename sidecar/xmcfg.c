// SPDX-License-Identifier: MIT
#include "xmcfg.h"
#include "xmlex.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32

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
    struct xm_lexer lex;
    struct var *vars;
    size_t n;
};

static bool number(struct reader *r, struct value *out)
{
    char *end;
    long v;
    /* Python 2 wrote octal with a 0, Python 3 with 0o. */
    bool o = r->lex.s[0] == '0' && (r->lex.s[1] == 'o' || r->lex.s[1] == 'O');

    errno = 0;
    v = strtol(r->lex.s + (o ? 2 : 0), &end, o ? 8 : 0);
    if (errno || end == r->lex.s || xm_name_start(*end) || *end == '.' ||
        isdigit((unsigned char)*end))
        return xm_no_value(&r->lex, r->lex.s);
    r->lex.s = end;
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
    const char *at = r->lex.s;
    char close = *r->lex.s == '[' ? ']' : ')';
    bool comma = false;
    struct value item = {0};

    *out = (struct value){.kind = LIST};
    if (++r->lex.depth > MAX_DEPTH)
        return xm_fail(&r->lex, at, "too many brackets in each other");
    r->lex.s++;
    for (;;) {
        xm_blanks(&r->lex);
        if (*r->lex.s == close)
            break;
        if (!*r->lex.s)
            return xm_fail(&r->lex, at, "a bracket isn't closed");
        if (!expression(r, &item))
            return false;
        push(&out->v, item.v);
        xm_blanks(&r->lex);
        if (*r->lex.s == ',') {
            comma = true;
            r->lex.s++;
        } else if (*r->lex.s != close) {
            return *r->lex.s ? xm_after_value(&r->lex, at, r->lex.s)
                             : xm_fail(&r->lex, at, "a bracket isn't closed");
        }
    }
    r->lex.s++;
    r->lex.depth--;
    if (close == ')' && !comma && out->v.n == 1)
        *out = item;
    return true;
}

static bool term(struct reader *r, struct value *out)
{
    const char *at = r->lex.s;
    size_t n, prefix;

    if (xm_string_here(r->lex.s, &prefix)) {
        *out = (struct value){STRING, {.str = xm_strings(&r->lex)}};
        return !r->lex.error;
    }
    if (isdigit((unsigned char)*r->lex.s) ||
        (*r->lex.s == '-' && isdigit((unsigned char)r->lex.s[1])))
        return number(r, out);
    if (*r->lex.s == '[' || *r->lex.s == '(')
        return bracket(r, out);
    if (!xm_name_start(*r->lex.s))
        return xm_no_value(&r->lex, at);
    n = xm_name_length(r->lex.s);
    r->lex.s += n;
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
    return xm_no_value(&r->lex, at);
}

/* a + b, for two strings or two lists. */
static bool join(struct reader *r, const char *at, struct value *a, const struct value *b)
{
    struct value sum = {.kind = a->kind};

    if (a->kind != b->kind || a->kind == NUMBER)
        return xm_computed(&r->lex, at);
    if (a->kind == STRING) {
        if (strlen(a->v.str) + strlen(b->v.str) > XM_MAX_VALUE)
            return xm_fail(&r->lex, at, "a string is too long");
        sum.v.str = xasprintf("%s%s", a->v.str, b->v.str);
    } else {
        if (a->v.n + b->v.n > XM_MAX_VALUE / 64)
            return xm_fail(&r->lex, at, "a list is too long");
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
    const char *at = r->lex.s;
    struct value next = {0};

    if (!term(r, out))
        return false;
    for (;;) {
        xm_blanks(&r->lex);
        if (*r->lex.s != '+')
            break;
        r->lex.s++;
        xm_blanks(&r->lex);
        if (!term(r, &next) || !join(r, at, out, &next))
            return false;
    }
    if (*r->lex.s && !strchr("\n;,])", *r->lex.s))
        return xm_after_value(&r->lex, at, r->lex.s);
    return true;
}

static bool assign(struct reader *r, struct cfg *cfg, char *name, unsigned line, struct value v)
{
    size_t i = 0;

    while (i < r->n && strcmp(r->vars[i].name, name))
        i++;
    if (i == CFG_MAX_KEYS)
        return xm_fail(&r->lex, r->lex.s,
                       "more keys than any domain config sets; name another file");
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
    return true;
}

/* NAME = value, NAME += value. */
static bool statement(struct reader *r, struct cfg *cfg)
{
    const char *at = r->lex.s;
    size_t n = xm_name_start(*at) ? xm_name_length(at) : 0;
    unsigned line = r->lex.line;
    struct value v = {0}, old = {0};
    bool plus;
    char *name;

    r->lex.s += n;
    xm_blanks(&r->lex);
    plus = *r->lex.s == '+' && r->lex.s[1] == '=';
    if (!n || (!plus && (*r->lex.s != '=' || r->lex.s[1] == '=')))
        return xm_no_assignment(&r->lex, at);
    r->lex.s += plus ? 2 : 1;
    name = xasprintf("%.*s", (int)n, at);
    xm_blanks(&r->lex);
    if (!expression(r, &v))
        return false;
    /* `a = 1, 2` is a tuple, which no key of a config is. */
    if (*r->lex.s == ',')
        return xm_fail(&r->lex, r->lex.s, "a list without brackets; write [ ... ]");
    if (*r->lex.s && *r->lex.s != '\n' && *r->lex.s != ';')
        return xm_after_value(&r->lex, at, r->lex.s);
    if (plus) {
        for (size_t i = 0; i < r->n; i++)
            if (!strcmp(r->vars[i].name, name))
                old = r->vars[i].value;
        if (!old.v.str && !old.v.items && old.kind != LIST)
            return xm_computed(&r->lex, at);
        if (!join(r, at, &old, &v))
            return false;
        v = old;
    }
    return assign(r, cfg, name, line, v);
}

char *xm_parse(const struct buf *text, struct cfg *cfg)
{
    struct reader r = {
        .lex = {.path = cfg->path, .text = text->len ? (const char *)text->data : "", .line = 1}};
    bool fresh = true; /* at the start of a line */

    r.lex.s = r.lex.text;

    while (!r.lex.error) {
        const char *at = r.lex.s;

        xm_blanks(&r.lex);
        if (!*r.lex.s)
            break;
        if (*r.lex.s == '\n' || *r.lex.s == ';') {
            fresh = *r.lex.s == '\n';
            r.lex.line += *r.lex.s++ == '\n';
            continue;
        }
        /* What is indented belongs to an `if` or a function. */
        if (fresh && r.lex.s != at && (*at == ' ' || *at == '\t'))
            xm_fail(&r.lex, r.lex.s,
                    "an indented line; only assignments can be read, and nothing in a config is "
                    "ever run");
        else
            statement(&r, cfg);
        fresh = false;
    }
    free(r.vars);
    return r.lex.error;
}
