// SPDX-License-Identifier: MIT
#include "iso.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* Where distributions put GRUB's BIOS parts, and what they call its tool. */
static const char *const grub_dirs[] = {"/usr/lib/grub/i386-pc", "/usr/lib/grub2/i386-pc",
                                        "/usr/share/grub2/i386-pc"};
static const char *const grub_tools[] = {"grub-mkimage", "grub2-mkimage"};

static const char *grub_dir, *grub_mkimage, *xorriso;

/* All that a sidecar's script uses; dependencies follow by themselves. */
static const char *const modules[] = {"normal", "iso9660", "biosdisk", "multiboot2", "gzio", "xzio",
                                      "lzopio", "serial",  "echo",     "sleep",      "halt"};

const char *iso_packing(enum packing packing)
{
    static const char *const words[] = {"none", "gz", "xz", "lzo"};

    return words[packing];
}

const char *iso_mkimage(void)
{
    return grub_mkimage;
}

const char *iso_grub_dir(void)
{
    return grub_dir;
}

const char *iso_xorriso(void)
{
    return xorriso;
}

void iso_check_mkimage(void)
{
    for (size_t i = 0; !grub_mkimage && i < sizeof(grub_tools) / sizeof(grub_tools[0]); i++)
        if (tool_in_path(grub_tools[i]))
            grub_mkimage = grub_tools[i];
    if (!grub_mkimage)
        die(EXIT_ENVIRONMENT, "grub-mkimage not found; install grub-common (or grub2-tools)");
}

void iso_check_tools(void)
{
    const char *wanted = getenv("MK_SIDECAR_GRUB_DIR"); /* for tests and unusual hosts */

    if (wanted)
        grub_dir = wanted;
    for (size_t i = 0; !grub_dir && i < sizeof(grub_dirs) / sizeof(grub_dirs[0]); i++)
        if (!access(grub_dirs[i], R_OK))
            grub_dir = grub_dirs[i];
    iso_check_mkimage();
    if (!grub_dir)
        die(EXIT_ENVIRONMENT,
            "GRUB's i386-pc files not found; install grub-pc-bin (or grub2-pc-modules)");
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        char *file = xasprintf("%s/%s.mod", grub_dir, modules[i]);

        if (access(file, R_OK))
            die(EXIT_ENVIRONMENT, "%s: %s; install grub-pc-bin again", file, strerror(errno));
        free(file);
    }
    xorriso = tool_path("xorriso");
    if (!xorriso)
        die(EXIT_ENVIRONMENT, "xorriso not found; install xorriso");
}

static void make_core(const struct output *o, const char *core)
{
    struct args a = {0};

    tool_arg(&a, grub_mkimage);
    tool_arg(&a, "-d");
    tool_arg(&a, grub_dir);
    tool_arg(&a, "-O");
    tool_arg(&a, "i386-pc-eltorito");
    tool_arg(&a, "-p");
    tool_arg(&a, "/boot/grub");
    tool_arg(&a, "-o");
    tool_arg(&a, core);
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        tool_arg(&a, modules[i]);
    tool_run(o, &a);
}

void iso_make(const struct output *o, const char *out, const struct iso_file *files, size_t n)
{
    char *core = output_path(o, "eltorito.img"), *iso = output_path(o, out);
    struct args a = {0};

    /* xorriso takes the dates and the identity of the ISO from this variable; those of the files in
     * it want an option besides. */
    setenv("SOURCE_DATE_EPOCH", "1514764800", 0);
    make_core(o, core);
    tool_arg(&a, "xorriso");
    tool_arg(&a, "-as");
    tool_arg(&a, "mkisofs");
    tool_arg(&a, "-quiet");
    tool_arg(&a, "-r"); /* no owners and no umask of the host */
    tool_arg(&a, "--set_all_file_dates");
    tool_arg(&a, xasprintf("=%s", getenv("SOURCE_DATE_EPOCH")));
    tool_arg(&a, "-V");
    tool_arg(&a, "SIDECAR");
    tool_arg(&a, "-o");
    tool_arg(&a, iso);
    tool_arg(&a, "-b");
    tool_arg(&a, "boot/grub/eltorito.img");
    tool_arg(&a, "-no-emul-boot");
    tool_arg(&a, "-boot-load-size");
    tool_arg(&a, "4");
    tool_arg(&a, "-boot-info-table");
    tool_arg(&a, "--grub2-boot-info");
    /* The same image boots as a hard disk too. */
    tool_arg(&a, "--grub2-mbr");
    tool_arg(&a, xasprintf("%s/boot_hybrid.img", grub_dir));
    tool_arg(&a, "-graft-points");
    tool_arg(&a, xasprintf("/boot/grub/eltorito.img=%s", core));
    for (size_t i = 0; i < n; i++) {
        struct buf path = {0};

        /* In a graft point '=' and '\' of a path are escaped. */
        for (const char *s = files[i].path; *s; s++) {
            if (*s == '=' || *s == '\\')
                buf_adds(&path, "\\");
            buf_add(&path, s, 1);
        }
        tool_arg(&a, xasprintf("/%s=%s", files[i].name, path.data));
    }
    tool_run(o, &a);
    /* Tools of this kind have been seen to fail with status 0. */
    if (access(iso, R_OK))
        die(EXIT_ENVIRONMENT, "xorriso made no ISO and said nothing; install xorriso again");
}
