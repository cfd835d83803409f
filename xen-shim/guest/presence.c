// SPDX-License-Identifier: MIT
/* See presence.h. */
#include "presence.h"

#include "evtchn.h"
#include "isolate.h"
#include "shim.h"
#include "store.h"

extern const char shim_ident[]; /* ident.S: "xen-shim VERSION build ID" */

/* Word n of the line, counted from 0. */
static void ident_word(u32 n, char *to, u32 size)
{
    const char *s = shim_ident;
    u32 i = 0;

    for (; n && *s; s++)
        n -= *s == ' ';
    for (; s[i] && s[i] != ' ' && i + 1 < size; i++)
        to[i] = s[i];
    to[i] = 0;
}

void presence_version(char *to, u32 size)
{
    ident_word(1, to, size);
}

void presence_tell(bool anew)
{
    char version[24], build[13], line[160];

    ident_word(1, version, sizeof(version));
    ident_word(3, build, sizeof(build));
    snprintf(line, sizeof(line), "version=%s build=%s evtchn=%s isolate=%s", version, build,
             upcall_name(), isolate ? "yes" : "no");
    if (!store_write("data/xen-shim", line, anew))
        printk("xenstore takes no data/xen-shim\n");
}
