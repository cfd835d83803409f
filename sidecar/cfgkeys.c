// SPDX-License-Identifier: MIT
#include "cfgkeys.h"

#include <stdio.h>
#include <string.h>

#include "hvmcfg.h"

static const char *const toolstack_names[] = {"xl", "xend", "libvirt"};

const struct key_rule *cfgkeys_row(size_t i)
{
    static const struct key_rule *const parts[] = {key_rules_self, key_rules_devices,
                                                   key_rules_other};

    for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
        for (const struct key_rule *r = parts[p]; r->name; r++)
            if (!i--)
                return r;
    return NULL;
}

const struct key_rule *cfgkeys_find(const struct cfg_key *k, const struct key_rule **wrong)
{
    const struct key_rule *r, *first = NULL;

    for (size_t i = 0; (r = cfgkeys_row(i)); i++) {
        if (strcmp(r->name, k->name))
            continue;
        if (keyform_fits(r->form, &k->value))
            return r;
        if (!first)
            first = r;
    }
    if (wrong)
        *wrong = first;
    return NULL;
}

/* What is left out: whether it did anything, why it is lost, what to write instead. */
static void tell(const struct cfg *cfg, const struct cfg_key *k, const struct key_rule *r,
                 enum toolstack toolstack)
{
    bool xl = r->readers & READ_XL;
    bool reads = toolstack == TOOLSTACK_XM ? r->readers & READ_XM : xl;
    const char *semicolon = *r->note ? "; " : "";

    if (r->fate[toolstack] == KEY_DROPPED) {
        if (!reads && r->form != FORM_EMPTY)
            warn("%s:%u: %s: left out; %s doesn't read it, so nothing changes", cfg->path, k->line,
                 k->name, toolstack_names[toolstack == TOOLSTACK_XM]);
    } else if (xl && r->fate[TOOLSTACK_XL] == KEY_WARNED) {
        warn("%s:%u: %s: left out; %s", cfg->path, k->line, k->name, r->note);
    } else if (!reads) {
        warn("%s:%u: %s: left out; %s doesn't read it, %s does%s%s", cfg->path, k->line, k->name,
             toolstack_names[toolstack == TOOLSTACK_XM], toolstack_names[toolstack != TOOLSTACK_XM],
             semicolon, r->note);
    } else {
        warn("%s:%u: %s: left out; libvirt's XML has no place for it", cfg->path, k->line, k->name);
    }
}

/* A value in no form that the key has. Of keys that are left out anyway it isn't looked at. */
static void check_form(const struct cfg *cfg, const struct cfg_key *k, const struct key_rule *first,
                       enum toolstack toolstack)
{
    const struct key_rule *r;
    struct buf forms = {0};

    if (first->form == FORM_EMPTY && first[1].name && !strcmp(first[1].name, first->name))
        first++;
    if (first->fate[toolstack] == KEY_WARNED || first->fate[toolstack] == KEY_DROPPED) {
        tell(cfg, k, first, toolstack);
        return;
    }
    for (r = first; r->name && !strcmp(r->name, k->name); r++)
        if (r->form != FORM_EMPTY)
            buf_addf(&forms, "%s%s", forms.len ? "; or " : "", keyform_words(r->form));
    for (size_t i = 0; i < k->value.n; i++)
        if (!k->value.items[i].str)
            cfg_die(cfg, k, "entry %zu is a list; write a string", i + 1);
    if (!k->value.str)
        cfg_die(cfg, k, "is a list; write a %s", (char *)forms.data);
    if (first->form == FORM_DISKS || first->form == FORM_VIFS || first->form == FORM_LIST)
        cfg_die(cfg, k, "is a string; write a list, %s=[ \"...\" ]", k->name);
    if (first->form == FORM_NUMBER)
        cfg_die(cfg, k, "'%s' is not a number", k->value.str);
    cfg_die(cfg, k, "'%s' is none of its forms; write a %s", k->value.str, (char *)forms.data);
}

