/* SPDX-License-Identifier: MIT */
/* The shim's own words; printk and report are in shim.h. */
#ifndef SHIM_CONSOLE_H
#define SHIM_CONSOLE_H

/* The word "debug" on the shim's command line: printk speaks from here on. */
void console_set_debug(void);

/* Called by panic.c before its last lines: takes the output from whoever was writing. */
void console_panic(void);

void vreport(const char *fmt, __builtin_va_list ap);

#endif
