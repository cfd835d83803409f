// SPDX-License-Identifier: MIT
/* The matrix of cfgkeys.h: every key, in each of its forms and in forms that it doesn't have, for
 * each toolstack. What becomes of it must be what the table says, which docs/CONFIG.md shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "test.h"

#include "../../../sidecar/cfgkeys.h"
#include "../../../sidecar/hvmcfg.h"
#include "../../../sidecar/libvirtxml.h"

static jmp_buf out;
static char died[1024], warned[8192];

_Noreturn void __wrap_die(int code, const char *fmt, ...);
void __wrap_warn(const char *fmt, ...);
_Noreturn void __wrap_die(int code, const char *fmt, ...)
{
    va_list ap;

    (void)code;
    va_start(ap, fmt);
    vsnprintf(died, sizeof(died), fmt, ap);
    va_end(ap);
    longjmp(out, 1);
}
void __wrap_warn(const char *fmt, ...)
{
    size_t n = strlen(warned);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(warned + n, sizeof(warned) - n, fmt, ap);
    va_end(ap);
    n = strlen(warned);
    snprintf(warned + n, sizeof(warned) - n, "\n");
}

/* Values as a config has them. The first is none that a default has. */
static const char *const legal[N_FORMS][6] = {
    [FORM_ANY] = {"7", "\"x\"", "[ \"x\" ]"},
    [FORM_EMPTY] = {"\"\"", "[]"},
    [FORM_STRING] = {"\"xy\""},
    [FORM_NUMBER] = {"7", "\"7\"", "0x7"},
    [FORM_BOOL] = {"1", "0", "\"1\""},
    [FORM_LIST] = {"[ \"x\", \"y\" ]"},
    [FORM_WORDS] = {"\"-q\"", "[ \"-q\", \"--entry=1\" ]"},
    [FORM_UUID] = {"\"0b1c2d3e-4f50-6172-8394-a5b6c7d8e9fa\"",
                   "\"0b1c2d3e4f5061728394a5b6c7d8e9fa\""},
    [FORM_CPUS] = {"\"1-3,^2\"", "\"2\"", "[ \"0-1\" ]"},
    [FORM_CPUWORDS] = {"\"all,^5\"", "\"node:0\"", "[ \"nodes:0-1,^node:0\" ]"},
    [FORM_EVENT] = {"\"preserve\"", "\"destroy\"", "\"restart\"", "\"rename-restart\""},
    [FORM_DUMP] = {"\"coredump-destroy\"", "\"coredump-restart\""},
    [FORM_SOFT] = {"\"soft-reset\""},
    [FORM_ONREBOOT] = {"\"always\"", "\"onreboot\""},
    [FORM_TSC] = {"2", "0", "\"3\""},
    [FORM_TSCWORD] = {"\"native\"", "\"default\"", "\"always_emulate\"", "\"native_paravirt\""},
    [FORM_IGNORE] = {"\"ignore\""},
    [FORM_OFF] = {"\"off\""},
    [FORM_DISABLED] = {"\"disabled\""},
    [FORM_PV] = {"\"pv\""},
    [FORM_BUILDER] = {"\"generic\"", "\"linux\""},
    [FORM_LOADER] = {"\"pvgrub2\"", "\"/usr/lib/grub-xen/grub-x86_64-xen.bin\""},
    [FORM_DISKS] = {"[ \"phy:/dev/vg/a,xvda,w\" ]", "[]"},
    [FORM_VIFS] = {"[ \"mac=00:16:3e:00:00:01,bridge=b\" ]", "[ \"\" ]", "[]"},
};
static const char *const illegal[N_FORMS][4] = {
    [FORM_STRING] = {"[ \"x\" ]"},
    [FORM_NUMBER] = {"\"two\"", "[ 2 ]", "\"2x\"", "\"\""},
    [FORM_BOOL] = {"\"yes\"", "2", "[ 1 ]"},
    [FORM_LIST] = {"\"x\"", "[ [ \"x\" ] ]"},
    [FORM_WORDS] = {"[ [ \"x\" ] ]"},
    [FORM_UUID] = {"\"0b1c\"", "\"zb1c2d3e-4f50-6172-8394-a5b6c7d8e9fa\"", "[ \"x\" ]"},
    [FORM_CPUS] = {"\"x\"", "[ [ \"0\" ] ]", "\"1-\"", "\"0,,1\""},
    [FORM_CPUWORDS] = {"\"every\"", "\"node:\""},
    [FORM_EVENT] = {"\"never\"", "[ \"destroy\" ]", "\"\""},
    [FORM_TSC] = {"4", "\"warp\"", "[ 1 ]"},
    [FORM_LOADER] = {"[ \"x\" ]", "\"/usr/bin/own\"", "\"grub-i386-xen_pvh.bin\""},
    [FORM_DISKS] = {"\"phy:/a,xvda,w\"", "[ \"x\" ]", "[ [ \"x\" ] ]"},
    [FORM_VIFS] = {"\"bridge=b\"", "[ [ \"x\" ] ]"},
};

