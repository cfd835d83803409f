// SPDX-License-Identifier: MIT
#include "loader.h"

#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

struct pv_grub pv_grub_named(const char *path)
{
    static const char *const narrow[] = {"x86_32", "i386", "i686", "pvgrub32"};
    const char *base = base_name(path);
    bool legacy = !strncmp(base, "pv-grub", 7);
    bool grub2 = !strncmp(base, "pvgrub", 6) || !strncmp(base, "grub-x86_64-xen", 15) ||
                 !strncmp(base, "grub-i386-xen", 13);
    struct pv_grub grub = {.kind = legacy ? PV_GRUB_LEGACY : PV_GRUB_2};

    /* SUSE's file has its kind in the name of its directory only */
    if (!strcmp(base, "grub.xen"))
        return (struct pv_grub){PV_GRUB_2, strstr(path, "i386-xen") != NULL};
    if (!legacy && !grub2)
        return (struct pv_grub){0};
    if (strstr(base, "pvh"))
        return (struct pv_grub){.kind = PV_GRUB_PVH};
    for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++)
        grub.narrow |= strstr(base, narrow[i]) != NULL;
    return grub;
}

/* Of any kind but PV_GRUB_PVH. */
static struct pv_grub check_grub(const struct guest *g, const char *name)
{
    const char *path = cfg_string(&g->cfg, name);
    struct pv_grub grub = pv_grub_named(path);

    if (grub.kind == PV_GRUB_PVH)
        cfg_die(&g->cfg, cfg_find(&g->cfg, name),
                "'%s' is a GRUB for PVH, and this config's guest is PV; name the PV GRUB "
                "(grub-x86_64-xen.bin, or grub-i386-xen.bin for a 32-bit guest)",
                path);
    return grub;
}

enum loader loader_of(const struct guest *g, struct pv_grub *grub)
{
    static const char *const network[] = {"pypxeboot", "xenpvnetboot"};
    const struct cfg_key *k = cfg_find(&g->cfg, "bootloader");
    const char *path = cfg_string(&g->cfg, "bootloader"), *base;
    const char *kernel = cfg_string(&g->cfg, "kernel");
    struct pv_grub found = {0};

    if (!path || !*path) {
        if (kernel && *kernel)
            found = check_grub(g, "kernel");
        if (grub)
            *grub = found;
        return found.kind ? LOADER_PVGRUB : LOADER_NONE;
    }
    base = base_name(path);
    found = check_grub(g, "bootloader");
    if (grub)
        *grub = found;
    if (found.kind)
        return LOADER_PVGRUB;
    if (!strcmp(base, "pygrub"))
        return LOADER_PYGRUB;
    if (!strcmp(base, "domUloader.py") || !strcmp(base, "domUloader"))
        return LOADER_DOMULOADER;
    for (size_t i = 0; i < sizeof(network) / sizeof(network[0]); i++)
        if (!strcmp(base, network[i]))
            cfg_die(&g->cfg, k,
                    "'%s' loads the kernel from the network; copy kernel and initrd to the host "
                    "and name them by kernel= and ramdisk=, without bootloader=",
                    path);
    cfg_die(&g->cfg, k,
            "'%s' isn't pygrub, domUloader or a PV GRUB, and what it would boot isn't known here; "
            "name kernel and initrd by kernel= and ramdisk=, without bootloader=, or use "
            "--universal if the guest has GRUB on its disk",
            path);
}

/* The words of a string, parted at blanks; quotes keep blanks together, as a shell has it. */
static char **split(const char *s, bool quotes)
{
    char **words = xcalloc(strlen(s) / 2 + 2, sizeof(*words));
    size_t n = 0;

    while (*(s += strspn(s, " \t\n"))) {
        struct buf w = {0};

        buf_adds(&w, "");
        while (*s && !strchr(" \t\n", *s)) {
            size_t len = 1;

            if (quotes && (*s == '\'' || *s == '"')) {
                len = strcspn(s + 1, (char[]){*s, 0});
                buf_add(&w, s + 1, len);
                s += 1 + len;
                s += *s != 0;
                continue;
            }
            buf_add(&w, s, len);
            s++;
        }
        words[n++] = (char *)w.data;
    }
    return words;
}

/* The value of option `name` in *w, "--name=VALUE" or "--name" "VALUE"; steps over the latter. */
static const char *option(char ***w, const char *name)
{
    size_t n = strlen(name);

    if (strncmp(**w, name, n))
        return NULL;
    if ((**w)[n] == '=')
        return **w + n + 1;
    if ((**w)[n] || !(*w)[1])
        return NULL;
    return *++*w;
}

static void read_words(const struct guest *g, struct loader_args *a, char **w)
{
    static const char *const harmless[] = {"", "-q", "--quiet", "-i", "--interactive", "--debug"};
    const char *v;

    for (; *w; w++) {
        bool known = false;

        for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
            known |= !strcmp(*w, harmless[i]);
        if ((v = option(&w, "--entry")))
            a->entry = v;
        else if ((v = option(&w, "--kernel")))
            a->kernel = v;
        else if ((v = option(&w, "--ramdisk")))
            a->ramdisk = v;
        else if (!known)
            cfg_die(&g->cfg, a->key, "'%s' is no argument we know; see --entry of mk-sidecar", *w);
    }
}

static struct loader_args read_key(const struct guest *g, const char *name)
{
    struct loader_args a = {.key = cfg_find(&g->cfg, name)};
    const struct cfg_value *v = a.key ? &a.key->value : NULL;
    char **words;

    if (!v || (v->str ? !v->str[strspn(v->str, " \t\n")] : !v->n))
        return (struct loader_args){0};
    if (!strcmp(name, "bootentry")) {
        a.entry = cfg_string(&g->cfg, name);
        return a;
    }
    if (v->str) {
        words = split(v->str, strcmp(name, "bootloader_args"));
    } else {
        words = xcalloc(v->n + 1, sizeof(*words));
        for (size_t i = 0; i < v->n; i++) {
            if (!v->items[i].str)
                cfg_die(&g->cfg, a.key, "entry %zu is a list; write a string", i + 1);
            words[i] = v->items[i].str;
        }
    }
    read_words(g, &a, words);
    return a;
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

struct loader_args loader_args(const struct guest *g)
{
    static const char *const keys[] = {"bootloader_args", "bootargs", "bootentry"};
    struct loader_args out = {0}, a;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        a = read_key(g, keys[i]);
        if (!a.key)
            continue;
        /* `-q` alone names nothing */
        if (!a.entry && !a.kernel && !a.ramdisk && out.key)
            continue;
        if (out.key && (out.entry || out.kernel || out.ramdisk) &&
            (!same(a.entry, out.entry) || !same(a.kernel, out.kernel) ||
             !same(a.ramdisk, out.ramdisk)))
            cfg_die(&g->cfg, a.key, "names another entry than %s=; remove one of them",
                    out.key->name);
        out = a;
    }
    return out;
}
