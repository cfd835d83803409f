// SPDX-License-Identifier: MIT
#include "bootdisk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bootmenu.h"
#include "tool.h"

/* The guest's owner made the disk; the host has memory for other things, too. */
#define MAX_ENTRIES 256               /* files of the boot menu */
#define MAX_MENU    ((size_t)1 << 20) /* bytes of its texts, each */
#define MAX_FILE    ((size_t)1 << 30) /* bytes of a kernel, and of all initrds together */

struct place {
    char *device; /* as GRUB calls it: "loop0", "loop0,msdos1", "lvm/vg-root" */
};

static const char *tool;
static char *image; /* absolute: GRUB would take a relative name for one of its own devices */
static const struct cfg_key *key;

/* What GRUB's own code says of the image: a command of grub-fstest's, its words up to a NULL. */
static int ask(const char *const *words, size_t max, struct buf *out)
{
    struct args a = {0};

    tool_arg(&a, tool);
    tool_arg(&a, image);
    for (; *words; words++)
        tool_arg(&a, *words);
    *out = (struct buf){0};
    return tool_read(&a, max, out);
}

/* Read a file of the disk. False if it isn't there, or has more than `max` bytes. */
static bool fetch(const char *device, const char *path, size_t max, struct buf *out)
{
    const char *const words[] = {"cat", xasprintf("(%s)%s", device, path), NULL};

    return !ask(words, max, out);
}

/* The files of `dir` that may be entries of the boot menu. GRUB lists names with a space between,
 * so one that holds a space isn't found. */
static struct bls_file *fetch_entries(const char *device, const char *dir)
{
    const char *const words[] = {"ls", "--", xasprintf("(%s)%s/", device, dir), NULL};
    struct buf said;
    struct bls_file *files = xcalloc(MAX_ENTRIES + 1, sizeof(*files));
    size_t n = 0;
    char *save = NULL;

    ask(words, MAX_MENU, &said);
    buf_adds(&said, "");
    for (char *f = strtok_r((char *)said.data, " \n", &save); f && n < MAX_ENTRIES;
         f = strtok_r(NULL, " \n", &save)) {
        struct buf text;

        if (!ends_with(f, ".conf") || !fetch(device, xasprintf("%s/%s", dir, f), MAX_MENU, &text) ||
            !text.len)
            continue;
        files[n++] = (struct bls_file){xstrdup(f), (char *)text.data};
    }
    bls_sort(files, n);
    return files;
}

/* Where GRUB sees a file system on the image; `ls -l` names them as "Device X:" and
 * "Partition X:". (host) and (proc) are this host's own and must never be read. */
