// SPDX-License-Identifier: MIT
/* Decodes bounce frames and returns from them by HYPERVISOR_iret. */
#include "guest.h"

/* What trap_common leaves on the stack; the slots beyond depend on the error code. */
struct pushed {
    struct gprs regs;
    u64 rflags;
    u64 entry;
    u64 rcx, r11;
    u64 rest[];
};

extern u8 trap_stubs[];

struct trap last_trap = {.entry = X_NONE};
u64 trap_resume_rip;
int trap_count;
bool (*trap_hook)(struct trap *t);
void trap_c(struct pushed *p);

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
        .address = trap_stub(ENTRY_EVENT),
    };
    struct callback_register failsafe = {
        .type = CALLBACKTYPE_failsafe,
        .address = trap_stub(ENTRY_FAILSAFE),
    };

    for (int v = 0; v < 32; v++)
        trap_set(v, v == X_BP || v == X_OF ? 3 : 0, false);
    if (hc(callback_op, CALLBACKOP_register, &event) ||
        hc(callback_op, CALLBACKOP_register, &failsafe))
        panic("callback registration");
}

static void decode(struct trap *t, const struct pushed *p)
{
    const u64 *slot = p->rest;

    t->entry = p->entry;
    t->regs = p->regs;
    t->handler_rflags = p->rflags;
    t->handler_mask = vcpu0_info ? vcpu0_info->evtchn_upcall_mask : 0;
    t->cr2 = vcpu0_info ? vcpu0_info->arch.cr2 : 0;
    t->frame = (u64)&p->rcx;
    t->slot_rcx = p->rcx;
    t->slot_r11 = p->r11;
    t->has_error = !(t->frame & 15);
    t->error = t->has_error ? (u32)*slot++ : 0;
    t->rip = slot[0];
    t->cs_slot = slot[1];
    t->rflags = slot[2];
    t->rsp = slot[3];
    t->ss = slot[4];
    t->regs.rcx = t->slot_rcx;
    t->regs.r11 = t->slot_r11;
}

static void __attribute__((noreturn)) trap_return(const struct trap *t)
{
    struct context ctx = {
        .f = {.rax = t->regs.rax,
              .r11 = t->regs.r11,
              .rcx = t->regs.rcx,
              .rip = t->rip,
              .cs = TRAP_CS(t),
              .rflags = t->rflags,
              .rsp = t->rsp,
              .ss = t->ss},
        .regs = t->regs,
    };

    context_switch(&ctx);
}

void trap_c(struct pushed *p)
{
    struct trap t;

    decode(&t, p);
    trap_count++;
    if (trap_hook && trap_hook(&t))
        trap_return(&t);
    if (user_active && TRAP_FROM_USER(&t)) {
        user_exit = t;
        user_leave();
    }
    if (trap_resume_rip && t.entry < 256) {
        last_trap = t;
        t.rip = trap_resume_rip;
        t.rflags &= ~(u64)FL_TF;
        trap_resume_rip = 0;
        trap_return(&t);
    }
    panic("unexpected %s at rip 0x%lx cs 0x%lx rflags 0x%lx rsp 0x%lx cr2 0x%lx", trap_name(&t),
          t.rip, t.cs_slot, t.rflags, t.rsp, t.cr2);
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

void fact_trap(const char *name)
{
    fact(name, "%s", trap_name(&last_trap));
}

void check_trap(const char *name, int vector, long error)
{
    bool ok = last_trap.entry == vector;

    if (ok && vector != X_NONE)
        ok = error < 0 ? !last_trap.has_error : last_trap.has_error && last_trap.error == error;
    check(name, ok, "%s", trap_name(&last_trap));
}
