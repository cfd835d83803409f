// SPDX-License-Identifier: MIT
/*
 * See portio.h.  Ports: none belongs to a domU, so reads give all ones and writes go nowhere, where
 * the I/O privilege or the bitmap of the guest allows the access at all.  The memory that INS and
 * OUTS reach is what the mode that executes them could reach.
 */
#include "portio.h"

#include "desc.h"
#include "emulate.h"
#include "guestmem.h"
#include "kind.h"
#include "mmu.h"
#include "operand.h"
#include "segment.h"
#include "shim.h"
#include "trap.h"

static bool port_allowed(const struct vcpu *v, u16 port, unsigned int bytes)
{
    struct guestmem m = guestmem_kernel(v); /* whose bitmap it is */
    struct fault f;
    u16 bits;

    if (guest_iopl_ok(v))
        return true;
    if (!v->iobitmap || port + bytes > v->iobitmap_ports)
        return false;
    /* two bytes always, as the CPU does it */
    if (guestmem_read(&m, &bits, v->iobitmap + port / 8u, 2, &f) < 2)
        return false;
    return !(bits >> port % 8 & ((1u << bytes) - 1));
}

/* The operand of INS or OUTS in memory, but for its offset. */
struct string {
    struct guestmem mem;
    struct segment segment; /* not of 64-bit code */
    u64 base;
    unsigned int bytes;
    u8 vector; /* of an access that the segment doesn't allow, or that isn't canonical */
    bool code64, input;
};

static u16 selector_of(const struct regs *r, unsigned int segment)
{
    u16 sel = 0;

    switch (segment) {
    case SEG_CS:
        return (u16)r->cs;
    case SEG_SS:
        return (u16)r->ss;
    case SEG_ES:
        __asm__ volatile("mov %%es, %0" : "=r"(sel));
        break;
    case SEG_DS:
        __asm__ volatile("mov %%ds, %0" : "=r"(sel));
        break;
    case SEG_FS:
        __asm__ volatile("mov %%fs, %0" : "=r"(sel));
        break;
    case SEG_GS:
        __asm__ volatile("mov %%gs, %0" : "=r"(sel));
        break;
    }
    return sel;
}

static struct string string_of(const struct vcpu *v, const struct regs *r, const struct insn *in)
{
    bool input = in->opcode < 0x6e;
    unsigned int segment = input ? SEG_ES : in->segment == SEG_NONE ? SEG_DS : in->segment;
    struct string s = {
        .mem = guestmem_of(v, in->bits == 64),
        .bytes = !(in->opcode & 1)       ? 1
                 : in->operand_bytes > 2 ? 4
                                         : 2,
        .vector = segment == SEG_SS ? X86_SS : X86_GP,
        .code64 = in->bits == 64,
        .input = input,
    };

    if (!s.code64) {
        s.segment = desc_segment(v, selector_of(r, segment));
        s.base = s.segment.base;
    }
    if (segment == SEG_FS || segment == SEG_GS) /* what the CPU itself holds */
        s.base = rdmsr(segment == SEG_FS ? MSR_FS_BASE : MSR_GS_BASE);
    return s;
}

/* One element at offset.  False: *f. */
static bool transfer(const struct string *s, u64 offset, struct fault *f)
{
    u64 addr = (s->base + offset) & s->mem.last;
    u32 data = ~0u;

    *f = (struct fault){s->vector, 0, 0};
    if (s->code64 ? !canonical(addr)
                  : !s->segment.valid || !(s->input ? s->segment.writable : s->segment.readable) ||
                        !segment_covers(&s->segment, offset, s->bytes))
        return false;
    return (s->input ? guestmem_write(&s->mem, addr, &data, s->bytes, f)
                     : guestmem_read(&s->mem, &data, addr, s->bytes, f)) == s->bytes;
}

/* The exception of an element.  The kernel may have meant to write into a page table. */
static void bounce_fault(struct vcpu *v, struct regs *r, const struct fault *f)
{
    u32 error_code = f->error_code;

    if (f->vector != X86_PF) {
        kind->exception(v, r, f->vector, error_code);
        return;
    }
    if (v->kernel_mode) {
        if (mmu_fault_repair(v, f->addr, error_code))
            return;
    } else {
        error_code = kind->user_fault(v, f->addr, error_code);
        if (!error_code)
            return;
    }
    kind->page_fault(v, r, f->addr, error_code);
}

#define STRING_PIECE 1024 /* accesses in one trap; then interrupts get their turn */

static void string_io(struct vcpu *v, struct regs *r, const struct insn *in)
{
    struct string s = string_of(v, r, in);
    u64 *ptr = s.input ? &r->rdi : &r->rsi,
        step = r->rflags & X86_EFLAGS_DF ? -(u64)s.bytes : s.bytes;
    unsigned int size = in->address_bytes;
    u64 left = in->rep ? operand_get(r->rcx, size) : 1, at = operand_get(*ptr, size);
    /* step by step each repetition is a step */
    unsigned int n = r->rflags & X86_EFLAGS_TF ? 1 : STRING_PIECE;
    struct fault f = {0};

    for (; n && left; n--, left--) {
        if (!transfer(&s, at, &f))
            break;
        at = operand_get(at + step, size);
    }
    if (in->rep) {
        operand_set(&r->rcx, size, left);
        operand_set(ptr, size, at);
    } else if (!left) {
        operand_set(ptr, size, at);
    }
    if (!left) {
        emulate_done(v, r, r->rip + in->length);
    } else if (n) {
        bounce_fault(v, r, &f);
    } else if (r->rflags & X86_EFLAGS_TF) {
        emulate_done(v, r, r->rip);
    }
}

bool port_io(struct vcpu *v, struct regs *r, const struct insn *in)
{
    u8 op = in->opcode;
    bool string = op <= 0x6f, input = string ? op < 0x6e : !(op & 2);
    unsigned int bytes = !(op & 1) ? 1 : in->operand_bytes == 2 ? 2 : 4;
    u16 port = in->imm_bytes ? (u8)in->imm : (u16)r->rdx;

    if (string && in->rep && !operand_get(r->rcx, in->address_bytes)) {
        string_io(v, r, in); /* nothing to be allowed */
        return true;
    }
    if (!port_allowed(v, port, bytes))
        return false;
    if (string) {
        string_io(v, r, in);
        return true;
    }
    if (input)
        operand_set(&r->rax, bytes, ~0UL);
    emulate_done(v, r, r->rip + in->length);
    return true;
}
