// SPDX-License-Identifier: MIT
/* See emulate.h.  Opcodes: AMD64 APM volume 3.  What a PV guest may use: docs/ABI.md. */
#include "emulate.h"

#include "cpu.h"
#include "debugreg.h"
#include "desc.h"
#include "frames.h"
#include "guest.h"
#include "guestmem.h"
#include "kind.h"
#include "operand.h"
#include "portio.h"
#include "quickwalk.h"
#include "segment.h"
#include "shim.h"
#include "trap.h"

static inline struct segment code_segment(const struct vcpu *v, const struct regs *r)
{
    if (r->cs == SEL_USER_CS || r->cs == SEL_RING1_CS || desc_is_code64(v, (u16)r->cs))
        return (struct segment){.code64 = true};
    return desc_segment(v, (u16)r->cs);
}

/* The bytes at RIP that user mode or the kernel could have fetched, at most n, and how many. */
static unsigned int code_bytes(const struct vcpu *v, const struct regs *r, u8 *bytes,
                               unsigned int n, unsigned int *bits, struct fault *f)
{
    struct segment s = code_segment(v, r);

    *bits = s.code64 ? 64 : s.big ? 32 : 16;
    struct guestmem m = guestmem_of(v, s.code64);
    return guestmem_fetch(&m, bytes, s.code64 ? r->rip : (u32)(s.base + r->rip), n, f);
}

enum decode_result emulate_fetch(const struct vcpu *v, const struct regs *r, struct insn *in,
                                 struct fault *f)
{
    u8 bytes[INSN_MAX];
    unsigned int bits, n = code_bytes(v, r, bytes, sizeof(bytes), &bits, f);

    return decode(in, bytes, n, bits);
}

void emulate_done(struct vcpu *v, struct regs *r, u64 rip)
{
    r->rip = rip;
    r->rflags &= ~(u64)X86_EFLAGS_RF;
    if (likely(!(r->rflags & X86_EFLAGS_TF)))
        return;
    v->dr[6] |= DR6_STEP;
    kind->exception(v, r, X86_DB, 0);
}

/* On behind the instruction. */
static void advance(struct vcpu *v, struct regs *r, const struct insn *in)
{
    emulate_done(v, r, r->rip + in->length);
}

static bool read_cr(const struct vcpu *v, unsigned int cr, u64 *val)
{
    switch (cr) {
    case 0:
        *val = (read_cr0() & ~(u64)X86_CR0_TS) | (v->fpu_ts ? X86_CR0_TS : 0);
        return true;
    case 2:
        *val = vcpu_info_cr2(v->vi);
        return true;
    case 3:
        *val = kind->read_cr3(v);
        return true;
    case 4:
        *val = v->cr4;
        return true;
    }
    return false;
}

static bool write_cr(struct vcpu *v, unsigned int cr, u64 val)
{
    u64 cr0;

    switch (cr) {
    case 0: /* nothing but TS may change */
        read_cr(v, 0, &cr0);
        if ((val ^ cr0) & ~(u64)X86_CR0_TS)
            return false;
        v->fpu_ts = val & X86_CR0_TS;
        write_cr0((read_cr0() & ~(u64)X86_CR0_TS) | (val & X86_CR0_TS));
        return true;
    case 2:
        vcpu_info_set_cr2(v->vi, val);
        return true;
    case 3:
        if (kind->set_root(v, kind->frame_of_cr3(val)))
            return false;
        kind->load(v);
        return true;
    case 4:
        cpu_set_cr4(v, val);
        return true;
    }
    return false;
}

/* XSETBV with the guest's values: the CPU checks them. */
static bool xsetbv(const struct vcpu *v, const struct regs *r)
{
    bool ok = false;

    if (!(v->cr4 & X86_CR4_OSXSAVE))
        return false;
    __asm__ volatile("1: xsetbv\n movb $1, %0\n2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+q"(ok)
                     : "a"((u32)r->rax), "d"((u32)r->rdx), "c"((u32)r->rcx));
    return ok;
}

/* 0f 01: XSETBV, and RDTSCP under TSD. */
static bool emulate_0f01(struct vcpu *v, struct regs *r, const struct insn *in)
{
    if (in->mod != 3)
        return false;
    switch ((in->reg & 7) << 3 | (in->rm & 7)) {
    case 2 << 3 | 1:
        return xsetbv(v, r);
    case 7 << 3 | 1:
        if (!cpu_features.rdtscp) /* what faulted was another instruction, which is gone now */
            return false;
        __asm__ volatile("rdtscp" : "=a"(r->rax), "=d"(r->rdx), "=c"(r->rcx));
        return true;
    }
    return false;
}

