// SPDX-License-Identifier: MIT
/* The shim's end of the mailbox by which a saved guest comes; handover.h has the protocol. */
#include "handover.h"

#include "adopt.h"
#include "emulate.h"
#include "frames.h"
#include "guest.h"
#include "guest_time.h"
#include "guestcon.h"
#include "handed.h"
#include "l0.h"
#include "map.h"
#include "ram.h"
#include "shim.h"
#include "store.h"
#include "vcpu_saved.h"

/* ns between two looks: the guest is saved meanwhile, and that wants the CPU */
#define NAP 5000000UL

static struct handover *offer;
static mfn_t offer_mfn;

bool handover_wanted(void)
{
    char value[8];

    return store_read(HANDOVER_KEY, value, sizeof(value)) && string_is(value, "wait");
}

/* Without an interrupt: where L0's time isn't known it comes back at once. */
static void nap(void)
{
    struct sched_poll op = {0};
    u64 now;

    if (runstate_l0_now(&now)) {
        op.timeout = now + NAP;
        if (!l0_call2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op))
            return;
    }
    l0_yield();
}

static bool tell(const char *value)
{
    return store_write(HANDOVER_KEY, value, true);
}

static void *page(mfn_t gfn)
{
    return mfn_va(gfn);
}

static bool used(mfn_t gfn)
{
    return *frame_state(gfn) & FRAME_TAKEN;
}

static bool first_use(mfn_t gfn)
{
    if (used(gfn))
        return false;
    *frame_state(gfn) |= FRAME_TAKEN;
    return true;
}

/* What the guest will see of the CPU. */
static void lay_out_features(unsigned int *word)
{
#define PUT(leaf, subleaf, reg)                                                                    \
    {                                                                                              \
        struct cpuid c = guest_cpuid(leaf, subleaf);                                               \
        *word++ = ((const u32[]){c.a, c.b, c.c, c.d})[reg];                                        \
    }
    HANDOVER_FEATURES(PUT)
#undef PUT
}

static void lay_out(void)
{
    offer_mfn = ram_page();
    offer = mfn_va(offer_mfn);
    *offer = (struct handover){
        .magic = HANDOVER_MAGIC,
        .version = HANDOVER_VERSION,
        .state = HANDOVER_WAIT,
        .nr_vcpus = nr_vcpus,
        .widths = guest.pv32 ? 4 : 8,
        .xcr0 = vcpu_saved_xcr0(),
        .store_gfn = l0.store_mfn,
        .console_gfn = guestcon_l0_frame(),
        .free = ram_free_frames(&ram),
        .nr_runs = ram.nr,
    };
    lay_out_features(offer->feature);
    for (u32 i = 0; i < ram.nr; i++) {
        offer->run[i].first = ram.free[i].start;
        offer->run[i].count = ram.free[i].end - ram.free[i].start;
    }
}

struct handed *handover_wait(const struct cmdline *c)
{
    static struct handed h = {.page = page, .first_use = first_use, .used = used};
    char ready[32];

    lay_out();
    runstate_init(vcpu_of(0), c->runstate);
    snprintf(ready, sizeof(ready), "ready %lu", offer_mfn);
    if (!tell(ready))
        refuse("restore: xenstore doesn't take %s", HANDOVER_KEY);
    while (ACCESS_ONCE(offer->state) != HANDOVER_GO)
        nap();
    barrier();
    h.offer = offer;
    h.width = offer->widths;
    const char *why =
        string_is(c->test, "refuse-restore") ? "as the word test= says" : handed_check(&h);
    if (why)
        handover_refuse(why);
    return &h;
}

void handover_refuse(const char *why)
{
    strlcpy(offer->why, why, sizeof(offer->why));
    barrier();
    ACCESS_ONCE(offer->state) = HANDOVER_REFUSED;
    tell("refused");
    report("restore: %s", why);
    for (;;)
        nap();
}

void handover_taken(void)
{
    if (!tell("taken"))
        handover_refuse("xenstore doesn't take " HANDOVER_KEY);
}

void handover_done(void)
{
    ACCESS_ONCE(offer->state) = HANDOVER_TAKEN;
}
