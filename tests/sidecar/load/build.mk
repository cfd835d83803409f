# SPDX-License-Identifier: MIT
# Tests of sidecar-load: against a fake domain in memory, on streams of a guest that never was. Run with the builder's.

LT_DIR := tests/sidecar/load
LT_OUT := $(SC_OUT)/load
LT_CFLAGS := $(LOAD_CFLAGS) -fno-omit-frame-pointer
LT_OBJS := $(patsubst %,$(LT_OUT)/%.o,$(addprefix sidecar/load/,$(filter-out main privcmd,$(LOAD_SRCS))) \
	$(addprefix $(LT_DIR)/,model stream stream1 stream2 fake))
LT_UNIT := $(patsubst $(LT_DIR)/%.c,$(SC_OUT)/unit/%,$(wildcard $(LT_DIR)/test_*.c))
SC_UNIT += $(LT_UNIT)

$(LT_OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(LT_CFLAGS) $(SC_SAN) -MMD -MP -c -o $@ $<
$(LT_UNIT): $(SC_OUT)/unit/%: $(LT_OUT)/$(LT_DIR)/%.o $(LT_OUT)/$(LT_DIR)/loaded.o $(LT_OBJS)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SC_SAN) $(SC_WRAP) -o $@ $^ -lcmocka -lpthread
$(SC_OUT)/unit/test_load_privcmd: $(LT_OUT)/sidecar/load/privcmd.o
$(SC_OUT)/unit/test_load_privcmd: SC_WRAP := -Wl,--wrap=open64 -Wl,--wrap=ioctl -Wl,--wrap=mmap64 -Wl,--wrap=munmap

-include $(LT_OUT)/sidecar/load/privcmd.d $(LT_OBJS:.o=.d) $(patsubst %.c,$(LT_OUT)/%.d,$(wildcard $(LT_DIR)/*.c))

# A saved guest in each format, small.
$(SC_OUT)/make-saved: $(LT_OUT)/$(LT_DIR)/make_saved.o $(addprefix $(LT_OUT)/$(LT_DIR)/,model.o stream.o stream1.o stream2.o)
	$(Q)$(HOSTCC) $(SC_SAN) -o $@ $^
$(SC_FIX)/saved: $(SC_OUT)/make-saved
	$(Q)rm -rf $@ && mkdir -p $@ && $< $@
SC_FIXTURES += $(SC_FIX)/saved

# Beside the builder's fuzzers.
$(SC_OUT)/fuzz/fuzz-saved: $(LT_DIR)/fuzz.c $(wildcard sidecar/load/*.[ch]) xen-shim/boot/handover.h
	@mkdir -p $(@D)
	$(Q)clang $(LOAD_CFLAGS) -O1 $(FUZZ_SAN) -o $@ $< $(patsubst %,sidecar/load/%.c,$(filter-out main privcmd,$(LOAD_SRCS)))
