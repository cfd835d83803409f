// SPDX-License-Identifier: MIT
#include "elftrim.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elfimage.h"
#include "xennotes.h"

#define PAGE ((size_t)4096)

/* Bytes of a segment up to the last one that isn't 0. */
static size_t used(const uint8_t *p, size_t n)
{
    while (n && !p[n - 1])
        n--;
    return n;
}

/* Where the file range of *ph lies in the new image, if it is part of a segment that was put there:
 * the loads of the old image are old[], of the new one now[]. */
static bool find(const Elf64_Phdr *old, const Elf64_Phdr *now, unsigned n, const Elf64_Phdr *ph,
                 Elf64_Off *at)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t skip = ph->p_offset - old[i].p_offset;

        if (old[i].p_type == PT_LOAD && ph->p_offset >= old[i].p_offset &&
            skip <= now[i].p_filesz && ph->p_filesz <= now[i].p_filesz - skip) {
            *at = now[i].p_offset + skip;
            return true;
        }
    }
    return false;
}

static void append(struct buf *out, const struct buf *in, Elf64_Phdr *ph, size_t place)
{
    static const uint8_t zeros[PAGE];
    size_t pad = (place - out->len) % PAGE;

    buf_add(out, zeros, pad);
    buf_add(out, in->data + ph->p_offset, ph->p_filesz);
    ph->p_offset = out->len - ph->p_filesz;
}

static bool trim(const struct buf *in, struct buf *out)
{
    struct elf_image e;
    char *bad = elf_open(&e, in->data, in->len);
    Elf64_Ehdr h;
    Elf64_Phdr old[32], now[32];
    size_t heads;

    if (bad || e.narrow) {
        free(bad);
        return false;
    }
    memcpy(&h, in->data, sizeof(h));
    heads = h.e_phnum * sizeof(*old);
    if (h.e_phentsize != sizeof(*old) || h.e_phnum > 32 || !elf_within(&e, h.e_phoff, heads))
        return false;
    memcpy(old, in->data + h.e_phoff, heads);
    memcpy(now, old, heads);
    h.e_phoff = sizeof(h);
    h.e_shoff = 0;
    h.e_shnum = h.e_shstrndx = 0;
    buf_add(out, &h, sizeof(h));
    buf_add(out, now, heads); /* once more when they are known */
    for (unsigned i = 0; i < h.e_phnum; i++) {
        if (!elf_within(&e, old[i].p_offset, old[i].p_filesz))
            return false;
        if (old[i].p_type != PT_LOAD)
            continue;
        now[i].p_filesz = used(in->data + old[i].p_offset, old[i].p_filesz);
        now[i].p_align = PAGE;
        append(out, in, &now[i], old[i].p_vaddr);
    }
    for (unsigned i = 0; i < h.e_phnum; i++)
        if (old[i].p_type != PT_LOAD && !find(old, now, h.e_phnum, &old[i], &now[i].p_offset))
            append(out, in, &now[i], 0);
    memcpy(out->data + sizeof(h), now, heads);
    return true;
}

/* "" for an image that the shim wouldn't run, else the name of its operating system. */
static void os_of(const struct buf *elf, struct xen_kernel *k)
{
    char *bad = xen_kernel_check(elf->data, elf->len, k);

    if (bad)
        k->guest_os[0] = 0;
    free(bad);
}

void elf_trim(struct buf *elf)
{
    struct buf shorter = {0};
    struct xen_kernel was, is;

    if (trim(elf, &shorter) && shorter.len < elf->len) {
        os_of(elf, &was);
        os_of(&shorter, &is);
        if (*was.guest_os && !was.symbols && !strcmp(was.guest_os, is.guest_os)) {
            buf_free(elf);
            *elf = shorter;
            return;
        }
    }
    buf_free(&shorter);
}
