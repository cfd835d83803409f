// SPDX-License-Identifier: MIT
/* GRUB legacy's half of bootmenu.h: a word and its value on each line. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bootmenu.h"

/* Copy the next word of *s and step over it; "" at the end. */
static char *word(const char **s, const char *ends)
{
    size_t n;
    char *w;

    *s += strspn(*s, " \t");
    n = strcspn(*s, ends);
    w = xasprintf("%.*s", (int)n, *s);
    *s += n;
    *s += strspn(*s, ends);
    return w;
}

static void kernel_line(struct boot_entry *e, const char *s)
{
    char *w = word(&s, " \t");

    while (!strncmp(w, "--", 2)) /* --type=, --no-mem-option */
        w = word(&s, " \t");
    e->kernel = w;
    e->args = xstrdup(s);
}

void bootmenu_legacy(struct boot_menu *m, const char *text)
{
    struct boot_entry *e = NULL;

    *m = (struct boot_menu){.def = xstrdup("")};
    while (*text) {
        size_t n = strcspn(text, "\n"), end = n;
        char *line;
        const char *s;
        char *key;

        while (end && isspace((unsigned char)text[end - 1]))
            end--;
        line = xasprintf("%.*s", (int)end, text);
        s = line;
        key = word(&s, " \t=");
        if (!strcmp(key, "title"))
            e = bootmenu_add(m, s, -1);
        else if (!strcmp(key, "default")) {
            m->def = xstrdup(strcmp(s, "saved") ? s : "");
            m->pygrub_def = strtol(m->def, NULL, 10);
        } else if (e && !strcmp(key, "kernel"))
            kernel_line(e, s);
        else if (e && !strcmp(key, "initrd")) {
            e->initrds = xcalloc(2, sizeof(*e->initrds));
            e->initrds[0] = xstrdup(s);
        } else if (e && !strcmp(key, "module"))
            e->kernel = NULL; /* `kernel` was a hypervisor */
        text += n + (text[n] == '\n');
    }
}
