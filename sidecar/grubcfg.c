// SPDX-License-Identifier: MIT
#include "grubcfg.h"

#include <string.h>

bool grub_exact(const char *cmdline)
{
    for (; *cmdline; cmdline++)
        if (*cmdline < ' ' || *cmdline > '~' || strchr("'\"\\", *cmdline))
            return false;
    return true;
}

void grub_quote(struct buf *out, const char *s)
{
    /* One quoted word for each piece between single spaces: GRUB puts the spaces back, and would
     * wrap a word that holds a space in quotes. Two spaces in a row have an empty word between
     * them. */
    while (*s) {
        size_t n = strcspn(s, " ");

        buf_adds(out, " '");
        buf_add(out, s, n);
        buf_adds(out, "'");
        s += n;
        if (*s == ' ' && !*++s)
            buf_adds(out, " ''");
    }
}

void grub_script(struct buf *out, const char *shim_cmdline, const char *cmdline, bool ramdisk)
{
    bool exact = grub_exact(cmdline);

    /* Errors go to the serial port, which is the guest's console before it has one. */
    buf_adds(out, "serial --unit=0 --speed=115200\n"
                  "terminfo serial dumb\n"
                  "terminal_output serial\n"
                  "if multiboot2 /boot/xen-shim");
    grub_quote(out, shim_cmdline);
    if (!exact)
        buf_adds(out, " cmdline=module");
    buf_adds(out, "\nthen\nif module2 /boot/vmlinux");
    if (exact)
        grub_quote(out, cmdline);
    /* Without --nounzip GRUB would unpack a gzip initrd on the way. */
    if (ramdisk)
        buf_adds(out, "\nthen\nif module2 --nounzip /boot/initrd");
    if (!exact)
        buf_adds(out, "\nthen\nif module2 --nounzip /boot/cmdline");
    buf_adds(out, "\nthen\nboot\n");
    for (int i = 0; i < 2 + ramdisk + !exact; i++)
        buf_adds(out, "fi\n");
    /* Only reached after an error, whose message GRUB has printed. It halts in the end, and that is
     * a clean power-off to the toolstack: until then there is time to look at the console. */
    buf_adds(out, "for minute in 1 2 3 4 5 6 7 8 9 10; do\n"
                  "echo 'sidecar: GRUB cannot start the shim: ISO damaged, or memory= too small'\n"
                  "sleep 60\n"
                  "done\n"
                  "halt\n");
}
