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

UT_elf := xen-shim/boot/elf xen-shim/boot/elfsymbols xen-shim/boot/elfnotes $(UT_DIR)/kernel
UT_elf_sections := $(UT_elf)
UT_elf32 := xen-shim/boot/elf xen-shim/boot/elfsymbols xen-shim/boot/elfnotes
UT_elf_addresses := $(UT_elf)
UT_elf_symbols := $(UT_elf)
UT_notes := xen-shim/boot/elfnotes
UT_features := xen-shim/boot/elfnotes
UT_guest_string := xen-shim/boot/elfnotes
UT_layout := xen-shim/boot/domain_layout
UT_layout_end := xen-shim/boot/domain_layout
UT_domain_layout32 := xen-shim/boot/domain_layout
UT_multiboot1 := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_multiboot2 := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_multiboot_damage := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_pvh := xen-shim/boot/pvh xen-shim/boot/bootinfo
UT_firmware := xen-shim/boot/firmware xen-shim/lib/string
UT_memory_map := xen-shim/boot/multiboot xen-shim/boot/bootinfo
UT_handed := xen-shim/boot/handed
UT_share := xen-shim/boot/share sidecar/hvmmem
UT_cmdline := xen-shim/boot/cmdline xen-shim/lib/string
UT_com1 := # included: its ports are the test's
UT_ram := xen-shim/mem/ram
UT_ram_release := xen-shim/mem/ram
UT_printf := xen-shim/lib/printf
UT_string := xen-shim/lib/string
UT_ports := legacy-evtchn/ports
UT_own := legacy-evtchn/own legacy-evtchn/event legacy-evtchn/ports
UT_fifo := legacy-evtchn/fifo legacy-evtchn/ports
UT_frame_set := xen-shim/mem/frame_set
UT_tree := xen-shim/mem/tree
UT_timemath :=
UT_rtc := # included, too
UT_runstate_layout :=
UT_l0_model := xen-shim/l0/l0_model xen-shim/lib/string
UT_hypercall_page := xen-shim/guest/hypercall_page
UT_vcpu_saved := xen-shim/guest/vcpu_saved
UT_contail := xen-shim/guest/contail
UT_bounce := xen-shim/guest/bounce
UT_bounce32 := xen-shim/guest/bounce32 xen-shim/lib/segment
UT_decode := xen-shim/lib/decode xen-shim/lib/opcodes
UT_disassembler := $(UT_DIR)/disassembler xen-shim/lib/decode xen-shim/lib/opcodes
UT_operand := xen-shim/lib/operand xen-shim/lib/decode xen-shim/lib/opcodes
UT_segment := xen-shim/lib/segment
UT_walk := xen-shim/mem/walk
UT_kick := # included, too
UT_lapic := # included, too
UT_timer := # included, too
UT_debugreg :=
UT_cpuid_cache := xen-shim/cpu/cpuid_cache xen-shim/lib/count
UT_headers32 := $(UT_DIR)/compat/headers32
UT_compat := $(UT_DIR)/compat/fixture xen-shim/mem/usercopy
UT_compat_hypercall := $(UT_compat) xen-shim/abi/compat/compat_hypercall
UT_compat_memory := $(UT_compat) xen-shim/abi/compat/compat_memory
UT_vcpu_init32 := $(UT_compat) xen-shim/guest/vcpu_init32
UT_iret32 := $(UT_compat) xen-shim/guest/iret32
UT_compat_mmu := $(UT_compat) xen-shim/abi/compat/compat_mmu
UT_compat_callback := $(UT_compat) xen-shim/abi/compat/compat_callback
UT_compat_vcpu := $(UT_compat) xen-shim/abi/compat/compat_vcpu xen-shim/abi/compat/compat_misc
UT_compat_grant := $(UT_compat) xen-shim/abi/compat/compat_grant

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
$(UT_OUT)/test_bounce32: UT_LDFLAGS := -no-pie
$(UT_OUT)/test_vcpu_saved: UT_LDFLAGS := -Wl,-z,notext
$(UT_OUT)/test_disassembler: UT_LIBS := -lcapstone

