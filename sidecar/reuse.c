// SPDX-License-Identifier: MIT
#include "reuse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iso.h"
#include "tool.h"

bool reuse_find(const struct store *s, const struct hash *kernel, const char *packing,
                struct hash *donor)
{
    char *lines[] = {xasprintf("kernel %s", kernel->hex), xasprintf("packing %s", packing), NULL};
    char *sum = NULL;
    bool found =
        store_find(s, (const char *const *)lines, donor) &&
        (sum = store_says(s, donor, REUSE_VMLINUX)); /* not if a builder of before made it */

    free(lines[0]);
    free(lines[1]);
    free(sum);
    return found;
}

bool reuse_initrd(const struct store *s, const struct hash *initrd)
{
    char *lines[] = {xasprintf("initrd %s", initrd->hex), NULL};
    struct hash key;
    bool found = store_find(s, (const char *const *)lines, &key);

    free(lines[0]);
    return found;
}

bool reuse_kernel(const struct store *s, const struct hash *donor, const struct output *o,
                  const char *file)
{
    char *path = output_path(o, file), *sum = store_says(s, donor, REUSE_VMLINUX);
    struct args a = {0};
    struct buf said = {0};
    struct hash h;
    bool good;

    tool_arg(&a, iso_xorriso());
    tool_arg(&a, "-osirrox");
    tool_arg(&a, "on");
    tool_arg(&a, "-indev");
    tool_arg(&a, store_path(s, donor));
    tool_arg(&a, "-extract");
    tool_arg(&a, "/boot/vmlinux");
    tool_arg(&a, path);
    good = !tool_read(&a, 65536, &said) && sum && !hash_anew(path, &h) && !strcmp(h.hex, sum);
    if (!good)
        unlink(path);
    buf_free(&said);
    free(sum);
    free(path);
    return good;
}
