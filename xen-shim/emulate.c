// SPDX-License-Identifier: MIT
/* See emulate.h.  Opcodes: AMD64 APM volume 3.  What a PV guest may use: docs/ABI.md. */
#include "emulate.h"

#include "cpu.h"
#include "debugreg.h"
#include "desc.h"
#include "map.h"
#include "mmu.h"
#include "portio.h"
#include "shim.h"
#include "trap.h"
#include "usercopy.h"

struct insn {
    u8 bytes[15];
    unsigned int len;    /* bytes that could be read */
    unsigned int opcode; /* index of the opcode behind prefixes */
    u8 rex;
    bool opsize, rep;
};

/* As many bytes as can be read at RIP, and the prefixes skipped. */
static void fetch(const struct vcpu *v, const struct regs *r, struct insn *in)
{
    u64 addr = desc_code_base(v, (u16)r->cs) + r->rip;

    *in = (struct insn){0};
    for (unsigned int n = sizeof(in->bytes); n; n--)
        if (copy_from_guest(in->bytes, addr, n)) {
            in->len = n;
            break;
        }
    for (;; in->opcode++) {
        u8 b = in->bytes[in->opcode];
        if (b == 0x66)
            in->opsize = true;
        else if (b == 0xf2 || b == 0xf3)
            in->rep = true;
        else if ((b & 0xf0) == 0x40 && r->cs != SEL_USER_CS32)
            in->rex = b;
        else if (b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26 && b != 0x64 && b != 0x65 &&
                 b != 0x67)
            break;
        if (in->opcode + 1 >= in->len)
            break;
    }
}

static u64 *gpr(struct regs *r, unsigned int n)
{
    u64 *const file[16] = {&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
                           &r->r8,  &r->r9,  &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15};
    return file[n & 15];
}

static u64 *modrm_rm(struct regs *r, const struct insn *in, u8 modrm)
{
    return gpr(r, (modrm & 7u) | (in->rex & 1u) << 3);
}

static unsigned int modrm_reg(const struct insn *in, u8 modrm)
{
    return (modrm >> 3 & 7u) | (in->rex & 4u) << 1;
}

static void skip(struct regs *r, unsigned int bytes)
{
    r->rip += bytes;
    r->rflags &= ~(u64)X86_EFLAGS_RF;
}

/* The last thing of an emulated instruction: the CPU would stop behind it if it goes step by step.
 */
static void advance(struct vcpu *v, struct regs *r, unsigned int bytes)
{
    skip(r, bytes);
    if (likely(!(r->rflags & X86_EFLAGS_TF)))
        return;
    v->dr[6] |= DR6_STEP;
    bounce_exception(v, r, X86_DB, 0);
}

