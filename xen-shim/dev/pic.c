// SPDX-License-Identifier: MIT
/* See pic.h.  Command words: data sheet of the 8259A; ELCR: Intel's 82371 (PIIX). */
#include "pic.h"

#include "lapic.h"
#include "regs.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_DATA    0xa1
#define ELCR1        0x4d0

#define ICW1_INIT    0x11
#define ICW4_8086    0x01
#define OCW2_EOI_OF  0x60
#define OCW3_GET_ISR 0x0b
#define LVT_EXTINT   0x700

static u8 mask1 = 0xff;

void pic_mask_all(void)
{
    outb(PIC1_DATA, 0xff);
    outb(PIC2_DATA, 0xff);
}

void pic_init(void)
{
    outb(PIC1_COMMAND, ICW1_INIT);
    outb(PIC1_DATA, VECTOR_PIC);
    outb(PIC1_DATA, 1 << 2); /* the second one is on line 2 */
    outb(PIC1_DATA, ICW4_8086);
    pic_mask_all();
    lapic_write(LAPIC_LVT0, LVT_EXTINT);
}

void pic_unmask(unsigned int irq, bool level)
{
    if (level)
        outb(ELCR1, inb(ELCR1) | (u8)(1 << irq));
    mask1 &= (u8) ~(1 << irq);
    outb(PIC1_DATA, mask1);
}

void pic_eoi(unsigned int irq)
{
    outb(PIC1_COMMAND, OCW3_GET_ISR);
    if (inb(PIC1_COMMAND) >> irq & 1)
        outb(PIC1_COMMAND, OCW2_EOI_OF | (u8)irq);
}
