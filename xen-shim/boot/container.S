/* SPDX-License-Identifier: MIT */
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
