// SPDX-License-Identifier: MIT
#include "xennotes.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elfnote.h>

/* What we gather from notes or from the old string, before judging it. Strings are bounded copies:
 * note strings needn't end in NUL. They are shown to the operator, and the kernel may be a guest's
 * choice, so what a terminal would obey isn't copied. */
struct facts {
    bool notes, legacy;
    bool phys32; /* has a PVH entry: tells "PVH only" from "no Xen at all" */
    bool pv;     /* anything that only a PV kernel has */
    char loader[16], guest_os[32], xen_version[32];
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

/* One program or section header's file range, checked against the file. */
static bool in_file(uint64_t off, uint64_t size, size_t len)
{
    return off <= len && size <= len - off;
}

static void gather(struct facts *f, const uint8_t *p, size_t len)
{
    Elf64_Ehdr h;
    Elf64_Phdr ph;
    Elf64_Shdr sh, names = {0};

    memcpy(&h, p, sizeof(h));
    for (unsigned i = 0; i < h.e_phnum; i++) {
        uint64_t at = h.e_phoff + (uint64_t)i * h.e_phentsize;

        if (h.e_phentsize < sizeof(ph) || !in_file(at, sizeof(ph), len))
            return;
        memcpy(&ph, p + at, sizeof(ph));
        if (ph.p_type == PT_NOTE && ph.p_offset && ph.p_offset < len)
            walk_notes(f, p + ph.p_offset,
                       ph.p_filesz < len - ph.p_offset ? ph.p_filesz : len - ph.p_offset);
    }
    if (f->notes || h.e_shentsize < sizeof(sh))
        return;
    for (unsigned i = 0; i < h.e_shnum; i++) {
        uint64_t at = h.e_shoff + (uint64_t)i * h.e_shentsize;

        if (!in_file(at, sizeof(sh), len))
            return;
        memcpy(&sh, p + at, sizeof(sh));
        if (sh.sh_type == SHT_NOTE && in_file(sh.sh_offset, sh.sh_size, len))
            walk_notes(f, p + sh.sh_offset, sh.sh_size);
        if (i == h.e_shstrndx)
            names = sh;
    }
    if (f->notes || !in_file(names.sh_offset, names.sh_size, len))
        return;
    for (unsigned i = 0; i < h.e_shnum; i++) {
        static const char want[] = "__xen_guest";

        memcpy(&sh, p + h.e_shoff + (uint64_t)i * h.e_shentsize, sizeof(sh));
        if (sh.sh_name < names.sh_size && names.sh_size - sh.sh_name >= sizeof(want) &&
            !memcmp(p + names.sh_offset + sh.sh_name, want, sizeof(want)) &&
            in_file(sh.sh_offset, sh.sh_size, len))
            walk_legacy(f, p + sh.sh_offset, sh.sh_size);
    }
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
static char *check_segments(const uint8_t *p, size_t len)
{
    Elf64_Ehdr h;
    Elf64_Phdr ph;
    unsigned loads = 0;

    memcpy(&h, p, sizeof(h));
    if (h.e_phentsize < sizeof(ph) || !h.e_phnum)
        return xstrdup("the ELF file has no program headers; give the kernel, not an object file");
    for (unsigned i = 0; i < h.e_phnum; i++) {
        uint64_t at = h.e_phoff + (uint64_t)i * h.e_phentsize;

        if (!in_file(at, sizeof(ph), len))
            return xstrdup("the ELF file is cut short; copy it again");
        memcpy(&ph, p + at, sizeof(ph));
        if (ph.p_type != PT_LOAD)
            continue;
        loads++;
        if (!in_file(ph.p_offset, ph.p_filesz, len))
            return xstrdup("the ELF file is cut short; copy it again");
        if (ph.p_filesz > ph.p_memsz)
            return xstrdup(
                "the ELF file is damaged: a segment is larger in the file than in memory");
    }
    return loads ? NULL : xstrdup("the ELF file has nothing to load");
}

char *xen_kernel_check(const uint8_t *p, size_t len, struct xen_kernel *k)
{
    struct facts f = {0};
    char *err, *feature;
    uint16_t machine;

    *k = (struct xen_kernel){0};
    if (len < sizeof(Elf32_Ehdr) || memcmp(p, ELFMAG, SELFMAG))
        return xstrdup("not an ELF image");
    machine = le16(p + offsetof(Elf32_Ehdr, e_machine));
    if (p[EI_CLASS] == ELFCLASS32 && machine == EM_386)
        return xstrdup("32-bit kernel: not supported yet; use a 64-bit one");
    if (p[EI_CLASS] != ELFCLASS64 || p[EI_DATA] != ELFDATA2LSB || machine != EM_X86_64)
        return xasprintf("not an x86-64 kernel (ELF machine %u)", machine);
    if (len < sizeof(Elf64_Ehdr))
        return xstrdup("the ELF file is cut short; copy it again");
    err = check_segments(p, len);
    if (err)
        return err;

    gather(&f, p, len);
    if (!f.notes && !f.legacy)
        return xstrdup("no Xen notes: not built to run on Xen (Linux wants CONFIG_XEN_PV)");
    if (!f.pv)
        return xstrdup(f.phys32 ? "runs on Xen as PVH only: not built with CONFIG_XEN_PV"
                                : "its Xen notes name no PV entry: not built with CONFIG_XEN_PV");
    if (strncmp(f.xen_version, "xen-3.0", 7))
        return xasprintf("made for hypervisor ABI '%s', not xen-3.0", f.xen_version);
    if (f.loader[0] ? strcmp(f.loader, "generic") : strncmp(f.guest_os, "linux", 5))
        return xasprintf("wants the domain loader '%s', which isn't the generic one", f.loader);
    feature = unknown_feature(f.features);
    if (feature)
        return xasprintf("requires the hypervisor feature '%s', which the shim doesn't have",
                         feature);
    memcpy(k->guest_os, f.guest_os, sizeof(k->guest_os));
    return NULL;
}
