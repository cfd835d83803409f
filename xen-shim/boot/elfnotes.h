/* SPDX-License-Identifier: MIT */
/* The Xen notes of a PV kernel, as read from ELF notes or from the older __xen_guest string. */
#ifndef SHIM_ELFNOTES_H
#define SHIM_ELFNOTES_H

#include "types.h"

/* Of a 32-bit kernel. */
enum pae_mode { PAE_NONE, PAE_LOW_CR3, PAE_EXTENDED_CR3 };

struct xen_notes {
    bool found, legacy;
    enum pae_mode pae;
    bool has_entry, has_hypercall_page, has_paddr_offset, has_init_p2m, mod_start_pfn, bsd_symtab;
    u64 entry, hypercall_page, virt_base, paddr_offset, init_p2m;
    /* Strings are not always terminated; the length bounds them. */
    const char *xen_version, *loader, *guest_os, *features;
    u64 xen_version_len, loader_len, guest_os_len, features_len;
};

/* Adds the notes of one segment or section.  NULL or what is wrong. */
const char *xen_notes_read(struct xen_notes *n, const u8 *p, u64 size);
const char *xen_guest_section_read(struct xen_notes *n, const char *p, u64 size);
/* Can a kernel that says so run here?  NULL or why not. */
const char *xen_notes_check(const struct xen_notes *n, bool bits32);

#endif
