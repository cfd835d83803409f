// SPDX-License-Identifier: MIT
/* See elfnotes.h; meaning of the notes: <xen/elfnote.h>. */
#include "elfnotes.h"

#include <xen/elfnote.h>

#include "shim.h"

struct note_header {
    u32 namesz, descsz, type;
};

static u64 number(const u8 *desc, u64 size)
{
    u64 v = 0;

    memcpy(&v, desc, min_t(u64, size, 8));
    return v;
}

static bool key_is(const char *key, u64 len, const char *name)
{
    return strlen(name) == len && !memcmp(key, name, len);
}

static bool starts_with(const char *s, u64 len, const char *prefix)
{
    return len >= strlen(prefix) && !memcmp(s, prefix, strlen(prefix));
}

/* Both of the note's values say that the kernel can do with an L3 anywhere. */
static enum pae_mode pae_by_note(const char *s, u64 len)
{
    if (starts_with(s, len, "yes") && (len == 3 || !s[3]))
        return PAE_EXTENDED_CR3;
    for (u64 i = 0; i < len && s[i]; i++)
        if (starts_with(s + i, len - i, "bimodal"))
            return PAE_EXTENDED_CR3;
    return PAE_NONE;
}

static void take_note(struct xen_notes *n, u32 type, const u8 *desc, u64 size)
{
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        n->has_entry = true;
        n->entry = number(desc, size);
        break;
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        n->has_hypercall_page = true;
        n->hypercall_page = number(desc, size);
        break;
    case XEN_ELFNOTE_VIRT_BASE:
        n->virt_base = number(desc, size);
        break;
    case XEN_ELFNOTE_PADDR_OFFSET:
        n->has_paddr_offset = true;
        n->paddr_offset = number(desc, size);
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        n->xen_version = (const char *)desc;
        n->xen_version_len = size;
        break;
    case XEN_ELFNOTE_GUEST_OS:
        n->guest_os = (const char *)desc;
        n->guest_os_len = size;
        break;
    case XEN_ELFNOTE_LOADER:
        n->loader = (const char *)desc;
        n->loader_len = size;
        break;
    case XEN_ELFNOTE_FEATURES:
        n->features = (const char *)desc;
        n->features_len = size;
        break;
    case XEN_ELFNOTE_PAE_MODE:
        n->pae = pae_by_note((const char *)desc, size);
        break;
    case XEN_ELFNOTE_BSD_SYMTAB:
        n->bsd_symtab = starts_with((const char *)desc, size, "yes");
        break;
    case XEN_ELFNOTE_INIT_P2M:
        n->has_init_p2m = true;
        n->init_p2m = number(desc, size);
        break;
    case XEN_ELFNOTE_MOD_START_PFN:
        n->mod_start_pfn = number(desc, size) != 0;
        break;
    }
}

const char *xen_notes_read(struct xen_notes *n, const u8 *p, u64 size)
{
    for (u64 off = 0; off + sizeof(struct note_header) <= size;) {
        const struct note_header *h = (const void *)(p + off);
        u64 name = off + sizeof(*h), desc = name + round_up((u64)h->namesz, 4UL);

        bool xen = desc <= size && h->namesz == 4 && !memcmp(p + name, "Xen", 4);

        if (desc > size || h->descsz > size - desc) {
            /* PV GRUB's image of 32 bits has a last note that runs past its segment. */
            if (xen && h->type == XEN_ELFNOTE_PAE_MODE)
                take_note(n, h->type, p + desc, size - desc);
            break;
        }
        if (xen) {
            n->found = true;
            take_note(n, h->type, p + desc, h->descsz);
        }
        off = desc + round_up((u64)h->descsz, 4UL);
    }
    return NULL;
}

static u64 hex_or_decimal(const char *s, u64 len)
{
    u64 v = 0;
    unsigned int base = 10;

    if (len > 2 && s[0] == '0' && (s[1] | 32) == 'x') {
        base = 16;
        s += 2;
        len -= 2;
    }
    for (; len; s++, len--) {
        unsigned int letter = (unsigned int)(*s | 32) - 'a';
        unsigned int digit = *s >= '0' && *s <= '9' ? (unsigned int)(*s - '0')
                             : letter < 6           ? letter + 10
                                                    : base;
        if (digit >= base)
            break;
        v = v * base + digit;
    }
    return v;
}

