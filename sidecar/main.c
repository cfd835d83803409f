// SPDX-License-Identifier: MIT
/* The builder: one PV config in, a sidecar ISO and an HVM config out. scripts/mk-sidecar.sh runs
 * it. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cfgkeys.h"
#include "grubcfg.h"
#include "hvmcfg.h"
#include "iso.h"
#include "pvgrub.h"
#include "shimfile.h"

struct options {
    const char *out_dir, *iso_path, *shim, *shim_cmdline;
    enum medium medium;
    enum packing packing;
    const char *entry;
    bool quiet, print, dry_run, universal;
};

static const char usage_text[] =
    "Usage: mk-sidecar.sh [OPTION]... GUEST.cfg\n"
    "Make a bootable sidecar and an HVM config of a Xen PV guest's config.\n"
    "\n"
    "  -o, --output DIR        put NAME-sidecar.iso and NAME-hvm.cfg there (default: .)\n"
    "      --universal         a sidecar that boots what the guest has on its disk; the same for "
    "all\n"
    "      --entry N|NAME      with bootloader=: the entry of the guest's boot menu to take\n"
    "      --medium cd|ahci    what the guest boots the sidecar from (default: cd)\n"
    "      --compress gz|xz|none  how the kernel is packed in the sidecar (default: gz)\n"
    "      --iso-path PATH     the sidecar's path on the Xen host, if it will be moved\n"
    "      --shim FILE         the shim's image\n"
    "      --shim-cmdline WORDS  command line of the shim\n"
    "  -n, --dry-run           check everything, write nothing, show what would change in "
    "NAME-hvm.cfg\n"
    "      --print             write the HVM config to standard output and nothing else\n"
    "  -q, --quiet             say nothing but warnings and errors\n"
    "      --keys              list what becomes of each config key\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "Exit status: 0 done, 1 the guest can't be converted, 2 usage, 3 environment.\n";

/* `diff -u` of the config that stands there (or nothing) and the new one. */
static void show_diff(const char *old, const struct buf *new)
{
    FILE *f;
    int status;
    char *cmd = xasprintf("diff -u --label \"$OLD\" --label \"$OLD\" -- \"$FROM\" -");

    setenv("OLD", old, 1);
    setenv("FROM", access(old, R_OK) ? "/dev/null" : old, 1);
    fflush(stdout);
    f = popen(cmd, "w");
    if (!f || fwrite(new->data, 1, new->len, f) != new->len)
        die(EXIT_ENVIRONMENT, "can't run diff: %s", strerror(errno));
    status = pclose(f);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        die(EXIT_ENVIRONMENT, "diff failed; install diffutils");
    free(cmd);
}

static void build(struct guest *g, const struct options *opt)
{
    /* One for all guests; no guest's own sidecar can be called so. */
    char *iso_name = g->boot == BOOT_UNIVERSAL ? xstrdup("universal.iso")
                                               : xasprintf("%s-sidecar.iso", g->name),
         *cfg_name = xasprintf("%s-hvm.cfg", g->name);
    struct buf packed = {0}, script = {0}, hvm = {0};
    struct iso_file files[5];
    struct output o;
    const char *iso_path = opt->iso_path;
    char *dir = realpath(opt->out_dir, NULL);
    size_t n = 0;

    if (!dir)
        die(EXIT_ENVIRONMENT, "%s: %s; make the directory first", opt->out_dir, strerror(errno));
    if (!iso_path)
        iso_path = xasprintf("%s/%s", dir, iso_name);
    hvmcfg_write(&hvm, g, iso_path, opt->medium);
    if (opt->print) {
        fwrite(hvm.data, 1, hvm.len, stdout);
        return;
    }
    if (opt->dry_run) {
        show_diff(xasprintf("%s/%s", dir, cfg_name), &hvm);
        return;
    }
    grub_script(&script, opt->shim_cmdline, g->cmdline, g->ramdisk_path != NULL);

    output_begin(&o, dir, g->name);
    if (g->boot == BOOT_UNIVERSAL)
        pvgrub_make(&o, &g->kernel);
    if (opt->packing == PACK_GZ)
        pack_gzip(g->kernel.elf.data, g->kernel.elf.len, &packed);
    else if (opt->packing == PACK_XZ)
        pack_xz(g->kernel.elf.data, g->kernel.elf.len, &packed);
    else
        packed = g->kernel.elf;
    output_write(&o, "vmlinux", packed.data, packed.len);
    output_write(&o, "grub.cfg", script.data, script.len);
    files[n++] = (struct iso_file){"boot/grub/grub.cfg", output_path(&o, "grub.cfg")};
    files[n++] = (struct iso_file){"boot/xen-shim", opt->shim};
    files[n++] = (struct iso_file){"boot/vmlinux", output_path(&o, "vmlinux")};
    if (g->ramdisk_path) {
        output_write(&o, "initrd", g->ramdisk.data, g->ramdisk.len);
        files[n++] = (struct iso_file){"boot/initrd", output_path(&o, "initrd")};
    }
    if (!grub_exact(g->cmdline)) {
        output_write(&o, "cmdline", g->cmdline, strlen(g->cmdline));
        files[n++] = (struct iso_file){"boot/cmdline", output_path(&o, "cmdline")};
    }
    iso_make(&o, "iso", files, n);
    output_write(&o, "cfg", hvm.data, hvm.len);
    /* The ISO first: a config never names a sidecar that isn't there. */
    output_commit(&o, "iso", iso_name);
    output_commit(&o, "cfg", cfg_name);
    if (!opt->quiet)
        printf("%s: %s/%s and %s; %s kernel%s%s, memory %ld MiB + %ld for the shim\n", g->name, dir,
               iso_name, cfg_name, g->kernel.xen.guest_os[0] ? g->kernel.xen.guest_os : "PV",
               g->kernel.packing ? " from " : "", g->kernel.packing ? g->kernel.packing : "",
               g->memory, hvm_memory(g->memory) - g->memory);
}

