/* SPDX-License-Identifier: MIT */
/* The first serial port, an emulated 16550A: what a host without a PV console ring shows as the
 * domain's console.  Every access is an exit to the device model, so bytes go out in blocks. */
#ifndef SHIM_COM1_H
#define SHIM_COM1_H

#include "types.h"

#define COM1_IRQ 4

/* 115200 8n1, FIFOs on; false when there is no such port. */
bool com1_init(void);
/* Interrupts for received bytes from now on. */
void com1_enable_interrupt(void);
/* Sends at most n bytes, as many as the port takes at once: 0 = busy. */
size_t com1_send(const u8 *p, size_t n);
#define COM1_BLOCK 16 /* bytes that the FIFO holds */
/* At most n received bytes, as many as are there: 0 = none for now. */
size_t com1_receive(u8 *p, size_t n);
/* Sends all, waiting for the port, but not for ever; for the shim's own last words. */
void com1_write(const char *s);

#endif
