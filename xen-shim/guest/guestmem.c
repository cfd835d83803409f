// SPDX-License-Identifier: MIT
/* See guestmem.h. */
#include "guestmem.h"

#include "guest.h"
#include "shim.h"

struct guestmem guestmem_of(const struct vcpu *v, bool code64)
{
    if (v->kernel_mode)
        return guestmem_kernel(v);
    return (struct guestmem){guestmem_users_table(v), code64 ? ~0UL : 0xffffffff, PF_U};
}

struct guestmem guestmem_kernel(const struct vcpu *v)
{
    return (struct guestmem){v->cr3, guest.pv32 ? 0xffffffff : ~0UL, 0};
}

static unsigned int copy(const struct guestmem *m, u64 addr, u8 *bytes, unsigned int n, u32 access,
                         struct fault *f)
{
    unsigned int done = 0;

    while (done < n) {
        unsigned int piece = min_t(u64, n - done, PAGE_SIZE - (addr & (PAGE_SIZE - 1)));
        u64 pa;

        if (addr >= LOW_END && addr < HOLE_END) {
            *f = (struct fault){X86_GP, 0, 0};
            break;
        }
        if (!walk(m->root, addr, access | m->rights, &pa, f)) {
            /* (what is present there is in the shim's own tables, where walks don't go) */
            if (guest.pv32 && addr >= PV32_HOLE_START)
                f->error_code &= ~PF_RSVD;
            break;
        }
        if (access & PF_W)
            memcpy(va(pa), bytes + done, piece);
        else
            memcpy(bytes + done, va(pa), piece);
        done += piece;
        addr = (addr + piece) & m->last;
    }
    return done;
}

unsigned int guestmem_read(const struct guestmem *m, void *dst, u64 addr, unsigned int n,
                           struct fault *f)
{
    return copy(m, addr, dst, n, 0, f);
}

unsigned int guestmem_write(const struct guestmem *m, u64 addr, const void *src, unsigned int n,
                            struct fault *f)
{
    return copy(m, addr, (u8 *)src, n, PF_W, f); /* which is only read then */
}

unsigned int guestmem_fetch(const struct guestmem *m, void *dst, u64 addr, unsigned int n,
                            struct fault *f)
{
    return copy(m, addr, dst, n, PF_I, f);
}