static _Noreturn void bad_usage(const char *what)
{
    die(EXIT_USAGE, "%s; see mk-sidecar.sh --help", what);
}

static void parse_options(int argc, char **argv, struct options *opt)
{
    enum { UNIVERSAL = 256, ENTRY, MEDIUM, COMPRESS, ISO_PATH, SHIM, SHIM_CMDLINE, KEYS, PRINT };
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},
        {"universal", no_argument, NULL, UNIVERSAL},
        {"entry", required_argument, NULL, ENTRY},
        {"medium", required_argument, NULL, MEDIUM},
        {"compress", required_argument, NULL, COMPRESS},
        {"iso-path", required_argument, NULL, ISO_PATH},
        {"shim", required_argument, NULL, SHIM},
        {"shim-cmdline", required_argument, NULL, SHIM_CMDLINE},
        {"dry-run", no_argument, NULL, 'n'},
        {"print", no_argument, NULL, PRINT},
        {"quiet", no_argument, NULL, 'q'},
        {"keys", no_argument, NULL, KEYS},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "o:nqhV", longs, NULL)) != -1) {
        switch (c) {
        case 'o':
            opt->out_dir = optarg;
            break;
        case UNIVERSAL:
            opt->universal = true;
            break;
        case ENTRY:
            opt->entry = optarg;
            break;
        case MEDIUM:
            if (strcmp(optarg, "cd") && strcmp(optarg, "ahci"))
                bad_usage("--medium takes cd or ahci");
            opt->medium = *optarg == 'c' ? MEDIUM_CD : MEDIUM_AHCI;
            break;
        case COMPRESS:
            if (strcmp(optarg, "gz") && strcmp(optarg, "xz") && strcmp(optarg, "none"))
                bad_usage("--compress takes gz, xz or none");
            opt->packing = *optarg == 'g' ? PACK_GZ : *optarg == 'x' ? PACK_XZ : PACK_NONE;
            break;
        case ISO_PATH:
            opt->iso_path = optarg;
            break;
        case SHIM:
            opt->shim = optarg;
            break;
        case SHIM_CMDLINE:
            opt->shim_cmdline = optarg;
            break;
        case 'n':
            opt->dry_run = true;
            break;
        case PRINT:
            opt->print = true;
            break;
        case 'q':
            opt->quiet = true;
            break;
        case KEYS:
            cfgkeys_print();
            exit(EXIT_DONE);
        case 'h':
            fputs(usage_text, stdout);
            exit(EXIT_DONE);
        case 'V':
            puts("mk-sidecar " VERSION);
            shim_print(opt->shim); /* the front names it before the user's options */
            exit(EXIT_DONE);
        default:
            bad_usage(xasprintf("unknown or incomplete option '%s'", argv[optind - 1]));
        }
    }
    if (opt->universal && opt->entry)
        bad_usage("--entry doesn't go with --universal: the guest's boot menu decides");
    if (optind == argc)
        bad_usage("no guest config given");
    if (argc - optind > 1)
        bad_usage("more than one guest config given");
    if (!grub_exact(opt->shim_cmdline))
        bad_usage("--shim-cmdline takes printable ASCII without quotes and backslashes");
}

int main(int argc, char **argv)
{
    struct options opt = {.out_dir = ".", .packing = PACK_GZ, .shim_cmdline = ""};
    struct guest g = {0};
    struct buf text = {0};
    int err;

    parse_options(argc, argv, &opt);
    err = read_file(argv[optind], &text);
    if (err)
        die(EXIT_GUEST, "%s: %s", argv[optind], strerror(err));
    if (!opt.print) {
        shim_find(&opt.shim);
        iso_check_tools();
    }
    cfg_parse(argv[optind], &text, &g.cfg);
    g.universal = opt.universal;
    g.entry = opt.entry;
    guest_load(&g);
    if (g.boot == BOOT_UNIVERSAL && !opt.print)
        pvgrub_check();
    build(&g, &opt);
    return EXIT_DONE;
}
