// SPDX-License-Identifier: MIT
/* See far.h. */
#include "far.h"

#include "desc.h"
#include "emulate.h"
#include "guestmem.h"
#include "operand.h"
#include "segment.h"
#include "shim.h"
#include "trap.h"

#define RPL 3u

/*
 * A kernel that reads its own CS and SS (MOV, PUSH) gets the pair of ring 1, which Xen hasn't.
 * Where such a one comes back it is what Xen would have shown.
 */
static u16 as_xen_has(u16 selector)
{
    u16 rpl = selector & RPL;

    if ((selector & ~RPL) == (SEL_RING1_CS & ~RPL))
        return (SEL_USER_CS & ~RPL) | rpl;
    return (selector & ~RPL) == (SEL_RING1_DS & ~RPL) ? (SEL_USER_DS & ~RPL) | rpl : selector;
}

void far_note_selectors(struct vcpu *v, u16 cs, u16 ss)
{
    v->odd_selectors = cs != SEL_USER_CS || ss != SEL_USER_DS;
    if (likely(!v->odd_selectors))
        return;
    v->seen_cs = as_xen_has(cs);
    v->seen_ss = as_xen_has(ss);
    v->odd_selectors = v->seen_cs != SEL_USER_CS || v->seen_ss != SEL_USER_DS;
}

static u16 seen_cs(const struct vcpu *v)
{
    return v->odd_selectors ? v->seen_cs : SEL_USER_CS;
}

static u16 seen_ss(const struct vcpu *v)
{
    return v->odd_selectors ? v->seen_ss : SEL_USER_DS;
}

static bool fault(struct vcpu *v, struct regs *r, unsigned int vector, u16 selector)
{
    bounce_exception(v, r, vector, selector & ~RPL);
    return true;
}

/* What the CPU said isn't what the guest shall hear: its own instruction faulted on memory. */
static bool memory_fault(struct vcpu *v, struct regs *r, const struct fault *f)
{
    if (f->vector == X86_PF)
        bounce_page_fault(v, r, f->addr, f->error_code);
    else
        bounce_exception(v, r, f->vector, f->error_code);
    return true;
}

/* The exception of a load of CS, or 0.  Code of 32 bits is no place for a kernel here. */
static u8 code_fault(const struct vcpu *v, u16 selector, enum transfer how)
{
    struct segment s = desc_segment(v, selector = as_xen_has(selector));
    u8 vector = segment_code_fault(&s, selector, how);

    return vector ? vector : s.code64 ? 0 : X86_GP;
}

static u8 stack_fault(const struct vcpu *v, u16 selector)
{
    struct segment s = desc_segment(v, selector = as_xen_has(selector));

    return segment_stack_fault(&s, selector);
}

/* Offset and selector as they lie in memory, the selector behind. */
struct pointer {
    u64 offset;
    u16 selector;
};

static struct pointer pointer_at(const u8 *bytes, unsigned int size)
{
    struct pointer p = {0};

    memcpy(&p.offset, bytes, size);
    memcpy(&p.selector, bytes + size, sizeof(p.selector));
    return p;
}

static bool far_return(struct vcpu *v, struct regs *r, const struct insn *in)
{
    unsigned int size = in->operand_bytes;
    struct guestmem m = guestmem_kernel(v);
    struct fault f;
    u8 words[16];

    if (guestmem_read(&m, words, r->rsp, 2 * size, &f) < 2 * size)
        return memory_fault(v, r, &f);
    struct pointer to = pointer_at(words, size);
    if ((to.selector & RPL) != RPL)
        return false; /* the CPU's fault is right */
    u8 vector = code_fault(v, to.selector, TRANSFER_RETURN);
    if (vector)
        return fault(v, r, vector, to.selector);
    if (!canonical(to.offset))
        return fault(v, r, X86_GP, 0);
    far_note_selectors(v, to.selector, seen_ss(v));
    r->rsp += 2 * size + in->imm;
    emulate_done(v, r, to.offset);
    return true;
}

static u64 linear(struct regs *r, const struct insn *in)
{
    u64 base = in->segment == SEG_FS   ? rdmsr(MSR_FS_BASE)
               : in->segment == SEG_GS ? rdmsr(MSR_GS_BASE)
                                       : 0;
    return base + operand_offset(r, in);
}

/*
 * A far pointer in memory, whose selector the CPU complained of.  That tells its size, too: with
 * REX.W AMD's CPUs take 4 bytes of offset and not 8.  False: *f, or with vector 0 it is another.
 */
static bool far_pointer(struct vcpu *v, struct regs *r, const struct insn *in, u32 error_code,
                        struct pointer *p, struct fault *f)
{
    struct guestmem m = guestmem_kernel(v);
    u8 bytes[10];

    for (unsigned int size = in->operand_bytes; size; size = size == 8 ? 4 : 0) {
        if (guestmem_read(&m, bytes, linear(r, in), size + 2, f) < size + 2)
            return false;
        *p = pointer_at(bytes, size);
        if ((p->selector & ~RPL) == error_code)
            return true;
    }
    *f = (struct fault){0};
    return false;
}

