# SPDX-License-Identifier: MIT
# evping: counts events between a guest and dom0. Static, as it runs in the rig's machines.
# storm: the other end as a test guest, on the runtime of tests/guests.
EVENTS_GUEST := $(patsubst tests/%,$(O)/obj/storm/%.o,$(wildcard tests/guests/lib/*.c tests/guests/lib/x64/*.[cS] tests/events/storm/*.c))

.PHONY: evping
evping: $(O)/events/evping $(O)/events/storm.elf
$(O)/events/evping: tests/events/evping.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -static -o $@ $<
$(O)/obj/storm/%.o: tests/%
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUESTS_CFLAGS64) -DGUEST_NAME='"storm"' -c -o $@ $<
$(O)/events/storm.elf: $(EVENTS_GUEST) tests/guests/lib/x64/guest.lds
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUESTS_LDFLAGS) -Wl,-T,tests/guests/lib/x64/guest.lds -o $@ $(EVENTS_GUEST)
-include $(EVENTS_GUEST:.o=.d)

check-l0: evping
