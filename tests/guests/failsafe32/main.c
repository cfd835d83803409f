// SPDX-License-Identifier: MIT
/*
 * The failsafe callback of a 32-bit guest (pv-guest-abi 3.5): as the guest failsafe, but the frame
 * begins with the four selectors, and has no ESP and SS when it comes from ring 1.
 */
#include "guest.h"

enum { F_DS, F_ES, F_FS, F_GS, F_EIP, F_CS, F_EFLAGS, F_WORDS };

static u8 stack[2 * PAGE_SIZE] page_aligned;
u8 second_stack[PAGE_SIZE] page_aligned; /* of failsafe_entry */
static struct vcpu_guest_context context;

/* Filled by vCPU 1: seen tells which way it came, 1 failsafe, 2 the start that it was given. */
volatile ul seen, seen_esp, seen_mask, seen_flags, seen_ds, seen_gs, seen_frame[F_WORDS];
void second_done(void);

asm(".pushsection .text\n"
    "failsafe_entry: mov $1, %ebx\n jmp common\n"
    "second_entry: mov $2, %ebx\n"
    "common: mov %ds, %edx\n mov %gs, %ebp\n"
    "mov %ss, %eax\n mov %eax, %ds\n mov %eax, %es\n"
    "pushfl\n popl seen_flags\n mov %esp, seen_esp\n"
    "mov %edx, seen_ds\n mov %ebp, seen_gs\n"
    "mov %esp, %esi\n mov $seen_frame, %edi\n mov $7, %ecx\n cld\n rep movsl\n"
    "lea second_stack+4092, %esp\n mov %ebx, seen\n"
    "call second_done\n ud2\n.popsection");
void failsafe_entry(void);
void second_entry(void);

void second_done(void)
{
    seen_mask = shared_info->vcpu_info[1].evtchn_upcall_mask;
    vcpu_end(1);
}

static void start(ul flags)
{
    struct vcpu_guest_context *c = &context;

    vcpu_context(c, second_entry, stack + sizeof(stack) - 64);
    c->flags |= flags;
    c->user_regs.eflags = FL_IF | FL_CF;
    c->user_regs.ds = 0x13; /* there is no GDT */
    c->user_regs.es = FLAT_KERNEL_DS;
    c->user_regs.fs = 0;
    c->user_regs.gs = 0x1b;
    c->failsafe_callback_eip = (ul)failsafe_entry;
    if (vcpu_begin(1, c))
        panic("second vCPU");
}

static void test_start(void)
{
    shared_info->vcpu_info[1].evtchn_upcall_mask = 0;
    start(VGCF_failsafe_disables_events);
    wait_until(hc(vcpu_op, VCPUOP_is_up, 1, 0) == 0);
    check_num("came-by-failsafe", seen, 1);
    check_num("frame-below-esp", context.user_regs.esp - seen_esp, 4 * F_WORDS);
    check_hex("frame-ds", seen_frame[F_DS] & 0xffff, 0x13);
    check_hex("frame-es", seen_frame[F_ES] & 0xffff, FLAT_KERNEL_DS);
    check_hex("frame-fs", seen_frame[F_FS] & 0xffff, 0);
    check_hex("frame-gs", seen_frame[F_GS] & 0xffff, 0x1b);
    check_num("frame-eip", seen_frame[F_EIP] - (ul)second_entry, 0);
    check_hex("frame-cs", seen_frame[F_CS] & 0xffff, FLAT_KERNEL_CS);
    check_hex("frame-mask", seen_frame[F_CS] >> 16, 0);
    check_hex("frame-eflags", seen_frame[F_EFLAGS] | FL_FIXED, FL_IF | FL_CF | FL_FIXED);
    check_hex("handler-flags", seen_flags & (FL_IF | FL_TF | FL_CF | FL_IOPL), FL_IF | FL_CF);
    check_num("handler-mask", seen_mask, 1);
    check_hex("ds-is-null", seen_ds & 0xffff, 0);
    check_hex("gs-is-null", seen_gs & 0xffff, 0);
}

void test_main(void)
{
    if (hc(vcpu_op, VCPUOP_is_up, 1, 0) < 0)
        skip("only one vCPU");
    test_start();
}
