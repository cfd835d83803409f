# SPDX-License-Identifier: MIT
# sidecar-load, a static program for dom0s of all ages: $(O)/sidecar/sidecar-load.
# By musl, since a static program of today's glibc ends on kernels before 3.2; none of a packager's flags, which are for the other libc.

LOAD_CC ?= musl-gcc
LOAD_SRCS := main source image wrapper stream2 stream1 check features localise frames directory fill privcmd running handoff
# (gnu11: Xen's headers of foreign structures want it)
LOAD_CFLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -O2 -g -DVERSION='"$(VERSION)"'
LOAD_OBJS := $(LOAD_SRCS:%=$(O)/sidecar/load/%.o)

all: $(O)/sidecar/sidecar-load

$(O)/sidecar/sidecar-load: $(LOAD_OBJS)
	@echo "LINK $@"
	$(Q)$(LOAD_CC) -static -no-pie -Wl,-z,noexecstack -o $@ $^

# (behind musl's own headers, for Xen's)
$(O)/sidecar/load/main.o: VERSION
$(O)/sidecar/load/%.o: sidecar/load/%.c
	@mkdir -p $(@D)
	@echo "CC   $<"
	$(Q)$(LOAD_CC) $(LOAD_CFLAGS) -fno-pie -idirafter /usr/include -MMD -MP -c -o $@ $<

-include $(LOAD_OBJS:.o=.d)