/* What a row needs beside it, or can't have. */
static const char *beside(const char *key)
{
    if (!strcmp(key, "maxmem"))
        return "@memory = 1\n";
    if (!strcmp(key, "maxvcpus"))
        return "vcpus = 2\n";
    if (!strcmp(key, "nfs_root"))
        return "nfs_server = \"10.0.0.1\"\n";
    if (!strcmp(key, "firmware"))
        return "@";
    return "";
}

/* Convert; false if it was refused. The HVM config is in *hvm. */
static bool convert(const char *text, enum toolstack toolstack, struct buf *hvm)
{
    struct guest *g = xcalloc(1, sizeof(*g));
    struct buf b = {0};

    *hvm = (struct buf){0};
    *died = *warned = 0;
    g->toolstack = toolstack;
    g->origin = "t.cfg";
    buf_adds(&b, text);
    buf_adds(hvm, "");
    if (setjmp(out))
        return false;
    cfg_parse("t.cfg", &b, &g->cfg);
    guest_load(g);
    if (toolstack == TOOLSTACK_LIBVIRT)
        libvirtxml_write(hvm, g, "/i.iso", MEDIUM_CD);
    else
        hvmcfg_write(hvm, g, "/i.iso", MEDIUM_CD);
    return true;
}

/* A config with all that must be there, but for `without`, which stands first with this value. */
static char *config(const char *without, const char *value)
{
    static const char *const base[][2] = {{"name", "\"m\""},
                                          {"kernel", "\"/k\""},
                                          {"memory", "256"},
                                          {"disk", "[ \"phy:/dev/a,xvdf,w\" ]"}};
    const char *more = value ? beside(without) : "";
    struct buf b = {0};

    if (value)
        buf_addf(&b, "%s = %s\n", without, value);
    for (size_t i = 0; i < 4; i++)
        if (strcmp(base[i][0], without) && !(i == 1 && value && !strcmp(without, "firmware")) &&
            !(*more == '@' && !strncmp(more + 1, base[i][0], strlen(base[i][0]))))
            buf_addf(&b, "%s = %s\n", base[i][0], base[i][1]);
    buf_adds(&b, more + (*more == '@'));
    return (char *)b.data;
}

static const char *const stacks[] = {"xl", "xm", "libvirt"};

static void wrong(const struct key_rule *r, const char *value, int t, const char *what)
{
    fail_msg("%s = %s, for %s: %s\ndied: %s\nwarned: %s", r->name, value ? value : "(absent)",
             stacks[t], what, died, warned);
}

static bool told(const char *text, const char *name, const char *words)
{
    const char *s = strstr(text, xasprintf("t.cfg:1: %s: %s", name, words));

    return s;
}

/* The value of a key in an HVM config for xl or xm. */
static const struct cfg_value *written(const struct buf *hvm, const char *name, struct cfg *cfg)
{
    const struct cfg_key *k;

    *cfg = (struct cfg){0};
    cfg_parse("hvm", hvm, cfg);
    k = cfg_find(cfg, name);
    return k ? &k->value : NULL;
}

static bool same_value(const struct cfg_value *a, const struct cfg_value *b)
{
    long x, y;

    if (!a || !b || a->n != b->n || !a->str != !b->str)
        return false;
    if (a->str && strcmp(a->str, b->str) &&
        !(keyform_number(a, &x) && keyform_number(b, &y) && x == y))
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!same_value(&a->items[i], &b->items[i]))
            return false;
    return true;
}

static void check(const struct key_rule *r, const char *value, int t)
{
    struct buf hvm, base;
    struct cfg in, back;
    bool done = convert(config(r->name, value), (enum toolstack)t, &hvm);
    char said[sizeof(warned)];

    if (r->fate[t] == KEY_REFUSED) {
        if (done || strncmp(died, xasprintf("t.cfg:1: %s: ", r->name), strlen(r->name) + 11))
            wrong(r, value, t, "should be refused");
        return;
    }
    if (!done)
        wrong(r, value, t, "shouldn't be refused");
    strcpy(said, warned);
    if (t == TOOLSTACK_LIBVIRT && getenv("SC_XML")) { /* for libvirt.bats */
        static unsigned n;
        FILE *f = fopen(xasprintf("%s/%s-%u.xml", getenv("SC_XML"), r->name, n++), "w");

        assert_non_null(f);
        fwrite(hvm.data, 1, hvm.len, f);
        fclose(f);
    }
    switch ((enum key_fate)r->fate[t]) {
    case KEY_KEPT: {
        struct buf text = {0};

        if (told(said, r->name, "left out"))
            wrong(r, value, t, "should be kept");
        buf_addf(&text, "k = %s\n", value);
        cfg_parse("k", &text, &in);
        if (t != TOOLSTACK_LIBVIRT && !same_value(written(&hvm, r->name, &back), &in.keys[0].value))
            wrong(r, value, t, "should be written as it is");
        break;
    }
    case KEY_WARNED:
        if (!told(said, r->name, "left out"))
            wrong(r, value, t, "should be warned of");
        /* fall through */
    case KEY_DROPPED:
        convert(config("", NULL), (enum toolstack)t, &base);
        if (strcmp((char *)base.data, (char *)hvm.data))
            wrong(r, value, t, "should change nothing");
        if (r->fate[t] == KEY_DROPPED && told(said, r->name, "") &&
            !strstr(said, "so nothing changes"))
            wrong(r, value, t, "should do no harm");
        break;
    default:
        if (told(said, r->name, "left out; xl") || told(said, r->name, "left out; xend"))
            wrong(r, value, t, "should be used");
    }
}