static size_t list(struct place *places, size_t max)
{
    static const char *const words[] = {"ls", "--", "-l", NULL};
    struct buf said;
    size_t n = 0;
    char *save = NULL;

    ask(words, MAX_MENU, &said);
    buf_adds(&said, "");
    for (char *l = strtok_r((char *)said.data, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        char *name = strstr(l, "Device ") == l ? l + 7 : strstr(l, "Partition ");

        if (!name || strstr(l, "No known filesystem"))
            continue;
        name += name == l + 7 ? 0 : 10;
        name[strcspn(name, ":")] = 0;
        if (n < max && (!strncmp(name, "loop0", 5) || !strncmp(name, "lvm/", 4)))
            places[n++].device = xstrdup(name);
    }
    return n;
}

/* How much of the path of `len` bytes its parent directory is. */
static int parent(const char *path, size_t len)
{
    while (len && path[--len] != '/')
        ;
    return (int)len;
}

/* Find the configuration and read it; `at` is the device it lies on. */
static bool find_menu(struct boot_menu *m, const struct place *places, size_t n, size_t *at)
{
    static const char *const legacy[] = {"/boot/grub/menu.lst", "/grub/menu.lst",
                                         "/boot/grub/grub.conf", "/grub/grub.conf"};
    struct bls_file *bls;
    struct buf text, env;
    size_t len;

    for (*at = 0; *at < n; ++*at) {
        const char *device = places[*at].device;

        for (const char *d = GRUB2_DIRS; *d; d += len + (d[len] == ' ')) {
            len = strcspn(d, " ");
            if (!fetch(device, xasprintf("%.*s/grub.cfg", (int)len, d), MAX_MENU, &text) ||
                !text.len)
                continue;
            if (!fetch(device, xasprintf("%.*s/grubenv", (int)len, d), MAX_MENU, &env) || !env.len)
                env.data = NULL;
            /* blscfg looks into the directory beside GRUB's */
            bls = strstr((char *)text.data, "blscfg")
                      ? fetch_entries(device, xasprintf("%.*s/loader/entries", parent(d, len), d))
                      : NULL;
            bootmenu_grub2(m, (char *)text.data, (char *)env.data, bls);
            return true;
        }
        for (size_t i = 0; i < 4; i++) {
            if (!fetch(device, legacy[i], MAX_MENU, &text) || !text.len)
                continue;
            bootmenu_legacy(m, (char *)text.data);
            return true;
        }
    }
    return false;
}

/* The guest's owner wrote this, and it ends up in the config of the host's toolstack. */
static void refuse_control(struct guest *g, const char *s)
{
    for (; *s; s++)
        if (iscntrl((unsigned char)*s))
            cfg_die(&g->cfg, key, "the guest's boot menu has a control character in its entry");
}

/* Read what the menu calls `path`: on the menu's own device first. A device in the path is only
 * dropped where it is the guest's disk; (host) and the like would name files of this host. */
static void fetch_named(struct guest *g, const char *path, const struct place *places, size_t n,
                        size_t at, size_t max, struct buf *out)
{
    const char *file = path;

    refuse_control(g, path);
    if (*file == '(') {
        if (strncmp(file, "(hd0", 4) && strncmp(file, "(xen/", 5) && strncmp(file, "()", 2))
            cfg_die(&g->cfg, key,
                    "the guest's boot menu names '%s', on no disk we know; --universal "
                    "leaves that to the guest",
                    path);
        file += strcspn(file, ")");
        file += *file == ')';
    }
    if (*file == '/') {
        if (fetch(places[at].device, file, max, out))
            return;
        for (size_t i = 0; i < n; i++)
            if (fetch(places[i].device, file, max, out))
                return;
    }
    cfg_die(&g->cfg, key,
            "the guest's boot menu names '%s', which isn't on %s or is too large; --universal "
            "leaves that to the guest",
            path, image);
}

/* Several become one, as GRUB and Linux have it: each begins at a multiple of four bytes. */
static void fetch_initrds(struct guest *g, char *const *paths, const struct place *places, size_t n,
                          size_t at)
{
    static const char zeros[3];
    struct buf names = {0};

    for (; *paths; paths++) {
        struct buf one;

        fetch_named(g, *paths, places, n, at, MAX_FILE - g->ramdisk.len, &one);
        buf_add(&g->ramdisk, zeros, -g->ramdisk.len & 3);
        buf_add(&g->ramdisk, one.data, one.len);
        buf_addf(&names, "%s ", *paths);
        buf_free(&one);
    }
    g->ramdisk_path = xasprintf("%sof %s", (char *)names.data, image);
    g->ramdisk_hash = hash_bytes(g->ramdisk.data, g->ramdisk.len);
    buf_free(&names);
}

/* --entry of bootloader_args, as pygrub takes it. xl splits a string at its blanks. */
static const char *args_entry(struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "bootloader_args");
    const char **words =
        xcalloc(k ? k->value.str ? strlen(k->value.str) + 1 : k->value.n + 1 : 1, sizeof(*words));
    const char *entry = NULL;
    char *save = NULL;
    size_t n = 0;

    if (k && k->value.str)
        for (char *w = strtok_r(xstrdup(k->value.str), " \t\n", &save); w;
             w = strtok_r(NULL, " \t\n", &save))
            words[n++] = w;
    else if (k)
        for (; n < k->value.n; n++)
            words[n] = k->value.items[n].str;
    for (size_t i = 0; i < n; i++) {
        const char *s = words[i];

        if (s && !strncmp(s, "--entry=", 8))
            entry = s + 8;
        else if (s && !strcmp(s, "--entry") && i + 1 < n)
            entry = words[++i];
        else if (!s || (*s && strcmp(s, "-q") && strcmp(s, "--quiet")))
            cfg_die(&g->cfg, k, "'%s' is no argument we know; see --entry of mk-sidecar",
                    s ? s : "a list");
    }
    return entry;
}

