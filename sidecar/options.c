// SPDX-License-Identifier: MIT
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfgkeys.h"
#include "grubcfg.h"
#include "shimfile.h"

static const char usage_text[] =
    "Usage: mk-sidecar [OPTION]... GUEST.cfg\n"
    "       mk-sidecar [OPTION]... --all DIR|GUEST.cfg...\n"
    "       mk-sidecar [-o DIR] --list|--verify [NAME]... | --prune\n"
    "       mk-sidecar --unpack KERNEL FILE\n"
    "Make a bootable sidecar and an HVM config of a Xen PV guest's config.\n"
    "\n"
    "  -o, --output DIR        put NAME-sidecar.iso and NAME-hvm.cfg there (default: .)\n"
    "      --universal         a sidecar that boots what the guest has on its disk; the same for "
    "all\n"
    "      --entry N|NAME      with bootloader=: the entry of the guest's boot menu to take\n"
    "      --toolstack xl|xl4.4|xm|libvirt\n"
    "                          whose config to write: xl's (default), that of an xl of Xen 4.2 to "
    "4.4,\n"
    "                          xend's, or NAME-hvm.xml for virsh\n"
    "      --medium cd|ahci|firmware\n"
    "                          what the guest boots the sidecar from (default: cd); firmware: one "
    "file in\n"
    "                          hvmloader's place, NAME-sidecar.elf, and no drive\n"
    "      --compress lzo|gz|xz|none  how the kernel is packed (default: lzo; gz with --medium "
    "firmware)\n"
    "      --iso-path PATH     the sidecar's path on the Xen host, if it will be moved; ends in / "
    "if\n"
    "                          it's the directory\n"
    "      --shim FILE         the shim's image\n"
    "      --shim-cmdline WORDS  command line of the shim\n"
    "      --rebuild           make the sidecar anew even if the store has it\n"
    "  -n, --dry-run           check everything, write nothing, show what would change in "
    "NAME-hvm.cfg\n"
    "      --print             write the HVM config to standard output and nothing else\n"
    "  -q, --quiet             say nothing but warnings and errors\n"
    "\n"
    "A fleet:\n"
    "      --all               convert all these configs, and those in directories\n"
    "  -j, --jobs N            that many at once (default: one for each processor)\n"
    "      --list              what was made in the output directory\n"
    "      --verify            whether it still fits config, kernel and shim\n"
    "      --prune             remove sidecars that no guest uses any more\n"
    "\n"
    "      --unpack KERNEL     write the kernel's ELF image to FILE, for hosts that start the "
    "shim\n"
    "                          themselves (pvshim=1)\n"
    "      --keys              list what becomes of each config key\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "Exit status: 0 done, 1 a guest can't be converted or doesn't fit any more, 2 usage, 3 "
    "environment.\n";

static const char *const toolstacks[] = {"xl", "xm", "libvirt", "xl4.4", NULL},
                         *const media[] = {"cd", "ahci", "firmware", NULL},
                         *const packings[] = {"none", "gz", "xz", "lzo", NULL};

enum { OLD_XL = TOOLSTACK_LIBVIRT + 1 }; /* among the toolstacks' names */

enum {
    UNIVERSAL = 256,
    ENTRY,
    TOOLSTACK,
    MEDIUM,
    COMPRESS,
    ISO_PATH,
    SHIM,
    SHIM_CMDLINE,
    REBUILD,
    ALL,
    LIST,
    VERIFY,
    PRUNE,
    UNPACK,
    KEYS,
    PRINT
};

