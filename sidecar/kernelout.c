// SPDX-License-Identifier: MIT
#include "kernelout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel.h"
#include "output.h"

void kernel_out(const char *kernel, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    char *dir = slash == file
                    ? xstrdup("/")
                    : xasprintf("%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    struct buf packed = {0};
    struct output o;
    struct kernel k;
    struct stat st;
    char *reason;
    int err = read_file(kernel, &packed);

    if (err)
        die(EXIT_GUEST, "%s: %s", kernel, strerror(err));
    if (!*name || (!stat(file, &st) && !S_ISREG(st.st_mode)))
        die(EXIT_USAGE, "%s: not a name for a file", file);
    reason = kernel_load(&packed, &k);
    if (reason)
        die(EXIT_GUEST, "%s: %s", kernel, reason);
    output_begin(&o, dir, xasprintf(".%s-unpack.tmp", name));
    output_lock(&o, true);
    output_write(&o, "kernel", k.elf.data, k.elf.len);
    output_commit(&o, "kernel", name);
    output_end(&o);
    buf_free(&packed);
    buf_free(&k.elf);
    free(dir);
}