/* The row that counts for a value. */
static const struct key_rule *row_of(const char *name, const char *value)
{
    struct cfg_key k = {.name = (char *)name};
    struct buf text = {0};
    struct cfg cfg;

    buf_addf(&text, "k = %s\n", value);
    cfg_parse("k", &text, &cfg);
    k.value = cfg.keys[0].value;
    return cfgkeys_find(&k, NULL);
}

/* Words of which the value is of the form, but not one that can be used. */
static const char *instead(const struct key_rule *r, const char *value)
{
    if (!strcmp(r->name, "firmware"))
        return "\"pvgrub64\"";
    if (!strcmp(r->name, "maxvcpus") || !strcmp(r->name, "vcpus"))
        return !strcmp(value, "0x7") ? "0x7" : value;
    return value;
}

static bool first_row(size_t i)
{
    return !i || strcmp(cfgkeys_row(i - 1)->name, cfgkeys_row(i)->name);
}

static void test_legal(void **s)
{
    const struct key_rule *r;
    size_t n = 0;

    (void)s;
    for (size_t i = 0; (r = cfgkeys_row(i)); i++) {
        assert_non_null(legal[r->form][0]);
        for (size_t v = 0; legal[r->form][v]; v++) {
            /* some values have an earlier row of the key */
            if (row_of(r->name, legal[r->form][v]) != r)
                continue;
            for (int t = 0; t < 3; t++, n++)
                check(r, instead(r, legal[r->form][v]), t);
        }
    }
    assert_in_range(n, 1000, 100000);
}

static void test_illegal(void **s)
{
    const struct key_rule *r;
    struct buf hvm;
    size_t n = 0;

    (void)s;
    for (size_t i = 0; (r = cfgkeys_row(i)); i++) {
        for (int t = 0; first_row(i) && t < 3; t++) {
            if (r->fate[t] != KEY_KEPT && r->fate[t] != KEY_ADAPTED)
                continue;
            for (size_t v = 0; v < 4 && illegal[r->form][v]; v++, n++) {
                const struct key_rule *other = row_of(r->name, illegal[r->form][v]);

                /* legal in another of the key's forms */
                if (other && other != r)
                    continue;
                if (convert(config(r->name, illegal[r->form][v]), (enum toolstack)t, &hvm) ||
                    strncmp(died, xasprintf("t.cfg:1: %s: ", r->name), strlen(r->name) + 11))
                    wrong(r, illegal[r->form][v], t, "should be refused");
            }
        }
    }
    assert_in_range(n, 200, 100000);
}

static void test_absent(void **s)
{
    const struct key_rule *r;
    struct buf hvm;
    struct cfg cfg;

    (void)s;
    for (size_t i = 0; (r = cfgkeys_row(i)); i++) {
        bool done;

        if (!first_row(i))
            continue;
        done = convert(config(r->name, NULL), TOOLSTACK_XL, &hvm);
        if (done != (r->absent != ABSENT_REFUSED))
            wrong(r, NULL, 0, done ? "should be refused" : "shouldn't be refused");
        if (done && strcmp(r->name, "kernel") && strcmp(r->name, "disk") &&
            (written(&hvm, r->name, &cfg) != NULL) != (r->absent == ABSENT_WRITTEN))
            wrong(r, NULL, 0, "is written, or isn't, other than the table says");
    }
}

/* The table itself: rows of a key together, and no row that can never count. */
static void test_table(void **s)
{
    const struct key_rule *r;

    (void)s;
    for (size_t i = 0; (r = cfgkeys_row(i)); i++) {
        assert_int_equal(strlen(r->fate), 3);
        assert_true(r->readers);
        for (size_t j = 0; first_row(i) && j < i; j++)
            if (!strcmp(cfgkeys_row(j)->name, r->name))
                fail_msg("%s: rows apart", r->name);
        for (size_t t = 0; t < 3; t++)
            if (r->fate[t] == KEY_REFUSED && !strchr(r->note, ';'))
                fail_msg("%s: no remedy", r->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_legal),
        cmocka_unit_test(test_illegal),
        cmocka_unit_test(test_absent),
    };

    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
