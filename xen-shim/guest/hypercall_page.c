// SPDX-License-Identifier: MIT
/* See hypercall_page.h. */
#include "hypercall_page.h"

#include "shim.h"
#include "xen_abi.h"

/*
 * push rcx; push r11; mov $nr, eax; syscall; pop r11; pop rcx; ret
 * and for iret, which is jumped to: push rcx; push r11; push rax; mov $23, eax; syscall
 */
void hypercall_page_fill(u8 *page)
{
    memset(page, 0xcc, PAGE_SIZE);
    for (u32 nr = 0; nr < PAGE_SIZE / 32; nr++) {
        u8 *p = page + nr * 32;

        *p++ = 0x51;
        *p++ = 0x41;
        *p++ = 0x53;
        if (nr == __HYPERVISOR_iret)
            *p++ = 0x50;
        *p++ = 0xb8;
        memcpy(p, &nr, 4);
        p += 4;
        *p++ = 0x0f;
        *p++ = 0x05;
        if (nr != __HYPERVISOR_iret) {
            *p++ = 0x41;
            *p++ = 0x5b;
            *p++ = 0x59;
            *p = 0xc3;
        }
    }
}

/* mov $nr, eax; int $0x82; ret, and for iret: push eax; mov $23, eax; int $0x82 */
void hypercall_page_fill32(u8 *page)
{
    memset(page, 0xcc, PAGE_SIZE);
    for (u32 nr = 0; nr < PAGE_SIZE / 32; nr++) {
        u8 *p = page + nr * 32;

        if (nr == __HYPERVISOR_iret)
            *p++ = 0x50;
        *p++ = 0xb8;
        memcpy(p, &nr, 4);
        p += 4;
        *p++ = 0xcd;
        *p++ = 0x82;
        if (nr != __HYPERVISOR_iret)
            *p = 0xc3;
    }
}
