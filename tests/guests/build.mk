# SPDX-License-Identifier: MIT
# Test guests: tests/guests/NAME/*.c and lib/ become $(O)/guests/NAME.elf.
# A test may have NAME/test.mk to set GUESTFLAGS_NAME (preprocessor words for it and its copy of lib/).

GUESTS_DIR := tests/guests
GUESTS := $(patsubst $(GUESTS_DIR)/%/main.c,%,$(wildcard $(GUESTS_DIR)/*/main.c))
GUESTS_OBJ := $(O)/obj/guests

GUESTS_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mno-red-zone -mcmodel=kernel \
	-fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fcf-protection=none \
	-fno-asynchronous-unwind-tables -Wall -Wextra -Werror -MMD -MP -I$(GUESTS_DIR)/lib
GUESTS_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,-T,$(GUESTS_DIR)/lib/guest.lds

.PHONY: guests check-guests
guests: $(GUESTS:%=$(O)/guests/%.elf)

-include $(wildcard $(GUESTS_DIR)/*/test.mk)

define GUEST_RULES
$(1)_SRC := $$(wildcard $(GUESTS_DIR)/lib/*.[cS] $(GUESTS_DIR)/$(1)/*.[cS])
$(1)_OBJ := $$(patsubst $(GUESTS_DIR)/%,$(GUESTS_OBJ)/$(1)/%.o,$$($(1)_SRC))
$(GUESTS_OBJ)/$(1)/%.o: $(GUESTS_DIR)/%
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(GUESTS_CFLAGS) $$(GUESTFLAGS_$(1)) -DGUEST_NAME='"$(1)"' -c -o $$@ $$<
$(O)/guests/$(1).elf: $$($(1)_OBJ) $(GUESTS_DIR)/lib/guest.lds
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(GUESTS_LDFLAGS) -o $$@ $$($(1)_OBJ)
-include $$($(1)_OBJ:.o=.d)
endef
$(foreach g,$(GUESTS),$(eval $(call GUEST_RULES,$(g))))

# The same binaries as plain PV domains and in the shim: see tests/guests/run. G="NAME..." for some.
check-guests: guests
	$(Q)O=$(O) tests/guests/run $(G)
