/* SPDX-License-Identifier: MIT */
/* Whether this CPU caches memory: what firmware says by the MTRRs, where there was any. */
#ifndef SHIM_MTRR_H
#define SHIM_MTRR_H

/* Where nobody has enabled the MTRRs, all memory is uncached by architecture, and L0 may take it at
 * its word: all becomes write-back.  On each CPU, first of all: by main.c and start.c. */
void mtrr_enable(void);

#endif