static bool push_return(struct vcpu *v, struct regs *r, const struct insn *in, struct fault *f)
{
    struct guestmem m = guestmem_kernel(v);
    unsigned int size = in->operand_bytes;
    u64 rip = r->rip + in->length, cs = seen_cs(v);
    u8 words[16];

    memcpy(words, &rip, size);
    memcpy(words + size, &cs, size);
    if (guestmem_write(&m, r->rsp - 2 * size, words, 2 * size, f) < 2 * size)
        return false;
    r->rsp -= 2 * size;
    return true;
}

static bool far_jump(struct vcpu *v, struct regs *r, const struct insn *in,
                     const struct pointer *to)
{
    bool call = (in->reg & 7) == 3;
    u8 vector = code_fault(v, to->selector, TRANSFER_JUMP);
    struct fault f;

    if (vector)
        return fault(v, r, vector, to->selector);
    if (!canonical(to->offset))
        return fault(v, r, X86_GP, 0);
    if (call && !push_return(v, r, in, &f))
        return memory_fault(v, r, &f);
    far_note_selectors(v, to->selector | RPL, seen_ss(v));
    emulate_done(v, r, to->offset);
    return true;
}

static bool load_ss(struct vcpu *v, struct regs *r, const struct insn *in, u32 error_code)
{
    u16 selector = (u16)*operand_gpr(r, in->rm);
    struct guestmem m = guestmem_kernel(v);
    struct fault f;

    if (in->mod != 3 && guestmem_read(&m, &selector, linear(r, in), 2, &f) < 2)
        return memory_fault(v, r, &f);
    if ((selector & ~RPL) != error_code)
        return false;
    u8 vector = stack_fault(v, selector);
    if (vector)
        return fault(v, r, vector, selector);
    far_note_selectors(v, seen_cs(v), selector);
    r->rip += in->length; /* the CPU doesn't stop between it and the next */
    r->rflags &= ~(u64)X86_EFLAGS_RF;
    return true;
}

static bool load_ss_pointer(struct vcpu *v, struct regs *r, const struct insn *in,
                            const struct pointer *p)
{
    u8 vector = stack_fault(v, p->selector);

    if (vector)
        return fault(v, r, vector, p->selector);
    far_note_selectors(v, seen_cs(v), p->selector);
    operand_set(operand_gpr(r, in->reg), in->operand_bytes, p->offset);
    emulate_done(v, r, r->rip + in->length);
    return true;
}

/* IRETQ of the kernel's own, by the selectors that it read of itself, with RPL 3: tried again by
 * Xen's. */
static bool iret_by_own(struct vcpu *v, struct regs *r, const struct insn *in)
{
    struct guestmem m = guestmem_kernel(v);
    struct fault f;
    u64 frame[5]; /* RIP, CS, RFLAGS, RSP, SS */

    if (in->operand_bytes != 8 ||
        guestmem_read(&m, frame, r->rsp, sizeof(frame), &f) < sizeof(frame))
        return false;
    u16 cs = (u16)frame[1], ss = (u16)frame[4];
    if ((cs & RPL) != RPL || (as_xen_has(cs) == cs && as_xen_has(ss) == ss))
        return false;
    frame[1] = as_xen_has(cs);
    frame[4] = as_xen_has(ss);
    return guestmem_write(&m, r->rsp, frame, sizeof(frame), &f) == sizeof(frame);
}

static bool is_return(const struct insn *in)
{
    return in->map == MAP_ONE && (in->opcode & 0xfe) == 0xca;
}

bool far_transfer(struct vcpu *v, struct regs *r, const struct insn *in, u32 error_code)
{
    bool jump = in->map == MAP_ONE && in->opcode == 0xff &&
                ((in->reg & 7) == 3 || (in->reg & 7) == 5) && in->mod != 3;
    bool lss = in->map == MAP_0F && in->opcode == 0xb2 && in->mod != 3;
    struct pointer p;
    struct fault f;

    if (is_return(in))
        return far_return(v, r, in);
    if (in->map == MAP_ONE && in->opcode == 0xcf)
        return iret_by_own(v, r, in);
    if (in->map == MAP_ONE && in->opcode == 0x8e && (in->reg & 7) == SEG_SS)
        return load_ss(v, r, in, error_code);
    if (!jump && !lss)
        return false;
    if (!far_pointer(v, r, in, error_code, &p, &f))
        return f.vector ? memory_fault(v, r, &f) : false;
    return lss ? load_ss_pointer(v, r, in, &p) : far_jump(v, r, in, &p);
}

bool far_return_fault(struct vcpu *v, struct regs *r)
{
    struct insn in;
    struct fault f;

    return v->kernel_mode && emulate_fetch(v, r, &in, &f) == DECODED && is_return(&in) &&
           far_return(v, r, &in);
}

void far_iret(struct vcpu *v, struct regs *r, u16 cs, u16 ss)
{
    u8 vector;

    far_note_selectors(v, cs, ss);
    if (likely(!v->odd_selectors))
        return;
    if ((vector = code_fault(v, cs, TRANSFER_RETURN)))
        fault(v, r, vector, cs);
    else if ((vector = stack_fault(v, ss)))
        fault(v, r, vector, ss);
}
