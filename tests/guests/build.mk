# SPDX-License-Identifier: MIT
# Test guests: tests/guests/NAME/*.c and lib/ become $(O)/guests/NAME.elf.
# A test may have NAME/test.mk to set GUESTFLAGS_NAME (preprocessor words for it and its copy of lib/).

GUESTS_DIR := tests/guests
GUESTS := $(patsubst $(GUESTS_DIR)/%/main.c,%,$(wildcard $(GUESTS_DIR)/*/main.c))

# Those that are built with 32 bits as well, as NAME32, from the same sources; a directory NAME32 has what is for that
# width only. A file x32_*.c or x64_*.c is for one of the two.
GUESTS_BOTH := $(filter $(shell grep -v '^\#' $(GUESTS_DIR)/both),$(GUESTS))
GUESTS64 := $(filter-out %32,$(GUESTS))
GUESTS32 := $(GUESTS_BOTH:%=%32) $(filter %32,$(GUESTS))

include tests/guests/image.mk

.PHONY: guests check-guests check-guests32 record-guests32
guests: $(GUESTS64:%=$(O)/guests/%.elf) $(GUESTS32:%=$(O)/guests/%.elf)

-include $(wildcard $(GUESTS_DIR)/*/test.mk)

$(foreach g,$(GUESTS64),$(eval $(call GUEST_RULES,$(g),guests/$(g),64,32,$(O)/guests/$(g).elf)))
$(foreach g,$(GUESTS_BOTH),$(eval $(call GUEST_RULES,$(g)32,guests/$(g),32,64,$(O)/guests/$(g)32.elf)))
$(foreach g,$(filter %32,$(GUESTS)),$(eval $(call GUEST_RULES,$(g),guests/$(g),32,64,$(O)/guests/$(g).elf)))

# The same binaries as plain PV domains and in the shim: see tests/guests/run. G="NAME..." for some.
check-guests: guests
	$(Q)O=$(O) tests/guests/run $(G)

# The recordings of 32-bit guests against a hypervisor that has 32-bit PV, or made anew on it: L0_XEN=FILE [G="NAME32..."]
check-guests32: guests
	$(Q)O=$(O) tests/guests/record -c $(G)
record-guests32: guests
	$(Q)O=$(O) tests/guests/record $(G)
