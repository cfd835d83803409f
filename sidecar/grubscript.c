// SPDX-License-Identifier: MIT
/* GRUB 2's third of bootmenu.h. Of its shell language we follow what grub-mkconfig and careful
 * hands write: quotes, variables, `if` with simple tests, menuentry, submenu. A condition that only
 * GRUB could answer counts as false. */
#include "bootmenu.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH  32
#define MAX_WORDS  256
#define MAX_VALUES ((size_t)16 << 20) /* bytes of all that variables are replaced by */

struct var {
    char *name, *value;
    struct var *next;
};

struct reader {
    struct boot_menu *m;
    const struct bls_file *bls; /* up to one without a name; NULL while their text is read */
    struct var *vars;
    const char *s;
    char *words[MAX_WORDS];
    size_t n;
    /* `if`s that we are in: whether this branch is taken, whether any branch was */
    struct {
        bool on, done;
    } ifs[MAX_DEPTH];
    size_t depth;
    int menu;      /* index of the submenu that we are in, or -1 */
    int entry;     /* index of the menuentry that we are in, or -1 */
    size_t skip;   /* braces open of a function that isn't read */
    size_t values; /* bytes put in for variables so far */
};

static const char *get(const struct reader *r, const char *name)
{
    for (const struct var *v = r->vars; v; v = v->next)
        if (!strcmp(v->name, name))
            return v->value;
    return "";
}

static void set(struct reader *r, const char *assignment)
{
    const char *eq = strchr(assignment, '=');
    struct var *v;

    if (!eq || eq == assignment)
        return;
    v = xmalloc(sizeof(*v));
    *v = (struct var){xasprintf("%.*s", (int)(eq - assignment), assignment), xstrdup(eq + 1),
                      r->vars};
    r->vars = v;
}

static void expand(struct reader *r, struct buf *out)
{
    bool brace = r->s[1] == '{';
    const char *name = r->s + 1 + brace;
    size_t n = 0;
    char *key;

    while (isalnum((unsigned char)name[n]) || name[n] == '_' || name[n] == '?')
        n++;
    key = xasprintf("%.*s", (int)n, name);
    /* a=$a$a, forty times over, must not fill the host's memory */
    if (r->values < MAX_VALUES && out->len < 65536) {
        buf_adds(out, get(r, key));
        r->values += strlen(get(r, key));
    }
    free(key);
    r->s = name + n + (brace && name[n] == '}');
}

/* Read the words of one command, up to `;`, a newline, or a brace on its own, which is a command
 * too. False at the end of the text. */
static bool command(struct reader *r)
{
    r->n = 0;
    for (;;) {
        struct buf w = {0};
        bool quoted = false, quotes = false;

        while (*r->s == ' ' || *r->s == '\t' || *r->s == '\r' || !strncmp(r->s, "\\\n", 2))
            r->s += 1 + (*r->s == '\\');
        if (*r->s == '#')
            r->s += strcspn(r->s, "\n");
        if (!*r->s)
            return r->n > 0;
        if (*r->s == '\n' || *r->s == ';') {
            r->s++;
            if (r->n)
                return true;
            continue;
        }
        buf_adds(&w, "");
        while (*r->s && (quoted || !strchr(" \t\r\n;", *r->s))) {
            quotes |= *r->s == '\'' || *r->s == '"';
            if (*r->s == '\'' && !quoted) {
                size_t n = strcspn(r->s + 1, "'");

                buf_add(&w, r->s + 1, n);
                r->s += n + 1;
                r->s += *r->s == '\'';
            } else if (*r->s == '"') {
                quoted = !quoted;
                r->s++;
            } else if (*r->s == '\\' && r->s[1]) {
                buf_add(&w, r->s + 1, 1);
                r->s += 2;
            } else if (*r->s == '$') {
                expand(r, &w);
            } else {
                buf_add(&w, r->s++, 1);
            }
        }
        /* As in a shell: an unset variable on its own leaves no word behind. */
        if (!w.len && !quotes)
            continue;
        if (r->n < MAX_WORDS)
            r->words[r->n++] = (char *)w.data;
        if (!strcmp((char *)w.data, "{") || !strcmp((char *)w.data, "}") ||
            (r->n == 1 && (!strcmp((char *)w.data, "then") || !strcmp((char *)w.data, "else"))))
            return true;
    }
}

/* The words after `if` or `elif`: only tests of strings have an answer here. */
static bool condition(char **w, size_t n)
{
    if (n < 3 || strcmp(w[0], "[") || strcmp(w[n - 1], "]"))
        return false;
    w++;
    n -= 2;
    if (n == 1)
        return *w[0];
    if (n == 2)
        return !strcmp(w[0], "-n") ? *w[1] : !strcmp(w[0], "-z") && !*w[1];
    if (n == 3 && (!strcmp(w[1], "=") || !strcmp(w[1], "==")))
        return !strcmp(w[0], w[2]);
    return n == 3 && !strcmp(w[1], "!=") && strcmp(w[0], w[2]);
}

static bool taken(const struct reader *r)
{
    for (size_t i = 0; i < r->depth; i++)
        if (!r->ifs[i].on)
            return false;
    return true;
}

