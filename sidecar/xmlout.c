// SPDX-License-Identifier: MIT
#include "xmlout.h"

#include <ctype.h>

static void text(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (iscntrl((unsigned char)*s))
            die(EXIT_GUEST, "'%s': a control character, which XML can't hold; use another name", s);
        else if (*s == '<')
            buf_adds(out, "&lt;");
        else if (*s == '&')
            buf_adds(out, "&amp;");
        else if (*s == '\'')
            buf_adds(out, "&apos;");
        else
            buf_add(out, s, 1);
    }
}

void xml_put(struct buf *out, const char *before, const char *s, const char *after)
{
    buf_adds(out, before);
    text(out, s);
    buf_adds(out, after);
}
