# SPDX-License-Identifier: MIT
# The load program, static: $(O)/soak/soak64 and soak32.
SOAK_SRC := $(wildcard tests/soak/*.c tests/soak/*.S)
.PHONY: soak-programs soak
soak-programs: $(O)/soak/soak64 $(O)/soak/soak32
$(O)/soak/soak%: $(SOAK_SRC) tests/soak/soak.h tests/soak/build.mk
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -m$* -std=gnu11 -O2 -g -pthread -static -Wall -Wextra -Werror -Wno-unused-result -o $@ $(SOAK_SRC)

# Ten minutes of guest time under all loads; the scenario shim-soak alone is the short form.
SOAK_SECONDS ?= 600
soak: ; $(Q)O=$(O) tests/l0/run shim-soak@$(SOAK_SECONDS)
