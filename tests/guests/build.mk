# SPDX-License-Identifier: MIT
# Test guests: tests/guests/NAME/*.c and lib/ become $(O)/guests/NAME.elf.
# A test may have NAME/test.mk to set GUESTFLAGS_NAME (preprocessor words for it and its copy of lib/).

GUESTS_DIR := tests/guests
GUESTS := $(patsubst $(GUESTS_DIR)/%/main.c,%,$(wildcard $(GUESTS_DIR)/*/main.c))
GUESTS_OBJ := $(O)/obj/guests

# Those that are built with 32 bits as well, as NAME32, from the same sources; a directory NAME32 has what is for that
# width only. A file x32_*.c or x64_*.c is for one of the two.
GUESTS_BOTH := $(filter $(shell grep -v '^\#' $(GUESTS_DIR)/both),$(GUESTS))
GUESTS64 := $(filter-out %32,$(GUESTS))
GUESTS32 := $(GUESTS_BOTH:%=%32) $(filter %32,$(GUESTS))

GUESTS_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only \
	-fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fcf-protection=none \
	-fno-asynchronous-unwind-tables -Wall -Wextra -Werror -MMD -MP -I$(GUESTS_DIR)/lib
GUESTS_CFLAGS64 := $(GUESTS_CFLAGS) -mno-red-zone -mcmodel=kernel -I$(GUESTS_DIR)/lib/x64
GUESTS_CFLAGS32 := $(GUESTS_CFLAGS) -m32 -march=i686 -I$(GUESTS_DIR)/lib/x32
GUESTS_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

.PHONY: guests check-guests check-guests32 record-guests32
guests: $(GUESTS64:%=$(O)/guests/%.elf) $(GUESTS32:%=$(O)/guests/%.elf)

-include $(wildcard $(GUESTS_DIR)/*/test.mk)

# $(1): the guest, $(2): its directory, $(3): its width, $(4): the other one
define GUEST_RULES
$(1)_SRC := $$(filter-out $(GUESTS_DIR)/$(2)/x$(4)_%,$$(wildcard $(GUESTS_DIR)/lib/*.c $(GUESTS_DIR)/lib/x$(3)/*.[cS] \
	$(GUESTS_DIR)/$(2)/*.[cS]))
$(1)_OBJ := $$(patsubst $(GUESTS_DIR)/%,$(GUESTS_OBJ)/$(1)/%.o,$$($(1)_SRC))
$(GUESTS_OBJ)/$(1)/%.o: $(GUESTS_DIR)/%
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(GUESTS_CFLAGS$(3)) $$(GUESTFLAGS_$(2)) -DGUEST_NAME='"$(1)"' -c -o $$@ $$<
$(O)/guests/$(1).elf: $$($(1)_OBJ) $(GUESTS_DIR)/lib/x$(3)/guest.lds
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -m$(3) $$(GUESTS_LDFLAGS) -Wl,-T,$(GUESTS_DIR)/lib/x$(3)/guest.lds -o $$@ $$($(1)_OBJ) \
		$$(shell $$(CC) -m$(3) -print-libgcc-file-name)
-include $$($(1)_OBJ:.o=.d)
endef
$(foreach g,$(GUESTS64),$(eval $(call GUEST_RULES,$(g),$(g),64,32)))
$(foreach g,$(GUESTS_BOTH),$(eval $(call GUEST_RULES,$(g)32,$(g),32,64)))
$(foreach g,$(filter %32,$(GUESTS)),$(eval $(call GUEST_RULES,$(g),$(g),32,64)))

# The same binaries as plain PV domains and in the shim: see tests/guests/run. G="NAME..." for some.
check-guests: guests
	$(Q)O=$(O) tests/guests/run $(G)

# The recordings of 32-bit guests against a hypervisor that has 32-bit PV, or made anew on it: L0_XEN=FILE [G="NAME32..."]
check-guests32: guests
	$(Q)O=$(O) tests/guests/record -c $(G)
record-guests32: guests
	$(Q)O=$(O) tests/guests/record $(G)
