# SPDX-License-Identifier: MIT
# Unit tests of the shim's pure parts, compiled for the host with ASan and UBSan.
# tests/unit/ROOM/test_NAME.c, in the room of what it tests, is linked with the sources that UT_NAME
# lists; T="NAME..." for some of them.
# With RESULTS=FILE a line "pass|fail|skip<TAB>unit<TAB>name<TAB>reason" is added for each test case.

UT_DIR := tests/unit
UT_OUT := $(O)/unit
UT_SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
UT_CFLAGS := -std=c11 -O1 -g -Wall -Wextra -Werror $(SHIM_DIRS:%=-I%) -I$(UT_DIR) \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ -MMD -MP

UT_elf := xen-shim/boot/elf xen-shim/boot/elfnotes $(UT_DIR)/kernel
UT_elf_sections := $(UT_elf)
UT_elf_addresses := $(UT_elf)
UT_notes := xen-shim/boot/elfnotes
UT_features := xen-shim/boot/elfnotes
UT_guest_string := xen-shim/boot/elfnotes
UT_layout := xen-shim/boot/domain_layout
UT_layout_end := xen-shim/boot/domain_layout
UT_multiboot1 := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_multiboot2 := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_multiboot_damage := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_pvh := xen-shim/boot/pvh xen-shim/boot/bootinfo
UT_firmware := xen-shim/boot/firmware xen-shim/lib/string
UT_memory_map := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_cmdline := xen-shim/boot/cmdline xen-shim/lib/string
UT_ram := xen-shim/mem/ram
UT_ram_release := xen-shim/mem/ram
UT_printf := xen-shim/lib/printf
UT_string := xen-shim/lib/string
UT_ports := legacy-evtchn/ports
UT_frame_set := xen-shim/mem/frame_set
UT_tree := xen-shim/mem/tree
UT_timemath :=
UT_rtc := stolen-time/rtc
UT_runstate_layout :=
UT_l0_model := xen-shim/l0/l0_model xen-shim/lib/string
UT_hypercall_page := xen-shim/guest/hypercall_page
UT_contail := xen-shim/guest/contail
UT_bounce := xen-shim/guest/bounce
UT_decode := xen-shim/lib/decode xen-shim/lib/opcodes
UT_disassembler := $(UT_DIR)/disassembler xen-shim/lib/decode xen-shim/lib/opcodes
UT_operand := xen-shim/lib/operand xen-shim/lib/decode xen-shim/lib/opcodes
UT_segment := xen-shim/lib/segment
UT_walk := xen-shim/mem/walk
UT_cpuid_cache := xen-shim/cpu/cpuid_cache xen-shim/lib/count

# What carries a name of the C library's gets another here.
$(UT_OUT)/obj/xen-shim/lib/printf.o: UT_MORE := -Dsnprintf=shim_snprintf -Dvsnprintf=shim_vsnprintf
$(UT_OUT)/obj/xen-shim/lib/string.o: UT_MORE := -fno-builtin -Dmemcpy=shim_memcpy -Dmemmove=shim_memmove \
	-Dmemset=shim_memset -Dmemcmp=shim_memcmp -Dstrlen=shim_strlen -Dstrncmp=shim_strncmp \
	-Dstrlcpy=shim_strlcpy
# What was asked of the CPU is to be seen.
$(UT_OUT)/obj/xen-shim/cpu/cpuid_cache.o $(UT_OUT)/obj/xen-shim/lib/count.o: UT_MORE := -DCOUNTING
# Of this file some functions don't run on the host; the linker drops them with all that they call.
$(UT_OUT)/obj/xen-shim/guest/bounce.o: UT_SAN := -ffunction-sections -fdata-sections
$(UT_OUT)/test_bounce: UT_LDFLAGS := -Wl,--gc-sections
$(UT_OUT)/test_disassembler: UT_LIBS := -lcapstone

UT_TESTS := $(basename $(wildcard $(UT_DIR)/*/test_*.c))
UT_NAMES := $(patsubst test_%,%,$(notdir $(UT_TESTS)))

$(UT_OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UT_CFLAGS) $(UT_SAN) $(UT_MORE) -c -o $@ $<

define UT_RULE
$(UT_OUT)/test_$(1): $(UT_OUT)/obj/$(filter %/test_$(1),$(UT_TESTS)).o $(UT_OUT)/obj/$(UT_DIR)/unit.o \
		$(UT_$(1):%=$(UT_OUT)/obj/%.o)
	$$(Q)$$(HOSTCC) $$(UT_SAN) $$(UT_LDFLAGS) -o $$@ $$^ -lcmocka $$(UT_LIBS)
endef
$(foreach t,$(UT_NAMES),$(eval $(call UT_RULE,$(t))))

-include $(shell find $(UT_OUT) -name '*.d' 2>/dev/null)

.PHONY: check-unit
check-unit: $(UT_NAMES:%=$(UT_OUT)/test_%)
	$(Q)UT_OUT=$(UT_OUT) $(UT_DIR)/run $(or $(T),$(UT_NAMES))

# libFuzzer on the decoder, with the other fuzzers of `make fuzz` and `make fuzz-short`.
$(UT_OUT)/fuzz/fuzz-decode: $(UT_DIR)/fuzz/fuzz_decode.c $(UT_DIR)/disassembler.c $(UT_DIR)/disassembler.h \
		$(addprefix xen-shim/lib/,decode.c opcodes.c decode.h opcodes.h)
	@mkdir -p $(@D)
	$(Q)clang -std=c11 -O1 -g -Wall -Wextra $(FUZZ_SAN) -Ixen-shim/lib -I$(UT_DIR) -o $@ $(filter %.c,$^) -lcapstone
.PHONY: fuzz-decode fuzz-decode-short
fuzz: fuzz-decode
fuzz-short: fuzz-decode-short
fuzz-decode fuzz-decode-short: $(UT_OUT)/fuzz/fuzz-decode
	$(Q)$(UT_DIR)/fuzz/run $(UT_OUT)/fuzz $(or $(FUZZ_SECONDS),$(if $(filter fuzz-decode,$@),300,20))
