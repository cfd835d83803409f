// SPDX-License-Identifier: MIT
#include "cfgfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xmcfg.h"

char *cfgfile_read(const char *path, struct buf *b)
{
    /* a FIFO that nobody writes to would keep us in open() */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    char *why = NULL;

    if (fd < 0 || fstat(fd, &st))
        why = xstrdup(strerror(errno));
    else if (S_ISDIR(st.st_mode))
        why = xstrdup(strerror(EISDIR));
    else if (!S_ISREG(st.st_mode))
        why = xstrdup("is no regular file; copy it to one");
    else if (st.st_size > (off_t)CFG_MAX_BYTES)
        why = xstrdup("has more than 1 MiB; no domain config has, name another file");
    if (fd >= 0)
        close(fd);
    if (!why && (errno = read_file(path, b)))
        why = xstrdup(strerror(errno));
    return why;
}

/* What a domain's config sets, the first four known by their place to look(). */
static const char *const keys[] = {"name", "type",  "builder", "memory",  "kernel",
                                   "disk", "vif",   "vcpus",   "maxmem",  "bootloader",
                                   "root", "extra", "ramdisk", "bootargs"};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

struct seen {
    bool set[N_KEYS];
    char *value[3];
};

/* The text as assignments, each on a line of its own, whatever else stands there. */
static void scan_lines(const char *s, struct seen *out)
{
    for (size_t n; *s; s += n + (s[n] == '\n')) {
        const char *key = s + strspn(s, " \t"), *v;
        size_t len = 0;

        n = strcspn(s, "\n");
        while (isalnum((unsigned char)key[len]) || key[len] == '_')
            len++;
        v = key + len;
        v += strspn(v, " \t");
        v += *v == '+';
        if (*v != '=' || v[1] == '=')
            continue;
        v++;
        v += strspn(v, " \t");
        for (size_t i = 0; i < N_KEYS; i++) {
            if (strlen(keys[i]) != len || strncmp(keys[i], key, len))
                continue;
            out->set[i] = true;
            if (i < 3 && (*v == '"' || *v == '\''))
                out->value[i] = xasprintf("%.*s", (int)strcspn(v + 1, "\"'\n"), v + 1);
        }
    }
}

static void look_xl(XLU_Config *x, struct seen *out)
{
    XLU_ConfigList *l;
    const char *s;

    for (size_t i = 0; i < N_KEYS; i++) {
        bool string = !xlu_cfg_get_string(x, keys[i], &s, 1);

        if (string && i < 3)
            out->value[i] = xstrdup(s);
        out->set[i] = string || !xlu_cfg_get_list(x, keys[i], &l, NULL, 1);
    }
}

static void look_xm(const struct cfg *cfg, struct seen *out)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        const struct cfg_key *k = cfg_find(cfg, keys[i]);

        out->set[i] = k;
        if (k && k->value.str && i < 3)
            out->value[i] = xstrdup(k->value.str);
    }
}

struct cfg_look cfgfile_look(const char *path, const struct buf *text)
{
    struct cfg_look look = {.pv = true};
    struct cfg cfg = {.path = xstrdup(path)};
    struct seen seen = {0};
    FILE *null = fopen("/dev/null", "w");
    XLU_Config *x = null ? xlu_cfg_init(null, path) : NULL;
    const char *s = text->len ? (const char *)text->data : "";
    size_t n = 0;

    /* a shell's script assigns, too */
    if (!x || memchr(s, 0, text->len) || text->len > CFG_MAX_BYTES ||
        (!strncmp(s, "#!", 2) && strstr(xasprintf("%.*s", (int)strcspn(s, "\n"), s), "sh")))
        return look;
    if (!xlu_cfg_readdata(x, s, (int)text->len))
        look_xl(x, &seen);
    else if (!xm_parse(text, &cfg))
        look_xm(&cfg, &seen);
    else
        scan_lines(s, &seen);
    xlu_cfg_destroy(x);
    fclose(null);
    for (size_t i = 0; i < N_KEYS; i++)
        n += seen.set[i];
    look.domain = n >= 2;
    look.name = seen.value[0];
    if (seen.value[1])
        look.pv = !strcmp(seen.value[1], "pv");
    else if (seen.value[2])
        look.pv = !strcmp(seen.value[2], "generic") || !strcmp(seen.value[2], "linux");
    return look;
}
