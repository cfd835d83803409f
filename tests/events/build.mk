# SPDX-License-Identifier: MIT
# evping: counts events between a guest and dom0. Static, as it runs in the rig's machines.
# storm: the other end as a test guest, on the runtime of tests/guests.
include tests/guests/image.mk

.PHONY: evping
evping: $(O)/events/evping $(O)/events/storm.elf
$(O)/events/evping: tests/events/evping.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -static -o $@ $<
$(eval $(call GUEST_RULES,storm,events/storm,64,32,$(O)/events/storm.elf))

check-l0: evping
