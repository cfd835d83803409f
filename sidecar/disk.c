// SPDX-License-Identifier: MIT
/* The disk=[...] half of guest.h. The specification strings are parsed by libxlutil, as xl does,
 * only to know what they mean; they go to the HVM config unchanged. */
#include "guest.h"

#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "a" -> 0 ... "z" -> 25, "aa" -> 26; returns the number of letters. */
static size_t letters(const char *s, int *unit)
{
    size_t n = 0;
    int u = 0;

    while (s[n] >= 'a' && s[n] <= 'z' && n < 4)
        u = u * 26 + (s[n++] - 'a' + 1);
    *unit = u - 1;
    return n;
}

/* Split a vdev in unit and partition. Other forms ("d0p1", plain numbers) are left to xl. */
static void split_vdev(struct guest_disk *d)
{
    const char *s = d->vdev;
    size_t n;

    d->unit = -1;
    if (!strncmp(s, "/dev/", 5))
        s += 5;
    d->scsi = !strncmp(s, "sd", 2);
    if (!strncmp(s, "xvd", 3))
        s += 3;
    else if (!strncmp(s, "hd", 2) || d->scsi)
        s += 2;
    else
        return;
    n = letters(s, &d->unit);
    if (!n)
        d->unit = -1;
    d->partition = s[n] != 0;
}

void guest_disks(struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "disk");
    char *report = NULL;
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
        libxl_device_disk parsed;

        d->spec = k->value.items[i].str;
        if (!d->spec)
            cfg_die(&g->cfg, k, "entry %zu is a list; write a string", i + 1);
        /* All-zero is what libxl_device_disk_init() sets up; we don't link libxenlight. */
        memset(&parsed, 0, sizeof(parsed));
        if (xlu_disk_parse(x, 1, &d->spec, &parsed)) {
            fflush(f);
            report[strcspn(report, "\n")] = 0;
            cfg_die(&g->cfg, k, "entry %zu, '%s': %s", i + 1, d->spec,
                    *report ? report : "not a disk specification");
        }
        if (!parsed.vdev)
            cfg_die(&g->cfg, k, "entry %zu, '%s': names no virtual device; add vdev=", i + 1,
                    d->spec);
        d->vdev = xstrdup(parsed.vdev);
        d->cdrom = parsed.is_cdrom;
        d->writable = parsed.readwrite;
        split_vdev(d);
    }
    xlu_cfg_destroy(x);
    fclose(f);
    free(report);
}
