// SPDX-License-Identifier: MIT
#include "formats.h"

bool stream1_read(struct image *img, uint64_t *at)
{
    (void)at;
    return fault(img, "isn't a saved guest, or one of Xen before 4.6, whose format isn't read yet");
}
