// SPDX-License-Identifier: MIT
/*
 * libFuzzer's entry for the calls of a 32-bit guest: number and arguments, then what lies in its
 * memory.  Whatever the guest says, the translations touch only the area, the guest's memory and
 * what is theirs; the 64-bit handlers, which are stood in for here, see arguments in their range;
 * and a call that is preempted comes to its end.
 */
#include "compat/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounce32.h"
#include "compat.h"
#include "desc.h"
#include "frames.h"
#include "grant.h"
#include "guest_time.h"
#include "mmu.h"
#include "mmuext.h"
#include "preempt.h"
#include "vcpu_init.h"

mfn_t m2p_end = 0x100000;

static const uint8_t *input;
static size_t left;

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "ERROR: %s\n", what);
        abort();
    }
}

/* The next byte of the input: what the handlers do. */
static u8 dice(void)
{
    return left ? left--, *input++ : 0;
}

static u32 dice32(void)
{
    u32 v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 8 | dice();
    return v;
}

static bool narrow(u64 a)
{
    return a == (u32)a;
}

static s64 some_result(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    check(narrow(a2) || a2 == XLAT_VIRT, "a wide second argument");
    check(narrow(a3) && narrow(a4) && narrow(a5), "wide arguments");
    if (dice() & 1)
        return call_again(current(), dice() & 3, a1, a2, a3);
    return (s64)(s8)dice();
}

#define PLAIN(name)                                                                                \
    s64 name(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)                                               \
    {                                                                                              \
        return some_result(a1, a2, a3, a4, a5);                                                    \
    }
PLAIN(do_fpu_taskswitch)
PLAIN(do_mmu_update)
PLAIN(do_sched_op_compat)
PLAIN(do_set_debugreg)
PLAIN(do_get_debugreg)
PLAIN(do_event_channel_op_compat)
PLAIN(do_event_channel_op)
PLAIN(do_console_io)
PLAIN(do_xenpmu_op)
PLAIN(do_control_op)
PLAIN(do_xenoprof_op)
PLAIN(do_denied_op)
PLAIN(do_arch_7)
PLAIN(do_xen_version)
PLAIN(do_physdev_op)
PLAIN(do_vm_assist)
PLAIN(do_vcpu_op)
PLAIN(do_nmi_op)

#define WIDE(name)                                                                                 \
    s64 name(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)                                               \
    {                                                                                              \
        (void)a1, (void)a2;                                                                        \
        return some_result(0, 0, a3, a4, a5);                                                      \
    }
WIDE(do_update_va_mapping)
WIDE(do_update_va_mapping_otherdomain)
WIDE(do_update_descriptor)
WIDE(do_set_timer_op)

s64 do_sched_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct sched_poll op;
    u32 port;

    if (cmd == SCHEDOP_poll) {
        check(copy_from_guest(&op, arg, sizeof(op)) && op.nr_ports <= 128, "poll");
        for (u32 i = 0; i < op.nr_ports; i++)
            check(copy_from_guest(&port, (u64)(op.ports.p + i), 4), "its ports");
    }
    return some_result(cmd, arg, a3, a4, a5);
}

s64 do_memory_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct xen_memory_reservation r;
    u64 done = cmd >> 6, mfn, op = cmd & 63;

    if (op != XENMEM_decrease_reservation && op != XENMEM_populate_physmap)
        return some_result(cmd, arg, a3, a4, a5);
    check(copy_from_guest(&r, arg, sizeof(r)) && done <= r.nr_extents, "reservation");
    for (u32 n = dice(); n && done < r.nr_extents; n--, done++) {
        check(get_guest_u64(&mfn, (u64)(r.extent_start.p + done)) && narrow(mfn), "extent");
        if (op == XENMEM_populate_physmap)
            check(put_guest_u64((u64)(r.extent_start.p + done), ~mfn & 0xffffffff), "its frame");
    }
    if (done > cmd >> 6 && done < r.nr_extents && dice() & 1)
        return call_again(current(), 1, op | done << 6, 0, 0);
    return (s64)done;
}

s64 do_grant_table_op(u64 cmd, u64 arg, u64 count, u64 a4, u64 a5)
{
    struct gnttab_setup_table op;

    if (cmd != GNTTABOP_setup_table)
        return some_result(cmd, arg, count, a4, a5);
    check(copy_from_guest(&op, arg, sizeof(op)), "setup_table");
    op.status = op.nr_frames > 64 ? GNTST_general_error : GNTST_okay;
    for (u32 i = 0; i < op.nr_frames && !op.status; i++)
        check(put_guest_u64((u64)op.frame_list.p + i * 8, dice()), "frame");
    check(copy_to_guest(arg, &op, sizeof(op)), "its status");
    return 0;
}