static const struct option longs[] = {
    {"output", required_argument, NULL, 'o'},
    {"universal", no_argument, NULL, UNIVERSAL},
    {"entry", required_argument, NULL, ENTRY},
    {"toolstack", required_argument, NULL, TOOLSTACK},
    {"medium", required_argument, NULL, MEDIUM},
    {"compress", required_argument, NULL, COMPRESS},
    {"iso-path", required_argument, NULL, ISO_PATH},
    {"shim", required_argument, NULL, SHIM},
    {"shim-cmdline", required_argument, NULL, SHIM_CMDLINE},
    {"rebuild", no_argument, NULL, REBUILD},
    {"dry-run", no_argument, NULL, 'n'},
    {"print", no_argument, NULL, PRINT},
    {"quiet", no_argument, NULL, 'q'},
    {"all", no_argument, NULL, ALL},
    {"jobs", required_argument, NULL, 'j'},
    {"list", no_argument, NULL, LIST},
    {"verify", no_argument, NULL, VERIFY},
    {"prune", no_argument, NULL, PRUNE},
    {"unpack", required_argument, NULL, UNPACK},
    {"keys", no_argument, NULL, KEYS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

static _Noreturn void bad_usage(const char *what)
{
    die(EXIT_USAGE, "%s; see mk-sidecar --help", what);
}

/* The index of `value` in `names`; if it's none of them, `rule` says what it may be. */
static int one_of(const char *const *names, const char *value, const char *rule)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value))
            return i;
    bad_usage(rule);
}

/* Options that are on when they are there. */
static bool *flag(struct options *opt, int c)
{
    switch (c) {
    case 'n':
        return &opt->dry_run;
    case 'q':
        return &opt->quiet;
    case UNIVERSAL:
        return &opt->universal;
    case REBUILD:
        return &opt->rebuild;
    case PRINT:
        return &opt->print;
    case ALL:
        return &opt->all;
    default:
        return NULL;
    }
}

static long jobs(const char *value)
{
    char *end;
    long n = strtol(value, &end, 10);

    if (*end || n < 1 || n > 1024)
        bad_usage("--jobs takes a number from 1 to 1024");
    return n;
}

static void act(struct options *opt, enum action action)
{
    if (opt->action != ACT_CONVERT)
        bad_usage("--list, --verify and --prune are three commands");
    opt->action = action;
}

/* One option. False if there is none of that number. */
static bool take(struct options *opt, int c, const char *value)
{
    bool *on = flag(opt, c);

    if (on)
        return *on = true;
    switch (c) {
    case 'o':
        opt->out_dir = value;
        return true;
    case 'j':
        opt->jobs = jobs(value);
        return true;
    case ENTRY:
        opt->entry = value;
        return true;
    case TOOLSTACK: {
        int t = one_of(toolstacks, value, "--toolstack takes xl, xl4.4, xm or libvirt");

        opt->old_xl = t == OLD_XL;
        opt->toolstack = opt->old_xl ? TOOLSTACK_XL : (enum toolstack)t;
        return true;
    }
    case MEDIUM:
        opt->medium = (enum medium)one_of(media, value, "--medium takes cd, ahci or firmware");
        return true;
    case COMPRESS:
        opt->packing =
            (enum packing)one_of(packings, value, "--compress takes gz, xz, lzo or none");
        return true;
    case ISO_PATH:
        opt->iso_path = value;
        return true;
    case SHIM:
        opt->shim = value;
        return true;
    case SHIM_CMDLINE:
        opt->shim_cmdline = value;
        return true;
    case LIST:
        act(opt, ACT_LIST);
        return true;
    case VERIFY:
        act(opt, ACT_VERIFY);
        return true;
    case PRUNE:
        act(opt, ACT_PRUNE);
        return true;
    case UNPACK:
        opt->action = ACT_UNPACK;
        opt->unpack = value;
        return true;
    default:
        return false;
    }
}

const char *options_ext(const struct options *opt)
{
    return opt->medium == MEDIUM_FIRMWARE ? ".elf" : ".iso";
}

