// SPDX-License-Identifier: MIT
/*
 * Taking over a saved guest: what L0's Xen would do in a restore of it, with the pages where a
 * program in dom0 has put them (handover.h).  The frames' states and the machine-to-phys table come
 * from the p2m list; the rest is as in a new domain, but for what a restore keeps.
 */
#include "adopt.h"

#include <xen/foreign/x86_32.h>

#include "balloon.h"
#include "evtchn.h"
#include "frames.h"
#include "guest.h"
#include "guest_time.h"
#include "guestcon.h"
#include "handed.h"
#include "kick.h"
#include "kind.h"
#include "l0.h"
#include "map.h"
#include "pod.h"
#include "ram.h"
#include "shim.h"
#include "smp.h"
#include "suspend.h"
#include "tables.h"
#include "vcpu_init.h"
#include "vcpu_saved.h"

static struct handed *h;
static struct vcpu_saved saved[MAX_VCPUS];
static u64 saved_time; /* ns: the latest that it surely has seen */

static void note_special(mfn_t mfn)
{
    if (!mfn)
        return;
    guest.special_pages++;
    frames_add(mfn);
}

static void assign_all(void)
{
    for (pfn_t pfn = 0; pfn < h->guest->nr_pages; pfn++) {
        mfn_t mfn = handed_frame(h, pfn);
        if (mfn == INVALID_GFN)
            continue;
        m2p_set(mfn, pfn);
        *frame_state(mfn) = FRAME_RAM;
    }
}

static void pin_all(void)
{
    const u64 *pin = handed_at(h, h->guest->pin);

    for (u64 i = 0; i < h->guest->nr_pins; i++) {
        mfn_t mfn = pin[i] & ~0UL >> 4;
        u8 level = (u8)(pin[i] >> 60);

        if (*frame_state(mfn) & FRAME_PINNED)
            handover_refuse("a table is pinned twice");
        table_pin(mfn, level);
    }
}

/* All that was offered and is neither the guest's nor the description. */
static void give_back_others(void)
{
    for (u32 i = 0; i < ram.nr; i++) {
        const mfn_t end = ram.free[i].end;

        for (mfn_t mfn = ram.free[i].start; mfn < end; mfn++) {
            mfn_t first = mfn;
            while (mfn < end && !frame_is_ram(mfn) && (mfn < h->first || mfn >= h->end))
                mfn++;
            if (mfn > first)
                pod_give_back_all(first, mfn);
        }
    }
    ram.nr = 0;
}

static void load_rest(struct vcpu *v, const struct handover_vcpu *from)
{
    struct vcpu_saved *s = &saved[v->id];
    const u64 *xsave = handed_at(h, from->xsave);

    *s = (struct vcpu_saved){.msr = handed_at(h, from->msr), .nr_msrs = from->nr_msrs};
    if (from->xsave_bytes) {
        s->xcr0 = xsave[0];
        s->xcr0_accum = xsave[1];
        s->area = (const u8 *)(xsave + 2);
        s->area_bytes = from->xsave_bytes - 16;
    }
    v->saved = s;
    if (!from->has_ext)
        return;
    if (canonical(from->syscall32_eip))
        v->syscall32 = (struct callback){.address = from->syscall32_eip,
                                         .mask_events = from->syscall32_masks_events,
                                         .cs = from->syscall32_cs};
    if (canonical(from->sysenter_eip))
        v->sysenter = (struct callback){.address = from->sysenter_eip,
                                        .mask_events = from->sysenter_masks_events,
                                        .cs = from->sysenter_cs};
}

/* The assists are the domain's: as in Xen's restore those of vCPU 0. */
static void set_assists(const void *context)
{
    const u64 types = guest.pv32 ? ((const struct vcpu_guest_context_x86_32 *)context)->vm_assist
                                 : ((const struct vcpu_guest_context *)context)->vm_assist;

    for (u32 i = 0; i < nr_vcpus; i++) {
        vcpu_of(i)->vm_assist = types;
        vcpu_of(i)->iopl_assist = types >> VMASST_TYPE_architectural_iopl & 1;
    }
}

static void load_vcpus(void)
{
    for (u64 i = 0; i < h->guest->nr_vcpus; i++) {
        const struct handover_vcpu *from = handed_vcpu(h, i);
        struct vcpu *v = vcpu_of(from->id);
        u64 context = (u64)handed_at(h, from->context);

        if (i == 0)
            set_assists((const void *)context);
        s64 rc = guest.pv32 ? vcpu_load_context32(v, context) : vcpu_load_context(v, context);
        if (rc) {
            REFUSE(h, "the context of vCPU %u can't be (error %ld)", v->id, rc);
            handover_refuse(h->why);
        }
        load_rest(v, from);
    }
}

/* As much as a guest built here may have, or what it has. */
static void limit_memory(struct share share)
{
    guest.nr_pages = h->guest->populated;
    guest.max_pages = share.pages ? max_t(u64, guest.nr_pages, max_t(u64, share.pages, share.max))
                                  : guest.nr_pages + ram.returned;
}

void adopt_guest(struct build_result *out, const struct boot_info *boot, struct share share,
                 const struct cmdline *c)
{
    build_begin(boot); /* a 32-bit guest's kernel begins where the sidecar's does: it is the same */
    note_special(l0.store_mfn);
    note_special(guestcon_l0_frame());
    vcpu_saved_init();
    for (u32 i = 0; i < boot->nr_modules; i++)
        build_release_module(&boot->module[i]);

    h = handover_wait(c);
    if (h->store_port)
        guest.store_port = h->store_port;
    if (h->console_port)
        guestcon_use_port(h->console_port);
    assign_all();
    pin_all();
    load_vcpus();
    give_back_others();
    limit_memory(share);
    *out = (struct build_result){.console = h->console};
}

void adopt_shared_info(void)
{
    memcpy(guest.shared, handed_at(h, h->guest->shared_info), PAGE_SIZE);
    if (guest.pv32)
        ((struct shared_info_x86_32 *)guest.shared)->arch.pfn_to_mfn_frame_list_list = 0;
    else
        guest.shared->arch.pfn_to_mfn_frame_list_list = 0;
    event_clean_words();
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        saved_time = max_t(u64, saved_time, guest.shared->vcpu_info[i].time.system_time);
}

/* On the host where it was saved L0's time has gone on; on a younger one the guest's does. */
static void continue_time(struct vcpu *v)
{
    if (clock_now() >= saved_time)
        return;
    clock_continue(saved_time);
    clock_force_refresh(v);
    clock_wallclock();
}

static void tell_guest(void)
{
    suspend_tell(h->start_info);
    if (guest.pv32)
        ((struct start_info_x86_32 *)mfn_va(h->start_info))->nr_pages = (u32)h->guest->nr_pages;
    else
        ((struct start_info *)mfn_va(h->start_info))->nr_pages = h->guest->nr_pages;
}

static void start_others(void)
{
    for (u64 i = 1; i < h->guest->nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(handed_vcpu(h, i)->id);

        smp_up(v);
        while (v->saved) {
            kick_answer(current());
            l0_yield();
        }
    }
}

void adopt_start(struct vcpu *v)
{
    continue_time(v);
    for (u32 i = 0; i < nr_vcpus; i++) /* the wait for it wasn't stolen from the guest */
        runstate_resume(vcpu_of(i));
    tell_guest();
    v->up = v->started = true;
    handover_taken();
    start_others();
    vcpu_saved_keep(v);
    lock(&balloon_lock);
    pod_give_back_all(h->first, h->end);
    unlock(&balloon_lock);
    handover_done();
}
