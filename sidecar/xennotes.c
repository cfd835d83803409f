// SPDX-License-Identifier: MIT
#include "xennotes.h"

#include "elfimage.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elfnote.h>

/* What we gather from notes or from the old string, before judging it. Strings are bounded copies:
 * note strings needn't end in NUL. They are shown to the operator, and the kernel may be a guest's
 * choice, so what a terminal would obey isn't copied. */
struct facts {
    bool notes, legacy;
    bool phys32;     /* has a PVH entry: tells "PVH only" from "no Xen at all" */
    bool pv;         /* anything that only a PV kernel has */
    char symbols[4]; /* "yes": the kernel wants its own */
    char loader[16], guest_os[32], xen_version[32], pae[32];
    char features[256];
};

static void copy(char *dst, size_t room, const uint8_t *src, size_t n)
{
    size_t i;

    for (i = 0; i < n && i < room - 1 && src[i]; i++)
        dst[i] = (char)(src[i] < ' ' || src[i] > '~' ? '?' : src[i]);
    dst[i] = 0;
}

static void take_note(struct facts *f, uint32_t type, const uint8_t *desc, size_t n)
{
    f->notes = true;
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
    case XEN_ELFNOTE_HYPERCALL_PAGE:
    case XEN_ELFNOTE_VIRT_BASE:
        f->pv = true;
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        copy(f->xen_version, sizeof(f->xen_version), desc, n);
        break;
    case XEN_ELFNOTE_GUEST_OS:
        copy(f->guest_os, sizeof(f->guest_os), desc, n);
        break;
    case XEN_ELFNOTE_LOADER:
        copy(f->loader, sizeof(f->loader), desc, n);
        break;
    case XEN_ELFNOTE_FEATURES:
        copy(f->features, sizeof(f->features), desc, n);
        break;
    case XEN_ELFNOTE_PAE_MODE:
        copy(f->pae, sizeof(f->pae), desc, n);
        break;
    case XEN_ELFNOTE_BSD_SYMTAB:
        copy(f->symbols, sizeof(f->symbols), desc, n);
        break;
    case XEN_ELFNOTE_PHYS32_ENTRY:
        f->phys32 = true;
        break;
    }
}

/* Walk the notes of one segment or section. A note that runs past the end (GRUB's 32-bit image has
 * one) is read as far as it goes and is the last. */
static void walk_notes(struct facts *f, const uint8_t *p, size_t len)
{
    while (len >= 12) {
        size_t namesz = le32(p), descsz = le32(p + 4);
        uint32_t type = le32(p + 8);
        size_t name_room = (namesz + 3) & ~(size_t)3, desc_room = (descsz + 3) & ~(size_t)3;
        const uint8_t *name = p + 12, *desc;

        p += 12;
        len -= 12;
        if (name_room > len)
            return;
        p += name_room;
        len -= name_room;
        desc = p;
        if (descsz > len)
            descsz = len;
        if (namesz >= 3 && !memcmp(name, "Xen", namesz < 4 ? 3 : 4))
            take_note(f, type, desc, descsz);
        if (desc_room > len)
            return;
        p += desc_room;
        len -= desc_room;
    }
}

/* The string of a __xen_guest section: KEY=value,KEY=value,... */
static void walk_legacy(struct facts *f, const uint8_t *p, size_t len)
{
    static const struct {
        const char *key;
        size_t at, room;
    } keys[] = {
        {"LOADER=", offsetof(struct facts, loader), sizeof(f->loader)},
        {"GUEST_OS=", offsetof(struct facts, guest_os), sizeof(f->guest_os)},
        {"XEN_VER=", offsetof(struct facts, xen_version), sizeof(f->xen_version)},
        {"FEATURES=", offsetof(struct facts, features), sizeof(f->features)},
        {"PAE=", offsetof(struct facts, pae), sizeof(f->pae)},
        {"BSD_SYMTAB=", offsetof(struct facts, symbols), sizeof(f->symbols)},
    };

    f->legacy = f->pv = true;
    while (len && *p) {
        const uint8_t *end = p;

        while ((size_t)(end - p) < len && *end && *end != ',')
            end++;
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
            size_t n = strlen(keys[i].key);

            if ((size_t)(end - p) >= n && !memcmp(p, keys[i].key, n))
                copy((char *)f + keys[i].at, keys[i].room, p + n, (size_t)(end - p) - n);
        }
        len -= (size_t)(end - p);
        p = end;
        if (len && *p == ',') {
            p++;
            len--;
        }
    }
}