s64 grant_one(u32 cmd, void *op)
{
    struct gnttab_copy *c = op;

    check(cmd == GNTTABOP_transfer ||
              (cmd == GNTTABOP_copy && narrow(c->source.u.gmfn) && narrow(c->dest.u.gmfn)),
          "grant");
    return (s64)(s8)dice() >> 5;
}

s64 mmuext_one(struct vcpu *v, const struct mmuext_op *op)
{
    (void)v;
    check(narrow(op->arg1.mfn) && narrow(op->arg2.src_mfn), "operation");
    return (s64)(s8)dice() >> 5;
}

void mmu_write_done(u64 addr, u64 done)
{
    u32 n = (u32)done;

    if (addr)
        copy_to_guest(addr, &n, sizeof(n));
}

s64 mmu_continued(hypercall_fn *fn, u64 list, u64 count, u64 done_addr, u64 foreign)
{
    return fn(list, count & ~MMU_COUNT_PREEMPTED, done_addr, foreign, 0);
}

s64 desc_set_gdt(struct vcpu *v, const u64 *mfns, u32 ents)
{
    (void)v;
    check(ents <= 7168, "GDT");
    for (u32 i = 0; i < (ents + 511) / 512; i++)
        check(narrow(mfns[i]), "its frame");
    return (s64)(s8)dice();
}

s64 vcpu_initialise32(struct vcpu *v, u64 ctxt)
{
    check(v >= vcpu_of(0) && v <= vcpu_of(VCPUS - 1) && narrow(ctxt), "vCPU");
    return 0;
}

s64 runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
    check(v >= vcpu_of(0) && v <= vcpu_of(VCPUS - 1), "vCPU");
    *out = (struct vcpu_runstate_info){.state = dice()};
    return 0;
}

s64 runstate_register(struct vcpu *v, u64 area)
{
    check(v >= vcpu_of(0) && v <= vcpu_of(VCPUS - 1) && area <= PV32_HOLE_START - 44, "area");
    return 0;
}

void clock_register_area(struct vcpu *v, u64 area)
{
    check(v >= vcpu_of(0) && v <= vcpu_of(VCPUS - 1) && area <= PV32_HOLE_START - 32, "area");
}

void vcpu_set_kernel_sp(struct vcpu *v, u64 sp)
{
    check(narrow(sp), "stack");
    v->kernel_sp = sp;
}

void do_iret32(struct vcpu *v, struct regs *r)
{
    (void)v;
    r->rax = dice32();
}

void exit_work32(struct vcpu *v, struct regs *r)
{
    check(v == current() && !v->again.wanted && narrow(r->rip), "the way out");
}

/* Often an address of the guest's, at one of its edges. */
static u32 argument(void)
{
    u32 v = dice32();

    switch (dice() & 7) {
    case 0:
        return (u32)GUEST + (v & 0x3f);
    case 1:
        return (u32)GUEST_RO - (v & 0xfff);
    case 2:
        return (u32)GUEST_RO_END - (v & 0xff);
    case 3:
        return v & 0xff;
    case 4:
        return v & 0xffff;
    }
    return v;
}

/* A list may be as long as its count says, in the sanitizer's memory for one; but a call that is
 * preempted has gone on, in its registers or, as an entry of a multicall, in memory. */
#define ROUNDS 20000
static u64 progress(const struct regs *r)
{
    u64 h = r->rbx;

    h = h * 0x100000001b3u ^ r->rcx;
    h = h * 0x100000001b3u ^ r->rdx;
    for (u64 at = GUEST; at < GUEST_RO_END; at += 8)
        h = h * 0x100000001b3u ^ *(u64 *)guest_at(at);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const u32 rip = 0xc1000002;

    input = data;
    left = size;
    fixture(NULL);
    struct regs *r = vcpu_regs(current());
    u8 nr = dice();
    *r = (struct regs){
        .rax = nr & 63,
        .rbx = argument(),
        .rcx = argument(),
        .rdx = argument(),
        .rsi = argument(),
        .rdi = argument(),
        .rip = rip,
    };
    /* the first half of what is left is memory, the other one what the handlers do */
    size_t memory = min_t(size_t, left / 2, 4096);
    memcpy(guest_at(GUEST), input, memory);
    memcpy(guest_at(GUEST_RO_END - memory), input, memory);
    input += memory;
    left -= memory;
    u64 before = 0;
    for (u32 i = 0; i < ROUNDS; i++) {
        current()->work = WORK_SLICE;
        r->rip = rip;
        compat_hypercall(r);
        check(narrow(r->rbx) && narrow(r->rcx) && narrow(r->rdx), "registers");
        if (r->rip == rip)
            return 0;
        check(r->rip == rip - 2 && (r->rax == (nr & 63)), "put back onto its INT");
        if (i == ROUNDS - 2)
            before = progress(r);
    }
    check(left > 0 || progress(r) != before, "it doesn't get on");
    return 0;
}
