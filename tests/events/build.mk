# SPDX-License-Identifier: MIT
# evping: counts events between a guest and dom0. Static, as it runs in the rig's machines.
.PHONY: evping
evping: $(O)/events/evping
$(O)/events/evping: tests/events/evping.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -static -o $@ $<

check-l0: evping
