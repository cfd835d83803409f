// SPDX-License-Identifier: MIT
/* The quoting rules on paper; grub.bats has GRUB itself judge them. */
#include "test.h"

#include "../../../sidecar/grubcfg.h"

static void quoted(const char *in, const char *expected)
{
    struct buf b = {0};

    buf_adds(&b, "");
    grub_quote(&b, in);
    assert_string_equal((char *)b.data, expected);
    buf_free(&b);
}

static void test_quote(void **s)
{
    (void)s;
    quoted("", "");
    quoted("a", " 'a'");
    quoted("a b", " 'a' 'b'");
    quoted("a  b", " 'a' '' 'b'");
    quoted("a ", " 'a' ''");
    quoted(" a", " '' 'a'");
    quoted(" ", " '' ''");
    quoted("$x;{y}|&<>#*?!~`(z)[w]", " '$x;{y}|&<>#*?!~`(z)[w]'");
}

static void test_exact(void **s)
{
    (void)s;
    assert_true(grub_exact(""));
    assert_true(grub_exact("root=/dev/xvda1 ro  quiet $a {b}"));
    assert_false(grub_exact("it's"));
    assert_false(grub_exact("a=\"b\""));
    assert_false(grub_exact("a\\b"));
    assert_false(grub_exact("a\tb"));
    assert_false(grub_exact("caf\xc3\xa9"));
    assert_false(grub_exact("a\x7f"));
}

static void test_script(void **s)
{
    struct buf b = {0};

    (void)s;
    grub_script(&b, "console=xen", "root=/dev/xvda", true);
    assert_non_null(strstr((char *)b.data, "multiboot2 /boot/xen-shim 'console=xen'\n"));
    assert_non_null(strstr((char *)b.data, "module2 /boot/vmlinux 'root=/dev/xvda'\n"));
    assert_non_null(strstr((char *)b.data, "module2 --nounzip /boot/initrd\n"));
    assert_null(strstr((char *)b.data, "cmdline=module"));
    buf_free(&b);

    grub_script(&b, "x", "a='b'", false);
    assert_non_null(strstr((char *)b.data, "multiboot2 /boot/xen-shim 'x' cmdline=module\n"));
    assert_non_null(strstr((char *)b.data, "module2 /boot/vmlinux\n"));
    assert_non_null(strstr((char *)b.data, "module2 --nounzip /boot/cmdline\n"));
    assert_null(strstr((char *)b.data, "initrd"));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_script),
    };

    return cmocka_run_group_tests_name("grubcfg", tests, NULL, NULL);
}
