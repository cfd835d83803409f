/* SPDX-License-Identifier: MIT
 * Writes the GRUB script of a sidecar, so that the guest's command line arrives byte for byte.
 */
#ifndef SIDECAR_GRUBCFG_H
#define SIDECAR_GRUBCFG_H

#include "util.h"

/* Whether GRUB can hand `cmdline` to a module unchanged. GRUB joins the words of a module's line
 * with single spaces and puts a backslash before each of ' " \ in them, so these three can't be
 * passed; nor do we trust it with anything but printable ASCII. */
bool grub_exact(const char *cmdline);

/* Write `s` as the arguments of a GRUB command that grub_exact(s) holds for. */
void grub_quote(struct buf *out, const char *s);

/* Write the whole script. If the guest's command line isn't exact, it is the last module of its
 * own, /boot/cmdline, and the shim's line gets the word "cmdline=module". */
void grub_script(struct buf *out, const char *shim_cmdline, const char *cmdline, bool ramdisk);

#endif
