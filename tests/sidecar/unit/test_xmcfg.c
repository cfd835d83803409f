// SPDX-License-Identifier: MIT
/* xm's Python configs: what is read, and that what would have to be run is refused with its line.
 */
#include "test.h"

#include "../../../sidecar/xmcfg.h"

static char *parse(const char *text, struct cfg *cfg)
{
    struct buf b = {0};
    char *error;

    *cfg = (struct cfg){.path = (char *)"a.cfg"};
    buf_adds(&b, text);
    error = xm_parse(&b, cfg);
    buf_free(&b);
    return error;
}

static void is(const char *text, const char *name, const char *value)
{
    struct cfg cfg;
    const struct cfg_key *k;

    assert_null(parse(text, &cfg));
    k = cfg_find(&cfg, name);
    assert_non_null(k);
    assert_string_equal(k->value.str, value);
}

static void refused(const char *text, const char *start)
{
    struct cfg cfg;
    char *error = parse(text, &cfg);

    assert_non_null(error);
    if (strncmp(error, start, strlen(start)))
        fail_msg("'%s' doesn't begin with '%s'", error, start);
    free(error);
}

static void test_strings(void **s)
{
    (void)s;
    is("a = 'x'", "a", "x");
    is("a = \"it's\" # no", "a", "it's");
    is("a = 'b' \"c\" 'd'", "a", "bcd");
    is("a = '\\x41\\102\\n\\''", "a", "AB\n'");
    is("a = r'\\x41'", "a", "\\x41");
    is("a = '''one\n'two'\n'''", "a", "one\n'two'\n");
    is("a = 'x' + \\\n'y'", "a", "xy");
    is("a = 'root=/dev/xvda1 ro'; b = a + ' quiet'", "b", "root=/dev/xvda1 ro quiet");
    is("a = 'x'\na += 'y'", "a", "xy");
}

static void test_numbers(void **s)
{
    (void)s;
    is("m = 0x10", "m", "16");
    is("m = 010", "m", "8");
    is("m = 0o10", "m", "8");
    is("m = -1", "m", "-1");
    is("m = (256)", "m", "256");
}

static void test_lists(void **s)
{
    struct cfg cfg;
    const struct cfg_key *k;

    (void)s;
    assert_null(parse("d = [ 'a', # first\n  'b',\n]\nd += ['c']\n", &cfg));
    k = cfg_find(&cfg, "d");
    assert_non_null(k);
    assert_int_equal(k->value.n, 3);
    assert_string_equal(k->value.items[2].str, "c");
    assert_null(parse("d = ('a',)", &cfg)); /* a tuple of one, where ('a') is a string */
    assert_int_equal(cfg_find(&cfg, "d")->value.n, 1);
}

static void test_refused(void **s)
{
    (void)s;
    refused("a = 1\nimport os\n", "a.cfg:2: we couldn't read 'import os'");
    refused("a = os.uname()", "a.cfg:1: we couldn't read 'os.uname()'");
    refused("a = b", "a.cfg:1: we couldn't read 'b'");
    refused("a = 1 + 'x'", "a.cfg:1: we couldn't read");
    refused("a = 1.5", "a.cfg:1: we couldn't read");
    refused("if x:\n    a = 1\n", "a.cfg:1: we couldn't read 'if x:'");
    refused("a = 1\n    b = 2\n", "a.cfg:2: an indented line");
    refused("a = 'x\nb = 1", "a.cfg:1: a string isn't closed");
    refused("\na = [ 'x'", "a.cfg:2: a bracket isn't closed");
    refused("a = '\\u0041'", "a.cfg:1: this escape isn't known");
    refused("a = '\\0'", "a.cfg:1: a string holds a NUL");
    refused("a = '%s' % b", "a.cfg:1: we couldn't read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("xmcfg", tests, NULL, NULL);
}
