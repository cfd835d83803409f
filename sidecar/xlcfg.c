// SPDX-License-Identifier: MIT
#include "xlcfg.h"

#include <ctype.h>
#include <errno.h>
#include <libxlutil.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmcfg.h"
#include "xmlex.h"

/* libxlutil is linked statically, and this one-line setter is all it wants of libxenlight. Ours
 * keeps libxenlight out, which would tie the program to one version of Xen. Weak, so that a build
 * against the shared libxlutil gets the real one. */
__attribute__((weak)) void libxl_defbool_set(libxl_defbool *db, bool b)
{
    db->val = b ? 1 : -1;
}

static void add_key(struct cfg *cfg, const char *name, size_t n, unsigned line)
{
    for (size_t i = 0; i < cfg->n; i++) {
        if (strlen(cfg->keys[i].name) == n && !memcmp(cfg->keys[i].name, name, n)) {
            cfg->keys[i].line = line;
            return;
        }
    }
    if (cfg->n == CFG_MAX_KEYS)
        die(EXIT_GUEST, "%s: sets more than %d keys; no domain config does, name another file",
            cfg->path, CFG_MAX_KEYS);
    cfg->keys = xrealloc(cfg->keys, (cfg->n + 1) * sizeof(*cfg->keys));
    cfg->keys[cfg->n] = (struct cfg_key){.name = xasprintf("%.*s", (int)n, name), .line = line};
    cfg->n++;
}

/* libxlutil offers no way to list the keys, so find them: identifiers at the start of a statement,
 * with strings, comments and brackets skipped. The text has passed the real parser already. */
static void scan_keys(const char *s, struct cfg *cfg)
{
    unsigned line = 1, depth = 0;
    bool start = true;

    while (*s) {
        if (*s == '#') {
            while (*s && *s != '\n')
                s++;
        } else if (*s == '\'' || *s == '"') {
            char q = *s++;

            while (*s && *s != q)
                s += *s == '\\' && s[1] ? 2 : 1;
            if (*s)
                s++;
        } else if (*s == '\n' || *s == ';') {
            line += *s++ == '\n';
            start = start || !depth;
        } else if (start && (isalpha((unsigned char)*s) || *s == '_')) {
            const char *name = s;

            while (isalnum((unsigned char)*s) || *s == '_' || *s == '.')
                s++;
            add_key(cfg, name, (size_t)(s - name), line);
            start = false;
        } else {
            depth += *s == '[';
            depth -= *s == ']' && depth;
            s++;
        }
    }
}

static struct cfg_value take_value(const XLU_Config *x, XLU_ConfigValue *v);

static struct cfg_value take_list(const XLU_Config *x, XLU_ConfigList *l)
{
    struct cfg_value out = {0};
    XLU_ConfigValue *item;

    for (int i = 0; (item = xlu_cfg_get_listitem2(l, i)); i++) {
        out.items = xrealloc(out.items, (out.n + 1) * sizeof(*out.items));
        out.items[out.n++] = take_value(x, item);
    }
    return out;
}

static struct cfg_value take_value(const XLU_Config *x, XLU_ConfigValue *v)
{
    XLU_ConfigList *l;
    char *s;

    if (xlu_cfg_value_type(v) == XLU_STRING && !xlu_cfg_value_get_string(x, v, &s, 1))
        return (struct cfg_value){.str = xstrdup(s)};
    if (!xlu_cfg_value_get_list(x, v, &l, 1))
        return take_list(x, l);
    return (struct cfg_value){0};
}

void cfg_parse(const char *path, const struct buf *text, struct cfg *cfg)
{
    char *report = NULL;
    size_t report_len;
    FILE *f = open_memstream(&report, &report_len);
    XLU_Config *x = f ? xlu_cfg_init(f, path) : NULL;
    int rc;

    if (!x)
        die(EXIT_ENVIRONMENT, "out of memory");
    *cfg = (struct cfg){.path = xstrdup(path)};
    if (text->len > INT_MAX || (text->len && memchr(text->data, 0, text->len)))
        die(EXIT_GUEST, "%s: not a text file; give an xl domain config", path);
    rc = xlu_cfg_readdata(x, (const char *)text->data, (int)text->len);
    fclose(f);
    if (rc) {
        /* xm's configs are Python, and some of them only that. */
        char *error = xm_not_config(path, text->len ? (const char *)text->data : "");

        if (!error)
            error = xm_parse(text, cfg);
        if (error)
            die(EXIT_GUEST, "%s", error);
        free(report);
        xlu_cfg_destroy(x);
        return;
    }
    free(report);
    if (text->len)
        scan_keys((const char *)text->data, cfg);
    for (size_t i = 0; i < cfg->n; i++) {
        struct cfg_key *k = &cfg->keys[i];
        XLU_ConfigList *l;
        const char *s;

        if (!xlu_cfg_get_string(x, k->name, &s, 1))
            k->value.str = xstrdup(s);
        else if (!xlu_cfg_get_list(x, k->name, &l, NULL, 1))
            k->value = take_list(x, l);
        else
            die(EXIT_GUEST, "%s:%u: %s: value can't be read", path, k->line, k->name);
    }
    xlu_cfg_destroy(x);
}

const struct cfg_key *cfg_find(const struct cfg *cfg, const char *name)
{
    for (size_t i = 0; i < cfg->n; i++)
        if (!strcmp(cfg->keys[i].name, name))
            return &cfg->keys[i];
    return NULL;
}

_Noreturn void cfg_die(const struct cfg *cfg, const struct cfg_key *key, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    va_end(ap);
    die(EXIT_GUEST, "%s:%u: %s: %s", cfg->path, key->line, key->name, s ? s : "out of memory");
}

const char *cfg_string(const struct cfg *cfg, const char *name)
{
    const struct cfg_key *k = cfg_find(cfg, name);

    if (!k)
        return NULL;
    if (!k->value.str)
        cfg_die(cfg, k, "is a list; write a string");
    return k->value.str;
}

long cfg_long(const struct cfg *cfg, const char *name, long unset, long min, long max)
{
    const struct cfg_key *k = cfg_find(cfg, name);
    const char *s = cfg_string(cfg, name);
    char *end;
    long v;

    if (!s)
        return unset;
    errno = 0;
    v = strtol(s, &end, 0);
    if (errno || end == s || *end)
        cfg_die(cfg, k, "'%s' is not a number", s);
    if (v < min || v > max)
        cfg_die(cfg, k, "%ld is outside %ld..%ld", v, min, max);
    return v;
}

void cfg_write_string(struct buf *out, const char *s)
{
    buf_adds(out, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_addf(out, "\\%03o", c); /* libxlutil 4.17 misreads \\x41 */
        else
            buf_add(out, s, 1);
    }
    buf_adds(out, "\"");
}

void cfg_write_value(struct buf *out, const struct cfg_value *v)
{
    if (v->str) {
        /* Plain numbers stay bare, as people write them. */
        if (*v->str && v->str[strspn(v->str, "0123456789")] == 0)
            buf_adds(out, v->str);
        else
            cfg_write_string(out, v->str);
        return;
    }
    buf_adds(out, "[");
    for (size_t i = 0; i < v->n; i++) {
        buf_adds(out, i ? ", " : " ");
        if (v->items[i].str)
            cfg_write_string(out, v->items[i].str);
        else
            cfg_write_value(out, &v->items[i]);
    }
    buf_adds(out, " ]");
}
