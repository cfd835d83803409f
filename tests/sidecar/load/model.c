// SPDX-License-Identifier: MIT
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>

static void set(struct model *m, uint64_t table, unsigned int i, uint64_t flags, uint64_t pfn)
{
    uint64_t e = flags | pfn << 12;

    memcpy(m->page[table] + 8 * i, &e, 8);
}

static void tables(struct model *m)
{
    uint64_t kernel = m->width == 8 ? KERNEL : 0;

    m->type[L1] = 1, m->type[STALE] = 1, m->type[L2] = 2, m->type[L3] = 3;
    m->type[TOP] = TYPE_PINNED | (m->width == 8 ? 4 : 3);
    for (uint64_t pfn = TOP; pfn <= L1; pfn++)
        memset(m->page[pfn], 0, PAGE);
    memset(m->page[STALE], 0, PAGE);
    set(m, L1, E_KERNEL, P | RW | U | kernel, 30);
    set(m, L1, E_USER, P | U | G, 31);
    set(m, L1, E_SWAPPED, U | KERNEL | RW, 32);
    /* (in a 32-bit guest bit 52 is nobody's mark) */
    set(m, L1, E_KERNEL_NX, P | RW | U | KERNEL | NX | 0xef8, 0);
    set(m, L1, E_NOT_GLOBAL, P | U, 33);
    set(m, L1, E_FRESH, P | U, FRESH);
    set(m, STALE, 7, P | U | kernel, BALLOONED + 5);
    set(m, L2, 0, P | RW | U, L1);
    set(m, L3, 0, P | (m->width == 8 ? RW | U : 0), L2);
    if (m->width == 4) {
        set(m, TOP, 3, P, L2);
        return;
    }
    set(m, TOP, 0, P | RW | U, L3);
    set(m, TOP, 300, P, TOP);
    memcpy(m->page[USER], m->page[TOP], PAGE);
    m->type[USER] = TYPE_PINNED | 4;
}

static void contexts(struct model *m)
{
    for (unsigned int i = 0; i < VCPUS; i++) {
        union context *c = &m->context[i];
        vcpu_guest_context_x86_64_t *c64 = (void *)c;
        vcpu_guest_context_x86_32_t *c32 = (void *)c;

        m->up[i] = i != 2;
        for (size_t j = 0; j < sizeof(*c); j++)
            c->bytes[j] = (uint8_t)(i * 7 + j * 3);
        if (m->width == 8) {
            c64->flags = VGCF_in_kernel_X86_64;
            c64->gdt_ents = 512, c64->gdt_frames[0] = GDT;
            c64->ctrlreg[3] = (uint64_t)TOP << 12;
            c64->ctrlreg[1] = i == 0 ? (uint64_t)USER << 12 | 1 : 0;
            c64->user_regs.rdx = START_INFO;
        } else {
            c32->flags = VGCF_in_kernel_X86_32;
            c32->gdt_ents = 2, c32->gdt_frames[0] = GDT;
            c32->ctrlreg[3] = xen_pfn_to_cr3_x86_32(TOP);
            c32->user_regs.edx = START_INFO;
        }
    }
}

void model_make(struct model *m, unsigned int width, bool small)
{
    unsigned int words = PAGE / width;
    start_info_x86_64_t *s64;
    start_info_x86_32_t *s32;

    *m = (struct model){.width = width, .nr_p2m = 1, .p2m = {P2M}};
    m->nr_pages = small ? SMALL : 4 * words + 52;
    m->type = calloc(m->nr_pages, 1);
    m->page = calloc(m->nr_pages, PAGE);
    for (uint64_t pfn = 0; pfn < m->nr_pages; pfn++)
        for (unsigned int i = 0; i < PAGE / 8; i++)
            memcpy(m->page[pfn] + 8 * i, &(uint64_t){(pfn + 1) * 0x9e3779b97f4a7c15 ^ i}, 8);
    memset(m->type + BALLOONED, TYPE_NONE, 10);
    if (!small) {
        /* not in the order of PFNs, and one for all that isn't there */
        memcpy(m->p2m, (uint64_t[]){P2M + 2, P2M, MISSING, MISSING, P2M + 1}, 5 * 8);
        m->nr_p2m = 5;
        memset(m->type + 2 * words, TYPE_NONE, 2 * words);
        /* one more without content, where others were written before */
        m->type[m->nr_pages - 1] = TYPE_ALLOCATE;
    }
    memset(m->page[MISSING], 0xff, PAGE);
    m->type[FRESH] = TYPE_ALLOCATE;
    m->type[BROKEN] = TYPE_BROKEN;
    tables(m);
    contexts(m);
    memset(m->shared_info, 0x5a, PAGE);
    s64 = (void *)m->page[START_INFO], s32 = (void *)m->page[START_INFO];
    if (width == 8)
        s64->store_mfn = STORE, s64->console.domU.mfn = CONSOLE;
    else
        s32->store_mfn = STORE, s32->console.domU.mfn = CONSOLE;
}

void model_free(struct model *m)
{
    free(m->type);
    free(m->page);
}
