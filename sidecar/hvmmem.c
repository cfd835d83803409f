// SPDX-License-Identifier: MIT
#include "hvmmem.h"

/* MiB of what the domain has beside RAM of its map, where memory is below maxmem:
 * xen-shim/boot/pod.c.
 */
#define POD_OTHER 5

/* What the shim keeps is 1 MiB + 1/400 of all memory; the firmware of an HVM domain takes less than
 * another MiB (video hole, BIOS tables, special pages). So solve  total - total/400 - 2 >= guest.
 */
long hvm_more(long memory, long maxmem)
{
    long total = ((maxmem + 2) * 400 + 398) / 399;

    return total - maxmem + (maxmem > memory ? POD_OTHER : 0);
}
