/* SPDX-License-Identifier: MIT */
/* The disk controller that a sidecar may have booted from (mk-sidecar --medium ahci). */
#ifndef SHIM_AHCI_H
#define SHIM_AHCI_H

/* Stops the ports that the firmware left running.  Each has buffers in memory that will be the
 * guest's; the device model keeps them mapped, could write there, and complains in its log about
 * every page that is given back.  Once, at start, before L0 takes the first page for its own. */
void ahci_stop(void);

#endif
