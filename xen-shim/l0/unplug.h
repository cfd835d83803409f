/* SPDX-License-Identifier: MIT */
#ifndef SHIM_UNPLUG_H
#define SHIM_UNPLUG_H

/* Emulated disks and NICs off by the platform device's protocol, where it is there: the same
 * disk must never be writable by two paths.  At start, and in a new domain instance. */
void platform_unplug(void);

#endif
