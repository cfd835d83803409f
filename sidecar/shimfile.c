// SPDX-License-Identifier: MIT
#include "shimfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header is a multiple of 8 from the start of the file, all in its first 32 KiB: magic,
 * architecture 0 (i386), length, and a checksum that makes the four add up to 0. */
static bool has_multiboot2(const struct buf *b)
{
    for (size_t i = 0; i + 16 <= b->len && i + 16 <= 32768; i += 8) {
        const uint8_t *p = b->data + i;

        if (le32(p) == 0xe85250d6 && !le32(p + 4) &&
            (uint32_t)(le32(p) + le32(p + 4) + le32(p + 8) + le32(p + 12)) == 0)
            return true;
    }
    return false;
}

void shim_find(const char **path)
{
    struct buf b = {0};
    int err;

    if (!*path)
        *path = SHIM_INSTALLED;
    err = read_file(*path, &b);
    if (err)
        die(EXIT_ENVIRONMENT, "%s: %s; build the shim with `make`, or name its image by --shim",
            *path, strerror(err));
    if (!has_multiboot2(&b))
        die(EXIT_ENVIRONMENT, "%s: has no Multiboot 2 header, so it isn't the shim; see --shim",
            *path);
    buf_free(&b);
}

/* "xen-shim VERSION build ID" as the image or the ISO in `b` has it (allocated), or NULL. See
 * xen-shim/l0/ident.S; scripts/shim-version.sh does the same for hosts without this program. */
static char *shim_ident(const struct buf *b)
{
    static const char start[] = "xen-shim ";
    const uint8_t *p = b->data, *end = b->data + b->len;

    while (p && (p = memmem(p, (size_t)(end - p), start, sizeof(start) - 1))) {
        char id[41];
        int n = 0;

        /* a buffer ends in a NUL, so this goes no further */
        if (sscanf((const char *)p, "xen-shim %*31[^ ] build %40[0-9a-f]%n", id, &n) == 1 &&
            strlen(id) == 40)
            return xasprintf("%.*s", n, (const char *)p);
        p += sizeof(start) - 1;
    }
    return NULL;
}

void shim_print(const char *path)
{
    struct buf b = {0};
    char *ident;

    if (!path)
        path = SHIM_INSTALLED;
    if (read_file(path, &b))
        return;
    ident = shim_ident(&b);
    printf("%s: %s\n", path, ident ? ident : "a shim without a version");
    free(ident);
    buf_free(&b);
}