static bool read_cr(const struct vcpu *v, unsigned int cr, u64 *val)
{
    switch (cr) {
    case 0:
        *val = (read_cr0() & ~(u64)X86_CR0_TS) | (v->fpu_ts ? X86_CR0_TS : 0);
        return true;
    case 2:
        *val = v->vi->arch.cr2;
        return true;
    case 3:
        *val = v->cr3;
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
        v->vi->arch.cr2 = val;
        return true;
    case 3:
        if (!mmu_frame_ok(val >> PAGE_SHIFT))
            return false;
        v->cr3 = val & ~(PAGE_SIZE - 1);
        v->user_table_dirty = true;
        mmu_load(v);
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

/* Two-byte opcodes, 0f xx.  True when emulated. */
static bool emulate_0f(struct vcpu *v, struct regs *r, const struct insn *in)
{
    u8 op = in->bytes[in->opcode + 1], modrm = in->bytes[in->opcode + 2];
    unsigned int len = in->opcode + 2;
    u64 val;

    switch (op) {
    case 0x01: /* XSETBV: d1; RDTSCP under TSD: f9 */
        if (modrm == 0xf9)
            __asm__ volatile("rdtscp" : "=a"(r->rax), "=d"(r->rdx), "=c"(r->rcx));
        else if (modrm != 0xd1 || !xsetbv(v, r))
            return false;
        len++;
        break;
    case 0x06: /* CLTS */
        v->fpu_ts = false;
        write_cr0(read_cr0() & ~(u64)X86_CR0_TS);
        break;
    case 0x09: /* WBINVD: no device, nothing to write back for */
        break;
    case 0x20: /* MOV r, CRn */
        if (!read_cr(v, modrm_reg(in, modrm), &val))
            return false;
        *modrm_rm(r, in, modrm) = val;
        len++;
        break;
    case 0x22:
        if (!write_cr(v, modrm_reg(in, modrm), *modrm_rm(r, in, modrm)))
            return false;
        len++;
        break;
    case 0x21: /* MOV r, DRn */
        if (debugreg_read(v, modrm_reg(in, modrm), &val))
            return false;
        *modrm_rm(r, in, modrm) = val;
        len++;
        break;
    case 0x23:
        if (debugreg_write(v, modrm_reg(in, modrm), *modrm_rm(r, in, modrm)))
            return false;
        len++;
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
    case 0xa2: /* CPUID, where L0 makes it fault */
        emulate_cpuid(v, r, false);
        break;
    default:
        return false;
    }
    advance(v, r, len);
    return true;
}

static bool emulate_port(struct vcpu *v, struct regs *r, const struct insn *in)
{
    struct port_insn io = {in->bytes[in->opcode], in->bytes[in->opcode + 1], in->opsize, in->rep};
    bool done = true;

    if (!port_io(v, r, &io, &done))
        return false;
    if (done)
        advance(v, r, in->opcode + 1 + port_is_imm(io.op));
    return true;
}

static bool emulate_privileged(struct vcpu *v, struct regs *r, const struct insn *in)
{
    u8 op = in->bytes[in->opcode];

    if (in->opcode + 1 >= in->len && op == 0x0f)
        return false;
    switch (op) {
    case 0x6c ... 0x6f:
    case 0xe4 ... 0xe7:
    case 0xec ... 0xef:
        return emulate_port(v, r, in);
    case 0xfa: /* CLI, STI: allowed, and without effect on the event mask */
    case 0xfb:
        if (!guest_iopl_ok(v))
            return false;
        advance(v, r, in->opcode + 1);
        return true;
    case 0x0f:
        if (in->bytes[in->opcode + 1] == 0xa2) /* in any mode */
            return emulate_0f(v, r, in);
        return v->kernel_mode && emulate_0f(v, r, in);
    case 0x8e: { /* MOV SS, r: kernels load the flat RPL 3 selector, which ring 1 may not hold */
        u8 modrm = in->bytes[in->opcode + 1];
        if (!v->kernel_mode || modrm >> 6 != 3 || (modrm >> 3 & 7) != 2)
            return false;
        skip(r, in->opcode + 2); /* the CPU doesn't stop between it and the next */
        return true;
    }
    }
    return false;
}

/* INT n, by instruction and not by error code: an emulator's error code may be off. */
static bool soft_interrupt(struct vcpu *v, struct regs *r, const struct insn *in)
{
    if (in->bytes[in->opcode] != 0xcd || in->len < in->opcode + 2)
        return false;

    unsigned int vector = in->bytes[in->opcode + 1];
    const struct trap_handler *t = &v->traps[vector];

    if (t->address && t->dpl >= (v->kernel_mode ? 1 : 3)) {
        r->rip += in->opcode + 2;
        bounce_soft_interrupt(v, r, vector);
    } else {
        bounce_exception(v, r, X86_GP, vector << 3 | 2);
    }
    return true;
}

void bounce_int80(struct vcpu *v, struct regs *r)
{
    const struct trap_handler *t = &v->traps[0x80];

    if (t->address) { /* Xen's fast path does not look at the DPL */
        bounce_soft_interrupt(v, r, 0x80);
    } else {
        r->rip -= 2;
        bounce_exception(v, r, X86_GP, 0x80 << 3 | 2);
    }
}

/* SYSENTER: the CPU loses RIP, RSP and IF; what Xen shows instead is in docs/ABI.md. */
static bool sysenter(struct vcpu *v, struct regs *r, const struct insn *in)
{
    if (in->bytes[in->opcode] != 0x0f || in->bytes[in->opcode + 1] != 0x34 ||
        !v->sysenter.address || v->kernel_mode)
        return false;
    r->cs = 3;
    r->ss = SEL_USER_DS;
    r->rip = 0;
    r->rsp = 0;
    r->rflags &= ~(u64)(X86_EFLAGS_TF | X86_EFLAGS_NT);
    bounce_callback(v, r, &v->sysenter);
    return true;
}

void emulate_gp(struct vcpu *v, struct regs *r)
{
    struct insn in;
    u32 error_code = r->error_code;

    fetch(v, r, &in);
    if (!in.len) {
        bounce_exception(v, r, X86_GP, error_code);
        return;
    }
    if (soft_interrupt(v, r, &in) || sysenter(v, r, &in))
        return;
    /* A selector in the error code: a segment load.  Only MOV SS is ours. */
    if (error_code && in.bytes[in.opcode] != 0x8e) {
        bounce_exception(v, r, X86_GP, error_code);
        return;
    }
    if (!emulate_privileged(v, r, &in))
        bounce_exception(v, r, X86_GP, error_code);
}

/* "ud2; .ascii "xen"; cpuid": asks for the hypervisor's view of CPUID, in any mode. */
void emulate_ud(struct vcpu *v, struct regs *r)
{
    static const u8 forced_cpuid[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};
    u8 bytes[sizeof(forced_cpuid)];

    if (copy_from_guest(bytes, r->rip, sizeof(bytes)) &&
        !memcmp(bytes, forced_cpuid, sizeof(bytes))) {
        emulate_cpuid(v, r, true);
        advance(v, r, sizeof(bytes));
        return;
    }
    bounce_exception(v, r, X86_UD, 0);
}
