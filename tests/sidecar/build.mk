# SPDX-License-Identifier: MIT
# Tests of the sidecar builder: cmocka on its parts, bats on the whole, both with ASan and UBSan.
# With RESULTS=FILE a line "pass|fail|skip<TAB>sidecar<TAB>name<TAB>reason" is added for each test.

SC_OUT := $(O)/sidecar-test
SC_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SC_OBJS := $(SIDECAR_SRCS:%=$(SC_OUT)/obj/%.o)
SC_LIB := $(filter-out $(SC_OUT)/obj/main.o,$(SC_OBJS))
SC_UNIT := $(patsubst tests/sidecar/unit/%.c,$(SC_OUT)/unit/%,$(wildcard tests/sidecar/unit/test_*.c))
SC_FIX := $(SC_OUT)/fixtures
SC_FIXTURES := $(addprefix $(SC_FIX)/,probe kernel k-nonotes k-pvh k-feature k-loader k-version k-legacy k-pae k-nopae k-pae-legacy k-32-nonotes killer.so noxen.so)

include tests/sidecar/load/build.mk

$(SC_OUT)/obj/%.o: sidecar/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SIDECAR_CFLAGS) -U_FORTIFY_SOURCE $(SC_SAN) -MMD -MP -c -o $@ $<

$(SC_OUT)/mk-sidecar: $(SC_OBJS)
	$(Q)$(HOSTCC) $(SC_SAN) -o $@ $^ $(SIDECAR_LIBS)

$(SC_OUT)/unit/%: tests/sidecar/unit/%.c tests/sidecar/unit/test.h $(SC_LIB)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SIDECAR_CFLAGS) -U_FORTIFY_SOURCE $(SC_SAN) $(SC_WRAP) -o $@ $< $(SC_LIB) $(SIDECAR_LIBS) -lcmocka
$(SC_OUT)/unit/test_keys: SC_WRAP := -Wl,--wrap=die,--wrap=warn

# Stand-ins, so that the tests need nothing that isn't in the tree.
SC_KERNEL = $(Q)mkdir -p $(@D) && $(HOSTCC) -nostdlib -static -Wl,--build-id=none \
	-Wl,-z,noexecstack $(1) -o $@ $<
$(SC_FIX)/kernel: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL)
$(SC_FIX)/k-nonotes: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-DNO_NOTES)
$(SC_FIX)/k-pvh: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-DNO_PV)
$(SC_FIX)/k-feature: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-DFEATURES='"!flying_pages"')
$(SC_FIX)/k-loader: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-DLOADER='"special"')
$(SC_FIX)/k-version: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-DXEN_VERSION='"xen-2.0"')
$(SC_FIX)/k-legacy: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-DLEGACY)
$(SC_FIX)/k-pae: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-m32 -DPAE='"yes"')
$(SC_FIX)/k-nopae: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-m32)
$(SC_FIX)/k-pae-legacy: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-m32 -DLEGACY -DPAE='"yes[extended-cr3]"')
$(SC_FIX)/k-32-nonotes: tests/sidecar/fixtures/kernel.S ; $(call SC_KERNEL,-m32 -DNO_NOTES)
$(SC_FIX)/probe: tests/sidecar/fixtures/probe/start.S tests/sidecar/fixtures/probe/probe.c \
		tests/sidecar/fixtures/probe/probe.ld
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -m32 -std=c11 -ffreestanding -fno-pic -fno-pie -mgeneral-regs-only \
		-fno-stack-protector -fcf-protection=none -Wall -Wextra -Werror -O2 -nostdlib -static \
		-Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,$(filter %.ld,$^) \
		$(filter-out %.ld,$^) -o $@

$(SC_FIX)/killer.so: tests/sidecar/fixtures/killer.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $< -ldl
$(SC_FIX)/noxen.so: tests/sidecar/fixtures/noxen.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $<
$(SC_OUT)/quote: tests/sidecar/fixtures/quote.c $(SC_LIB)
	$(Q)$(HOSTCC) $(SIDECAR_CFLAGS) -U_FORTIFY_SOURCE $(SC_SAN) -o $@ $< $(SC_LIB) $(SIDECAR_LIBS)

-include $(SC_OBJS:.o=.d)

.PHONY: check-sidecar
check-sidecar: $(O)/sidecar/mk-sidecar $(O)/sidecar/sidecar-load $(SC_OUT)/mk-sidecar $(SC_OUT)/quote $(SC_UNIT) $(SC_FIXTURES)
	$(Q)SC_OUT=$(abspath $(SC_OUT)) tests/sidecar/run

.PHONY: bench-sidecar
bench-sidecar: all ; $(Q)O=$(abspath $(O)) tests/sidecar/bench.sh

# libFuzzer on the readers, that of saved guests by load/build.mk; fuzz-short is for a quick look.
FUZZ_SAN := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZ_BINS := $(addprefix $(SC_OUT)/fuzz/fuzz-,config grub notes bzimage)
$(SC_OUT)/fuzz/fuzz-%: tests/sidecar/fuzz/fuzz.c $(wildcard sidecar/*.[ch])
	@mkdir -p $(@D)
	$(Q)clang -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra $(FUZZ_SAN) -DVERSION='"$(VERSION)"' -DREADER=$(shell echo $* | tr a-z A-Z) \
		-Wl,--wrap=die,--wrap=warn -o $@ $< $(filter-out sidecar/main.c,$(SIDECAR_SRCS:%=sidecar/%.c)) $(SIDECAR_LIBS)
.PHONY: fuzz fuzz-short
fuzz fuzz-short: $(FUZZ_BINS) $(SC_OUT)/fuzz/fuzz-saved $(SC_FIXTURES)
	$(Q)tests/sidecar/fuzz/run $(SC_OUT)/fuzz $(or $(FUZZ_SECONDS),$(if $(filter fuzz,$@),300,20))
