// SPDX-License-Identifier: MIT
/* See portio.h. */
#include "portio.h"

#include "cpu.h"
#include "mmu.h"
#include "shim.h"
#include "trap.h"
#include "usercopy.h"

/*
 * Ports: none belongs to a domU, so reads give all ones and writes go nowhere, where the I/O
 * privilege or the bitmap of the guest allows the access at all.
 */
static bool port_allowed(const struct vcpu *v, u16 port, unsigned int bytes)
{
    if (guest_iopl_ok(v))
        return true;
    if (!v->iobitmap || port + bytes > v->iobitmap_ports)
        return false;
    /* the bitmap is the guest kernel's: user mode's table may lack it */
    bool users = guest_table_is_users(v), ok = true;

    if (users)
        write_cr3(v->cr3);
    for (unsigned int i = 0; i < bytes; i++) {
        u8 b;
        ok = ok && copy_from_guest(&b, v->iobitmap + (port + i) / 8u, 1) &&
             !(b >> (port + i) % 8 & 1);
    }
    if (users)
        write_cr3(v->user_cr3);
    return ok;
}

#define STRING_PIECE 1024 /* accesses in one trap; then interrupts get their turn */

/* INS, OUTS. True when the instruction is done, false when it is to be tried again: because of a
 * page fault of the guest's, or for the next piece. */
static bool string_io(struct vcpu *v, struct regs *r, bool rep, bool input, unsigned int bytes)
{
    u64 *ptr = input ? &r->rdi : &r->rsi, step = r->rflags & X86_EFLAGS_DF ? -(u64)bytes : bytes;
    u32 data = ~0u;

    for (unsigned int n = 0; !rep || r->rcx; n++) {
        if (n == STRING_PIECE)
            return false;
        if (input ? !copy_to_guest(*ptr, &data, bytes) : !copy_from_guest(&data, *ptr, bytes)) {
            /* the first byte that can't be reached: this one, or of the next page */
            bool first = input ? copy_to_guest(*ptr, &data, 1) : copy_from_guest(&data, *ptr, 1);

            bounce_page_fault(v, r, first ? (*ptr | (PAGE_SIZE - 1)) + 1 : *ptr, input ? PF_W : 0);
            return false;
        }
        *ptr += step;
        if (!rep)
            break;
        r->rcx--;
    }
    return true;
}

bool port_io(struct vcpu *v, struct regs *r, const struct port_insn *in, bool *done)
{
    u8 op = in->op;
    bool string = op >= 0x6c && op <= 0x6f, input = string ? op < 0x6e : !(op & 2);
    unsigned int bytes = !(op & 1) ? 1 : in->opsize ? 2 : 4;
    u16 port = port_is_imm(op) ? in->imm : (u16)r->rdx;

    if (!port_allowed(v, port, bytes))
        return false;
    if (string) {
        *done = string_io(v, r, in->rep, input, bytes);
    } else if (input) {
        if (bytes == 4)
            r->rax = 0xffffffff;
        else
            r->rax |= bytes == 2 ? 0xffff : 0xff;
    }
    return true;
}
