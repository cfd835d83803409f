/* SPDX-License-Identifier: MIT */
/* A kernel's symbols, put behind it where its notes ask for them (BSD_SYMTAB): NetBSD and FreeBSD.
 */
#ifndef SHIM_ELFSYMBOLS_H
#define SHIM_ELFSYMBOLS_H

#include "elf.h"

struct elf_file;

/*
 * Behind `end`, in the units of p_paddr: adds both tables to g's segments, and says in g->symbols
 * what goes before them.  Nothing, if the file has none or g no room for two segments more.  Called
 * by guest_image_parse().
 */
void elf_symbols(struct guest_image *g, const struct elf_file *f, u64 end);

#endif
