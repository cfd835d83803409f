// SPDX-License-Identifier: MIT
#include "keyform.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[N_FORMS] = {
    [FORM_ANY] = "any",
    [FORM_EMPTY] = "empty, 0",
    [FORM_STRING] = "string",
    [FORM_NUMBER] = "number",
    [FORM_BOOL] = "0 or 1",
    [FORM_LIST] = "list of strings",
    [FORM_WORDS] = "string, or list of strings",
    [FORM_UUID] = "uuid, with dashes or without",
    [FORM_CPUS] = "numbers of CPUs as in \"0-3,^1\", or a list of such",
    [FORM_CPUWORDS] = "the same with \"all\", \"node:0\"",
    [FORM_EVENT] = "destroy, restart, preserve or rename-restart",
    [FORM_DUMP] = "coredump-destroy or coredump-restart",
    [FORM_SOFT] = "soft-reset",
    [FORM_ONREBOOT] = "onreboot or always",
    [FORM_TSC] = "number from 0 to 3",
    [FORM_TSCWORD] = "default, always_emulate, native or native_paravirt",
    [FORM_IGNORE] = "ignore",
    [FORM_OFF] = "off",
    [FORM_DISABLED] = "disabled",
    [FORM_PV] = "pv",
    [FORM_BUILDER] = "generic or linux",
    [FORM_LOADER] = "pygrub, domUloader or a PV GRUB",
    [FORM_DISKS] = "list of disks",
    [FORM_VIFS] = "list of NICs",
};

/* The forms that are one of a few words. */
static const char *const choices[N_FORMS][5] = {
    [FORM_EVENT] = {"destroy", "restart", "preserve", "rename-restart"},
    [FORM_DUMP] = {"coredump-destroy", "coredump-restart"},
    [FORM_SOFT] = {"soft-reset"},
    [FORM_ONREBOOT] = {"onreboot", "always"},
    [FORM_TSCWORD] = {"default", "always_emulate", "native", "native_paravirt"},
    [FORM_IGNORE] = {"ignore"},
    [FORM_OFF] = {"off"},
    [FORM_DISABLED] = {"disabled"},
    [FORM_PV] = {"pv"},
    [FORM_BUILDER] = {"generic", "linux"},
};

const char *keyform_words(enum key_form form)
{
    return words[form];
}

bool keyform_number(const struct cfg_value *v, long *n)
{
    char *end;

    if (!v->str || !*v->str || isspace((unsigned char)*v->str))
        return false;
    errno = 0;
    *n = strtol(v->str, &end, 0);
    return !errno && !*end;
}

char *keyform_uuid(const char *s)
{
    char *out = xmalloc(37);
    size_t n = 0, digits = 0;

    for (; *s; s++) {
        if (*s == '-')
            continue;
        if (!isxdigit((unsigned char)*s) || digits++ == 32)
            return NULL;
        if (n == 8 || n == 13 || n == 18 || n == 23)
            out[n++] = '-';
        out[n++] = *s;
    }
    out[n] = 0;
    return digits == 32 ? out : NULL;
}

/* N, N-M, ^N, joined by commas. `named`: also all, node:N, nodes:N-M, ^node:N. */
static bool cpus(const char *s, bool named)
{
    for (;;) {
        bool word = false, minus;

        minus = *s == '^';
        s += minus;
        if (named && !strncmp(s, "all", 3)) {
            s += 3;
        } else {
            if (named && (!strncmp(s, "node:", 5) || !strncmp(s, "nodes:", 6))) {
                s = strchr(s, ':') + 1;
                word = !strncmp(s, "all", 3);
                s += word ? 3 : 0;
            }
            if (!word && !isdigit((unsigned char)*s))
                return false;
            s += strspn(s, "0123456789");
            /* a range that is taken away is xl's only */
            if (*s == '-' && (named || !minus)) {
                if (!isdigit((unsigned char)*++s))
                    return false;
                s += strspn(s, "0123456789");
            }
        }
        if (!*s)
            return true;
        if (*s++ != ',')
            return false;
    }
}

static bool strings(const struct cfg_value *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (!v->items[i].str)
            return false;
    return !v->str;
}

static bool cpu_value(const struct cfg_value *v, bool named)
{
    for (size_t i = 0; i < v->n; i++)
        if (!v->items[i].str || !cpus(v->items[i].str, named))
            return false;
    return v->str ? cpus(v->str, named) : v->n > 0;
}

bool keyform_fits(enum key_form form, const struct cfg_value *v)
{
    long n;

    switch (form) {
    case FORM_ANY:
        return true;
    case FORM_EMPTY:
        return v->str ? !*v->str || (keyform_number(v, &n) && !n) : !v->n;
    case FORM_NUMBER:
        return keyform_number(v, &n);
    case FORM_BOOL:
        return keyform_number(v, &n) && (n == 0 || n == 1);
    case FORM_TSC:
        return keyform_number(v, &n) && n >= 0 && n <= 3;
    case FORM_STRING:
    case FORM_LOADER:
        return v->str;
    case FORM_WORDS:
        return v->str || strings(v);
    case FORM_LIST:
    case FORM_DISKS:
    case FORM_VIFS:
        return strings(v);
    case FORM_UUID:
        return v->str && keyform_uuid(v->str);
    case FORM_CPUS:
    case FORM_CPUWORDS:
        return cpu_value(v, form == FORM_CPUWORDS);
    default:
        for (size_t i = 0; choices[form][i]; i++)
            if (v->str && !strcmp(v->str, choices[form][i]))
                return true;
        return false;
    }
}
