// SPDX-License-Identifier: MIT
#include "cmdline.h"

#include <stdlib.h>
#include <string.h>

/* The value of a key, or `unset`. */
static const char *value(const struct cfg *cfg, const char *key, const char *unset)
{
    const struct cfg_key *k = cfg_find(cfg, key);
    const char *s = k && !k->value.str && !k->value.n ? "" : cfg_string(cfg, key);

    return s ? s : unset;
}

/* "ip=" and a word behind it, wherever it stands: xend's own search finds "skip=1", too. */
static bool has_ip(const char *s)
{
    while ((s = strstr(s, "ip="))) {
        s += 3;
        if (*s && *s != ' ')
            return true;
    }
    return false;
}

/* create.py's preprocess_ip() and preprocess_nfs(), XendConfig.py's update_with_image_sxp(), alike
 * in 3.4 and 4.1. `nfsroot=` has "root=" in it, so there is no root= beside it. */
static char *xend_cmdline(const struct cfg *cfg)
{
    const char *server = value(cfg, "nfs_server", ""), *nfs = value(cfg, "nfs_root", "");
    const char *ip = value(cfg, "ip", ""), *dhcp = value(cfg, "dhcp", "off");
    const char *root = value(cfg, "root", "");
    char *args = xstrdup(value(cfg, "extra", ""));

    if (*nfs) {
        if (!*server)
            cfg_die(cfg, cfg_find(cfg, "nfs_root"), "wants nfs_server=, too; add it");
        args = xasprintf("nfsroot=%s:%s %s", server, nfs, args);
    }
    if ((*ip || strcmp(dhcp, "off")) && !has_ip(args)) {
        ip += strncmp(ip, "ip=", 3) ? 0 : 3;
        args = xasprintf("ip=%s:%s:%s:%s:%s:%s:%s %s", ip, *server ? server : "127.0.255.255",
                         value(cfg, "gateway", ""), value(cfg, "netmask", ""),
                         value(cfg, "hostname", ""), value(cfg, "interface", "eth0"), dhcp, args);
    }
    root += strncmp(root, "root=", 5) ? 0 : 5;
    if (*root && !strstr(args, "root="))
        args = xasprintf("root=%s %s", root, args);
    return args;
}

static char *xl_cmdline(const struct cfg *cfg)
{
    const char *cmdline = cfg_string(cfg, "cmdline");
    const char *root = cfg_string(cfg, "root"), *extra = cfg_string(cfg, "extra");

    if (cmdline) {
        if (root || extra)
            warn("%s:%u: cmdline: root= and extra= are ignored beside it, as xl does", cfg->path,
                 cfg_find(cfg, "cmdline")->line);
        return xstrdup(cmdline);
    }
    if (root && extra)
        return xasprintf("root=%s %s", root, extra);
    if (root)
        return xasprintf("root=%s", root);
    return xstrdup(extra ? extra : "");
}

char *guest_cmdline(const struct cfg *cfg, enum toolstack toolstack)
{
    const struct cfg_key *k = cfg_find(cfg, "cmdline");
    const char *nfs = cfg_string(cfg, "nfs_root");

    if (toolstack != TOOLSTACK_XM) {
        if (!nfs || !*nfs)
            return xl_cmdline(cfg);
        warn(
            "%s:%u: nfs_root: goes to the command line as xend makes it; xl itself doesn't read it",
            cfg->path, cfg_find(cfg, "nfs_root")->line);
        return xend_cmdline(cfg);
    }
    if (!k)
        return xend_cmdline(cfg);
    if (cfg_find(cfg, "root") || cfg_find(cfg, "extra") || (nfs && *nfs)) {
        warn(
            "%s:%u: cmdline: left out; xend doesn't read it, and makes its own of root= and extra=",
            cfg->path, k->line);
        return xend_cmdline(cfg);
    }
    warn("%s:%u: cmdline: is the guest's command line now; xend itself doesn't read it", cfg->path,
         k->line);
    return xstrdup(cfg_string(cfg, "cmdline"));
}
