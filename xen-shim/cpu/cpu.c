// SPDX-License-Identifier: MIT
/* See cpu.h. */
#include "cpu.h"

#include "guest.h"
#include "isolate.h"
#include "map.h"
#include "ram.h"
#include "shim.h"
#include "speculation.h"

struct cpu_features cpu_features;
bool leave_specially; /* entry.S */
mfn_t gdt_empty_mfn;

struct gate {
    u16 offset0, selector;
    u8 ist, type;
    u16 offset1;
    u32 offset2, reserved;
};

/* A page of its own, as user mode's table maps it when that is isolated. */
static struct gate idt[256] __attribute__((section(".bss.page"), aligned(4096)));
extern const struct {
    u64 vector, entry[4]; /* bits of the index: isolated, for a 32-bit guest; 0 = none */
} idt_entries[], idt_entries_end[];
extern u8 syscall_stub[], syscall32_stub[], syscall_common[], syscall32_pv32[];
extern u8 syscall64[], syscall64_isolated[], syscall64_verw[];
extern u8 isolated_syscall_stub[], isolated_syscall32_stub[], image_start[], text_end[];

static struct {
    u64 entry[(GDT_LIMIT + 1 - GDT_RESERVED_OFF) / 8];
} const gdt_template = {{
    [(SEL_SHIM_CS & 0xff8) / 8] = 0x00af9b000000ffff,
    [(SEL_SHIM_DS & 0xff8) / 8] = 0x00cf93000000ffff,
    [(SEL_USER_CS32 & 0xff8) / 8] = 0x00cffb000000ffff,
    [(SEL_USER_DS & 0xff8) / 8] = 0x00cff3000000ffff,
    [(SEL_USER_CS & 0xff8) / 8] = 0x00affb000000ffff,
    [(SEL_RING1_CS & 0xff8) / 8] = 0x00afbb000000ffff,
    [(SEL_RING1_DS & 0xff8) / 8] = 0x00cfb3000000ffff,
}};

/* Of a 32-bit guest: nothing of 64 bits but the shim's own. */
static const u64 gdt_template32[sizeof(gdt_template) / 8] = {
    [(SEL_SHIM_CS & 0xff8) / 8] = 0x00af9b000000ffff,
    [(SEL_SHIM_DS & 0xff8) / 8] = 0x00cf93000000ffff,
    [(SEL_RING1_CS32 & 0xff8) / 8] = 0x00cfbb000000ffff,
    [(SEL_RING1_DS32 & 0xff8) / 8] = 0x00cfb3000000ffff,
    [(SEL_RING3_CS32 & 0xff8) / 8] = 0x00cffb000000ffff,
    [(SEL_RING3_DS32 & 0xff8) / 8] = 0x00cff3000000ffff,
};

bool rdmsr_safe(u32 msr, u64 *v)
{
    u32 lo = 0, hi = 0;
    bool ok = false;

    __asm__ volatile("1: rdmsr\n movb $1, %2\n2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+a"(lo), "+d"(hi), "+q"(ok)
                     : "c"(msr));
    *v = (u64)hi << 32 | lo;
    return ok;
}

bool wrmsr_safe(u32 msr, u64 v)
{
    bool ok = false;

    __asm__ volatile("1: wrmsr\n movb $1, %0\n2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+q"(ok)
                     : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32))
                     : "memory");
    return ok;
}

static u8 gate_type(u64 vec)
{
    /* int3, into and int 0x80 are the guest's to use; the others give #GP, see emulate.c. */
    bool user = vec == X86_BP || vec == X86_OF || vec == 0x80;

    return vec == VECTOR_HYPERCALL32 ? 0xae : user ? 0xee : 0x8e;
}

static void idt_init(bool isolated)
{
    for (unsigned int i = 0; &idt_entries[i] < idt_entries_end; i++) {
        u64 vec = idt_entries[i].vector;
        u64 entry = idt_entries[i].entry[isolated | guest.pv32 << 1];
        if (!entry)
            continue;
        idt[vec] = (struct gate){
            .offset0 = (u16)entry,
            .offset1 = (u16)(entry >> 16),
            .offset2 = (u32)(entry >> 32),
            .selector = SEL_SHIM_CS,
            .type = gate_type(vec),
            .ist = vec == X86_NMI  ? IST_NMI
                   : vec == X86_MC ? IST_MC
                   : vec == X86_DF ? IST_DF
                   : vec == X86_DB ? IST_DB
                                   : 0,
        };
    }
}

