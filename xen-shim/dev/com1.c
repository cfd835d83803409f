// SPDX-License-Identifier: MIT
/* See com1.h.  Register numbers: data sheet of the 16550A. */
#include "com1.h"

#include "regs.h"
#include "shim.h"

#define COM1 0x3f8
#define DATA (COM1 + 0)
#define IER  (COM1 + 1)
#define FCR  (COM1 + 2) /* written */
#define IIR  (COM1 + 2) /* read */
#define LCR  (COM1 + 3)
#define MCR  (COM1 + 4)
#define LSR  (COM1 + 5)

#define IER_RECEIVED 0x01
#define FCR_ENABLE   0x01
#define FCR_AT_14    0xc0 /* an interrupt when so many have come, or after a pause of the sender */
#define LSR_RECEIVED 0x01
#define LSR_EMPTY    0x20
#define PATIENCE     1000 /* looks at the port before it is taken for stuck */

static size_t burst = 1;

bool com1_init(void)
{
    if (inb(LSR) == 0xff)
        return false;
    outb(LCR, 0x80); /* divisor latch */
    outb(DATA, 1);
    outb(IER, 0);
    outb(LCR, 0x03);
    outb(FCR, FCR_ENABLE | FCR_AT_14); /* what was received stays */
    outb(MCR, 0x0b);                   /* DTR, RTS, and OUT2, which lets the interrupt through */
    burst = (inb(IIR) & 0xc0) == 0xc0 ? COM1_BLOCK : 1;
    return true;
}

void com1_enable_interrupt(void)
{
    outb(IER, IER_RECEIVED);
}

size_t com1_send(const u8 *p, size_t n)
{
    if (!n || !(inb(LSR) & LSR_EMPTY))
        return 0;
    n = min_t(size_t, n, burst);
    size_t count = n;
    __asm__ volatile("rep outsb" : "+S"(p), "+c"(count) : "d"(DATA) : "memory");
    return n;
}

/* Byte by byte, each asked for: not every device model keeps what IIR says of the FIFO's level. */
size_t com1_receive(u8 *p, size_t n)
{
    size_t got = 0;

    while (got < n) {
        u8 lsr = inb(LSR);
        if (lsr == 0xff || !(lsr & LSR_RECEIVED))
            break;
        p[got++] = inb(DATA);
    }
    return got;
}

void com1_write(const char *s)
{
    for (int looks = 0; *s && looks < PATIENCE; looks++) {
        /* the burst must not cross a line's end: a terminal wants a carriage return there */
        size_t n = 0, sent;
        while (s[n] && s[n] != '\n')
            n++;
        if (n)
            sent = com1_send((const u8 *)s, n);
        else if (burst > 1)
            sent = com1_send((const u8 *)"\r\n", 2) / 2;
        else
            sent = com1_send((const u8 *)"\n", 1);
        s += sent;
        if (sent)
            looks = 0;
    }
}
