// SPDX-License-Identifier: MIT
#include "grubdisk.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define MAX_ENTRIES 256 /* files of the boot menu */

/* What GRUB's own code says of the image: a command of grub-fstest's, its words up to a NULL. */
static int ask(const struct grub_disk *d, const char *const *words, size_t max, struct buf *out)
{
    struct args a = {0};

    tool_arg(&a, tool_in_path("grub-fstest") ? "grub-fstest" : "grub2-fstest");
    tool_arg(&a, d->image);
    for (; *words; words++)
        tool_arg(&a, *words);
    *out = (struct buf){0};
    return tool_read(&a, max, out);
}

bool grubdisk_read(const struct grub_disk *d, const char *place, const char *path, size_t max,
                   struct buf *out)
{
    const char *const words[] = {"cat", xasprintf("(%s)%s", place, path), NULL};

    return !ask(d, words, max, out);
}

const char *grubdisk_first(const struct grub_disk *d, const char *place, const char *dir,
                           const char *const *names)
{
    const char *const words[] = {"ls", "--", xasprintf("(%s)%s/", place, dir), NULL};
    struct buf said;

    ask(d, words, MAX_MENU, &said);
    buf_adds(&said, " ");
    for (; *names; names++) {
        size_t n = strlen(*names);

        for (const char *s = (char *)said.data; (s = strstr(s, *names)); s += n)
            if ((s == (char *)said.data || strchr(" \n", s[-1])) && strchr(" \n", s[n]))
                return *names;
    }
    return NULL;
}

/* GRUB lists names with a space between, so one that holds a space isn't found. */
struct bls_file *grubdisk_entries(const struct grub_disk *d, const char *place, const char *dir)
{
    const char *const words[] = {"ls", "--", xasprintf("(%s)%s/", place, dir), NULL};
    struct buf said;
    struct bls_file *files = xcalloc(MAX_ENTRIES + 1, sizeof(*files));
    size_t n = 0;
    char *save = NULL;

    ask(d, words, MAX_MENU, &said);
    buf_adds(&said, "");
    for (char *f = strtok_r((char *)said.data, " \n", &save); f && n < MAX_ENTRIES;
         f = strtok_r(NULL, " \n", &save)) {
        struct buf text;

        if (!ends_with(f, ".conf") ||
            !grubdisk_read(d, place, xasprintf("%s/%s", dir, f), MAX_MENU, &text) || !text.len)
            continue;
        files[n++] = (struct bls_file){xstrdup(f), (char *)text.data};
    }
    bls_sort(files, n);
    return files;
}

/* `ls -l` names what GRUB sees as "Device X:" and
 * "Partition X:". (host) and (proc) are this host's own and must never be read. */
static void list(struct grub_disk *d)
{
    static const char *const words[] = {"ls", "--", "-l", NULL};
    struct buf said;
    char *save = NULL;

    ask(d, words, MAX_MENU, &said);
    buf_adds(&said, "");
    for (char *l = strtok_r((char *)said.data, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        char *name = strstr(l, "Device ") == l ? l + 7 : strstr(l, "Partition ");

        if (!name || strstr(l, "No known filesystem"))
            continue;
        name += name == l + 7 ? 0 : 10;
        name[strcspn(name, ":")] = 0;
        if (d->n < GRUBDISK_PLACES && (!strncmp(name, "loop0", 5) || !strncmp(name, "lvm/", 4)))
            d->places[d->n++] = xstrdup(name);
    }
}

void grubdisk_open(struct grub_disk *disk, const struct guest *g, size_t i)
{
    const struct guest_disk *d = &g->disks[i];
    const struct cfg_key *key = cfg_find(&g->cfg, "bootloader");
    /* absolute: GRUB would take a relative name for one of its own devices */
    char *image = NULL;

    *disk = (struct grub_disk){.key = key};
    if (i >= g->n_disks)
        cfg_die(&g->cfg, key, "there is no disk to boot from; add disk=");
    if (!d->target || !*d->target)
        cfg_die(&g->cfg, key, "the disk %s has no file or device", d->vdev);
    if (d->script)
        cfg_die(&g->cfg, key, "the disk %s is attached by a script, %s; use --universal", d->vdev,
                d->script);
    if (d->format && strcmp(d->format, "raw"))
        cfg_die(&g->cfg, key,
                "the disk %s is %s, and only raw ones can be read here; use "
                "--universal",
                d->vdev, d->format);
    /* xl-disk-configuration(5): a device's name may leave out "/dev/" */
    if (*d->target != '/')
        image = realpath(xasprintf("/dev/%s", d->target), NULL);
    if (!image)
        image = realpath(d->target, NULL);
    if (!image)
        cfg_die(&g->cfg, key, "%s: %m; use --universal if the disk lies on another host",
                d->target);
    if (!tool_in_path("grub-fstest") && !tool_in_path("grub2-fstest"))
        die(EXIT_ENVIRONMENT, "grub-fstest not found; install grub-common (or grub2-tools-extra), "
                              "or use --universal");
    disk->image = image;
    list(disk);
    if (!disk->n)
        cfg_die(&g->cfg, key, "%s: GRUB finds no file system on it", image);
}