void cpu_features_init(void)
{
    struct cpu_features *f = &cpu_features;
    struct cpuid l1 = cpuid(1, 0), ext1 = cpuid(0x80000001, 0);
    struct cpuid l7 = cpuid(0, 0).a >= 7 ? cpuid(7, 0) : (struct cpuid){0};

    f->xsave = l1.c >> 26 & 1;
    f->fsgsbase = l7.b & 1;
    f->rdtscp = ext1.d >> 27 & 1;
    f->cr4 = X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;
    if (l1.d >> 7 & 1)
        f->cr4 |= X86_CR4_MCE;
    if (f->xsave)
        f->cr4 |= X86_CR4_OSXSAVE; /* visible in the guest's own CPUID only as it sets it */
    f->cr4_guest = X86_CR4_TSD | X86_CR4_DE | (f->fsgsbase ? X86_CR4_FSGSBASE : 0) |
                   (f->xsave ? X86_CR4_OSXSAVE : 0);
    idt_init(false);
    for (u64 addr = (u64)image_start; addr < (u64)text_end; addr += PAGE_SIZE)
        isolate_map(addr, image_pa((void *)addr) >> PAGE_SHIFT, 0);
    isolate_map((u64)idt, image_pa(idt) >> PAGE_SHIFT, pte_nx);
}

u64 cpu_idt_page(void)
{
    return (u64)idt;
}

void cpu_isolate(void)
{
    idt_init(true);
}

void cpu_probe_msrs(void)
{
    u64 v;

    cpu_features.cpuid_faulting = rdmsr_safe(MSR_PLATFORM_INFO, &v) && (v >> 31 & 1) &&
                                  wrmsr_safe(MSR_MISC_FEATURES, 1) &&
                                  rdmsr_safe(MSR_MISC_FEATURES, &v) && (v & 1);
}

/* Stub, structure, stacks and the shim's page of the GDT. */
void cpu_area_init(u32 id)
{
    u64 area = vcpu_area(id);
    struct vcpu *v = vcpu_of(id);

    map_both(area + VCPU_STUB_OFF, image_pa(syscall_stub) >> PAGE_SHIFT, 0);
    for (u64 i = 0; i < VCPU_PAGES; i++)
        map_page(area + VCPU_STRUCT_OFF + i * PAGE_SIZE, ram_page(), PTE_W | pte_nx);
    for (u64 off = VCPU_STACK_OFF; off < VCPU_STACK_TOP; off += PAGE_SIZE)
        map_page(area + off, ram_page(), PTE_W | pte_nx);
    for (u64 off = 0; off < 4 * VCPU_IST_SIZE; off += PAGE_SIZE)
        map_both(area + VCPU_IST_OFF + off, ram_page(), PTE_W | pte_nx);
    map_both(area + VCPU_LOBBY_OFF, ram_page(), PTE_W | pte_nx);
    mfn_t gdt = ram_page();
    map_both(area + VCPU_GDT_OFF + GDT_RESERVED_OFF, gdt, PTE_W | pte_nx);
    if (!gdt_empty_mfn)
        gdt_empty_mfn = ram_page();
    for (u64 off = 0; off < GDT_RESERVED_OFF; off += PAGE_SIZE)
        map_both(area + VCPU_GDT_OFF + off, gdt_empty_mfn, pte_nx);
    for (u64 i = 0; i < ARRAY_SIZE(v->ldt_mfn); i++)
        map_both(area + VCPU_LDT_OFF + i * PAGE_SIZE, gdt_empty_mfn, pte_nx);

    v->id = id;
    v->stack_top = area + VCPU_STACK_TOP;
    struct cpu_frame *to_ring1 = (struct cpu_frame *)v->stack_top;
    to_ring1->cs = v->to_syscall.cs = SEL_RING1_CS;
    to_ring1->ss = v->to_syscall.ss = SEL_RING1_DS;
    vcpu_forget_stacks(v);
    vcpu_syscall_set(v);
    v->syscall_entry = (void (*)(void))(isolate ? syscall64_isolated
                                        : verw  ? syscall64_verw
                                                : syscall64);
    leave_specially = isolate || verw;
    v->syscall32_entry = (void (*)(void))(guest.pv32 ? syscall32_pv32 : syscall_common);
    struct lobby *l = lobby(v);
    l->kernel_cr3 = image_pa(boot_l4);
    l->tss.rsp0 = isolate ? area + VCPU_LOBBY_TOP : v->stack_top;
    for (int i = 0; i < 4; i++)
        l->tss.ist[i] = area + VCPU_IST_OFF + (u64)(i + 1) * VCPU_IST_SIZE;
    l->tss.iomap_base = sizeof(l->tss);

    u64 *desc = mfn_va(gdt), tss = (u64)&l->tss;
    memcpy(desc, guest.pv32 ? (const void *)gdt_template32 : &gdt_template, sizeof(gdt_template));
    desc[(SEL_TSS & 0xff8) / 8] =
        (sizeof(l->tss) - 1) | (tss & 0xffffff) << 16 | 0x89UL << 40 | (tss >> 24 & 0xff) << 56;
    desc[(SEL_TSS & 0xff8) / 8 + 1] = tss >> 32;
}

