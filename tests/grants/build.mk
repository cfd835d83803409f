# SPDX-License-Identifier: MIT
# mapper: maps what dom0 grants, on the runtime of tests/guests. Its other end is tests/l0/programs/gntside.c.
GRANTS_GUEST := $(patsubst tests/%,$(O)/obj/mapper/%.o,$(wildcard tests/guests/lib/*.c tests/guests/lib/x64/*.[cS] tests/grants/mapper/*.c))

.PHONY: grants-guest
grants-guest: $(O)/grants/mapper.elf
$(O)/obj/mapper/%.o: tests/%
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUESTS_CFLAGS64) -DGUEST_NAME='"mapper"' -c -o $@ $<
$(O)/grants/mapper.elf: $(GRANTS_GUEST) tests/guests/lib/x64/guest.lds
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUESTS_LDFLAGS) -Wl,-T,tests/guests/lib/x64/guest.lds -o $@ $(GRANTS_GUEST)
-include $(GRANTS_GUEST:.o=.d)

check-l0: grants-guest