/* if, elif, else, fi. True if the command was one of them. */
static bool branch(struct reader *r)
{
    const char *w = r->words[0];
    bool cond = condition(r->words + 1, r->n - 1);

    if (!strcmp(w, "if")) {
        if (r->depth < MAX_DEPTH) {
            r->ifs[r->depth].on = r->ifs[r->depth].done = cond;
            r->depth++;
        }
    } else if (r->depth && (!strcmp(w, "elif") || !strcmp(w, "else"))) {
        r->ifs[r->depth - 1].on = !r->ifs[r->depth - 1].done && (*(w + 2) == 's' || cond);
        r->ifs[r->depth - 1].done |= r->ifs[r->depth - 1].on;
    } else if (r->depth && !strcmp(w, "fi")) {
        r->depth--;
    } else {
        return !strcmp(w, "then");
    }
    return true;
}

static char *join(char **w, size_t n)
{
    struct buf b = {0};

    buf_adds(&b, "");
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, i ? " %s" : "%s", w[i]);
    return (char *)b.data;
}

static void open_entry(struct reader *r, bool submenu)
{
    struct boot_entry *e = bootmenu_add(r->m, r->n > 1 ? r->words[1] : "", r->menu);

    e->submenu = submenu;
    for (size_t i = 2; i < r->n; i++) {
        if (!strncmp(r->words[i], "--id=", 5))
            e->id = xstrdup(r->words[i] + 5);
        /* grub-mkconfig writes $menuentry_id_option, set to "--id" where GRUB knows it */
        else if (!strcmp(r->words[i], "--id") && i + 1 < r->n)
            e->id = xstrdup(r->words[i + 1]);
    }
    if (submenu)
        r->menu = (int)r->m->n - 1;
    else
        r->entry = (int)r->m->n - 1;
}

static void read_script(struct reader *r, const char *script);

/* blscfg: each file is an entry, and what it boots is said in the same language. */
static void bls_entries(struct reader *r)
{
    const struct bls_file *files = r->bls;
    const char *rest = r->s;

    r->bls = NULL;
    for (; files && files->name; files++) {
        struct bls_entry b;

        if (!bls_parse(files, &b))
            continue;
        bootmenu_add(r->m, b.title, r->menu)->id = b.id;
        r->entry = (int)r->m->n - 1;
        read_script(r, b.script);
        r->entry = -1;
    }
    r->bls = files;
    r->s = rest;
}

static void run(struct reader *r)
{
    const char *w = r->words[0];
    struct boot_entry *e = r->entry < 0 ? NULL : &r->m->entries[r->entry];

    if (!strcmp(w, "}")) {
        if (r->entry >= 0)
            r->entry = -1;
        else if (r->menu >= 0)
            r->menu = r->m->entries[r->menu].parent;
    } else if (branch(r)) {
        return;
    } else if (!taken(r) || !strcmp(w, "function")) {
        /* a whole block, and not just its first line */
        r->skip = !strcmp(r->words[r->n - 1], "{");
    } else if (!strcmp(w, "menuentry") || !strcmp(w, "submenu")) {
        open_entry(r, *w == 's');
    } else if (!strcmp(w, "set") && r->n > 1) {
        set(r, r->words[1]);
    } else if (!strcmp(w, "blscfg")) {
        bls_entries(r);
    } else if (e && r->n > 1 && !strncmp(w, "linux", 5)) {
        e->kernel = xstrdup(r->words[1]);
        e->args = join(r->words + 2, r->n - 2);
    } else if (e && r->n > 1 && !strncmp(w, "initrd", 6)) {
        e->initrds = xcalloc(r->n, sizeof(*e->initrds));
        for (size_t i = 1; i < r->n; i++)
            e->initrds[i - 1] = xstrdup(r->words[i]);
    } else if (r->n == 1 && strchr(w, '=')) {
        set(r, w);
    }
}

/* A block that isn't read ends where its braces do. */
static void read_script(struct reader *r, const char *script)
{
    r->s = script;
    while (command(r)) {
        const char *last = r->words[r->n - 1];

        if (r->skip) {
            r->skip += !strcmp(last, "{");
            r->skip -= !strcmp(last, "}");
        } else {
            run(r);
        }
    }
}

/* grubenv, but for the entry that is meant for one boot only. */
static void load_env(struct reader *r, const char *env)
{
    size_t n;

    for (; env && *env; env += n + (env[n] == '\n')) {
        n = strcspn(env, "\n");
        if (*env != '#' && strncmp(env, "next_entry=", 11))
            set(r, xasprintf("%.*s", (int)n, env));
    }
}

void bootmenu_grub2(struct boot_menu *m, const char *text, const char *env,
                    const struct bls_file *bls)
{
    struct reader r = {.m = m, .bls = bls, .menu = -1, .entry = -1};

    *m = (struct boot_menu){0};
    set(&r, "menuentry_id_option=--id");
    set(&r, "feature_menuentry_id=y");
    load_env(&r, env);
    read_script(&r, text);
    m->def = xstrdup(get(&r, "default"));
    m->pygrub_def = pygrub_default(text);
}
