// SPDX-License-Identifier: MIT
/*
 * Output: a domU writes to the ring of the PV console, which is all an ordinary domU has; dom0,
 * where the tests are run while being developed, to the hypervisor's console.
 */
#include <stdarg.h>
#include "check.h"
#include "memory.h"
#include <xen/io/console.h>

static struct xencons_interface *ring;
static char line[1024];
static unsigned line_len;

void console_init(void)
{
    if (!(start_info->flags & SIF_INITDOMAIN))
        ring = mfn_to_va(start_info->console.domU.mfn);
}

static void notify(void)
{
    struct evtchn_send send = {.port = start_info->console.domU.evtchn};

    hc(event_channel_op, EVTCHNOP_send, &send);
}

static void ring_put(const char *s, unsigned n)
{
    while (n) {
        u32 prod = ring->out_prod;

        if (prod - READ_ONCE(ring->out_cons) >= sizeof(ring->out)) {
            notify();
            hc(sched_op, SCHEDOP_yield, 0);
            continue;
        }
        ring->out[MASK_XENCONS_IDX(prod, ring->out)] = *s++;
        asm volatile("mfence" ::: "memory");
        WRITE_ONCE(ring->out_prod, prod + 1);
        n--;
    }
    notify();
}

static void emit_line(void)
{
    if (ring)
        ring_put(line, line_len);
    else
        hc(console_io, CONSOLEIO_write, line_len, line);
    line_len = 0;
}

/* Waits until the other end has everything: a shutdown throws away what is still in the ring. */
void console_flush(void)
{
    if (line_len)
        emit_line();
    while (ring && READ_ONCE(ring->out_cons) != ring->out_prod)
        hc(sched_op, SCHEDOP_yield, 0);
}

static void put(char c)
{
    line[line_len++] = c;
    if (c == '\n' || line_len == sizeof(line))
        emit_line();
}

static void put_number(u64 v, unsigned base)
{
    char buf[24];
    int n = 0;

    do {
        buf[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    while (n)
        put(buf[--n]);
}

static void put_string(const char *s)
{
    while (*s)
        put(*s++);
}

#define UNSIGNED_ARG(ap, l)                                                                        \
    ((l) > 1 ? va_arg(ap, unsigned long long) : (l) ? va_arg(ap, ul) : va_arg(ap, unsigned))

/* %s %c %d %u %x with an optional l or ll; no widths. */
static void vprint(const char *fmt, va_list ap)
{
    for (; *fmt; fmt++) {
        int l = 0;
        long v;

        if (*fmt != '%') {
            put(*fmt);
            continue;
        }
        while (*++fmt == 'l')
            l++;
        switch (*fmt) {
        case 's':
            put_string(va_arg(ap, const char *));
            break;
        case 'c':
            put(va_arg(ap, int));
            break;
        case 'd':
            v = l ? va_arg(ap, long) : va_arg(ap, int);
            if (v < 0)
                put('-');
            put_number(v < 0 ? -(u64)v : (u64)v, 10);
            break;
        case 'u':
            put_number(UNSIGNED_ARG(ap, l), 10);
            break;
        case 'x':
            put_number(UNSIGNED_ARG(ap, l), 16);
            break;
        default:
            put(*fmt);
        }
    }
}

void print(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vprint(fmt, ap);
    va_end(ap);
}

static bool failed;
static unsigned nr_checks;

static void vcheck(const char *name, bool ok, const char *fmt, va_list ap)
{
    nr_checks++;
    print("check %s: ", name);
    vprint(fmt, ap);
    print(ok ? "\n" : "  <-- WRONG\n");
    if (!ok)
        failed = true;
}

void check(const char *name, bool ok, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vcheck(name, ok, fmt, ap);
    va_end(ap);
}

void fact(const char *name, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vcheck(name, true, fmt, ap);
    va_end(ap);
}

void check_true(const char *name, bool ok)
{
    check(name, ok, ok ? "yes" : "no");
}

void check_hex(const char *name, u64 got, u64 want)
{
    if (got == want)
        check(name, true, "0x%llx", (unsigned long long)got);
    else
        check(name, false, "0x%llx, want 0x%llx", (unsigned long long)got,
              (unsigned long long)want);
}

void check_num(const char *name, long got, long want)
{
    if (got == want)
        check(name, true, "%ld", got);
    else
        check(name, false, "%ld, want %ld", got, want);
}

void fact_hex(const char *name, u64 got)
{
    fact(name, "0x%llx", (unsigned long long)got);
}

static const char *error_name(long rc)
{
    /* Some numbers have two names: the first counts. */
#define XEN_ERRNO(name, value)                                                                     \
    if (-rc == value)                                                                              \
        return "-" #name;
#include <xen/errno.h>
    return NULL;
}

void fact_rc(const char *name, long got)
{
    const char *e = error_name(got);

    if (e)
        fact(name, "%s", e);
    else
        fact(name, "%ld", got);
}

void check_rc(const char *name, long got, long want)
{
    const char *e = error_name(got), *w = error_name(want);

    if (got == want)
        fact_rc(name, got);
    else if (e)
        check(name, false, w ? "%s, want %s" : "%s, want %s", e, w ? w : "success");
    else
        check(name, false, "%ld, want %s", got, w ? w : "another number");
}

static void shutdown(unsigned reason)
{
    struct sched_shutdown arg = {.reason = reason};

    console_flush();
    if (start_info->flags & SIF_INITDOMAIN)
        arg.reason = SHUTDOWN_reboot; /* ends QEMU, which a halted dom0 doesn't */
    hc(sched_op, SCHEDOP_shutdown, &arg);
    for (;;)
        asm volatile("pause");
}

void finish(void)
{
    print("%u checks\n", nr_checks);
    print("Test result: %s\n", failed ? "FAILURE" : "SUCCESS");
    shutdown(SHUTDOWN_poweroff);
    __builtin_unreachable();
}

void skip(const char *why)
{
    print("%s\nTest result: SKIP\n", why);
    shutdown(SHUTDOWN_poweroff);
    __builtin_unreachable();
}

void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print("panic: ");
    vprint(fmt, ap);
    va_end(ap);
    print("\nTest result: FAILURE\n");
    shutdown(SHUTDOWN_poweroff);
    __builtin_unreachable();
}
