// SPDX-License-Identifier: MIT
#include "pvgrub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootdisk.h"
#include "iso.h"
#include "tool.h"

static const char *const dirs[] = {"/usr/lib/grub", "/usr/lib/grub2", "/usr/share/grub2"};
/* Of the guest being made, since pvgrub_check(). */
static const char *dir;

static const char *platform(const struct guest *g)
{
    return g->narrow ? "i386-xen" : "x86_64-xen";
}

/* All that a guest's grub.cfg may use. `insmod` of what is here reads nothing from the guest's
 * disk, where the module would be of another GRUB version or for another platform. */
static const char *const modules[] = {
    /* our own needs */
    "normal", "memdisk", "tar", "configfile", "legacycfg", "regexp", "test", "echo", "sleep",
    "halt", "reboot",
    /* where a configuration or a kernel may lie */
    "part_msdos", "part_gpt", "lvm", "mdraid09", "mdraid1x", "diskfilter", "ext2", "xfs", "btrfs",
    "zstd", "reiserfs", "jfs", "f2fs", "fat", "iso9660", "squash4", "zfs",
    /* what it's packed with */
    "gzio", "xzio", "lzopio",
    /* what grub-mkconfig writes */
    "linux", "loadenv", "search", "search_fs_uuid", "search_fs_file", "search_label", "true",
    "eval", "gettext", "all_video", "gfxterm", "font", "minicmd", "cat", "ls", "date", "cpuid",
    "probe", "loopback", "password_pbkdf2", "terminal", "blocklist", "read", "syslinuxcfg"};

/* The rescue parser of GRUB's core runs this; it has no `for`. */
static const char bootstrap[] = "normal (memdisk)/grub.cfg\n";

/* What is looked for in a place, $1, and how it is run. */
static const char look_grub2[] = "  for dir in " GRUB2_DIRS "; do\n"
                                 "    if [ -s \"$1$dir/grub.cfg\" ]; then\n"
                                 "      regexp -s root '^\\((.*)\\)$' \"$1\"\n"
                                 "      prefix=\"$1$dir\"\n"
                                 "      export root prefix\n"
                                 "      found=1\n"
                                 "      configfile \"$1$dir/grub.cfg\"\n"
                                 "    fi\n"
                                 "  done\n";
static const char look_legacy[] =
    "  for file in /boot/grub/menu.lst /grub/menu.lst /boot/grub/grub.conf /grub/grub.conf; do\n"
    "    if [ -s \"$1$file\" ]; then\n"
    "      regexp -s root '^\\((.*)\\)$' \"$1\"\n"
    "      export root\n"
    "      found=1\n"
    "      legacy_configfile \"$1$file\"\n"
    "    fi\n"
    "  done\n";

/* First where guests usually have it, in the order of the disks; then everywhere GRUB sees a file
 * system, which includes LVM and RAID. configfile comes back only if nothing was booted. */
static const char search[] =
    "for disk in xvda sda hda xvdb; do\n"
    "  for part in '' ,1 ,2 ,3 ,4 1 2 3; do\n"
    "    look \"(xen/$disk$part)\"\n"
    "  done\n"
    "done\n"
    "for device in (*); do\n"
    "  look \"$device\"\n"
    "done\n"
    "for minute in 1 2 3 4 5 6 7 8 9 10; do\n"
    "  if [ -n \"$found\" ]; then\n"
    "    echo 'sidecar: the GRUB configuration of this guest booted nothing'\n"
    "  else\n"
    "    echo 'sidecar: no grub.cfg or menu.lst found on the disks of this guest'\n"
    "  fi\n"
    "  sleep 60\n"
    "done\n"
    "halt\n";

/* The menu that the config names comes before all others. */
static char *script(const struct guest *g)
{
    struct buf b = {0};

    buf_addf(&b, "function look {\n%s%s}\n", g->legacy_first ? look_legacy : look_grub2,
             g->legacy_first ? look_grub2 : look_legacy);
    if (g->menu)
        buf_addf(&b,
                 "if [ -s \"%s\" ]; then\n"
                 "  root=%.*s\n"
                 "  export root\n"
                 "  found=1\n"
                 "  legacy_configfile \"%s\"\n"
                 "fi\n",
                 g->menu, (int)strcspn(g->menu + 1, ")"), g->menu + 1, g->menu);
    buf_adds(&b, search);
    return (char *)b.data;
}

