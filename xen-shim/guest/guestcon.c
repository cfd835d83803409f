// SPDX-License-Identifier: MIT
/* See guestcon.h. */
#include "guestcon.h"

#include "com1.h"
#include "contail.h"
#include "evtchn.h"
#include "guest.h"
#include "guest_time.h"
#include "ioapic.h"
#include "l0.h"
#include "lapic.h"
#include "pic.h"
#include "shim.h"
#include "vcpu.h"

#include <xen/io/console.h>

/* Bytes of output at once.  Each block is two exits to the device model. */
#define ALL   (~0u)
#define SLICE (8 * COM1_BLOCK)

/* How often the port is looked at though it did not interrupt: an edge may have been lost. */
#define LOOK        1000000000UL
#define LOOK_UNUSED (60 * LOOK)

static enum { CON_PV, CON_COM1, CON_BOTH } mode;
static bool on_input; /* of CON_BOTH: COM1 has no part in it before something is typed there */
static bool uart;
static struct xencons_interface *ring; /* the guest's; NULL until it is served */
static struct xencons_interface *l0_ring;
static mfn_t frame;     /* the guest's ring, whoever serves it */
static u32 wanted_port; /* the guest's, from its beginning; 0: any */
static lock_t pump_lock;
static bool out_left, in_left; /* something could not be moved: look again soon */
static u64 next_look;          /* at the port, when it doesn't interrupt */

static const struct timer_chore chore;

mfn_t guestcon_l0_frame(void)
{
    return mode == CON_PV ? l0.console_mfn : 0;
}

mfn_t guestcon_frame(void)
{
    return frame;
}

void guestcon_start(mfn_t guests)
{
    frame = guests;
    if (mode == CON_PV)
        return;
    ring = mfn_va(frame);
    if (mode == CON_BOTH) {
        struct evtchn_unmask op = {.port = l0.console_evtchn};
        l0_evtchn(EVTCHNOP_unmask, &op);
    }
    if (!uart)
        return;
    if (ioapic_present())
        ioapic_route_edge(COM1_IRQ, VECTOR_COM1, vcpu_of(0)->apic_id);
    else
        pic_unmask(COM1_IRQ, false);
    com1_enable_interrupt();
}

/* Bytes from prod to cons of a ring, as far as they lie in one piece. */
#define PIECE(r, from, n) min_t(u32, n, sizeof(r) - MASK_XENCONS_IDX(from, r))

static u32 l0_space(void)
{
    return sizeof(l0_ring->out) - (l0_ring->out_prod - ACCESS_ONCE(l0_ring->out_cons));
}

/* The guest's output, as much as is there now; true when some went out. */
static bool pump_out(u32 most)
{
    u32 cons = ring->out_cons, start = cons, all = ACCESS_ONCE(ring->out_prod) - cons;
    const u32 end = cons + min_t(u32, all, contail_joined() ? most : all);

    barrier();
    if (all > sizeof(ring->out)) /* the guest has written nonsense */
        return false;
    while (cons != end) {
        u32 n = end - cons;
        n = PIECE(ring->out, cons, n);
        const char *p = &ring->out[MASK_XENCONS_IDX(cons, ring->out)];

        if (mode == CON_BOTH) {
            n = min_t(u32, n, l0_space());
            n = min_t(u32, n, contail_room());
            if (!n)
                break;
            for (u32 i = 0; i < n; i++)
                l0_ring->out[MASK_XENCONS_IDX(l0_ring->out_prod + i, l0_ring->out)] = p[i];
            barrier();
            l0_ring->out_prod += n;
            contail_put(p, n);
        } else if (uart) {
            n = (u32)com1_send((const u8 *)p, n);
            if (!n)
                break;
        }
        cons += n;
    }
    barrier();
    ring->out_cons = cons;
    return cons != start;
}

static u32 in_space(void)
{
    u32 used = ring->in_prod - ACCESS_ONCE(ring->in_cons);

    return used < sizeof(ring->in) ? sizeof(ring->in) - used : 0;
}

static void put_in(u8 c)
{
    ring->in[MASK_XENCONS_IDX(ring->in_prod, ring->in)] = (char)c;
    barrier();
    ring->in_prod++;
}

/*
 * Input, as long as the guest has room: what stays in the port makes the sender wait.  The port is
 * read by its interrupt and at ticks only.  Each access takes so long that with more at each of the
 * guest's notifications its loop that empties the ring, in an interrupt, would not see the end.
 */
static bool pump_in(bool port, bool *from_l0)
{
    u32 before = ring->in_prod;

    while (l0_ring && in_space() && ACCESS_ONCE(l0_ring->in_prod) != l0_ring->in_cons) {
        put_in((u8)l0_ring->in[MASK_XENCONS_IDX(l0_ring->in_cons, l0_ring->in)]);
        barrier();
        l0_ring->in_cons++;
        *from_l0 = true;
    }
    while (uart && port) {
        u8 block[COM1_BLOCK];
        size_t room = min_t(size_t, in_space(), sizeof(block)), n = com1_receive(block, room);
        in_left = !room;
        for (size_t i = 0; i < n; i++)
            put_in(block[i]);
        if (n && mode == CON_BOTH) { /* there is somebody */
            contail_join();
            timer_set_chore(&chore);
        }
        if (n < sizeof(block)) /* the port has no more, or the ring no room */
            break;
    }
    return ring->in_prod != before;
}

