// SPDX-License-Identifier: MIT
/* Of userio, what there is with 32 bits only: addresses of 16 bits, and the hole where it is. */
#include "userio.h"

USER_CODE(u_a16_insb, ".byte 0x67; insb; ud2");
USER_CODE(u_a16_rep_insb, ".byte 0x67; rep insb; ud2");
USER_CODE(u_a16_rep_outsb, ".byte 0x67; rep outsb; ud2");
USER_CODE(u_x_insb, "insb; ud2");
USER_CODE(u_x_insl, "insl; ud2");
USER_CODE(u_x_rep_insb, "rep insb; ud2");
USER_CODE(u_x_outsb, "outsb; ud2");
USER_CODE(u_x_rep_outsb, "rep outsb; ud2");
USER_CODE(u_x_ss_outsb, ".byte 0x36; outsb; ud2");

void test_width(void)
{
    SHOW(u_x_insb, .rdi = IN_HOLE);
    SHOW(u_x_insb, .rdi = HYPERVISOR_AT);
    SHOW(u_x_insb, .rdi = M2P_END - 1);
    SHOW(u_x_insb, .rdi = M2P_END);
    SHOW(u_x_insb, .rdi = 0xffffffff);
    SHOW(u_x_insl, .rdi = 0xfffffffe);
    SHOW(u_x_insl, .rdi = HYPERVISOR_AT - 2);
    SHOW(u_x_rep_insb, .rdi = HYPERVISOR_AT - 1, .rcx = 2);
    SHOW(u_x_outsb, .rsi = HYPERVISOR_AT);
    SHOW(u_x_outsb, .rsi = IN_HYPERVISOR);
    SHOW(u_x_ss_outsb, .rsi = IN_HYPERVISOR);
    SHOW(u_x_rep_outsb, .rsi = M2P_END - 1, .rcx = 2);
    SHOW(u_a16_insb, .rdi = PAGE_A + 5);
    SHOW(u_a16_rep_insb, .rdi = 0x5fffe, .rcx = 0x70003);
    SHOW(u_a16_rep_insb, .rdi = PAGE_A, .rcx = 0x50000);
    SHOW(u_a16_rep_outsb, .rsi = PAGE_A + 5, .rcx = 3);
}
