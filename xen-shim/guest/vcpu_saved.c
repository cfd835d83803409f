// SPDX-License-Identifier: MIT
/* See vcpu_saved.h. */
#include "vcpu_saved.h"

#include "cpu.h"
#include "emulate.h"
#include "frames.h"
#include "shim.h"

#define XSAVE_LEAF 0xd

static u8 *buffer; /* XRSTOR wants an aligned one */
static u64 buffer_bytes;

u64 vcpu_saved_xcr0(void)
{
    if (!cpu_features.xsave)
        return 0;

    struct cpuid c = cpuid(XSAVE_LEAF, 0);
    return (u64)c.d << 32 | c.a;
}

void vcpu_saved_init(void)
{
    if (!cpu_features.xsave)
        return;
    buffer_bytes = cpuid(XSAVE_LEAF, 0).c;
    buffer = frames_alloc(buffer_bytes);
}

static void fill_buffer(const struct vcpu_saved *s)
{
    u64 n = min_t(u64, s->area_bytes, buffer_bytes);

    if (s->area == buffer)
        return;
    memset(buffer, 0, buffer_bytes);
    memcpy(buffer, s->area, n);
}

static void set_xcr0(u64 xcr0)
{
    __asm__ volatile(
        "1: xsetbv\n2:\n"
        ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection" ::"a"((u32)xcr0),
        "d"((u32)(xcr0 >> 32)), "c"(0));
}

/* All that the guest has ever had in XCR0 is loaded, then what it has now. */
static void load_xsave(const struct vcpu_saved *s)
{
    fill_buffer(s);
    set_xcr0(s->xcr0_accum);
    __asm__ volatile("1: xrstor64 %0\n2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection" ::"m"(
                         *(const u8(*)[4096])buffer),
                     "a"(~0U), "d"(~0U));
    set_xcr0(s->xcr0);
}

void vcpu_saved_load(struct vcpu *v)
{
    const struct vcpu_saved *s = v->saved;

    if (s->xcr0)
        load_xsave(s);
    /* One that isn't here is of no use here. */
    for (u64 i = 0; i < s->nr_msrs; i++)
        emulate_wrmsr(v, s->msr[i].index, s->msr[i].value);
    __atomic_store_n(&v->saved, NULL, __ATOMIC_SEQ_CST);
}

void vcpu_saved_keep(struct vcpu *v)
{
    static struct vcpu_saved kept;
    static u8 msrs[16 * sizeof(*kept.msr)];

    kept = *v->saved;
    if (kept.xcr0) {
        fill_buffer(&kept);
        kept.area = buffer;
    }
    kept.nr_msrs = min_t(u64, kept.nr_msrs, sizeof(msrs) / sizeof(*kept.msr));
    memcpy(msrs, kept.msr, kept.nr_msrs * sizeof(*kept.msr));
    kept.msr = (const void *)msrs;
    v->saved = &kept;
}
