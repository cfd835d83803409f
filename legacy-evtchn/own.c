// SPDX-License-Identifier: MIT
/* See own.h. */
#include "own.h"

#include "event.h"
#include "event_ports.h"
#include "guest.h"
#include "l0.h"
#include "ports.h"
#include "shim.h"
#include "upcall.h"

static bool (*told[NR_OWN])(void);

static bool notify_store(void)
{
    l0_notify(l0.store_evtchn);
    return false;
}

static bool notify_console(void)
{
    l0_notify(l0.console_evtchn);
    return false;
}

static void store_raised(void)
{
    event_raise(guest.store_port);
}

static void console_raised(void)
{
    event_raise(guest.console_port);
}

/* Has the shim the console's ring, and not L0? */
static bool rings_other_end(void)
{
    return told[OWN_CONSOLE] && told[OWN_CONSOLE] != notify_console;
}

s64 own_open(enum own which, u32 *port, u32 wanted, bool (*notified)(void))
{
    s64 rc = 0;

    if (wanted)
        *port = wanted;
    else
        rc = event_reserve(port);
    told[which] = notified;
    return rc || port_take(*port, PORT_SHIM, 0, 0) ? rc : -XEN_ENOSPC;
}

void own_close(u32 port)
{
    port_free(port);
    event_close_at_l0(port);
}

/* By its own number at L0, or by another. */
static void claim(enum own which, u32 port, u32 at_l0, bool (*notified)(void), void (*raised)(void))
{
    bool alias = port != at_l0;

    if (!port_take(port, alias ? PORT_SHIM : PORT_L0, 0, 0))
        refuse("port %u of the %s isn't free", port, which == OWN_STORE ? "xenstore" : "console");
    if (!alias)
        return;
    told[which] = notified;
    upcall_keep_port(which, at_l0, raised);
}

void own_claim(void)
{
    upcall_keep_port(OWN_STORE, 0, NULL);
    if (guest.store_port)
        claim(OWN_STORE, guest.store_port, l0.store_evtchn, notify_store, store_raised);
    if (guest.console_port && !rings_other_end())
        claim(OWN_CONSOLE, guest.console_port, l0.console_evtchn, notify_console, console_raised);
}

static void connect(u32 port, u32 at_l0)
{
    struct evtchn_unmask op = {.port = at_l0};

    event_clear(port);
    l0_evtchn(EVTCHNOP_unmask, &op);
}

void own_connect(void)
{
    if (guest.store_port)
        connect(guest.store_port, l0.store_evtchn);
    if (guest.console_port && !rings_other_end())
        connect(guest.console_port, l0.console_evtchn);
}

bool own_notified(u32 port)
{
    enum own which = port == guest.store_port ? OWN_STORE : OWN_CONSOLE;

    return told[which] && told[which]();
}
