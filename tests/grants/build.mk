# SPDX-License-Identifier: MIT
# mapper: maps what dom0 grants, on the runtime of tests/guests. Its other end is tests/l0/programs/gntside.c.
include tests/guests/image.mk

.PHONY: grants-guest
grants-guest: $(O)/grants/mapper.elf
$(eval $(call GUEST_RULES,mapper,grants/mapper,64,32,$(O)/grants/mapper.elf))

check-l0: grants-guest
