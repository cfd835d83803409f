// SPDX-License-Identifier: MIT
/* The disk=[...] half of guest.h. libxlutil parses the specifications, as xl does; what is meant
 * for xend may be in xend's own form (xenddisk.h). For xl and libvirt they are written again in the
 * keyword syntax with backend=0 added: the backend is dom0 by default anyway, but where it is
 * named, libxl (4.7 and later) gives the disk no emulated twin. So nothing but the PV backend ever
 * writes a disk, and what QEMU couldn't emulate - a read-only xvda, xvda1 beside xvda2
 * - is no problem. */
#include "guest.h"

#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xenddisk.h"

static const char *format_word(libxl_disk_format f)
{
    switch (f) {
    case LIBXL_DISK_FORMAT_QCOW:
        return "qcow";
    case LIBXL_DISK_FORMAT_QCOW2:
        return "qcow2";
    case LIBXL_DISK_FORMAT_VHD:
        return "vhd";
    case LIBXL_DISK_FORMAT_RAW:
        return "raw";
    case LIBXL_DISK_FORMAT_QED:
        return "qed";
    default:
        return NULL;
    }
}

static const char *backend_word(libxl_disk_backend b)
{
    switch (b) {
    case LIBXL_DISK_BACKEND_PHY:
        return "phy";
    case LIBXL_DISK_BACKEND_TAP:
        return "tap";
    case LIBXL_DISK_BACKEND_QDISK:
        return "qdisk";
    default:
        return NULL;
    }
}

static char *keyword_spec(const libxl_device_disk *d)
{
    struct buf b = {0};

    if (format_word(d->format))
        buf_addf(&b, "format=%s,", format_word(d->format));
    buf_addf(&b, "vdev=%s,access=%s,", d->vdev, d->readwrite ? "rw" : "ro");
    if (d->is_cdrom)
        buf_adds(&b, "devtype=cdrom,");
    if (backend_word(d->backend))
        buf_addf(&b, "backendtype=%s,", backend_word(d->backend));
    if (d->script)
        buf_addf(&b, "script=%s,", d->script);
    if (d->direct_io_safe)
        buf_adds(&b, "direct-io-safe,");
    if (d->discard_enable.val)
        buf_adds(&b, d->discard_enable.val > 0 ? "discard," : "no-discard,");
    buf_addf(&b, "backend=%s", d->backend_domname ? d->backend_domname : "0");
    /* The target is last because it may hold commas. A CD drive may have none. */
    if (d->pdev_path)
        buf_addf(&b, ",target=%s", d->pdev_path);
    return (char *)b.data;
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* Whether two parsed disks are the same but for the backend's domain. */
static bool same_disk(const libxl_device_disk *a, const libxl_device_disk *b)
{
    return same(a->pdev_path, b->pdev_path) && same(a->vdev, b->vdev) &&
           same(a->script, b->script) && a->format == b->format && a->backend == b->backend &&
           a->readwrite == b->readwrite && a->is_cdrom == b->is_cdrom &&
           a->removable == b->removable && a->direct_io_safe == b->direct_io_safe &&
           a->discard_enable.val == b->discard_enable.val && !a->colo_enable.val &&
           !b->colo_enable.val;
}

/* All-zero is what libxl_device_disk_init() sets up; we don't link libxenlight. */
static int parse(XLU_Config *x, const char *spec, libxl_device_disk *d)
{
    memset(d, 0, sizeof(*d));
    return xlu_disk_parse(x, 1, &spec, d);
}

static _Noreturn void refuse(const struct guest *g, size_t i, const char *why)
{
    cfg_die(&g->cfg, cfg_find(&g->cfg, "disk"), "entry %zu, '%s': %s", i + 1, g->disks[i].spec,
            why);
}

/* A specification as xl has it. `report`: libxlutil's words go there. */
static void read_xl(struct guest *g, size_t i, XLU_Config *x, FILE *f, char **report, size_t *len)
{
    struct guest_disk *d = &g->disks[i], other = {.spec = d->spec};
    libxl_device_disk parsed, again;
    char *said, *why;
    size_t before;

    fflush(f);
    before = *len;
    if (parse(x, d->spec, &parsed)) {
        fflush(f);
        said = xasprintf("%.*s", (int)strcspn(*report + before, "\n"), *report + before);
        if (xend_disk(d->spec, &other, &why))
            refuse(g, i,
                   other.domain ? xasprintf("xend's form, which xl can't take; write "
                                            "vdev=%s,access=%s,backend=%s,target=%s",
                                            other.vdev, other.writable ? "rw" : "ro", other.domain,
                                            other.target ? other.target : "")
                                : xstrdup("xend's form, which xl can't take; write access=rw for "
                                          "the mode, and see that nobody else has the disk"));
        refuse(g, i, *said ? said : "not a disk specification");
    }
    if (!parsed.vdev)
        refuse(g, i, "names no virtual device; add vdev=");
    d->vdev = xstrdup(parsed.vdev);
    d->cdrom = parsed.is_cdrom;
    d->writable = parsed.readwrite;
    d->target = parsed.pdev_path ? xstrdup(parsed.pdev_path) : NULL;
    d->format = format_word(parsed.format);
    d->backend = backend_word(parsed.backend);
    d->domain = parsed.backend_domname ? xstrdup(parsed.backend_domname) : NULL;
    d->script = parsed.script ? xstrdup(parsed.script) : NULL;
    d->plain = !parsed.direct_io_safe && !parsed.discard_enable.val;
    d->hvm_spec = keyword_spec(&parsed);
    if (parse(x, d->hvm_spec, &again) || !same_disk(&parsed, &again))
        refuse(g, i, "has a setting that can't be carried over");
    if (g->toolstack == TOOLSTACK_XM && (why = xend_compose(d)))
        refuse(g, i, why);
}

/* By name or by number, the guest would see one. */
static bool same_name(const char *a, const char *b)
{
    struct vdev x, y;

    if (!strcmp(a, b))
        return true;
    return vdev_parse(a, strlen(a), &x) && vdev_parse(b, strlen(b), &y) &&
           !strcmp(x.kind, y.kind) && x.disk == y.disk && x.part == y.part;
}

void guest_disks(struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "disk");
    char *report = NULL, *why;
    size_t report_len;
    FILE *f;
    XLU_Config *x;

    if (!k)
        return;
    if (k->value.str)
        cfg_die(&g->cfg, k, "is a string; write a list, disk=[ \"...\" ]");
    f = open_memstream(&report, &report_len);
    x = f ? xlu_cfg_init(f, g->cfg.path) : NULL;
    if (!x)
        die(EXIT_ENVIRONMENT, "out of memory");
    g->n_disks = k->value.n;
    g->disks = xcalloc(g->n_disks, sizeof(*g->disks));
    for (size_t i = 0; i < g->n_disks; i++) {
        struct guest_disk *d = &g->disks[i];

        d->spec = k->value.items[i].str;
        if (!d->spec)
            cfg_die(&g->cfg, k, "entry %zu is a list; write a string", i + 1);
        if (g->toolstack != TOOLSTACK_XM || !xend_disk(d->spec, d, &why)) {
            if (g->toolstack == TOOLSTACK_XM && why)
                refuse(g, i, why);
            read_xl(g, i, x, f, &report, &report_len);
        }
        for (size_t j = 0; j < i; j++)
            if (same_name(g->disks[j].vdev, d->vdev))
                cfg_die(&g->cfg, k, "entries %zu and %zu are both called %s", j + 1, i + 1,
                        d->vdev);
    }
    xlu_cfg_destroy(x);
    fclose(f);
    free(report);
}
