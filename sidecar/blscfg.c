// SPDX-License-Identifier: MIT
/* The part of bootmenu.h for entries that lie in files of their own: a key and its value on each
 * line. GRUB sorts them by their files' names, each a package's NAME-VERSION-RELEASE, as rpm would;
 * an entry for rescue is "0-rescue" there, so that it comes last. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bootmenu.h"

/* The length of the digits, or of the letters, that *s begins with, after what is neither; a '~' is
 * a piece of its own, for it counts as less than nothing. */
static size_t piece(const char **s, const char *end)
{
    const char *p;

    while (*s < end && !isalnum((unsigned char)**s) && **s != '~')
        ++*s;
    p = *s;
    if (p < end && *p == '~')
        return 1;
    if (p < end && isdigit((unsigned char)*p))
        while (p < end && isdigit((unsigned char)*p))
            p++;
    else
        while (p < end && isalpha((unsigned char)*p))
            p++;
    return (size_t)(p - *s);
}

static int compare_pieces(const char *a, size_t n, const char *b, size_t k)
{
    bool number = n && isdigit((unsigned char)*a);
    size_t most = n > k ? n : k;

    if ((n && *a == '~') || (k && *b == '~'))
        return (k && *b == '~') - (n && *a == '~');
    if (!n || !k)
        return (n > 0) - (k > 0);
    if (number != !!isdigit((unsigned char)*b))
        return number ? 1 : -1;
    for (size_t i = most; i > 0; i--) {
        /* numbers flush right, words flush left */
        size_t at = number ? i : most - i;
        int x = number ? at <= n ? a[n - at] : '0' : at < n ? a[at] : 0;
        int y = number ? at <= k ? b[k - at] : '0' : at < k ? b[at] : 0;

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

/* rpm's order of versions. */
static int compare_versions(const char *a, const char *a_end, const char *b, const char *b_end)
{
    for (;;) {
        size_t n = piece(&a, a_end), k = piece(&b, b_end);
        int c = compare_pieces(a, n, b, k);

        if (c || (!n && !k))
            return c;
        a += n;
        b += k;
    }
}

/* The last '-' of s before `end`, or s if there is none. */
static const char *dash(const char *s, const char *end)
{
    while (end > s && *--end != '-')
        ;
    return end;
}

static const char *name_end(const char *name)
{
    return name + strlen(name) - (ends_with(name, ".conf") ? strlen(".conf") : 0);
}

static int newest_first(const void *x, const void *y)
{
    const char *a = ((const struct bls_file *)x)->name, *b = ((const struct bls_file *)y)->name;
    const char *a_end = name_end(a), *b_end = name_end(b);
    const char *a_release = dash(a, a_end), *b_release = dash(b, b_end);
    const char *a_version = dash(a, a_release), *b_version = dash(b, b_release);
    int c = compare_versions(b, b_version, a, a_version);

    if (!c)
        c = compare_versions(b_version, b_release, a_version, a_release);
    if (!c)
        c = compare_versions(b_release, b_end, a_release, a_end);
    return c ? c : strcmp(b, a);
}

void bls_sort(struct bls_file *files, size_t n)
{
    if (n)
        qsort(files, n, sizeof(*files), newest_first);
}

bool bls_parse(const struct bls_file *f, struct bls_entry *out)
{
    struct buf options = {0}, initrds = {0};
    const char *kernel = NULL, *s = f->text, *end = name_end(f->name);
    size_t n;

    if (!*end || end == f->name)
        return false;
    *out = (struct bls_entry){.id = xasprintf("%.*s", (int)(end - f->name), f->name)};
    out->title = out->id;
    buf_adds(&options, "");
    buf_adds(&initrds, "");
    for (; *s; s += n + (s[n] == '\n')) {
        const char *key = s;
        size_t len;
        char *value;

        n = strcspn(s, "\n");
        len = strcspn(key, " \t\r\n");
        value = xasprintf("%.*s", (int)(n - len), key + len);
        value += strspn(value, " \t");
        value[strcspn(value, "\r")] = 0;
        if (len == 5 && !strncmp(key, "title", len))
            out->title = value;
        else if (len == 5 && !strncmp(key, "linux", len))
            kernel = value;
        else if (len == 6 && !strncmp(key, "initrd", len))
            buf_addf(&initrds, " %s", value);
        else if (len == 7 && !strncmp(key, "options", len))
            buf_addf(&options, " %s", value);
    }
    if (!kernel)
        return false;
    out->script = xasprintf("linux %s%s\n%s%s\n", kernel, (char *)options.data,
                            initrds.len ? "initrd" : "", (char *)initrds.data);
    return true;
}