static bool pump(bool port, u32 most)
{
    bool l0_news = false;

    if (!ring)
        return false;
    lock(&pump_lock);
    bool out = pump_out(most);
    bool in = pump_in(port, &l0_news);
    bool sent = contail_joined() && contail_send(SLICE, clock_now());
    out_left = ring->out_prod != ring->out_cons || contail_left();
    unlock(&pump_lock);
    if (mode == CON_BOTH && (out || l0_news))
        l0_notify(l0.console_evtchn);
    if (out || in)
        event_raise(guest.console_port);
    return (out || sent) && out_left;
}

/* L0 notifies the port of its ring. */
static void pump_all(void)
{
    pump(false, ALL);
}

/* Is it time to look at the port?  Of one that nobody has used yet only the guest's notifications
 * are an occasion, so that an idle vCPU isn't woken for it. */
static bool look(u64 now)
{
    bool unused = mode == CON_BOTH && !contail_joined();

    if (now < next_look)
        return false;
    next_look = now + (unused ? LOOK_UNUSED : LOOK);
    return true;
}

/* The guest notifies its port: a part at a time.  True: there is more, and it would go out now. */
static bool notified(void)
{
    return pump(on_input && !contail_joined() && look(clock_now()), SLICE);
}

bool guestcon_unfinished(void)
{
    return out_left || in_left;
}

void guestcon_interrupt(void)
{
    /* An edge: end it first, so that a byte that comes meanwhile interrupts again. */
    if (ioapic_present())
        lapic_eoi();
    else
        pic_eoi(COM1_IRQ);
    pump(true, ALL);
}

/* What could not be moved, and a byte whose interrupt was lost.  Looks at the port once a second at
 * most when nothing is waiting. */
static void tick(u64 now)
{
    if (ring && (look(now) || guestcon_unfinished()))
        pump(true, ALL);
}

void guestcon_flush(void)
{
    for (int tries = 0;
         ring && tries < 1000 && (ring->out_prod != ring->out_cons || contail_left()); tries++) {
        if (mode == CON_BOTH && !l0_space())
            l0_yield();
        lock(&pump_lock);
        pump_out(ALL);
        contail_send(ALL, clock_now());
        unlock(&pump_lock);
        if (mode == CON_BOTH)
            l0_notify(l0.console_evtchn);
    }
}

static const struct timer_chore chore = {guestcon_unfinished, tick};

/* The port, and what the shim needs for its own part in it. */
static void open_ends(void)
{
    uart = mode != CON_PV && com1_init();
    if (on_input && !uart && !ring) /* nothing to join, and the guest doesn't have its ring yet */
        mode = CON_PV;
    if (on_input) /* it may be another host's port now */
        contail_leave();
    else if (mode == CON_BOTH && uart)
        contail_join();
    next_look = 0;
    timer_set_chore(mode == CON_COM1 || (mode == CON_BOTH && !on_input) ? &chore : NULL);
    upcall_keep_port(OWN_CONSOLE, mode == CON_BOTH ? l0.console_evtchn : 0, pump_all);
    if (mode == CON_PV) {
        guest.console_port = wanted_port ? wanted_port : l0.console_evtchn;
        return;
    }
    if (own_open(OWN_CONSOLE, &guest.console_port, wanted_port, notified))
        refuse("this host gives no event channel for the console");
    l0_ring = mode == CON_BOTH ? mfn_va(l0.console_mfn) : NULL;
}

void guestcon_choose(const char *word)
{
    mode = l0.console_mfn ? CON_BOTH : CON_COM1;
    on_input = mode == CON_BOTH && !*word;
    if (string_is(word, "com1"))
        mode = CON_COM1;
    else if (string_is(word, "pv") && l0.console_mfn)
        mode = CON_PV;
    else if (string_is(word, "pv"))
        refuse("console=pv: this host has no console ring for HVM domains");
    else if (*word && !string_is(word, "both"))
        refuse("console=%s: no such console; pv, com1, both", word);

    open_ends();
    wanted_port = guest.console_port;
}

void guestcon_use_port(u32 port)
{
    wanted_port = port;
    if (guest.console_port == port)
        return;
    if (mode == CON_PV) {
        guest.console_port = port;
        return;
    }
    own_close(guest.console_port);
    if (own_open(OWN_CONSOLE, &guest.console_port, port, notified))
        refuse("the console's port %u isn't free", port);
}

void guestcon_choose_again(void)
{
    if (!l0.console_mfn)
        mode = CON_COM1;
    open_ends();
}
