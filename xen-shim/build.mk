# SPDX-License-Identifier: MIT
# The shim: a flat 64-bit image, linked high, in an ELF32 container for Multiboot loaders.

# File names are unique: an include names no directory.
SHIM_DIRS := $(addprefix xen-shim/,lib dev l0 mem cpu guest abi abi/compat boot) legacy-evtchn stolen-time
SHIM_SRCS := $(filter-out %/asm-offsets.c,$(foreach d,$(SHIM_DIRS),$(wildcard $(d)/*.c)))
# (entry.S includes the others of cpu/, but for long_mode.S)
SHIM_ASM := $(addprefix xen-shim/,boot/boot.S cpu/entry.S cpu/long_mode.S guest/trampoline.S l0/l0_page.S \
    mem/usercopy.S)
SHIM_OUT := $(O)/obj
SHIM_OBJS := $(SHIM_SRCS:%.c=$(SHIM_OUT)/%.o) $(SHIM_ASM:%.S=$(SHIM_OUT)/%.o)

SHIM_INCLUDES := $(SHIM_DIRS:%=-I%) -I$(SHIM_OUT)
SHIM_DEFINES := -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__
# COUNT=1 builds the image that counts (count.h); it goes to $(O), not to the place of the other.
# Give it an O of its own.
XEN_SHIM := xen-shim/xen-shim
ifdef COUNT
SHIM_DEFINES += -DCOUNTING
XEN_SHIM := $(O)/xen-shim
endif
SHIM_CFLAGS := -std=c11 -O2 -g -ffreestanding -fpie -fvisibility=hidden -mgeneral-regs-only \
    -mno-red-zone -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
    -fno-strict-aliasing -fno-tree-loop-distribute-patterns -fno-jump-tables -Wall -Wextra -Werror \
    -Wstrict-prototypes -Wmissing-prototypes $(SHIM_INCLUDES) $(SHIM_DEFINES)

all: $(XEN_SHIM)

print-%: ; @echo $($*)

$(SHIM_OUT)/asm-offsets.h: xen-shim/cpu/asm-offsets.c $(foreach d,$(SHIM_DIRS),$(wildcard $(d)/*.h))
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -S -o - $< | sed -n 's/^#define \([A-Z0-9_]*\) \$$\{0,1\}\([0-9]*\)$$/#define \1 \2/p' > $@

$(SHIM_OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -MMD -MP -c -o $@ $<

$(SHIM_OUT)/%.o: %.S $(SHIM_OUT)/asm-offsets.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_INCLUDES) $(SHIM_DEFINES) -D__ASSEMBLER__ -g -MMD -MP -c -o $@ $<

$(SHIM_OUT)/shim.lds: xen-shim/boot/shim.lds.S xen-shim/mem/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_INCLUDES) -D__ASSEMBLER__ -E -P -x assembler-with-cpp -o $@ $<

SHIM_LD := ld -m elf_x86_64 -static -z noexecstack -z max-page-size=4096 --no-warn-rwx-segments --build-id=none
SHIM_IDENT = $(Q)$(CC) -D__ASSEMBLER__ -DSHIM_IDENT="\"xen-shim $(VERSION) build $(1)\"" -c -o $@ xen-shim/l0/ident.S

# Linked twice: the id is taken from the image that has zeros in its place. Debug information isn't
# in it, so the directory of the build and the lines of the sources don't matter.
$(SHIM_OUT)/ident-0.o: xen-shim/l0/ident.S VERSION ; $(call SHIM_IDENT,$(SHIM_NO_ID))
$(SHIM_OUT)/ident.o: xen-shim/l0/ident.S VERSION $(SHIM_OUT)/build-id ; $(call SHIM_IDENT,$$(cat $(SHIM_OUT)/build-id))
SHIM_NO_ID := 0000000000000000000000000000000000000000
$(SHIM_OUT)/build-id: $(SHIM_OBJS) $(SHIM_OUT)/ident-0.o $(SHIM_OUT)/shim.lds
	$(Q)$(SHIM_LD) -T $(SHIM_OUT)/shim.lds -o $@.elf $(SHIM_OBJS) $(SHIM_OUT)/ident-0.o
	$(Q)objcopy -O binary $@.elf $@.bin
	$(Q)sha1sum <$@.bin | cut -c1-40 >$@

$(SHIM_OUT)/shim.elf: $(SHIM_OBJS) $(SHIM_OUT)/ident.o $(SHIM_OUT)/shim.lds
	$(Q)$(SHIM_LD) -T $(SHIM_OUT)/shim.lds -o $@ $(SHIM_OBJS) $(SHIM_OUT)/ident.o

$(SHIM_OUT)/shim.bin: $(SHIM_OUT)/shim.elf
	$(Q)objcopy -O binary $< $@

# p_memsz must cover the bss, so its size is taken from the linked image.
$(XEN_SHIM): $(SHIM_OUT)/shim.bin xen-shim/boot/container.S xen-shim/boot/container.lds
	$(Q)gcc -m32 $(SHIM_INCLUDES) -D__ASSEMBLER__ -c -DSHIM_BIN='"$(SHIM_OUT)/shim.bin"' \
	    -DSHIM_ID="$$(sed 's/../,0x&/g; s/^,//' $(SHIM_OUT)/build-id)" -o $(SHIM_OUT)/container.o xen-shim/boot/container.S
	$(Q)ld -m elf_i386 -z noexecstack --no-warn-rwx-segments -T xen-shim/boot/container.lds \
	    --defsym=container_start=0x$$(nm $(SHIM_OUT)/shim.elf | sed -n 's/^ffff8080\([0-9a-f]*\) . start32$$/\1/p') \
	    --defsym=pvh_start=0x$$(nm $(SHIM_OUT)/shim.elf | sed -n 's/^ffff8080\([0-9a-f]*\) . start32_pvh$$/\1/p') \
	    --defsym=firmware_start=0x$$(nm $(SHIM_OUT)/shim.elf | sed -n 's/^ffff8080\([0-9a-f]*\) . start32_firmware$$/\1/p') \
	    --defsym=bss_size=$$(( 0x$$(nm $(SHIM_OUT)/shim.elf | sed -n 's/^ffff8080\([0-9a-f]*\) . image_end$$/\1/p') \
	        - 0x100000 - $$(stat -c %s $(SHIM_OUT)/shim.bin) )) \
	    -o $@ $(SHIM_OUT)/container.o
	@echo "$@: $$(stat -c %s $@) bytes"

-include $(shell find $(SHIM_OUT) -name '*.d' 2>/dev/null)
