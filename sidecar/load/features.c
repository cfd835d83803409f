// SPDX-License-Identifier: MIT
#include "features.h"

#include "../../xen-shim/boot/handover.h"
#include "bytes.h"

#define LEAF_BYTES 24 /* leaf, subleaf, EAX, EBX, ECX, EDX */
#define MAX_LEAVES 4096
#define NO_SUBLEAF ~0u

#define BIT(n)       (1u << (n))
#define BITS(lo, hi) ((2u << (hi)) - (1u << (lo)))

/* Of each word the bits that add instructions, or state that they work on: without them a kernel
 * that was patched at start, or a program that looked once, dies.  What only says how something is
 * done, what is for kernels outside of Xen, and what the speculation of the CPU can do, isn't. */
static const uint32_t needed[] = {
    /* 1 ECX: SSE3, PCLMUL, SSSE3, FMA, CX16, SSE4, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND */
    BITS(0, 1) | BIT(9) | BITS(12, 13) | BITS(19, 20) | BITS(22, 23) | BITS(25, 26) | BITS(28, 30),
    /* 1 EDX: FPU, TSC, CX8, CMOV, CLFSH, MMX, FXSR, SSE, SSE2 */
    BIT(0) | BIT(4) | BIT(8) | BIT(15) | BIT(19) | BITS(23, 26),
    /* 7 EBX: FSGSBASE, BMI1, AVX2, BMI2, RTM, AVX512, RDSEED, ADX, CLFLUSHOPT, CLWB, SHA */
    BIT(0) | BIT(3) | BIT(5) | BIT(8) | BIT(11) | BITS(16, 19) | BIT(21) | BITS(23, 24) |
        BITS(26, 31),
    /* 7 ECX: VBMI, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ, RDPID, MOVDIR */
    BIT(1) | BIT(6) | BITS(8, 12) | BIT(14) | BIT(22) | BITS(27, 28),
    /* 7 EDX: AVX512 4VNNIW, 4FMAPS, VP2INTERSECT, SERIALIZE, TSXLDTRK, FP16 */
    BITS(2, 3) | BIT(8) | BIT(14) | BIT(16) | BIT(23),
    /* 7.1 EAX: SHA512, SM3, SM4, AVX_VNNI, BF16, CMPCCXADD, AVX_IFMA */
    BITS(0, 2) | BITS(4, 5) | BIT(7) | BIT(23),
    /* 0xd.1 EAX: XSAVEOPT, XSAVEC, XGETBV with 1 */
    BITS(0, 2),
    /* 0x80000001 ECX: LAHF, LZCNT, SSE4A, misaligned SSE, XOP, FMA4, TBM */
    BIT(0) | BITS(5, 7) | BIT(11) | BIT(16) | BIT(21),
    /* 0x80000001 EDX: SYSCALL, NX, MMXEXT, RDTSCP, long mode, 3DNow! */
    BIT(11) | BIT(20) | BIT(22) | BIT(27) | BITS(29, 31),
    /* 0x80000008 EBX: CLZERO, RDPRU */
    BIT(0) | BIT(4),
};

#define WORD(leaf, subleaf, reg) {leaf, subleaf, reg},
static const struct {
    uint32_t leaf, subleaf;
    unsigned int reg;
} words[] = {HANDOVER_FEATURES(WORD)};
#define NR_WORDS (sizeof(words) / sizeof(words[0]))
_Static_assert(NR_WORDS == SEEN_WORDS, "words");
_Static_assert(NR_WORDS == sizeof(needed) / sizeof(needed[0]), "words");

bool features_read(struct image *img)
{
    uint64_t at = img->cpuid.at;
    uint8_t b[LEAF_BYTES];

    if (img->cpuid.len % LEAF_BYTES || img->cpuid.len / LEAF_BYTES > MAX_LEAVES)
        return damaged(img, "has %u bytes of CPUID", img->cpuid.len);
    for (uint32_t n = img->cpuid.len / LEAF_BYTES; n; n--) {
        if (!take(img, &at, b, sizeof(b)))
            return false;
        for (size_t i = 0; i < NR_WORDS; i++) {
            uint32_t subleaf = le32(b + 4);

            if (le32(b) == words[i].leaf &&
                (subleaf == words[i].subleaf || (subleaf == NO_SUBLEAF && !words[i].subleaf)))
                img->seen[i] = le32(b + 8 + 4 * words[i].reg);
        }
    }
    return true;
}

bool features_check(struct image *img, const uint32_t *has)
{
    for (size_t i = 0; i < NR_WORDS; i++) {
        uint32_t missing = img->seen[i] & needed[i] & ~has[i];

        if (missing)
            return fault(img,
                         "is of a guest that has seen features of the CPU which the domain hasn't "
                         "(CPUID %#x.%u, E%cX, bits %#x); use sidecar-switch, which boots it anew",
                         words[i].leaf, words[i].subleaf, "ABCD"[words[i].reg], missing);
    }
    return true;
}
