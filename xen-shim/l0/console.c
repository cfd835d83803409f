// SPDX-License-Identifier: MIT
/*
 * The shim's own words.  Silent unless the operator asked or the domain is about to end: the
 * guest's console is the guest's.  Where: port 0xe9 (L0's log, guest_loglvl=debug), COM1 and, as
 * long as the guest doesn't run or never will again, L0's PV console ring.
 */
#include "console.h"

#include "com1.h"
#include "l0.h"
#include "shim.h"

#include <xen/io/console.h>

static bool debug;
static lock_t output_lock;

void console_set_debug(void)
{
    debug = true;
}

static void e9_write(const char *s)
{
    size_t n = strlen(s);
    __asm__ volatile("rep outsb" : "+S"(s), "+c"(n) : "d"(0xe9));
}

/* What fits; a reader that is not there yet finds it later. */
static void ring_write(const char *s)
{
    if (!l0.console_mfn)
        return;
    struct xencons_interface *ring = mfn_va(l0.console_mfn);

    for (; *s; s++) {
        if (*s == '\n' && ring->out_prod - ACCESS_ONCE(ring->out_cons) < sizeof(ring->out))
            ring->out[MASK_XENCONS_IDX(ring->out_prod++, ring->out)] = '\r';
        if (ring->out_prod - ACCESS_ONCE(ring->out_cons) >= sizeof(ring->out))
            break;
        ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = *s;
        barrier();
        ring->out_prod++;
    }
    if (l0.console_evtchn)
        l0_notify(l0.console_evtchn);
}

void vreport(const char *fmt, __builtin_va_list ap)
{
    static char line[256];

    lock(&output_lock);
    int n = snprintf(line, sizeof(line), "shim: ");
    vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
    strlcpy(line + strlen(line), "\n", 2);
    e9_write(line);
    com1_write(line);
    ring_write(line);
    unlock(&output_lock);
}

void report(const char *fmt, ...)
{
    __builtin_va_list ap;

    __builtin_va_start(ap, fmt);
    vreport(fmt, ap);
    __builtin_va_end(ap);
}

void printk(const char *fmt, ...)
{
    static char line[256];
    __builtin_va_list ap;

    if (!debug)
        return;
    lock(&output_lock);
    __builtin_va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    __builtin_va_end(ap);
    e9_write(line);
    unlock(&output_lock);
}

void console_panic(void)
{
    output_lock.held = 0; /* whoever holds it won't come back */
}
