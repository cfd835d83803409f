// SPDX-License-Identifier: MIT
/* Handlers, and what becomes of a trap once the frame of it is read (x64/frame.c, x32/frame.c), up
 * to the return by HYPERVISOR_iret. */
#include "guest.h"

extern u8 trap_stubs[];

struct trap last_trap = {.entry = X_NONE};
ul trap_resume_rip;
int trap_count;
bool (*trap_hook)(struct trap *t);

ul trap_stub(int entry)
{
    return (ul)trap_stubs + entry * ENTRY_STUB_SIZE;
}

void trap_set(int vector, int dpl, bool mask_events)
{
    struct trap_info table[2] = {
        {.vector = vector, .flags = dpl | (mask_events ? 4 : 0), .cs = FLAT_KERNEL_CS},
    };

    table[0].address = trap_stub(vector);
    if (hc(set_trap_table, table))
        panic("set_trap_table for vector %d", vector);
}

void trap_init(void)
{
    struct callback_register event = {
        .type = CALLBACKTYPE_event,
        .address = callback_at(trap_stub(ENTRY_EVENT)),
    };
    struct callback_register failsafe = {
        .type = CALLBACKTYPE_failsafe,
        .address = callback_at(trap_stub(ENTRY_FAILSAFE)),
    };

    for (int v = 0; v < 32; v++)
        trap_set(v, v == X_BP || v == X_OF ? 3 : 0, false);
    if (hc(callback_op, CALLBACKOP_register, &event) ||
        hc(callback_op, CALLBACKOP_register, &failsafe))
        panic("callback registration");
}

void trap_return(const struct trap *t)
{
    struct context ctx = {
        .f = {.rax = t->regs.rax,
#if GUEST_BITS == 64
              .r11 = t->regs.r11,
              .rcx = t->regs.rcx,
#endif
              .rip = t->rip,
              .cs = TRAP_CS(t),
              .rflags = t->rflags,
              .rsp = t->rsp,
              .ss = t->ss},
        .regs = t->regs,
    };

    context_switch(&ctx);
}

static void __attribute__((noreturn)) take(struct trap *t)
{
    trap_count++;
    if (trap_hook && trap_hook(t))
        trap_return(t);
    if (user_active && TRAP_FROM_USER(t)) {
        user_exit = *t;
        user_leave();
    }
    if (trap_resume_rip && t->entry < 256) {
        last_trap = *t;
        t->rip = trap_resume_rip;
        t->rflags &= ~(ul)FL_TF;
        trap_resume_rip = 0;
        trap_return(t);
    }
    panic("unexpected %s at rip 0x%lx cs 0x%lx rflags 0x%lx rsp 0x%lx cr2 0x%lx", trap_name(t),
          t->rip, t->cs_slot, t->rflags, t->rsp, t->cr2);
}

/* What trap_common leaves on the stack, below the hypervisor's slots. */
struct pushed {
    struct gprs regs;
    ul rflags, entry;
    ul slots[];
};

void trap_c(const struct pushed *p);
void trap_c(const struct pushed *p)
{
    struct trap t = {
        .entry = p->entry,
        .regs = p->regs,
        .handler_rflags = p->rflags,
        .handler_mask = vcpu0_info ? vcpu0_info->evtchn_upcall_mask : 0,
        .cr2 = vcpu0_info ? vcpu0_info->arch.cr2 : 0,
        .frame = (ul)p->slots,
    };

    trap_read_frame(&t, p->slots);
    take(&t);
}

void trap_arm(void)
{
    last_trap.entry = X_NONE;
    last_trap.has_error = false;
}

static const char *const vector_names[] = {
    "#DE", "#DB", "NMI", "#BP", "#OF", "#BR",       "#UD", "#NM", "#DF", "vector 9",
    "#TS", "#NP", "#SS", "#GP", "#PF", "vector 15", "#MF", "#AC", "#MC", "#XM",
};
static const char *const callback_names[] = {"event",    "failsafe",  "syscall",
                                             "sysenter", "syscall32", "nmi callback"};

const char *trap_name(const struct trap *t)
{
    static char buf[40];
    const char *name = NULL;
    char *p = buf;
    u32 v;

    if (t->entry == X_NONE)
        return "none";
    if (t->entry >= 256)
        name = callback_names[t->entry - 256];
    else if (t->entry < (int)ARRAY_LEN(vector_names))
        name = vector_names[t->entry];
    if (name) {
        while (*name)
            *p++ = *name++;
    } else {
        for (name = "vector 0x"; *name;)
            *p++ = *name++;
        *p++ = "0123456789abcdef"[t->entry >> 4];
        *p++ = "0123456789abcdef"[t->entry & 15];
    }
    if (t->has_error) {
        *p++ = '[';
        v = t->error;
        for (int shift = 28; shift >= 0; shift -= 4)
            if (v >> shift || !shift)
                *p++ = "0123456789abcdef"[(v >> shift) & 15];
        *p++ = ']';
    }
    *p = 0;
    return buf;
}

bool trap_is(const struct trap *t, int entry, long error)
{
    return t->entry == entry &&
           (error < 0 ? !t->has_error : t->has_error && (long)t->error == error);
}

void fact_trap(const char *name)
{
    fact(name, "%s", trap_name(&last_trap));
}

void check_trap(const char *name, int vector, long error)
{
    bool ok = vector == X_NONE ? last_trap.entry == X_NONE : trap_is(&last_trap, vector, error);

    check(name, ok, "%s", trap_name(&last_trap));
}
