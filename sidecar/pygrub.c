// SPDX-License-Identifier: MIT
/* What pygrub makes of a boot menu, for bootmenu.h: facts of its readers in Xen 4.2 to 4.17. */
#include <stdlib.h>
#include <string.h>

#include "bootmenu.h"

long pygrub_default(const char *text)
{
    long found = 0;
    bool inside = false;
    size_t n;

    for (; *text; text += n + (text[n] == '\n')) {
        const char *s = text + strspn(text, " \t");
        char *end;

        n = strcspn(text, "\n");
        if (!strncmp(s, "menuentry ", 10) || !strncmp(s, "function", 8))
            inside = true;
        else if (*s == '}')
            inside = false;
        if (inside || strncmp(s, "set default=", 12))
            continue;
        s += 12;
        s += *s == '"' || *s == '\'';
        found = strtol(s, &end, 10);
        if (end == s || found < 0 || (*end && !strchr("\"' \t\r\n", *end)))
            found = 0;
    }
    return found;
}

const struct boot_entry *pygrub_choice(const struct boot_menu *m, const char *spec)
{
    char *end;
    long number = spec ? strtol(spec, &end, 10) : m->pygrub_def, n = 0;
    bool title = spec && (*end || end == spec);
    const struct boot_entry *first = NULL;

    for (size_t i = 0; i < m->n; i++) {
        const struct boot_entry *e = &m->entries[i];

        if (e->submenu)
            continue;
        if (!first)
            first = e;
        if (title ? !strcmp(e->title, spec) : n == number)
            return e;
        n++;
    }
    /* a number that is too large is the first entry; a title that isn't there is ignored */
    return title ? NULL : first;
}