static void check_disk(struct guest *g)
{
    const struct guest_disk *d = g->disks;

    if (!g->n_disks)
        cfg_die(&g->cfg, key, "there is no disk to boot from; add disk=");
    if (!d->target || !*d->target)
        cfg_die(&g->cfg, key, "the first disk, %s, has no file or device", d->vdev);
    if (d->script)
        cfg_die(&g->cfg, key, "the first disk, %s, is attached by a script, %s; use --universal",
                d->vdev, d->script);
    if (d->format && strcmp(d->format, "raw"))
        cfg_die(&g->cfg, key,
                "the first disk, %s, is %s, and only raw ones can be read here; use "
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
    tool = tool_in_path("grub-fstest") ? "grub-fstest" : "grub2-fstest";
    if (!tool_in_path(tool))
        die(EXIT_ENVIRONMENT, "grub-fstest not found; install grub-common (or grub2-tools-extra), "
                              "or use --universal");
}

static const struct boot_entry *choose(struct guest *g, const struct boot_menu *m,
                                       const char *entry)
{
    const struct boot_entry *e = bootmenu_find(m, entry ? entry : m->def);

    /* A default that is gone is the first entry, for GRUB as well. */
    if (!e && !entry)
        e = bootmenu_find(m, "0");
    if (e)
        return e;
    cfg_die(&g->cfg, key, "%s: the boot menu has no entry '%s'", image, entry ? entry : "0");
}

void bootdisk_load(struct guest *g)
{
    struct place places[64];
    struct boot_menu menu;
    const struct boot_entry *e;
    const char *entry = g->entry ? g->entry : args_entry(g);
    size_t n, at;

    key = cfg_find(&g->cfg, "bootloader");
    check_disk(g);
    n = list(places, sizeof(places) / sizeof(places[0]));
    if (!n)
        cfg_die(&g->cfg, key, "%s: GRUB finds no file system on it", image);
    if (!find_menu(&menu, places, n, &at))
        cfg_die(&g->cfg, key,
                "%s: no grub.cfg or menu.lst on it; copy kernel and initrd to the "
                "host and name them by kernel= and ramdisk=",
                image);
    if (!menu.n)
        cfg_die(&g->cfg, key, "%s: the boot menu has no entries", image);
    e = choose(g, &menu, entry);
    refuse_control(g, e->title);
    if (!e->kernel)
        cfg_die(&g->cfg, key, "%s: entry '%s' boots no Linux kernel; choose another by --entry",
                image, e->title);
    refuse_control(g, e->args);
    fetch_named(g, e->kernel, places, n, at, MAX_FILE, &g->kernel_file);
    g->kernel_path = xasprintf("%s of %s", e->kernel, image);
    g->kernel_hash = hash_bytes(g->kernel_file.data, g->kernel_file.len);
    if (e->initrds)
        fetch_initrds(g, e->initrds, places, n, at);
    /* As pygrub: what the config says comes behind what the menu says. */
    if (*g->cmdline && *e->args)
        g->cmdline = xasprintf("%s %s", e->args, g->cmdline);
    else if (*e->args)
        g->cmdline = e->args;
}
