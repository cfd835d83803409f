/* SPDX-License-Identifier: MIT */
/* The two 8259s: silenced as a rule; the last rung of the ladder where there is no IO-APIC. */
#ifndef EVTCHN_PIC_H
#define EVTCHN_PIC_H

#include "types.h"

/* All lines masked. */
void pic_mask_all(void);
/* Lines of the first 8259 arrive as vectors VECTOR_PIC + n on vCPU 0, all masked yet. */
void pic_init(void);
/* Opens line irq (3-7) of the first 8259; level as against edge. */
void pic_unmask(unsigned int irq, bool level);
/* Ends the interrupt of a line, if it is in service: line 7 may fire with nothing there. */
void pic_eoi(unsigned int irq);

#endif
