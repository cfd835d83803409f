/* SPDX-License-Identifier: MIT */
/* Where the image's sections lie.  Linked at IMAGE_VIRT + physical address, loaded at 1 MiB. */
#include "layout.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(start32)

PHDRS
{
    all PT_LOAD FLAGS(7);
}

SECTIONS
{
    . = IMAGE_VIRT + SHIM_PHYS_BASE;
    image_start = .;
    .text : AT(ADDR(.text) - IMAGE_VIRT) {
        KEEP(*(.boot))
        *(.boot.*)
        . = ALIGN(4096);
        *(.text.page)
        . = ALIGN(64);
        *(.text .text.*)
        . = ALIGN(4096);
    } :all
    text_end = .;
    .rodata : AT(ADDR(.rodata) - IMAGE_VIRT) {
        *(.rodata .rodata.*)
        . = ALIGN(8);
        extable_start = .;
        KEEP(*(.extable))
        extable_end = .;
        . = ALIGN(4096);
    }
    rodata_end = .;
    .data : AT(ADDR(.data) - IMAGE_VIRT) {
        *(.data .data.*)
        . = ALIGN(16);
    }
    data_end = .;
    .bss : AT(ADDR(.bss) - IMAGE_VIRT) {
        . = ALIGN(4096);
        *(.bss.page)
        *(.bss .bss.* COMMON)
        . = ALIGN(4096);
    }
    image_end = .;
    ASSERT(image_end - IMAGE_VIRT <= 0x200000, "image beyond the first 2 MiB")
    /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame) }
}
