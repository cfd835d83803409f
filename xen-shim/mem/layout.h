/* SPDX-License-Identifier: MIT */
/*
 * The shim's address map.  Used by C and assembly; numbers only.
 *
 * L4 slots 256-271 are the hypervisor's in the 64-bit PV ABI, in every guest page table:
 *
 *   slot  address             what
 *   256   0xffff800000000000  machine-to-phys table, read-only view (address fixed by the ABI)
 *   257   0xffff808000000000  shim image, at the offset of its physical address
 *         0xffff808040000000  per-vCPU areas, VCPU_AREA_SIZE each (below)
 *         0xffff8080c0000000  frame states, one byte an MFN
 *   258   0xffff810000000000  machine-to-phys table again, writable
 *   262   0xffff830000000000  direct map of physical memory, 2 MiB pages, not executable
 *
 * A 32-bit guest's vCPU runs on an L4 of the shim's own, with the guest's memory in slot 0 and in
 * slot 1, which no 32-bit code can address:
 *
 *   1     0x0000008000000000  the vCPU's translation area: what the guest passed in 32-bit
 *                             structures lies there in the 64-bit form that the handlers read
 *
 * What L0 writes by virtual address (run-state) must lie in slots 256-259: elsewhere in the hole
 * L0 3.4-4.8 may take the address for its own scratch buffer.
 */
#ifndef SHIM_LAYOUT_H
#define SHIM_LAYOUT_H

#ifdef __ASSEMBLER__
#define UL(x) x
#else
#define UL(x) x##UL
#endif

#define PAGE_SHIFT 12
#define PAGE_SIZE  UL(0x1000)
#define PAGE_MASK  (~UL(0xfff))

#define SHIM_PHYS_BASE UL(0x100000)

#define LOW_END    UL(0x0000800000000000) /* from here to the hole nothing is canonical */
#define HOLE_START UL(0xffff800000000000)
#define HOLE_END   UL(0xffff880000000000)
#define HOLE_SLOT  256
#define HOLE_SLOTS 16

#define M2P_RO       UL(0xffff800000000000)
#define M2P_RO_END   UL(0xffff804000000000)
#define IMAGE_VIRT   UL(0xffff808000000000) /* + physical address */
#define VCPU_AREAS   UL(0xffff808040000000)
#define FRAME_STATES UL(0xffff8080c0000000)
#define M2P_RW       UL(0xffff810000000000)
#define DIRECT_MAP   UL(0xffff830000000000)

/* What is the hypervisor's of a 32-bit guest's 4 GiB; the guest sees the machine-to-phys table
 * there. */
#define PV32_HOLE_START UL(0xf5800000)
#define M2P32_RO        UL(0xf5800000)
#define M2P32_RO_END    UL(0xffe00000)

#ifndef XLAT_VIRT /* unit tests have it elsewhere */
#define XLAT_VIRT UL(0x0000008000000000)
#endif
#define XLAT_BYTES UL(0x4000)

/*
 * One vCPU's area.  Every shim stack lies in it, so that (rsp & ~(VCPU_AREA_SIZE - 1)) finds the
 * vCPU without a segment register: FS and GS always hold the guest's bases.
 *
 *   0x00000  SYSCALL stub (the same physical page in every area; it is position dependent only
 *            relative to the area, which is how it finds its own vCPU)
 *   0x01000  struct vcpu (VCPU_PAGES)
 *   0x05000  guard, not mapped
 *   0x06000  stack, 2 pages; above its top the frame by which hypercalls in assembly go back to
 *            ring 1 (syscall64.S): its CS and SS are never written anew
 *   0x08000  guard
 *   0x09000  IST stacks: NMI, #MC (half a page each)
 *   0x0a000  IST stacks: #DF, #DB
 *   0x0b000  struct lobby, and in the rest of its page the stack for entries from the guest when
 *            user mode is isolated (isolate.h)
 *   0x10000  GDT: 14 pages of the guest's, 1 page of the shim's (selectors 0xe000-0xefff)
 *   0x20000  the guest's LDT, 16 pages
 */
#define VCPU_AREA_SIZE  UL(0x40000)
#define VCPU_STUB_OFF   0x00000
#define VCPU_STRUCT_OFF 0x01000
#define VCPU_PAGES      2
#define VCPU_STACK_OFF  0x06000
#define VCPU_STACK_TOP  0x07fd0 /* a multiple of 16, as the CPU aligns it */
#define VCPU_IST_OFF    0x09000
#define VCPU_IST_SIZE   0x800
#define VCPU_LOBBY_OFF  0x0b000
#define VCPU_LOBBY_TOP  0x0c000
#define VCPU_GDT_OFF    0x10000
#define VCPU_LDT_OFF    0x20000

#define IST_NMI 1
#define IST_MC  2
#define IST_DF  3
#define IST_DB  4

/* Selectors of the reserved GDT page.  Those of the ABI first; see <xen/arch-x86/xen-x86_64.h>. */
#define SEL_SHIM_CS   0xe008 /* ring 0 */
#define SEL_SHIM_DS   0xe010
#define SEL_USER_CS32 0xe023
#define SEL_USER_DS   0xe02b
#define SEL_USER_CS   0xe033
#define SEL_RING1_CS  0xe041 /* where the 64-bit guest kernel really runs */
#define SEL_RING1_DS  0xe049
#define SEL_TSS       0xe050
/* The same page for a 32-bit guest; see <xen/arch-x86/xen-x86_32.h>. */
#define SEL_RING1_CS32 0xe019
#define SEL_RING1_DS32 0xe021
#define SEL_RING3_CS32 0xe02b
#define SEL_RING3_DS32 0xe033

#define SEL_LDT          0xe060
#define GDT_RESERVED_OFF 0xe000
#define GDT_LIMIT        0xe06f

/* What frames pushed for kernel mode show. */
#define SEL_SEEN_KERNEL_CS 0xe030
#define SEL_SEEN_KERNEL_SS 0xe02b

#define VECTOR_UPCALL 0xf0 /* L0 event */
#define VECTOR_TIMER  0xf1 /* LAPIC timer */
#define VECTOR_IPI    0xf2 /* another vCPU of ours */
#define VECTOR_COM1   0xf4
/* The first 8259's lines, where it is used: VECTOR_PIC + n.  COM1 is line 4 either way. */
#define VECTOR_PIC        0xf0
#define VECTOR_UPCALL_PIC 0xf7
#define VECTOR_SPURIOUS   0xff
/* In struct regs, with an exception's: it was of the IRETQ to the context that the frame holds. */
#define VECTOR_OF_IRET 0x100

#define VECTOR_HYPERCALL32 0x82
/* In struct regs: SYSCALL from compatibility mode. */
#define VECTOR_SYSCALL32 0x1000

/* GFNs that no firmware of Xen's uses, for what L0 shares with the shim: above hvmloader's
 * reserved area, below the IO-APIC. */
#define L0_SHARED_GFN_FIRST UL(0xfe100)
#define L0_SHARED_GFN_END   UL(0xfec00)

#define AP_TRAMPOLINE 0x1000 /* physical; SIPI vector 1 */

/* A firmware sidecar: right above the image, the hvm_start_info that its builder wrote there; and
 * what EAX says then. */
#define FIRMWARE_INFO  0x200000 /* physical */
#define FIRMWARE_MAGIC 0x66736964

#endif
