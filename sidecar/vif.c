// SPDX-License-Identifier: MIT
#include "vif.h"

#include <string.h>

const struct cfg_key *vif_key(const struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "vif");

    if (k && k->value.str)
        cfg_die(&g->cfg, k, "is a string; write a list, vif=[ \"...\" ]");
    for (size_t i = 0; k && i < k->value.n; i++)
        if (!k->value.items[i].str)
            cfg_die(&g->cfg, k, "entry %zu is a list; write a string", i + 1);
    return k;
}

/* xend doesn't take a config with any other word. */
static void check_xend(const struct guest *g, const struct cfg_key *k, size_t i, const char *word,
                       size_t n)
{
    static const char *const known[] = {"backend", "bridge", "ip",    "mac",   "script", "type",
                                        "vifname", "rate",   "model", "accel", "policy", "label"};

    for (size_t p = 0; p < sizeof(known) / sizeof(known[0]); p++)
        if (!strncmp(word, known[p], strlen(known[p])) && word[strlen(known[p])] == '=')
            return;
    cfg_die(&g->cfg, k, "entry %zu: xend takes no '%.*s'; remove it", i + 1, (int)n, word);
}

/* xend makes up as many as nics= says. */
static void write_more(struct buf *out, const struct guest *g, size_t have)
{
    long nics = g->toolstack == TOOLSTACK_XM ? cfg_long(&g->cfg, "nics", 0, -1, 64) : 0;

    for (; nics > (long)have; have++)
        buf_adds(out, have ? ", \"type=vif\"" : " \"type=vif\"");
}

/* model= and type= are about emulated cards. */
void vif_write(struct buf *out, const struct guest *g)
{
    const struct cfg_key *k = vif_key(g);

    if (!k && !(g->toolstack == TOOLSTACK_XM && cfg_long(&g->cfg, "nics", 0, -1, 64) > 0))
        return;
    buf_adds(out, "vif = [");
    for (size_t i = 0; k && i < k->value.n; i++) {
        const char *s = k->value.items[i].str;
        struct buf item = {0};

        while (*s) {
            size_t n = strcspn(s, ",");
            size_t blank = strspn(s, " \t");

            if (n > blank && g->toolstack == TOOLSTACK_XM)
                check_xend(g, k, i, s + blank, n - blank);
            if (n > blank && strncmp(s + blank, "model=", 6) && strncmp(s + blank, "type=", 5)) {
                buf_add(&item, s + blank, n - blank);
                buf_adds(&item, ",");
            }
            s += n + (s[n] == ',');
        }
        buf_adds(&item, "type=vif");
        buf_adds(out, i ? ", " : " ");
        cfg_write_string(out, (char *)item.data);
        buf_free(&item);
    }
    write_more(out, g, k ? k->value.n : 0);
    buf_adds(out, " ]\n");
}
