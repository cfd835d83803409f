/* SPDX-License-Identifier: MIT */
#ifndef SHIM_GRANT_H
#define SHIM_GRANT_H

/* connect.c, in a new domain instance: L0's table is empty and mapped nowhere.  The guest asks for
 * it again (setup_table) and finds it where it was. */
void grant_disconnected(void);

#endif
