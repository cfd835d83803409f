# SPDX-License-Identifier: MIT
# What builds an image on the runtime of tests/guests/lib. Definitions only: whoever needs them includes this.

GUESTS_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only \
	-fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fcf-protection=none \
	-fno-asynchronous-unwind-tables -Wall -Wextra -Werror -MMD -MP -Itests/guests/lib
GUESTS_CFLAGS64 := $(GUESTS_CFLAGS) -mno-red-zone -mcmodel=kernel -Itests/guests/lib/x64
GUESTS_CFLAGS32 := $(GUESTS_CFLAGS) -m32 -march=i686 -Itests/guests/lib/x32
GUESTS_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

# $(1): the guest, $(2): its sources' directory in tests/, $(3): its width, $(4): the other one, $(5): the image
define GUEST_RULES
$(1)_SRC := $$(filter-out tests/$(2)/x$(4)_%,$$(wildcard tests/guests/lib/*.[cS] tests/guests/lib/x$(3)/*.[cS] \
	tests/$(2)/*.[cS]))
$(1)_OBJ := $$(patsubst tests/%,$(O)/obj/guests/$(1)/%.o,$$($(1)_SRC))
$(O)/obj/guests/$(1)/%.o: tests/%
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(GUESTS_CFLAGS$(3)) $$(GUESTFLAGS_$(notdir $(2))) -DGUEST_NAME='"$(1)"' -c -o $$@ $$<
$(5): $$($(1)_OBJ) tests/guests/lib/x$(3)/guest.lds
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -m$(3) $$(GUESTS_LDFLAGS) -Wl,-T,tests/guests/lib/x$(3)/guest.lds -o $$@ $$($(1)_OBJ) \
		$$(shell $$(CC) -m$(3) -print-libgcc-file-name)
-include $$($(1)_OBJ:.o=.d)
endef
