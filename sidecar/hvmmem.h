/* SPDX-License-Identifier: MIT
 * How much more memory the HVM domain has than the guest.
 */
#ifndef SIDECAR_HVMMEM_H
#define SIDECAR_HVMMEM_H

/* MiB to add to memory and maxmem, in MiB, so that the guest gets what it had. The shim works the
 * other way round (xen-shim/boot/share.c), and gives back what it doesn't need; a unit test
 * compares the two. */
long hvm_more(long memory, long maxmem);

#endif
