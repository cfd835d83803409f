// SPDX-License-Identifier: MIT
/* Of userio, what there is with 64 bits only: REX, addresses of 32 bits, bases of FS and GS that no
 * descriptor has, addresses that aren't canonical. */
#include "userio.h"

USER_CODE(u_insq, ".byte 0x48; insl; ud2");
USER_CODE(u_insw_rex, ".byte 0x66, 0x48; insl; ud2");
USER_CODE(u_a32_insb, ".byte 0x67; insb; ud2");
USER_CODE(u_a32_rep_insb, ".byte 0x67; rep insb; ud2");
USER_CODE(u_a32_rep_outsb, ".byte 0x67; rep outsb; ud2");
USER_CODE(u_fs_outsb, ".byte 0x64; outsb; ud2");
USER_CODE(u_gs_outsb, ".byte 0x65; outsb; ud2");
USER_CODE(u_fs_a32_outsb, ".byte 0x64, 0x67; outsb; ud2");
USER_CODE(u_fs_insb, ".byte 0x64; insb; ud2");
USER_CODE(u_fs_ds_outsb, ".byte 0x64, 0x3e; outsb; ud2");
USER_CODE(u_inq, ".byte 0x48; in %dx, %eax; ud2");
USER_CODE(u_inw_rex, ".byte 0x48, 0x66; in %dx, %eax; ud2");
USER_CODE(u_x_insb, "insb; ud2");
USER_CODE(u_x_insl, "insl; ud2");
USER_CODE(u_x_rep_insb, "rep insb; ud2");
USER_CODE(u_x_outsb, "outsb; ud2");
USER_CODE(u_x_rep_outsb, "rep outsb; ud2");
USER_CODE(u_x_cs_outsb, ".byte 0x2e; outsb; ud2");
USER_CODE(u_x_ss_outsb, ".byte 0x36; outsb; ud2");

static void test_rex(void)
{
    const u64 ax = 0x1122334455667788;

    SHOW(u_insq, .rdi = PAGE_A + 5);
    SHOW(u_insw_rex, .rdi = PAGE_A + 5);
    SHOW(u_inq, .rax = ax);
    SHOW(u_inw_rex, .rax = ax);
}

static void test_not_canonical(void)
{
    SHOW(u_x_insb, .rdi = 0x800000000000);
    SHOW(u_x_insl, .rdi = 0x7fffffffffff);
    SHOW(u_x_insb, .rdi = 0xffff7fffffffffff);
    SHOW(u_x_outsb, .rsi = 0x123456789abcdef0);
    SHOW(u_x_ss_outsb, .rsi = 0x123456789abcdef0);
    SHOW(u_x_rep_insb, .rdi = 0x800000000000, .rdx = 0x88, .rcx = 1);
}

static void test_hole(void)
{
    SHOW(u_x_insb, .rdi = 0xffff830000000000);
    SHOW(u_x_insb, .rdi = 0xffff800000000000);
    SHOW(u_x_insb, .rdi = 0xffff808000100000);
    SHOW(u_x_insb, .rdi = 0xffff808040001000);
    SHOW(u_x_rep_insb, .rdi = 0xffff87ffffffffff, .rcx = 2);
    SHOW(u_x_outsb, .rsi = 0xffff830000000000);
    SHOW(u_x_rep_outsb, .rsi = 0xffff87ffffffffff, .rcx = 2);
}

static void test_prefixes(void)
{
    const u64 high = 0xabcd00000000;

    SHOW(u_a32_insb, .rdi = PAGE_A + 5 + high);
    SHOW(u_a32_rep_insb, .rdi = PAGE_A + 5 + high, .rcx = 3 + high);
    SHOW(u_a32_rep_insb, .rdi = HOLE - 2 + high, .rcx = 5 + high);
    SHOW(u_a32_rep_insb, .rdi = PAGE_A + high, .rcx = high);
    SHOW(u_a32_rep_outsb, .rsi = PAGE_A + 5 + high, .rcx = 3 + high);
    SHOW(u_a32_insb, .rdi = HOLE + high);
    SHOW(u_a32_rep_outsb, .rsi = PAGE_A + 5 + high, .rcx = high);
    SHOW(u_a32_rep_insb, .rdi = 0xffffffff + high, .rcx = 2);
    hc(set_segment_base, SEGBASE_FS, PAGE_A);
    SHOW(u_fs_outsb, .rsi = 100);
    SHOW(u_fs_outsb, .rsi = 2 * PAGE_SIZE + 1);
    hc(set_segment_base, SEGBASE_FS, PAGE_A - 0x100000000);
    SHOW(u_fs_outsb, .rsi = 0x100000005);
    SHOW(u_fs_outsb, .rsi = 5);
    hc(set_segment_base, SEGBASE_FS, PAGE_A);
    SHOW(u_fs_a32_outsb, .rsi = 5 + high);
    SHOW(u_fs_insb, .rdi = PAGE_A + 1);
    SHOW(u_fs_ds_outsb, .rsi = 6);
    SHOW(u_fs_ds_outsb, .rsi = PAGE_A);
    hc(set_segment_base, SEGBASE_FS, 0x7ffffffff000);
    SHOW(u_fs_outsb, .rsi = 0x1000);
    hc(set_segment_base, SEGBASE_FS, 0);
    hc(set_segment_base, SEGBASE_GS_USER, PAGE_A - 7);
    SHOW(u_gs_outsb, .rsi = 7);
    SHOW(u_gs_outsb, .rsi = 6 + 2 * PAGE_SIZE);
    SHOW(u_gs_outsb, .rsi = 7 + 2 * PAGE_SIZE);
    hc(set_segment_base, SEGBASE_GS_USER, 0);
    SHOW(u_x_cs_outsb, .rsi = PAGE_A);
    SHOW(u_x_ss_outsb, .rsi = PAGE_A);
    SHOW(u_x_ss_outsb, .rsi = HOLE);
}

void test_width(void)
{
    test_rex();
    test_not_canonical();
    test_hole();
    test_prefixes();
}
