// SPDX-License-Identifier: MIT
/* VCPUOP_initialise of a 32-bit guest: where each word of its context goes. */
#include "compat/fixture.h"
#include "unit.h"
#include "debugreg.h"
#include "desc.h"
#include "mmu32.h"
#include "usercopy.h"
#include "vcpu_init.h"

#include <xen/foreign/x86_32.h>

static struct vcpu *v;
static mfn_t root;
static u64 gdt[16], dr[8];
static u32 gdt_ents;
static s64 root_rc, gdt_rc;

s64 mmu32_set_root(struct vcpu *of, mfn_t mfn)
{
    assert_ptr_equal(of, v);
    root = mfn;
    return root_rc;
}

bool mmu32_root_ok(mfn_t mfn, u32 eip)
{
    (void)mfn, (void)eip;
    return !root_rc;
}

s64 desc_set_gdt(struct vcpu *of, const u64 *mfns, u32 ents)
{
    assert_ptr_equal(of, v);
    memcpy(gdt, mfns, sizeof(gdt));
    gdt_ents = ents;
    return gdt_rc;
}

void debugreg_init(struct vcpu *of, const u64 *from)
{
    assert_ptr_equal(of, v);
    memcpy(dr, from, sizeof(dr));
}

void vcpu_set_kernel_sp(struct vcpu *of, u64 sp)
{
    of->kernel_sp = sp;
}

static struct vcpu_guest_context_x86_32 *context(void)
{
    return guest_at(GUEST_RO_END - sizeof(struct vcpu_guest_context_x86_32));
}

static s64 initialise(void)
{
    return vcpu_initialise32(v, GUEST_RO_END - sizeof(struct vcpu_guest_context_x86_32));
}

/* Each word another number, with its highest bit set. */
static int setup(void **state)
{
    fixture(state);
    v = vcpu_of(1);
    v->stack_top = (u64)(vcpu_areas[1] + VCPU_STACK_TOP);
    root_rc = gdt_rc = 0;
    struct vcpu_guest_context_x86_32 *c = context();
    for (u32 i = 0; i < sizeof(*c) / 4; i++)
        ((u32 *)c)[i] = 0xf0000000 + i;
    c->flags = VGCF_I387_VALID | VGCF_in_kernel_X86_32;
    c->user_regs.cs = 0x60;
    c->user_regs.ss = 0x68;
    c->user_regs.eflags = 0xffffffff & ~(1u << 9);
    c->kernel_ss = 0x6a;
    c->ldt_base = 0xf0001000;
    c->ldt_ents = 8192;
    c->gdt_ents = 7168;
    c->ctrlreg[0] = 8;
    c->ctrlreg[3] = 0x12345abc; /* folded */
    c->event_callback_cs = 0x60;
    c->failsafe_callback_cs = 0x63;
    return 0;
}

#define INDEX(field) (0xf0000000 + offsetof(struct vcpu_guest_context_x86_32, field) / 4)

static const struct regs *regs(void)
{
    return (const struct regs *)(v->stack_top - sizeof(struct regs));
}

static void the_registers(void **state)
{
    const struct regs *r = regs();

    (void)state;
    assert_int_equal(initialise(), 0);
    assert_int_equal(r->rax, INDEX(user_regs.eax));
    assert_int_equal(r->rbx, INDEX(user_regs.ebx));
    assert_int_equal(r->rcx, INDEX(user_regs.ecx));
    assert_int_equal(r->rdx, INDEX(user_regs.edx));
    assert_int_equal(r->rsi, INDEX(user_regs.esi));
    assert_int_equal(r->rdi, INDEX(user_regs.edi));
    assert_int_equal(r->rbp, INDEX(user_regs.ebp));
    assert_int_equal(r->rip, INDEX(user_regs.eip));
    assert_int_equal(r->rsp, INDEX(user_regs.esp));
    assert_int_equal(r->cs, 0x61);
    assert_int_equal(r->ss, 0x69);
    assert_int_equal(r->rflags & (X86_EFLAGS_IF | X86_EFLAGS_IOPL | X86_EFLAGS_VM | 2),
                     X86_EFLAGS_IF | 2);
    assert_int_equal(r->rflags >> 22, 0);
    assert_int_equal(v->iopl, 3);
    assert_int_equal(v->initial_ds, (u16)INDEX(user_regs.ds));
    assert_int_equal(v->initial_es, (u16)INDEX(user_regs.es));
    assert_int_equal(v->initial_fs, (u16)INDEX(user_regs.fs));
    assert_int_equal(v->initial_gs, (u16)INDEX(user_regs.gs));
    assert_true(v->kernel_mode);
    assert_true(v->fpu_valid);
    assert_memory_equal(v->fpu, &context()->fpu_ctxt, 512);
    assert_true(v->initialised);
    assert_false(v->restart);
}

