// SPDX-License-Identifier: MIT
/* Offsets of C structures for assembly; build.mk turns the output into asm-offsets.h. */
#include "count.h"
#include "frames.h"
#include "quick.h"
#include "segment.h"
#include "vcpu.h"

#define DEFINE(name, value) __asm__ volatile("\n#define " #name " %c0" ::"i"(value))

_Static_assert(offsetof(struct vcpu, kernel_mode) == offsetof(struct vcpu, mode), "mode");
_Static_assert(offsetof(struct vcpu, nmi_pending) == offsetof(struct vcpu, mode) + 1 &&
                   offsetof(struct vcpu, odd_selectors) == offsetof(struct vcpu, mode) + 2 &&
                   offsetof(struct vcpu, odd_kernel_sp) == offsetof(struct vcpu, mode) + 3,
               "mode");
_Static_assert(offsetof(struct vcpu, user_table_dirty) == offsetof(struct vcpu, mode) + 5,
               "MODE_TABLE_DIRTY");

void offsets(void);
void offsets(void)
{
    DEFINE(VCPU_SYSCALL_ENTRY, offsetof(struct vcpu, syscall_entry));
    DEFINE(VCPU_SYSCALL32_ENTRY, offsetof(struct vcpu, syscall32_entry));
    DEFINE(VCPU_VI, offsetof(struct vcpu, vi));
    DEFINE(VCPU_MODE, offsetof(struct vcpu, mode));
    DEFINE(MODE_TABLE_DIRTY, 1 << 8); /* in its upper half: user_table_dirty, and nothing else */
    DEFINE(VCPU_NMI_MASKED, offsetof(struct vcpu, nmi_masked));
    DEFINE(SYSCALL_PUSHES, SYSCALL_PUSHES);
    DEFINE(VCPU_TO_SYSCALL, offsetof(struct vcpu, to_syscall));
    DEFINE(VCPU_STACKS_SEEN, offsetof(struct vcpu, stacks_seen));
    DEFINE(STACKS_SEEN, STACKS_SEEN);
    DEFINE(STACKS_SEEN_SHIFT, STACKS_SEEN_SHIFT);
    DEFINE(QUICK_MMUEXT, offsetof(struct quick_ways, mmuext));
    DEFINE(QUICK_CHOOSE, offsetof(struct quick_ways, choose_user_table));
    DEFINE(QUICK_READ_ONLY, offsetof(struct quick_ways, user_read_only));
    DEFINE(VCPU_KERNEL_SP, offsetof(struct vcpu, kernel_sp));
    DEFINE(VCPU_SYSCALL_MASK, offsetof(struct vcpu, syscall.mask_events));
    DEFINE(VCPU_RUNSTATE_SEEN, offsetof(struct vcpu, runstate_seen));
    DEFINE(LOBBY_RUNSTATE_ENTRY, offsetof(struct lobby, l0_runstate.state_entry_time));
    DEFINE(LOBBY_KERNEL_CR3, offsetof(struct lobby, kernel_cr3));
    DEFINE(LOBBY_USER_CR3, offsetof(struct lobby, user_cr3));
    DEFINE(LOBBY_LOADED, offsetof(struct lobby, loaded));
    DEFINE(LOBBY_SAVED_RAX, offsetof(struct lobby, saved_rax));
    DEFINE(COUNT_CR3_LOAD, COUNT_cr3_load * 8);
    DEFINE(COUNT_SYSCALL, COUNT_syscall * 8);
    DEFINE(COUNT_IRET, COUNT_iret * 8);
    DEFINE(COUNT_VERW, COUNT_verw * 8);
    DEFINE(COUNT_HYPERCALL, COUNT_hypercall * 8);
    DEFINE(COUNT_PT_WRITE, COUNT_pt_write * 8);
    DEFINE(FRAME_RAM, FRAME_RAM);
    DEFINE(VI_CR2, offsetof(struct vcpu_info, arch.cr2));
    DEFINE(VCPU_PAGE_FAULT, offsetof(struct vcpu, traps[X86_PF].address));
    DEFINE(VCPU_PAGE_FAULT_MASK, offsetof(struct vcpu, traps[X86_PF].mask_events));
    DEFINE(COUNT_PAGE_FAULT, COUNT_page_fault * 8);
    DEFINE(HANDLER_CLEARS, HANDLER_CLEARS);
    DEFINE(MMU_PRESERVE_AD, MMU_PT_UPDATE_PRESERVE_AD);
    DEFINE(PTE_AD, PTE_A | PTE_D);
    DEFINE(FLAG_IF, X86_EFLAGS_IF);
    DEFINE(SYSCALL_CLEARS, HANDLER_CLEARS | X86_EFLAGS_DF);
    DEFINE(IRET_FLAGS_KEPT, IRET_FLAGS_KEPT);
    DEFINE(SYSRET_FLAGS, IRET_FLAGS_KEPT & ~(X86_EFLAGS_TF | X86_EFLAGS_RF));
    DEFINE(VCPU_IST_USED, offsetof(struct vcpu, ist_used));
    DEFINE(VCPU_NMI_PENDING, offsetof(struct vcpu, nmi_pending));
    DEFINE(VCPU_IOPL_ASSIST, offsetof(struct vcpu, iopl_assist));
    DEFINE(VCPU_KERNEL_SS, offsetof(struct vcpu, kernel_ss));
    DEFINE(VCPU_INT80_ADDRESS, offsetof(struct vcpu, traps[0x80].address));
    DEFINE(VCPU_INT80_MASK, offsetof(struct vcpu, traps[0x80].mask_events));
    DEFINE(VCPU_INT80_CS, offsetof(struct vcpu, traps[0x80].cs));
    DEFINE(HANDLER32_CLEARED, HANDLER32_CLEARS);
    DEFINE(SEGMENT_ANY_HIGH, SEGMENT_FLAT_ANY >> 32);
    DEFINE(SEGMENT_FLAT_HIGH, SEGMENT_FLAT_DATA >> 32);
    DEFINE(SEGMENT_FLAT_LOW, (u32)SEGMENT_FLAT_DATA);
    DEFINE(VCPU_SHOWS_KERNEL_PAGES, offsetof(struct vcpu, shows_kernel_pages));
    DEFINE(REGS_CS, offsetof(struct regs, cs));
}
