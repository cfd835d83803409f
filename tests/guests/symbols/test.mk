# SPDX-License-Identifier: MIT
GUESTFLAGS_symbols := -DGUEST_BSD_SYMTAB
