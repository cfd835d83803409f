// SPDX-License-Identifier: MIT
/* What is wrong with a config that xm's reader can't take: a slip of the pen, or something that
 * Python would have to run. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xmlex.h"

bool xm_fail(struct xm_lexer *r, const char *at, const char *what)
{
    unsigned line = 1, column = 1;

    if (r->error)
        return false;
    for (const char *s = r->text; s < at; s++) {
        column = *s == '\n' ? 1 : column + 1;
        line += *s == '\n';
    }
    r->error = xasprintf("%s:%u:%u: %s", r->path, line, column, what);
    return false;
}

/* What stands there, up to the end of the line or to one of `ends`; malloc'ed. */
static char *words_at(const char *at, const char *ends)
{
    int n = (int)strcspn(at, "\n#");

    if (*ends && (int)strcspn(at, ends) < n)
        n = (int)strcspn(at, ends);
    while (n && isspace((unsigned char)at[n - 1]))
        n--;
    return xasprintf("%.*s", n > 60 ? 60 : n, at);
}

bool xm_computed(struct xm_lexer *r, const char *at)
{
    return xm_fail(r, at,
                   xasprintf("'%s': it would have to be run, and nothing in a config is ever run; "
                             "write the value itself",
                             words_at(at, "")));
}

/* Whether `s` goes on as an expression of Python's. */
static bool goes_on(const char *s)
{
    static const char *const words[] = {"if", "for", "or", "and", "in", "is", "not", "else"};
    size_t n;

    s += strspn(s, " \t");
    if (*s && strchr("([%*<>!", *s))
        return true;
    if ((*s == '+' || *s == '-') && strchr(" \t'\"", s[1]))
        return true;
    n = xm_name_length(s);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == n && !strncmp(s, words[i], n))
            return true;
    return false;
}

bool xm_no_value(struct xm_lexer *r, const char *at)
{
    char *text = words_at(at, r->depth ? ",])" : "");

    if (*at == ',')
        return xm_fail(r, at, "two commas with nothing between them; remove one");
    if (!*at || strchr("\n;])", *at))
        return xm_fail(r, at, "a value is missing; write one");
    if (*at == '{')
        return xm_fail(r, at,
                       "a dictionary of Python's, which no key of a config takes; remove it");
    if (isdigit((unsigned char)*at) && text[strspn(text, "0123456789.")] == 0)
        return xm_fail(r, at, xasprintf("'%s' is no whole number; write one", text));
    if (!isalnum((unsigned char)*at) && *at != '_' && *at != '/')
        return xm_computed(r, at);
    if (!strncmp(at, "lambda", 6) || !strncmp(at, "not ", 4))
        return xm_computed(r, at);
    if (*at != '/' && goes_on(at + xm_name_length(at)))
        return xm_computed(r, at);
    if (strpbrk(text, "'\""))
        return xm_fail(r, at, xasprintf("a quote is missing: '%s'; add it", text));
    return xm_fail(
        r, at,
        xasprintf("'%s' has no quotes%s; write \"%s\"", text,
                  text[xm_name_length(text)] ? "" : ", and nothing above sets a name like it",
                  text));
}

bool xm_after_value(struct xm_lexer *r, const char *value, const char *at)
{
    if (goes_on(at) || *at == '.' || *at == '=')
        return xm_computed(r, value);
    return xm_fail(r, at,
                   xasprintf("'%s' stands behind the value; add the comma, quote or '+' that is "
                             "missing, or remove it",
                             words_at(at, r->depth ? ",])" : "")));
}

bool xm_no_assignment(struct xm_lexer *r, const char *at)
{
    static const char *const words[] = {
        "import", "from", "if",   "for",  "while", "def",  "try",  "except", "class", "print",
        "return", "else", "elif", "with", "del",   "exec", "pass", "global", "raise", "assert"};
    size_t n = xm_name_length(at);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if ((strlen(words[i]) == n || at[n] == ':') && !strncmp(at, words[i], strlen(words[i])))
            return xm_computed(r, at);
    if (at[n] == '(' || at[n] == '[')
        return xm_computed(r, at);
    return xm_fail(r, at, xasprintf("'%s' assigns nothing; write KEY = VALUE", words_at(at, "")));
}

/* The first line that isn't blank or a comment. */
static const char *first(const char *s)
{
    for (;;) {
        s += strspn(s, " \t\r\n");
        if (*s != '#')
            return s;
        s += strcspn(s, "\n");
    }
}

char *xm_not_config(const char *path, const char *text)
{
    const char *s = first(text);

    if (!strncmp(text, "\xef\xbb\xbf", 3))
        return xasprintf("%s:1: begins with a byte order mark; save it as plain text, without one",
                         path);
    if (*s == '(' && isalpha((unsigned char)s[1]))
        return xasprintf(
            "%s: is an SXP file, xend's own form of a config; give the config that was "
            "written by hand",
            path);
    if (*s == '<')
        return xasprintf(
            "%s: is an XML file; give an xl config, which virsh domxml-to-native xen-xl "
            "makes of a domain's XML",
            path);
    if (*s == '{')
        return xasprintf("%s: is a JSON file, as xl list -l writes it; give the config itself",
                         path);
    return NULL;
}
