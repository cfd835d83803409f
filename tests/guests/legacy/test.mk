# SPDX-License-Identifier: MIT
GUESTFLAGS_legacy := -DGUEST_LEGACY
