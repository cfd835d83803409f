// SPDX-License-Identifier: MIT
#include "newcfg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "libvirtxml.h"
#include "marks.h"

const char *boot_word(enum boot_kind boot)
{
    return boot == BOOT_FILES ? "files" : boot == BOOT_DISK ? "disk" : "universal";
}

static bool ascii(const char *s)
{
    while (*s && !(*s & 0x80))
        s++;
    return !*s;
}

/* Python 2 takes bytes above 127 only from a file that names its encoding in the first two lines;
 * in this one each byte stays as it is. */
static void name_encoding(struct buf *hvm, const char *origin)
{
    struct buf out = {0};

    if (ascii((const char *)hvm->data) && ascii(origin))
        return;
    buf_adds(&out, "# -*- coding: latin-1 -*-\n");
    buf_add(&out, hvm->data, hvm->len);
    buf_free(hvm);
    *hvm = out;
}

void newcfg_write(struct plan *p, const char *iso, const struct options *opt)
{
    struct buf remark = {0};

    hvm_remark(&remark, &p->guest);
    if (opt->toolstack == TOOLSTACK_LIBVIRT) {
        libvirtxml_remark(&p->hvm, &remark);
        libvirtxml_write(&p->hvm, &p->guest, iso, opt->medium);
    } else {
        buf_add(&p->hvm, remark.data, remark.len);
        hvmcfg_write(&p->hvm, &p->guest, iso, opt->medium);
    }
    if (opt->toolstack == TOOLSTACK_XM)
        name_encoding(&p->hvm, p->guest.origin);
    buf_free(&remark);
}

void newcfg_mark(struct plan *p, const char *path, const struct options *opt)
{
    struct buf marks = {0};

    for (const char *s = p->guest.origin; *s; s++)
        if (iscntrl((unsigned char)*s))
            die(EXIT_GUEST, "%s: has a control character in its name; rename the file", path);
    buf_addf(&marks, MARK "key: %s\n" MARK "boot: %s\n" MARK "iso: %s\n" MARK "from: %s\n",
             p->recipe.key.hex, boot_word(p->guest.boot), p->iso_name, p->guest.origin);
    options_record(&marks, MARK "with: ", opt);
    if (opt->toolstack != TOOLSTACK_LIBVIRT) {
        buf_add(&p->hvm, marks.data, marks.len);
    } else if (strstr((char *)marks.data, "?>")) {
        die(EXIT_GUEST,
            "%s: a path or option with \"?>\" in it, which ends a remark in XML; rename it", path);
    } else {
        libvirtxml_remark(&p->hvm, &marks);
    }
    buf_free(&marks);
}

void newcfg_check_options(const struct plan *p)
{
    char *had, *has;

    if (!p->old.len)
        return;
    had = marks_options((char *)p->old.data);
    has = marks_options((char *)p->hvm.data);
    if (strcmp(had, has))
        warn("%s: made with other options before:%s; give them again if you meant to keep them "
             "(now:%s)",
             p->guest.name, *had ? had : " none", *has ? has : " none");
    free(had);
    free(has);
}