static void take_key(struct xen_notes *n, const char *key, u64 klen, const char *val, u64 vlen)
{
    if (key_is(key, klen, "GUEST_OS")) {
        n->guest_os = val;
        n->guest_os_len = vlen;
    } else if (key_is(key, klen, "XEN_VER")) {
        n->xen_version = val;
        n->xen_version_len = vlen;
    } else if (key_is(key, klen, "LOADER")) {
        n->loader = val;
        n->loader_len = vlen;
    } else if (key_is(key, klen, "VIRT_BASE")) {
        n->virt_base = hex_or_decimal(val, vlen);
    } else if (key_is(key, klen, "VIRT_ENTRY")) {
        n->has_entry = true;
        n->entry = hex_or_decimal(val, vlen);
    } else if (key_is(key, klen, "ELF_PADDR_OFFSET")) {
        n->has_paddr_offset = true;
        n->paddr_offset = hex_or_decimal(val, vlen);
    } else if (key_is(key, klen, "HYPERCALL_PAGE")) {
        n->has_hypercall_page = true;
        n->hypercall_page = hex_or_decimal(val, vlen);
    } else if (key_is(key, klen, "PAE")) {
        n->pae = key_is(val, vlen, "yes[extended-cr3]") ? PAE_EXTENDED_CR3
                 : starts_with(val, vlen, "yes")        ? PAE_LOW_CR3
                                                        : PAE_NONE;
    } else if (key_is(key, klen, "BSD_SYMTAB")) {
        n->bsd_symtab = true;
    } else if (key_is(key, klen, "FEATURES")) {
        n->features = val;
        n->features_len = vlen;
    }
}

const char *xen_guest_section_read(struct xen_notes *n, const char *p, u64 size)
{
    u64 i = 0;

    n->found = n->legacy = true;
    while (i < size && p[i]) {
        u64 key = i, klen, val, vlen;

        while (i < size && p[i] && p[i] != '=' && p[i] != ',')
            i++;
        klen = i - key;
        val = i;
        if (i < size && p[i] == '=')
            val = ++i;
        while (i < size && p[i] && p[i] != ',')
            i++;
        vlen = i - val;
        take_key(n, p + key, klen, p + val, vlen);
        if (i < size && p[i] == ',')
            i++;
    }
    return NULL;
}

/* A required feature ("!name") must be one that a PV domain can have. */
static const char *check_features(const char *s, u64 len)
{
    static const char *const served[] = {"writable_page_tables", "writable_descriptor_tables",
                                         "pae_pgdir_above_4gb"};
    static const char *const known[] = {"auto_translated_physmap", "supervisor_mode_kernel", "dom0",
                                        "hvm_callback_vector"};

    for (u64 i = 0; i < len && s[i];) {
        u64 start = i, n;
        bool ok = false, named = false;

        while (i < len && s[i] && s[i] != '|')
            i++;
        n = i - start;
        if (i < len && s[i]) /* over the bar, not over the end of the string */
            i++;
        if (n == 0 || s[start] != '!')
            continue;
        for (unsigned int k = 0; k < ARRAY_SIZE(served); k++)
            ok |= key_is(s + start + 1, n - 1, served[k]);
        for (unsigned int k = 0; k < ARRAY_SIZE(known); k++)
            named |= key_is(s + start + 1, n - 1, known[k]);
        if (!ok)
            return named ? "it requires a feature that PV domains don't have (FEATURES note)"
                         : "it requires a feature that is not known (FEATURES note)";
    }
    return NULL;
}

const char *xen_notes_check(const struct xen_notes *n, bool bits32)
{
    if (!n->found)
        return "no Xen notes in it: not built to run as a Xen PV guest (CONFIG_XEN_PV)";
    if (!n->xen_version || !starts_with(n->xen_version, n->xen_version_len, "xen-3.0"))
        return "its notes ask for another hypervisor interface than xen-3.0";
    if (!(n->loader && starts_with(n->loader, n->loader_len, "generic")) &&
        !(n->guest_os && starts_with(n->guest_os, n->guest_os_len, "linux")))
        return "its notes ask for another loader than \"generic\"";
    if (bits32 && n->pae == PAE_NONE)
        return "a 32-bit kernel without PAE, as no 64-bit Xen runs it: install one with PAE";
    return check_features(n->features, n->features_len);
}
