// SPDX-License-Identifier: MIT
/* libFuzzer's entry for decode(): the first byte says how many bits the code has, the rest is code.
 * It never looks behind the end, knows the end of an instruction by its bytes alone, and agrees
 * with a disassembler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "disassembler.h"

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "ERROR: %s\n", what);
        abort();
    }
}

/* The first n bytes alone, at the end of what may be read. */
static enum decode_result decode_part(struct insn *in, const u8 *code, unsigned int n,
                                      unsigned int bits)
{
    u8 *part = malloc(n + !n);

    memcpy(part, code, n);
    enum decode_result result = decode(in, part, n, bits);
    free(part);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned int modes[] = {16, 32, 64, 64};
    char why[WHY_SIZE];
    struct insn in, part;

    if (!size)
        return 0;
    unsigned int bits = modes[data[0] & 3], n = size - 1 > 32 ? 32 : (unsigned int)size - 1;
    const u8 *code = data + 1;
    enum decode_result result = decode_part(&in, code, n, bits);

    if (result == DECODED) {
        check(in.length && in.length <= INSN_MAX && in.length <= n, "length");
        check(!in.has_sib || in.has_modrm, "a SIB without ModRM");
        for (unsigned int i = 0; i < in.length; i++)
            check(decode_part(&part, code, i, bits) == DECODE_MORE, "decoded by fewer bytes");
        check(decode_part(&part, code, in.length, bits) == DECODED, "not decoded by its own bytes");
        check(!memcmp(&in, &part, sizeof(in)), "what lies behind it matters");
    } else if (result == DECODE_TOO_LONG) {
        check(n >= INSN_MAX, "too long without the bytes");
    } else if (result == DECODE_MORE) {
        check(n < INSN_MAX, "more than fifteen bytes");
    }
    if (disassembler_agrees(code, n < INSN_MAX ? n : INSN_MAX, bits, why) == DIFFER) {
        fprintf(stderr, "%u bits: %s\n", bits, why);
        check(false, "differs from the disassembler");
    }
    return 0;
}
