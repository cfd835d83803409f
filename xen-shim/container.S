/* SPDX-License-Identifier: MIT */
    .section .image, "awx"
    .incbin SHIM_BIN
