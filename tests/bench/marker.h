/* SPDX-License-Identifier: MIT */
/*
 * NOPs that the bench program has around its samples and that the plugin (profile.c) knows by their
 * displacement: 0F 1F /0 with SIB and 32-bit displacement (SDM vol. 2, NOP), eight bytes.
 */
#pragma once

#define MARK_SAMPLE  0x73 /* a sample begins or ends */
#define MARK_SECTION 0x6e /* from here on samples of the next operation */

#define MARK_BYTES(kind) 0x0f, 0x1f, 0x84, 0x00, (kind), 0x6d, 0x61, 0x72

#define MARK_TEXT(kind) ".byte 0x0f, 0x1f, 0x84, 0x00, " #kind ", 0x6d, 0x61, 0x72"
#define MARK_STR(kind)  MARK_TEXT(kind)
#define MARK(kind)      __asm__ volatile(MARK_STR(kind)::: "memory")