/* Two-byte opcodes, 0f xx, of the kernel.  False: #GP. */
static bool emulate_0f(struct vcpu *v, struct regs *r, const struct insn *in)
{
    u64 *reg = operand_gpr(r, in->rm), val;

    switch (in->opcode) {
    case 0x01:
        if (!emulate_0f01(v, r, in))
            return false;
        break;
    case 0x06: /* CLTS */
        v->fpu_ts = false;
        write_cr0(read_cr0() & ~(u64)X86_CR0_TS);
        break;
    case 0x09: /* WBINVD: no device, nothing to write back for */
        break;
    case 0x20: /* MOV r, CRn */
        if (!read_cr(v, in->reg, &val))
            return false;
        *reg = val;
        break;
    case 0x22:
        if (!write_cr(v, in->reg, *reg))
            return false;
        break;
    case 0x21: /* MOV r, DRn */
        if (debugreg_read(v, in->reg, &val))
            return false;
        *reg = val;
        break;
    case 0x23:
        if (debugreg_write(v, in->reg, *reg))
            return false;
        break;
    case 0x30: /* WRMSR */
        if (!emulate_wrmsr(v, (u32)r->rcx, (u64)(u32)r->rax | r->rdx << 32))
            return false;
        break;
    case 0x31: /* RDTSC under TSD */
        val = rdtsc();
        r->rax = (u32)val;
        r->rdx = val >> 32;
        break;
    case 0x32: /* RDMSR */
        if (!emulate_rdmsr(v, (u32)r->rcx, &val)) {
            /* Before the kernel has a #GP handler a fault would kill it: Xen answers 0. */
            if (v->traps[X86_GP].address)
                return false;
            val = 0;
        }
        r->rax = (u32)val;
        r->rdx = val >> 32;
        break;
    default:
        return false;
    }
    advance(v, r, in);
    return true;
}

static bool emulate_privileged(struct vcpu *v, struct regs *r, const struct insn *in)
{
    if (in->map == MAP_0F && in->opcode == 0xa2) { /* CPUID, where L0 makes it fault */
        emulate_cpuid(v, r, false);
        advance(v, r, in);
        return true;
    }
    if (in->map == MAP_0F)
        return v->kernel_mode && emulate_0f(v, r, in);
    if (in->map != MAP_ONE)
        return false;
    switch (in->opcode) {
    case 0x6c ... 0x6f:
    case 0xe4 ... 0xe7:
    case 0xec ... 0xef:
        return port_io(v, r, in);
    case 0xfa: /* CLI, STI: allowed, and without effect on the event mask */
    case 0xfb:
        if (!guest_iopl_ok(v))
            return false;
        advance(v, r, in);
        return true;
    }
    return false;
}

/* INT n, by instruction and not by error code: an emulator's error code may be off. */
static bool soft_interrupt(struct vcpu *v, struct regs *r, const struct insn *in)
{
    if (in->map != MAP_ONE || in->opcode != 0xcd)
        return false;

    unsigned int vector = (u8)in->imm;
    const struct trap_handler *t = &v->traps[vector];

    if (t->address && t->dpl >= (v->kernel_mode ? 1 : 3)) {
        r->rip += in->length;
        kind->soft_interrupt(v, r, vector);
    } else {
        kind->exception(v, r, X86_GP, vector << 3 | 2);
    }
    return true;
}

/* The most frequent by far, where L0 makes CPUID fault: that of user mode, whose programs ask some
 * forty leaves as they start. What isn't that simple comes by emulate_privileged. */
static bool user_cpuid(struct vcpu *v, struct regs *r)
{
    u64 offset = r->rip & (PAGE_SIZE - 1), leaf;

    if (v->kernel_mode || r->error_code || offset > PAGE_SIZE - 2 || !code_segment(v, r).code64)
        return false;
    u64 rights = quickwalk(guestmem_users_table(v), r->rip, &leaf);
    if ((rights & (PTE_P | PTE_U)) != (PTE_P | PTE_U) || !frame_ok(PTE_MFN(leaf)) ||
        *(const u16 *)((const u8 *)mfn_va(PTE_MFN(leaf)) + offset) != 0xa20f)
        return false;
    emulate_cpuid(v, r, false);
    emulate_done(v, r, r->rip + 2);
    return true;
}

static void __attribute__((noinline)) any_gp(struct vcpu *v, struct regs *r)
{
    struct insn in;
    struct fault f;
    u32 error_code = r->error_code;

    switch (emulate_fetch(v, r, &in, &f)) {
    case DECODED:
        if (soft_interrupt(v, r, &in) ||
            (in.map == MAP_0F && in.opcode == 0x34 && kind->sysenter(v, r)) ||
            (v->kernel_mode && kind->far(v, r, &in, error_code)) ||
            (!error_code && emulate_privileged(v, r, &in))) /* else a segment load */
            return;
        break;
    case DECODE_MORE: /* the CPU had it: another one has taken the page away since */
        if (f.vector == X86_PF && !(f.error_code & PF_P)) {
            kind->page_fault(v, r, f.addr, f.error_code);
            return;
        }
        break;
    case DECODE_UNDEFINED: /* LOCK: this exception comes first, though not in every emulator */
        if (error_code)
            break;
        kind->exception(v, r, X86_UD, 0);
        return;
    default:
        break;
    }
    kind->exception(v, r, X86_GP, error_code);
}

void emulate_gp(struct vcpu *v, struct regs *r)
{
    if (!user_cpuid(v, r))
        any_gp(v, r);
}

/* "ud2; .ascii "xen"; cpuid": asks for the hypervisor's view of CPUID, in any mode. */
void emulate_ud(struct vcpu *v, struct regs *r)
{
    static const u8 forced_cpuid[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};
    u8 bytes[sizeof(forced_cpuid)];
    unsigned int bits;
    struct fault f;

    if (code_bytes(v, r, bytes, sizeof(bytes), &bits, &f) == sizeof(bytes) &&
        !memcmp(bytes, forced_cpuid, sizeof(bytes))) {
        emulate_cpuid(v, r, true);
        emulate_done(v, r, r->rip + sizeof(bytes));
        return;
    }
    kind->exception(v, r, X86_UD, 0);
}