# The vCPU that runs, and the addresses of its areas, are the fixture's; faults are repaired by a table of addresses.
UT_FIXTURE := -include $(UT_DIR)/compat/fixture.h
$(UT_OUT)/obj/xen-shim/abi/compat/%.o $(UT_OUT)/obj/$(UT_DIR)/compat/test_compat_%.o: UT_MORE := $(UT_FIXTURE)
$(UT_OUT)/obj/xen-shim/guest/vcpu_init32.o $(UT_OUT)/obj/xen-shim/guest/iret32.o: UT_MORE := $(UT_FIXTURE)
$(UT_OUT)/test_compat_% $(UT_OUT)/test_vcpu_init32 $(UT_OUT)/test_iret32: UT_LDFLAGS := -Wl,-z,noexecstack,-z,notext

# Of this the compiler's data for 32 bits is wanted, in an object for the host.
$(UT_OUT)/obj/$(UT_DIR)/compat/headers32.o: $(UT_DIR)/compat/headers32.c $(UT_DIR)/compat/headers32.list
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UT_CFLAGS) -MF $(@:.o=.d) -MT $@ -m32 -ffreestanding -fno-pie -S -o $(@:.o=.s) $<
	$(Q)$(HOSTCC) -c -o $@ $(@:.o=.s)

UT_TESTS := $(basename $(wildcard $(UT_DIR)/*/test_*.c))
UT_NAMES := $(patsubst test_%,%,$(notdir $(UT_TESTS)))

$(UT_OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UT_CFLAGS) $(UT_SAN) $(UT_MORE) -c -o $@ $<

$(UT_OUT)/obj/%.o: %.S
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -c -o $@ $<

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

# libFuzzer on the decoder and on the calls of 32-bit guests, with the other fuzzers of `make fuzz` and `make fuzz-short`.
$(UT_OUT)/fuzz/fuzz-decode: $(UT_DIR)/fuzz/fuzz_decode.c $(UT_DIR)/disassembler.c $(UT_DIR)/disassembler.h \
		$(addprefix xen-shim/lib/,decode.c opcodes.c decode.h opcodes.h)
	@mkdir -p $(@D)
	$(Q)clang -std=c11 -O1 -g -Wall -Wextra $(FUZZ_SAN) -Ixen-shim/lib -I$(UT_DIR) -o $@ $(filter %.c,$^) -lcapstone
$(UT_OUT)/fuzz/fuzz-compat: $(UT_DIR)/fuzz/fuzz_compat.c $(UT_DIR)/compat/fixture.c $(UT_DIR)/compat/fixture.h \
		$(UT_DIR)/unit.c $(wildcard xen-shim/abi/compat/*.[ch])
	@mkdir -p $(@D)
	$(Q)clang $(filter-out -MMD -MP,$(UT_CFLAGS)) $(FUZZ_SAN) -D_GNU_SOURCE $(UT_FIXTURE) -fPIE -pie -Wl,-z,noexecstack,-z,notext -o $@ $(filter %.c,$^) \
		$(UT_OUT)/obj/xen-shim/mem/usercopy.o -lcmocka
$(UT_OUT)/fuzz/fuzz-compat: $(UT_OUT)/obj/xen-shim/mem/usercopy.o

.PHONY: fuzz-decode fuzz-decode-short fuzz-compat fuzz-compat-short
fuzz: fuzz-decode fuzz-compat
fuzz-short: fuzz-decode-short fuzz-compat-short
fuzz-decode fuzz-decode-short fuzz-compat fuzz-compat-short: fuzz-%: $(UT_OUT)/fuzz/fuzz-decode $(UT_OUT)/fuzz/fuzz-compat
	$(Q)$(UT_DIR)/fuzz/run $(UT_OUT)/fuzz $(*:-short=) $(or $(FUZZ_SECONDS),$(if $(filter %-short,$*),20,300))
