/* SPDX-License-Identifier: MIT */
/*
 * Who this image is, as text: `grep -a` finds it in the image and in a sidecar that holds it.
 * The id is the SHA-1 of the flat image with zeros for an id, so equal ids are equal bytes.
 */
    .section .rodata.ident, "a"
    .globl shim_ident
shim_ident:
    .asciz SHIM_IDENT
