/* SPDX-License-Identifier: MIT */
#include "layout.h"

    .section .image, "awx"
    .incbin SHIM_BIN

/* The build id, for tools that look at files. In no segment: no loader needs it. ld drops what is
 * called .note.gnu.build-id already here, so container.lds gives it that name. */
    .section .build_id, "", @note
    .long 4, 20, 3 /* NT_GNU_BUILD_ID */
    .asciz "GNU"
    .byte SHIM_ID

/* XEN_ELFNOTE_PHYS32_ENTRY, for Xen's own loader. */
    .section .pvh_note, "", @note
    .long 4, 4, 18
    .asciz "Xen"
    .long pvh_start

/* For the builder of firmware sidecars: where the image is entered then, and where it looks for
 * what it is told (layout.h, FIRMWARE_INFO). */
    .section .firmware_note, "", @note
    .long 9, 8, 1
    .asciz "xen-shim"
    .balign 4
    .long firmware_start, FIRMWARE_INFO