void pvgrub_check(const struct guest *g)
{
    /* for tests and unusual hosts */
    const char *wanted =
        getenv(g->narrow ? "MK_SIDECAR_GRUB_XEN32_DIR" : "MK_SIDECAR_GRUB_XEN_DIR");

    dir = wanted;
    for (size_t i = 0; !dir && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        char *path = xasprintf("%s/%s", dirs[i], platform(g));

        if (!access(path, R_OK))
            dir = path;
        else
            free(path);
    }
    if (!dir || access(dir, R_OK))
        die(EXIT_ENVIRONMENT, "GRUB's %s files not found; install grub-xen-bin (or grub2-%s)",
            platform(g), platform(g));
}

struct hash pvgrub_identity(const struct guest *g)
{
    struct hash h;
    int err = hash_dir(dir, &h);
    char *all;

    if (err)
        die(EXIT_ENVIRONMENT, "%s: %s", dir, strerror(err));
    all = xasprintf("%s%s%s", h.hex, bootstrap, script(g));
    h = hash_bytes(all, strlen(all));
    free(all);
    return h;
}

/* One file in a tar archive as GRUB reads it, with no dates and no owners. */
static void tar(struct buf *out, const char *name, const char *text)
{
    static const uint8_t zeros[1024];
    char header[512] = {0};
    size_t len = strlen(text);
    unsigned sum = 0;

    snprintf(header, 100, "%s", name);
    snprintf(header + 100, 8, "%07o", 0644);
    snprintf(header + 108, 8, "%07o", 0);
    snprintf(header + 116, 8, "%07o", 0);
    snprintf(header + 124, 12, "%011o", (unsigned)len & 0xffffff);
    snprintf(header + 136, 12, "%011o", 0);
    memset(header + 148, ' ', 8);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof(header); i++)
        sum += (uint8_t)header[i];
    snprintf(header + 148, 7, "%06o", sum);
    buf_add(out, header, sizeof(header));
    buf_add(out, text, len);
    buf_add(out, zeros, -len % 512);
    buf_add(out, zeros, sizeof(zeros));
}

void pvgrub_make(const struct output *o, const struct guest *g, struct kernel *k)
{
    struct args a = {0};
    struct buf memdisk = {0}, image = {0};
    char *reason;
    int err;

    tar(&memdisk, "grub.cfg", script(g));
    output_write(o, "pvgrub.tar", memdisk.data, memdisk.len);
    output_write(o, "pvgrub.cfg", bootstrap, sizeof(bootstrap) - 1);
    tool_arg(&a, iso_mkimage());
    tool_arg(&a, "-d");
    tool_arg(&a, dir);
    tool_arg(&a, "-O");
    tool_arg(&a, platform(g));
    tool_arg(&a, "-p");
    tool_arg(&a, "(memdisk)");
    tool_arg(&a, "-c");
    tool_arg(&a, output_path(o, "pvgrub.cfg"));
    tool_arg(&a, "-m");
    tool_arg(&a, output_path(o, "pvgrub.tar"));
    tool_arg(&a, "-o");
    tool_arg(&a, output_path(o, "pvgrub"));
    /* Distributions leave out some; what a guest misses, its own configuration says. */
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        char *file = xasprintf("%s/%s.mod", dir, modules[i]);

        if (!access(file, R_OK))
            tool_arg(&a, modules[i]);
        free(file);
    }
    tool_run(o, &a);
    err = read_file(output_path(o, "pvgrub"), &image);
    if (err)
        die(EXIT_ENVIRONMENT, "%s made no PV GRUB: %s", iso_mkimage(), strerror(err));
    reason = kernel_load(&image, k);
    if (reason)
        die(EXIT_ENVIRONMENT, "the PV GRUB of %s: %s; install grub-xen-bin again", dir, reason);
    buf_free(&image);
}
