// SPDX-License-Identifier: MIT
#include "xenddisk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What only xl takes for the beginning of a disk, and what to write for it. */
static const struct {
    const char *prefix, *instead;
} xl_only[] = {
    {"aio:", "write tap:aio:PATH or file:PATH"},
    {"tapdisk:", "write tap:aio:PATH"},
    {"ioemu:", "write file:PATH or phy:DEVICE"},
};

/* The kinds of images of blktap, all versions of xend. */
static const char *const tap_kinds[] = {"aio",   "sync", "vmdk", "ram",
                                        "qcow2", "qcow", "vhd",  "remus"};

/* The kind behind tap: and tap2:, or NULL. *path: where the path begins. */
static const char *tap_kind(const char *s, const char **path)
{
    if (!strncmp(s, "tapdisk:", 8) || !strncmp(s, "ioemu:", 6))
        s = strchr(s, ':') + 1;
    for (size_t i = 0; i < sizeof(tap_kinds) / sizeof(tap_kinds[0]); i++) {
        size_t n = strlen(tap_kinds[i]);

        if (!strncmp(s, tap_kinds[i], n) && s[n] == ':') {
            *path = s + n + 1;
            return tap_kinds[i];
        }
    }
    return NULL;
}

/* TYPE:PATH. */
static bool uname_read(char *uname, struct guest_disk *d, char **why)
{
    char *colon = strchr(uname, ':');
    const char *path = colon + 1, *kind;

    if (!strncmp(uname, "tap:", 4) || !strncmp(uname, "tap2:", 5)) {
        kind = tap_kind(colon + 1, &path);
        if (!kind) {
            *why = xasprintf("'%s': xend knows no such kind of image; it has tap:aio:PATH, "
                             "tap:qcow:PATH, tap:qcow2:PATH",
                             uname);
            return false;
        }
        d->backend = "tap";
        d->format = strcmp(kind, "aio") && strcmp(kind, "sync") ? kind : "raw";
    } else if (!strncmp(uname, "phy:", 4)) {
        d->backend = "phy";
    } else if (strncmp(uname, "file:", 5)) {
        d->script = xasprintf("block-%.*s", (int)(colon - uname), uname);
    }
    d->target = xstrdup(path);
    return true;
}

/* [ioemu:]NAME[:TYPE]. */
static bool dev_read(const char *dev, struct guest_disk *d)
{
    const char *s = strncmp(dev, "ioemu:", 6) ? dev : dev + 6;
    size_t n = strcspn(s, ":");
    struct vdev v;

    d->vdev = xasprintf("%.*s", (int)n, s);
    d->cdrom = !strcmp(s + n, ":cdrom");
    return vdev_parse(s, n, &v) && (!s[n] || d->cdrom || !strcmp(s + n, ":disk"));
}

bool xend_disk(const char *spec, struct guest_disk *d, char **why)
{
    char *copy = xstrdup(spec), *field[5] = {copy};
    size_t n = 1, type;

    *why = NULL;
    for (char *s = copy; *s; s++) {
        if (*s != ',')
            continue;
        if (n == 5)
            return false;
        *s = 0;
        field[n++] = s + 1;
    }
    for (size_t i = 0; i < sizeof(xl_only) / sizeof(xl_only[0]); i++) {
        if (!strncmp(spec, xl_only[i].prefix, strlen(xl_only[i].prefix))) {
            *why = xasprintf("xend has no disk '%s'; %s", xl_only[i].prefix, xl_only[i].instead);
            return false;
        }
    }
    type = 0;
    while (isalnum((unsigned char)field[0][type]))
        type++;
    if (n < 3 || (*field[0] && (!type || field[0][type] != ':')) ||
        (strcmp(field[2], "r") && strcmp(field[2], "w") && strcmp(field[2], "w!")))
        return false;
    /* formats are xl's prefixes, not types of xend's */
    if (!strncmp(spec, "raw:", 4) || !strncmp(spec, "qcow:", 5) || !strncmp(spec, "qcow2:", 6) ||
        !strncmp(spec, "vhd:", 4) || !strncmp(spec, "qed:", 4))
        return false;
    *d = (struct guest_disk){.spec = d->spec, .writable = *field[2] == 'w', .plain = true};
    if (!dev_read(field[1], d)) {
        *why = xasprintf("xend has no number for a disk '%s'", field[1]);
        return false;
    }
    if (!*field[0] && !d->cdrom) {
        *why = xstrdup("no file or device, which only a CD drive may lack");
        return false;
    }
    if (*field[0] && !uname_read(field[0], d, why))
        return false;
    d->domain = n > 3 && *field[3] ? field[3] : NULL;
    d->hvm_spec = xstrdup(spec);
    return true;
}

char *xend_compose(struct guest_disk *d)
{
    bool raw = !d->format || !strcmp(d->format, "raw");
    const char *type = "", *path = d->target ? d->target : "";
    struct vdev v;

    if (d->script && !strncmp(d->script, "block-", 6) && !strchr(d->script, '/'))
        return xasprintf("script=%s: write it as xend has it, '%s:%s,%s,%s'", d->script,
                         d->script + 6, path, d->vdev, d->writable ? "w" : "r");
    if (d->script)
        return xasprintf("script=%s, which xend has no form for; use a script block-TYPE in "
                         "/etc/xen/scripts and write TYPE:NAME",
                         d->script);
    if (!d->plain)
        return xstrdup("discard or direct-io-safe, which xend has no form for; remove it");
    if (strchr(path, ','))
        return xasprintf("a comma in '%s', which xend can't take", path);
    if (!vdev_parse(d->vdev, strlen(d->vdev), &v))
        return xasprintf("xend has no number for a disk '%s'", d->vdev);
    if (!*path && !d->cdrom)
        return xstrdup("no file or device, which only a CD drive may lack");
    if (!raw && strcmp(d->format, "qcow") && strcmp(d->format, "qcow2"))
        return xasprintf("format %s, which xend has no name for", d->format);
    if (raw && d->backend && !strcmp(d->backend, "tap"))
        return xasprintf("backendtype=tap: write it as xend has it, 'tap:aio:%s,%s,%s'", path,
                         d->vdev, d->writable ? "w" : "r");
    if (!raw)
        type = strcmp(d->format, "qcow") ? "tap:qcow2:" : "tap:qcow:";
    else if (*path)
        type = !strncmp(path, "/dev/", 5) || !strncmp(d->spec, "phy:", 4) ? "phy:" : "file:";
    d->hvm_spec =
        xasprintf("%s%s,%s%s,%s%s%s", type, path, d->vdev, d->cdrom ? ":cdrom" : "",
                  d->writable ? "w" : "r", d->domain ? "," : "", d->domain ? d->domain : "");
    return NULL;
}
