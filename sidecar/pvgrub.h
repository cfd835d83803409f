/* SPDX-License-Identifier: MIT
 * The kernel of a universal sidecar: PV GRUB (GRUB's x86_64-xen or i386-xen parts) with a
 * configuration of ours that looks on the guest's disks for the guest's own. So it boots what the
 * guest has installed at that moment, and the same sidecar serves every guest of its width.
 */
#ifndef SIDECAR_PVGRUB_H
#define SIDECAR_PVGRUB_H

#include "guest.h"
#include "hash.h"
#include "kernel.h"
#include "output.h"

/* End the process with EXIT_ENVIRONMENT and the remedy if GRUB's files for the guest's width are
 * missing. */
void pvgrub_check(const struct guest *g);

/* All that the bytes of PV GRUB depend on. After pvgrub_check(). */
struct hash pvgrub_identity(const struct guest *g);

/* Make PV GRUB in the work directory and load it as any guest kernel, with the same checks. Its
 * bytes depend on the version of GRUB, g->narrow, g->legacy_first and g->menu, and on nothing else.
 * iso_check_tools() has run before. */
void pvgrub_make(const struct output *o, const struct guest *g, struct kernel *k);

#endif