void cpu_set_cr4(struct vcpu *v, u64 guest_cr4)
{
    /* What the guest can't set it sees as the hardware has it; the rest is dropped silently. */
    v->cr4 = (guest_cr4 & cpu_features.cr4_guest) | (cpu_features.cr4 & ~cpu_features.cr4_guest);
    u64 hw = v->cr4 | cpu_features.cr4;
    if (hw != read_cr4())
        write_cr4(hw);
}

void cpu_enable_faulting(void)
{
    if (cpu_features.cpuid_faulting)
        wrmsr_safe(MSR_MISC_FEATURES, 1);
}

void cpu_load(struct vcpu *v)
{
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) gdtr = {GDT_LIMIT, vcpu_area(v->id) + VCPU_GDT_OFF},
                              idtr = {sizeof(idt) - 1, (u64)idt};
    u64 *desc = (u64 *)(vcpu_area(v->id) + VCPU_GDT_OFF + SEL_TSS);

    desc[0] &= ~(2UL << 40); /* not busy */
    __asm__ volatile("lgdt %0\n lidt %1" ::"m"(gdtr), "m"(idtr));
    __asm__ volatile("pushq %0\n leaq 1f(%%rip), %%rax\n pushq %%rax\n lretq\n1:\n"
                     "movl %1, %%ss\n" ::"i"((s64)SEL_SHIM_CS),
                     "r"(SEL_SHIM_DS)
                     : "rax", "memory");
    __asm__ volatile("ltr %w0\n lldt %w1" ::"r"(SEL_TSS), "r"(0));

    u64 stub = vcpu_area(v->id) + VCPU_STUB_OFF;
    wrmsr(MSR_STAR, (u64)SEL_USER_CS32 << 48 | (u64)SEL_SHIM_CS << 32);
    wrmsr(MSR_LSTAR, stub + (u64)((isolate ? isolated_syscall_stub : syscall_stub) - syscall_stub));
    wrmsr(MSR_CSTAR,
          stub + (u64)((isolate ? isolated_syscall32_stub : syscall32_stub) - syscall_stub));
    wrmsr(MSR_SFMASK, X86_EFLAGS_IF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_NT |
                          X86_EFLAGS_AC | X86_EFLAGS_RF | X86_EFLAGS_IOPL);
    wrmsr(MSR_SYSENTER_CS, 0); /* #GP: see bounce_sysenter */
    write_cr0(X86_CR0_PG | X86_CR0_AM | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP |
              X86_CR0_PE);
    write_cr4(cpu_features.cr4);
    cpu_enable_faulting();
}
