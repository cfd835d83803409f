// SPDX-License-Identifier: MIT
#include "bootmenu.h"

#include <stdlib.h>
#include <string.h>

struct boot_entry *bootmenu_add(struct boot_menu *m, const char *title, int parent)
{
    int number = parent < 0 ? m->top++ : m->entries[parent].children++;
    struct boot_entry *e;

    m->entries = xrealloc(m->entries, (m->n + 1) * sizeof(*e));
    e = &m->entries[m->n++];
    *e = (struct boot_entry){.title = xstrdup(title), .parent = parent, .number = number};
    return e;
}

const struct boot_entry *bootmenu_find(const struct boot_menu *m, const char *spec)
{
    const struct boot_entry *found = NULL;
    int parent = -1;

    if (!*spec)
        spec = "0";
    for (;;) {
        size_t n = strcspn(spec, ">");
        char *part = xasprintf("%.*s", (int)n, spec), *end;
        long number = strtol(part, &end, 10);

        if (*end || end == part)
            number = -1;
        found = NULL;
        for (size_t i = 0; i < m->n && !found; i++) {
            const struct boot_entry *e = &m->entries[i];

            if (e->parent == parent &&
                (e->number == number || !strcmp(e->title, part) || (e->id && !strcmp(e->id, part))))
                found = e;
        }
        free(part);
        if (!found || !found->submenu)
            return found;
        parent = (int)(found - m->entries);
        spec = spec[n] ? spec + n + 1 : "0";
    }
}

const struct boot_entry *bootmenu_choose(const struct boot_menu *m, const char *spec)
{
    const struct boot_entry *e = bootmenu_find(m, spec ? spec : m->def);

    return e || spec ? e : bootmenu_find(m, "0");
}