/* What the ring says counts. */
static void a_vcpu_that_starts_in_user_mode(void **state)
{
    (void)state;
    context()->user_regs.cs = 0x73;
    context()->flags = 0;
    v->started = true;
    assert_int_equal(initialise(), 0);
    assert_int_equal(regs()->cs, 0x73);
    assert_false(v->kernel_mode);
    assert_false(v->fpu_valid);
    assert_false(v->failsafe.mask_events);
    assert_true(v->restart);
}

static void entry_points(void **state)
{
    (void)state;
    context()->flags |= VGCF_failsafe_disables_events_X86_32;
    for (u32 i = 0; i < 256; i++)
        context()->trap_ctxt[i] =
            (struct trap_info_x86_32){(u8)~i, (u8)i, (u16)(i << 3 | (i & 3)), 0xf0000000 + i};
    assert_int_equal(initialise(), 0);
    for (u32 i = 0; i < 256; i++) {
        assert_int_equal(v->traps[i].address, 0xf0000000 + i);
        assert_int_equal(v->traps[i].cs, i << 3 | (i & 3 ? i & 3 : 1));
        assert_int_equal(v->traps[i].dpl, i & 3);
        assert_int_equal(v->traps[i].mask_events, i >> 2 & 1);
    }
    assert_int_equal(v->event.cs, 0x61);
    assert_int_equal(v->event.address, INDEX(event_callback_eip));
    assert_true(v->event.mask_events);
    assert_int_equal(v->failsafe.cs, 0x63);
    assert_int_equal(v->failsafe.address, INDEX(failsafe_callback_eip));
    assert_true(v->failsafe.mask_events);
    assert_int_equal(v->kernel_ss, 0x6a);
    assert_int_equal(v->kernel_sp, INDEX(kernel_sp));
}

static void tables_and_control_registers(void **state)
{
    (void)state;
    vcpu_of(0)->vm_assist = 0x28;
    vcpu_of(0)->iopl_assist = true;
    assert_int_equal(initialise(), 0);
    assert_int_equal(root, 0xabc12345); /* unfolded */
    assert_int_equal(gdt_ents, 7168);
    for (u32 i = 0; i < 14; i++)
        assert_int_equal(gdt[i], INDEX(gdt_frames[0]) + i);
    assert_int_equal(v->ldt_base, 0xf0001000);
    assert_int_equal(v->ldt_ents, 8192);
    assert_true(v->fpu_ts);
    assert_int_equal(v->cr4, INDEX(ctrlreg[4]));
    for (u32 i = 0; i < 8; i++)
        assert_int_equal(dr[i], INDEX(debugreg[0]) + i);
    assert_int_equal(v->vm_assist, 0x28);
    assert_true(v->iopl_assist);
}

static void refused(s64 rc)
{
    assert_int_equal(initialise(), rc);
    assert_false(v->initialised);
    setup(NULL);
}

static void contexts_that_are_none(void **state)
{
    (void)state;
    context()->ldt_base |= 8;
    refused(-XEN_EINVAL);
    context()->ldt_ents = 8193;
    refused(-XEN_EINVAL);
    context()->ldt_base = 0xf5000000;
    context()->ldt_ents = 8192;
    assert_int_equal(initialise(), 0);
    setup(state);
    context()->ldt_base = 0xf57f1000;
    refused(-XEN_EINVAL);
    context()->gdt_ents = 7169;
    refused(-XEN_EINVAL);
    root_rc = -XEN_EINVAL;
    refused(-XEN_EINVAL);
    gdt_rc = -XEN_EINVAL;
    refused(-XEN_EINVAL);
    v->initialised = true;
    assert_int_equal(initialise(), -XEN_EEXIST);
    v->initialised = false;
    assert_int_equal(
        vcpu_initialise32(v, GUEST_RO_END - sizeof(struct vcpu_guest_context_x86_32) + 1),
        -XEN_EFAULT);
    assert_int_equal(vcpu_initialise32(v, 0xffffffff), -XEN_EFAULT);
    v->id = 32; /* has no vcpu_info of its own accord */
    refused(-XEN_EINVAL);
    v->id = 32;
    v->vi_registered = true;
    assert_int_equal(initialise(), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(the_registers),          TEST(a_vcpu_that_starts_in_user_mode),
    TEST(entry_points),           TEST(tables_and_control_registers),
    TEST(contexts_that_are_none),
};

UNIT_MAIN(tests)