static void check(const struct options *opt)
{
    if (opt->universal && opt->entry)
        bad_usage("--entry doesn't go with --universal: the guest's boot menu decides");
    if (opt->toolstack == TOOLSTACK_XM && opt->medium == MEDIUM_AHCI)
        bad_usage("--medium ahci doesn't go with --toolstack xm: its device model has no AHCI");
    if (opt->toolstack == TOOLSTACK_LIBVIRT && opt->medium == MEDIUM_FIRMWARE)
        bad_usage(
            "--medium firmware doesn't go with --toolstack libvirt: its XML can't name what is "
            "loaded in hvmloader's place; take cd or ahci");
    if (opt->medium == MEDIUM_FIRMWARE && (opt->packing == PACK_XZ || opt->packing == PACK_LZO))
        bad_usage(
            "--medium firmware takes --compress gz or none: the toolstack unpacks nothing else");
    if (opt->action != ACT_CONVERT && opt->all)
        bad_usage("--all goes with conversions only");
    if (opt->action == ACT_PRUNE && opt->n_args)
        bad_usage("--prune takes no guest names");
    if (opt->action == ACT_UNPACK && opt->n_args != 1)
        bad_usage("--unpack takes a kernel and the file to write");
    if (opt->action != ACT_CONVERT)
        return;
    if (!opt->n_args)
        bad_usage("no guest config given");
    if (opt->n_args > 1 && !opt->all)
        bad_usage("more than one guest config given, without --all");
    if (opt->all && opt->print)
        bad_usage("--print is for one guest");
    if (opt->iso_path && !ends_with(opt->iso_path, "/") &&
        (opt->all || !ends_with(opt->iso_path, options_ext(opt))))
        bad_usage(
            "--iso-path names a directory, with '/' at its end, or one guest's file: *.iso, or "
            "*.elf with --medium firmware");
}

/* LZO is what GRUB unpacks fastest; libxc knows gzip only. */
static enum packing usual_packing(enum medium medium)
{
    return medium == MEDIUM_FIRMWARE ? PACK_GZ : PACK_LZO;
}

enum packing options_packing(const struct options *opt)
{
    return opt->packing != PACK_DEFAULT ? opt->packing : usual_packing(opt->medium);
}

bool options_packing_usual(const struct options *opt)
{
    return options_packing(opt) == usual_packing(opt->medium);
}

void options_parse(int argc, char **argv, struct options *opt)
{
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "o:nqj:hV", longs, NULL)) != -1) {
        if (c == KEYS) {
            cfgkeys_print();
            exit(EXIT_DONE);
        } else if (c == 'h') {
            fputs(usage_text, stdout);
            exit(EXIT_DONE);
        } else if (c == 'V') {
            puts("mk-sidecar " VERSION);
            shim_print(opt->shim); /* the front names it before the user's options */
            exit(EXIT_DONE);
        } else if (c == SHIM_CMDLINE && !grub_exact(optarg)) {
            bad_usage("--shim-cmdline takes printable ASCII without quotes and backslashes");
        } else if (!take(opt, c, optarg)) {
            bad_usage(xasprintf("unknown or incomplete option '%s'", argv[optind - 1]));
        }
    }
    opt->args = argv + optind;
    opt->n_args = (size_t)(argc - optind);
    check(opt);
}

void options_record(struct buf *out, const char *prefix, const struct options *opt)
{
    if (opt->universal)
        buf_addf(out, "%s--universal\n", prefix);
    if (opt->entry)
        buf_addf(out, "%s--entry=%s\n", prefix, opt->entry);
    if (opt->toolstack != TOOLSTACK_XL || opt->old_xl)
        buf_addf(out, "%s--toolstack=%s\n", prefix,
                 toolstacks[opt->old_xl ? OLD_XL : (int)opt->toolstack]);
    if (opt->medium != MEDIUM_CD)
        buf_addf(out, "%s--medium=%s\n", prefix, media[opt->medium]);
    if (!options_packing_usual(opt))
        buf_addf(out, "%s--compress=%s\n", prefix, iso_packing(options_packing(opt)));
    if (opt->iso_path)
        buf_addf(out, "%s--iso-path=%s\n", prefix, opt->iso_path);
    if (*opt->shim_cmdline)
        buf_addf(out, "%s--shim-cmdline=%s\n", prefix, opt->shim_cmdline);
}

bool options_recall(struct options *opt, char *word)
{
    char *eq = strchr(word, '=');

    if (strncmp(word, "--", 2))
        return false;
    if (eq)
        *eq = 0;
    for (const struct option *o = longs; o->name; o++)
        if (!strcmp(o->name, word + 2) && (eq != NULL) == (o->has_arg == required_argument))
            return take(opt, o->val, eq ? eq + 1 : NULL);
    return false;
}
