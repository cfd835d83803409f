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
    refused("a = 1\nimport os\n", "a.cfg:2:1: 'import os': it would have to be run");
    refused("a = os.uname()", "a.cfg:1:5: 'os.uname()': it would have to be run");
    refused("a = 1 + 'x'", "a.cfg:1:5: '1 + 'x'': it would have to be run");
    refused("if x:\n    a = 1\n", "a.cfg:1:1: 'if x:': it would have to be run");
    refused("a = 1\n    b = 2\n", "a.cfg:2:5: an indented line");
    refused("a = '%s' % b", "a.cfg:1:5: ''%s' % b': it would have to be run");
    refused("a = 'x'[0]", "a.cfg:1:5: ''x'[0]': it would have to be run");
    refused("a = [x for x in y]", "a.cfg:1:6: 'x for x in y]': it would have to be run");
    refused("a = '\\u0041'", "a.cfg:1:7: this escape isn't known");
    refused("a = '\\0'", "a.cfg:1:7: a string holds a NUL");
}

static void test_mistakes(void **s)
{
    (void)s;
    refused("a = 'x\nb = 1", "a.cfg:1:5: a string isn't closed");
    refused("a = 1\nb = [ 'x', \"y ]\nc = 1", "a.cfg:2:12: a string isn't closed");
    refused("\na = [ 'x'", "a.cfg:2:5: a bracket isn't closed");
    refused("a = web'", "a.cfg:1:5: a quote is missing: 'web''");
    refused("a = web",
            "a.cfg:1:5: 'web' has no quotes, and nothing above sets a name like it; write \"web\"");
    refused("a = web.example.com # x", "a.cfg:1:5: 'web.example.com' has no quotes");
    refused("a = /boot/vmlinuz", "a.cfg:1:5: '/boot/vmlinuz' has no quotes");
    refused("a = console=hvc0 quiet", "a.cfg:1:5: 'console=hvc0 quiet' has no quotes");
    refused("a = [ bridge=b ]", "a.cfg:1:7: 'bridge=b' has no quotes");
    refused("a = [ 'x', , 'y' ]", "a.cfg:1:12: two commas with nothing between them");
    refused("a = [ , 'y' ]", "a.cfg:1:7: two commas with nothing between them");
    refused("a = 512.5", "a.cfg:1:5: '512.5' is no whole number");
    refused("a = 12G", "a.cfg:1:5: '12G' has no quotes");
    refused("a =\nb = 1", "a.cfg:1:4: a value is missing");
    refused("a = 1, 2", "a.cfg:1:6: a list without brackets");
    refused("a = 'x' 2", "a.cfg:1:9: '2' stands behind the value");
    refused("a = { 'x': 1 }", "a.cfg:1:5: a dictionary of Python's");
    refused("memory 512", "a.cfg:1:1: 'memory 512' assigns nothing");
    refused("a == 1", "a.cfg:1:1: 'a == 1' assigns nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),  cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_lists),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests_name("xmcfg", tests, NULL, NULL);
}
