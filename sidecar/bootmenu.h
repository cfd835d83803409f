/* SPDX-License-Identifier: MIT
 * The boot menu of a guest, read from its grub.cfg (grubscript.c) with the entries beside it
 * (blscfg.c), or from its menu.lst (menulst.c). Pure text in, a list of entries out: no file is
 * opened, nothing is executed.
 */
#ifndef SIDECAR_BOOTMENU_H
#define SIDECAR_BOOTMENU_H

#include "util.h"

struct boot_entry {
    char *title, *id; /* id may be NULL */
    int parent;       /* index of the submenu that this is in, or -1 */
    int number;       /* place among its siblings, from 0 */
    bool submenu;
    int children;
    char *kernel, *args; /* NULL if the entry boots no Linux */
    char **initrds;      /* in their order, up to a NULL; NULL if there is none */
};

struct boot_menu {
    struct boot_entry *entries;
    size_t n;
    int top;   /* entries in no submenu */
    char *def; /* the default entry as the menu names it, "" for the first */
    /* What pygrub takes for the default, a number among all entries that aren't submenus: it
     * follows no `if`, and reads "1>1", titles, ids and saved_entry as 0 (Xen 4.2 to 4.17). */
    long pygrub_def;
};

/* A file of loader/entries, as the Boot Loader Specification has it and GRUB's command blscfg reads
 * it: Fedora's menu since version 30, Red Hat's since 8. */
struct bls_file {
    char *name; /* without the directory */
    char *text;
};

/* Sort `n` of them as GRUB shows them: the newest version first. */
void bls_sort(struct bls_file *files, size_t n);

struct bls_entry {
    char *title, *id;
    char *script; /* commands of GRUB's */
};

/* False if it is no file for an entry, or boots no Linux. */
bool bls_parse(const struct bls_file *f, struct bls_entry *out);

/* `env` is the text of grubenv beside it, or NULL: variables of the script, as saved_entry. `bls`:
 * what its command blscfg finds, in GRUB's order, up to one whose name is NULL; or NULL. */
void bootmenu_grub2(struct boot_menu *m, const char *text, const char *env,
                    const struct bls_file *bls);
void bootmenu_legacy(struct boot_menu *m, const char *text);

/* The entry that `spec` names: a number, a title or an id, with '>' between submenu and entry. Of a
 * submenu it is the first entry. NULL if there is none. */
const struct boot_entry *bootmenu_find(const struct boot_menu *m, const char *spec);

/* The entry to boot: the one that `spec` names; for NULL the default, or the first if that is gone,
 * as for GRUB. */
const struct boot_entry *bootmenu_choose(const struct boot_menu *m, const char *spec);

/* The entry that pygrub would boot: `spec` is its --entry, or NULL for the default. NULL if it
 * would find none of that title. */
const struct boot_entry *pygrub_choice(const struct boot_menu *m, const char *spec);

/* pygrub_def of a grub.cfg: what the last `set default=` says that stands outside of entries and
 * functions, whatever `if` it is in. */
long pygrub_default(const char *text);

/* For the two readers: append an entry, all empty but for title and parent. */
struct boot_entry *bootmenu_add(struct boot_menu *m, const char *title, int parent);

#endif