static void gather(struct facts *f, const struct elf_image *e)
{
    static const char want[] = "__xen_guest";
    struct elf_part part, names = {0};

    for (unsigned i = 0; i < e->phnum; i++) {
        if (!elf_segment(e, i, &part))
            return;
        if (part.type == PT_NOTE && part.offset && part.offset < e->len)
            walk_notes(f, e->data + part.offset,
                       part.filesz < e->len - part.offset ? part.filesz : e->len - part.offset);
    }
    if (f->notes)
        return;
    for (unsigned i = 0; elf_section(e, i, &part); i++) {
        if (part.type == SHT_NOTE && elf_within(e, part.offset, part.filesz))
            walk_notes(f, e->data + part.offset, part.filesz);
        if (i == e->shstrndx)
            names = part;
    }
    if (f->notes || !elf_within(e, names.offset, names.filesz))
        return;
    for (unsigned i = 0; elf_section(e, i, &part); i++) {
        if (part.name < names.filesz && names.filesz - part.name >= sizeof(want) &&
            !memcmp(e->data + names.offset + part.name, want, sizeof(want)) &&
            elf_within(e, part.offset, part.filesz))
            walk_legacy(f, e->data + part.offset, part.filesz);
    }
}

/* As Xen's toolstack: with 32 bits the kernel must say that it is for PAE. */
static bool knows_pae(const struct facts *f)
{
    return !strncmp(f->pae, "yes", 3) || strstr(f->pae, "bimodal");
}

/* Returns the first required ("!") feature that the shim doesn't offer, or NULL. */
static char *unknown_feature(const char *features)
{
    static const char *const known[] = {
        "writable_page_tables",   "writable_descriptor_tables", "auto_translated_physmap",
        "supervisor_mode_kernel", "pae_pgdir_above_4gb",
    };
    /* Known by name to Xen, but nothing that a PV guest of the shim can be given. */
    static const char *const impossible[] = {"auto_translated_physmap", "supervisor_mode_kernel"};

    for (const char *s = features; *s;) {
        size_t n = strcspn(s, "|");
        bool ok = false;

        if (*s == '!') {
            for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                ok |= n - 1 == strlen(known[i]) && !memcmp(s + 1, known[i], n - 1);
            for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
                if (n - 1 == strlen(impossible[i]) && !memcmp(s + 1, impossible[i], n - 1))
                    ok = false;
            if (!ok)
                return xasprintf("%.*s", (int)(n - 1), s + 1);
        }
        s += n;
        if (*s)
            s++;
    }
    return NULL;
}

/* All PT_LOADs must lie in the file, or the image is truncated. */
static char *check_segments(const struct elf_image *e)
{
    struct elf_part part;
    unsigned loads = 0;

    if (!e->phnum || e->phentsize < (e->narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr)))
        return xstrdup("the ELF file has no program headers; give the kernel, not an object file");
    for (unsigned i = 0; i < e->phnum; i++) {
        if (!elf_segment(e, i, &part))
            return xstrdup("the ELF file is cut short; copy it again");
        if (part.type != PT_LOAD)
            continue;
        loads++;
        if (!elf_within(e, part.offset, part.filesz))
            return xstrdup("the ELF file is cut short; copy it again");
        if (part.filesz > part.memsz)
            return xstrdup(
                "the ELF file is damaged: a segment is larger in the file than in memory");
    }
    return loads ? NULL : xstrdup("the ELF file has nothing to load");
}

char *xen_kernel_check(const uint8_t *p, size_t len, struct xen_kernel *k)
{
    struct facts f = {0};
    struct elf_image e;
    char *err = elf_open(&e, p, len), *feature;

    *k = (struct xen_kernel){.narrow = e.narrow};
    if (err || (err = check_segments(&e)))
        return err;

    gather(&f, &e);
    if (!f.notes && !f.legacy)
        return xstrdup("no Xen notes: not built to run on Xen (Linux wants CONFIG_XEN_PV)");
    if (!f.pv)
        return xstrdup(f.phys32 ? "runs on Xen as PVH only: not built with CONFIG_XEN_PV"
                                : "its Xen notes name no PV entry: not built with CONFIG_XEN_PV");
    if (strncmp(f.xen_version, "xen-3.0", 7))
        return xasprintf("made for hypervisor ABI '%s', not xen-3.0", f.xen_version);
    if (f.loader[0] ? strcmp(f.loader, "generic") : strncmp(f.guest_os, "linux", 5))
        return xasprintf("wants the domain loader '%s', which isn't the generic one", f.loader);
    if (e.narrow && !knows_pae(&f))
        return xstrdup("a 32-bit kernel without PAE, which no 64-bit Xen runs; use the "
                       "guest's PAE kernel (Linux wants CONFIG_X86_PAE)");
    feature = unknown_feature(f.features);
    if (feature)
        return xasprintf("requires the hypervisor feature '%s', which the shim doesn't have",
                         feature);
    memcpy(k->guest_os, f.guest_os, sizeof(k->guest_os));
    k->symbols = !strcmp(f.symbols, "yes");
    return NULL;
}
