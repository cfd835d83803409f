// SPDX-License-Identifier: MIT
/* See guest.h. */
#include "guest.h"

struct guest guest;
