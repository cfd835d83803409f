// SPDX-License-Identifier: MIT
/*
 * The failsafe callback (pv-guest-abi 3.5): a vCPU that is to go on with a DS, ES, FS or GS that
 * can't be loaded gets null there, and the callback first, with the four selectors in a frame of
 * its own kind. Here it's a second vCPU that starts so; what its frame shows vCPU 0 prints.
 */
#include "guest.h"

enum { F_RCX, F_R11, F_DS, F_ES, F_FS, F_GS, F_RIP, F_CS, F_RFLAGS, F_RSP, F_SS, F_WORDS };

static u8 stack[2 * PAGE_SIZE] page_aligned;
u8 second_stack[PAGE_SIZE] page_aligned; /* of failsafe_entry */
static struct vcpu_guest_context context;

/* Filled by vCPU 1: seen tells which way it came, 1 failsafe, 2 the start that it was given. */
volatile u64 seen, seen_rsp, seen_mask, seen_flags, seen_ds, seen_gs, seen_frame[F_WORDS];
void second_done(void);

asm(".pushsection .text\n"
    "failsafe_entry:\n"
    "pushfq\n popq seen_flags(%rip)\n"
    "mov %rsp, seen_rsp(%rip)\n"
    "mov %rsp, %rsi\n lea seen_frame(%rip), %rdi\n mov $11, %ecx\n cld\n rep movsq\n"
    "mov $1, %edi\n jmp common\n"
    "second_entry: mov $2, %edi\n"
    "common: mov %ds, %eax\n mov %rax, seen_ds(%rip)\n"
    "mov %gs, %eax\n mov %rax, seen_gs(%rip)\n"
    "lea second_stack+4096(%rip), %rsp\n mov %rdi, seen(%rip)\n"
    "call second_done\n ud2\n.popsection");
void failsafe_entry(void);
void second_entry(void);

void second_done(void)
{
    seen_mask = shared_info->vcpu_info[1].evtchn_upcall_mask;
    vcpu_end(1);
}

static void start(u64 flags)
{
    struct vcpu_guest_context *c = &context;

    vcpu_context(c, second_entry, stack + sizeof(stack) - 32);
    c->flags |= flags;
    c->user_regs.rflags = FL_IF | FL_CF | FL_TF;
    c->user_regs.rcx = 0xc0c0;
    c->user_regs.r11 = 0x1111;
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
    check_num("frame-below-rsp", (ul)stack + sizeof(stack) - 48 - seen_rsp, 8 * F_WORDS);
    check_hex("frame-rcx", seen_frame[F_RCX], 0xc0c0);
    check_hex("frame-r11", seen_frame[F_R11], 0x1111);
    check_hex("frame-ds", seen_frame[F_DS] & 0xffff, 0x13);
    check_hex("frame-es", seen_frame[F_ES] & 0xffff, FLAT_KERNEL_DS);
    check_hex("frame-fs", seen_frame[F_FS] & 0xffff, 0);
    check_hex("frame-gs", seen_frame[F_GS] & 0xffff, 0x1b);
    check_num("frame-rip", seen_frame[F_RIP] - (ul)second_entry, 0);
    check_hex("frame-cs", seen_frame[F_CS], FLAT_KERNEL_CS & ~3UL);
    check_hex("frame-rflags", seen_frame[F_RFLAGS] | FL_FIXED, FL_IF | FL_TF | FL_CF | FL_FIXED);
    check_num("frame-rsp", seen_frame[F_RSP] - context.user_regs.rsp, 0);
    check_hex("frame-ss", seen_frame[F_SS], FLAT_KERNEL_SS);
    check_hex("handler-rflags", seen_flags & (FL_IF | FL_TF | FL_CF | FL_IOPL), FL_IF | FL_CF);
    check_num("handler-mask", seen_mask, 1);
    check_hex("ds-is-null", seen_ds, 0);
    check_hex("gs-is-null", seen_gs, 0);
}

void test_main(void)
{
    if (hc(vcpu_op, VCPUOP_is_up, 1, 0) < 0)
        skip("only one vCPU");
    test_start();
}
