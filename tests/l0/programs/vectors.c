// SPDX-License-Identifier: MIT
/* Holds numbers in vector registers for ever, the upper halves of AVX's too where there are some,
 * and says when one isn't what it was.  Sleeps most of the time: then they are in the CPU alone,
 * as long as no other process uses its own. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* One register of each kind is enough: they are saved and loaded together. */
static int avx_holds(const uint64_t in[4], uint64_t out[4], long ns)
{
    struct timespec t = {0, ns};
    long rc;

    __asm__ volatile("vmovdqu %2, %%ymm5\n syscall\n vmovdqu %%ymm5, %1"
                     : "=a"(rc), "=m"(*(uint64_t(*)[4])out)
                     : "m"(*(const uint64_t(*)[4])in), "0"(35L), "D"(&t), "S"(0L)
                     : "rcx", "r11", "memory", "xmm5");
    return rc == 0 && in[0] == out[0] && in[1] == out[1] && in[2] == out[2] && in[3] == out[3];
}

static int sse_holds(const uint64_t in[4], uint64_t out[4], long ns)
{
    struct timespec t = {0, ns};
    long rc;

    __asm__ volatile("movdqu %2, %%xmm5\n syscall\n movdqu %%xmm5, %1"
                     : "=a"(rc), "=m"(*(uint64_t(*)[2])out)
                     : "m"(*(const uint64_t(*)[2])in), "0"(35L), "D"(&t), "S"(0L)
                     : "rcx", "r11", "memory", "xmm5");
    return rc == 0 && in[0] == out[0] && in[1] == out[1];
}

int main(void)
{
    int avx = __builtin_cpu_supports("avx");

    printf("GUEST vectors=%s\n", avx ? "avx" : "sse");
    fflush(stdout);
    for (uint64_t n = 1;; n += 0x0101010101010101) {
        uint64_t in[4] = {n, ~n, n * 3, ~n * 3}, out[4] = {0};
        if (!(avx ? avx_holds : sse_holds)(in, out, 30000000)) {
            printf("GUEST wrong=vectors %llx %llx %llx %llx\n", (unsigned long long)out[0],
                   (unsigned long long)out[1], (unsigned long long)out[2],
                   (unsigned long long)out[3]);
            fflush(stdout);
        }
    }
}
