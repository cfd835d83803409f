# SPDX-License-Identifier: MIT
# The program that tries the walls from user mode, static: $(O)/walls/walls.
WALLS_SRC := $(wildcard tests/walls/*.c)
.PHONY: walls
walls: $(O)/walls/walls
$(O)/walls/walls: $(WALLS_SRC) tests/walls/walls.h tests/walls/build.mk
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g -static -no-pie -mno-red-zone -fno-stack-protector -fcf-protection=none \
		-Wall -Wextra -Werror -o $@ $(WALLS_SRC)

# User mode against its kernel, and a kernel against its hypervisor, from seeds of the day, with and without isolate=yes.
# FUZZ_SEED: the first; FUZZ_SEEDS: how many; FUZZ_COUNT: cases of each. The seeds are shown; the same ones give the same cases.
# With L0_XEN, a hypervisor with 32-bit PV, those of 32 bits, too.
FUZZ_SEED ?= $(shell date +%s)
FUZZ_SEEDS ?= 6
FUZZ_COUNT ?= 1000
.PHONY: fuzz-guest check-selftests
fuzz-guest: all guests walls
	@echo "fuzz-guest: FUZZ_SEED=$(FUZZ_SEED)"
	$(Q)export O=$(O) WALLS_SEEDS="$(shell seq -s ' ' $(FUZZ_SEED) $$(($(FUZZ_SEED) + $(FUZZ_SEEDS) - 1)))" WALLS_COUNT=$(FUZZ_COUNT) \
		WALLS_LIMIT=$$((400 + $(FUZZ_SEEDS) * $(FUZZ_COUNT) / 5)); bad=0; \
	tests/l0/run shim-walls@fuzz+scan || bad=1; tests/l0/run shim-walls@fuzz+isolate || bad=1; \
	export GUESTS_EXTRA="seed=$(FUZZ_SEED) count=40000"; tests/guests/run hypercall_fuzz || bad=1; \
	L0_WORDS=isolate=yes tests/guests/run -s hypercall_fuzz || bad=1; \
	[ -z "$$L0_XEN" ] || tests/guests/run hypercall_fuzz32 || bad=1; \
	export GUESTS_EXTRA="seed=$(FUZZ_SEED) count=$(FUZZ_COUNT)"; \
	[ -z "$$L0_XEN" ] || { tests/guests/run user_fuzz32 walls32 && L0_WORDS=isolate=yes tests/guests/run -s user_fuzz32 walls32; } || bad=1; \
	exit $$bad

# All of Linux' x86 selftests that the rig can run; those of selftests.short run with each change.
check-selftests: all
	$(Q)O=$(O) WALLS_LIMIT=1800 tests/l0/run shim-walls@selftests