/* The keys of xend's ip= word, which is also made for xl where there is an NFS root: cmdline.c. */
static bool for_nfs(const struct cfg *cfg, const struct key_rule *r)
{
    const struct cfg_key *nfs = cfg_find(cfg, "nfs_root");

    return nfs && nfs->value.str && *nfs->value.str && !(r->readers & READ_XL) &&
           r->form == FORM_STRING && r->fate[TOOLSTACK_XM] == KEY_ADAPTED;
}

void cfgkeys_check(const struct cfg *cfg, enum toolstack toolstack)
{
    for (size_t i = 0; i < cfg->n; i++) {
        const struct cfg_key *k = &cfg->keys[i];
        const struct key_rule *first = NULL, *r = cfgkeys_find(k, &first);

        if (!r && first)
            check_form(cfg, k, first, toolstack);
        else if (!r)
            warn("%s:%u: %s: left out; no toolstack reads it, so nothing changes", cfg->path,
                 k->line, k->name);
        else if (r->fate[toolstack] == KEY_REFUSED)
            cfg_die(cfg, k, "%s", r->note);
        else if ((r->fate[toolstack] == KEY_WARNED || r->fate[toolstack] == KEY_DROPPED) &&
                 !for_nfs(cfg, r))
            tell(cfg, k, r, toolstack);
    }
}

/* xend takes no number for a string, and Python no string for a number. */
static void write_xend(struct buf *out, const struct key_rule *r, const struct cfg_value *v)
{
    bool number = r->form == FORM_NUMBER || r->form == FORM_BOOL || r->form == FORM_TSC;
    long n = 0;

    if (number && keyform_number(v, &n))
        buf_addf(out, "%ld", n);
    else if (v->str)
        cfg_write_string(out, v->str);
    else
        cfg_write_value(out, v);
}

void cfgkeys_write(struct buf *out, const struct guest *g)
{
    for (size_t i = 0; i < g->cfg.n; i++) {
        const struct cfg_key *k = &g->cfg.keys[i];
        const struct key_rule *r = cfgkeys_find(k, NULL);

        if (!r || r->fate[g->toolstack] != KEY_KEPT || !strcmp(k->name, "name"))
            continue;
        buf_addf(out, "%s = ", k->name);
        if (g->toolstack == TOOLSTACK_XM)
            write_xend(out, r, &k->value);
        else
            cfg_write_value(out, &k->value);
        buf_adds(out, "\n");
    }
}

static const char *fate_word(char fate)
{
    switch ((enum key_fate)fate) {
    case KEY_KEPT:
        return "kept";
    case KEY_ADAPTED:
        return "adapted";
    case KEY_DROPPED:
        return "-";
    case KEY_WARNED:
        return "warned";
    default:
        return "refused";
    }
}

void cfgkeys_print(void)
{
    static const char *const absent[] = {"", "refused", "written"};
    const struct key_rule *r;

    puts("| key | read by | form | xl | xm | libvirt | absent | what becomes of it |\n"
         "|---|---|---|---|---|---|---|---|");
    for (size_t i = 0; (r = cfgkeys_row(i)); i++) {
        const char *xm = (r->readers & READ_XM) == READ_XM ? "3.4, 4.1"
                         : r->readers & READ_41            ? "4.1"
                         : r->readers & READ_34            ? "3.4"
                                                           : "";

        printf("| `%s` | %s%s%s%s | %s | %s | %s | %s | %s | %s |\n", r->name,
               r->readers & READ_XL ? "xl" : "", r->readers & READ_XL && *xm ? ", " : "", xm,
               r->readers & READ_OLD ? ", others" : "", keyform_words(r->form),
               fate_word(r->fate[TOOLSTACK_XL]), fate_word(r->fate[TOOLSTACK_XM]),
               fate_word(r->fate[TOOLSTACK_LIBVIRT]), absent[r->absent], r->note);
    }
}
