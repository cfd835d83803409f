# SPDX-License-Identifier: MIT
# The sidecar builder, a host program: $(O)/sidecar/mk-sidecar. CFLAGS and the like are a packager's.

SIDECAR_SRCS := main options convert plan newcfg install make firmware reuse fleet jobs inventory store hash xmcfg xmlex xmwhy guest cmdline disk vdev xenddisk vif hvmcfg hvmmem xendcfg libvirtxml libvirtdev xmlout cfgkeys keyform keytab keytabdev keytabhvm cfgfile xlcfg grubcfg iso tool pvgrub loader grubdisk bootfind bootdisk marks bootmenu pygrub grubscript blscfg menulst output shimfile \
		kernel elftrim kernelout elfimage xennotes unpack pack util
SIDECAR_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -g -fstack-protector-strong \
		  -D_FORTIFY_SOURCE=2 -DVERSION='"$(VERSION)"'
# libxlutil statically: the shared one brings libxenlight of exactly one Xen version.
SIDECAR_LIBS := -Wl,-Bstatic -lxlutil -Wl,-Bdynamic -lnettle -ldeflate -lz -llzma -lzstd -llz4 -lbz2 -llzo2
SIDECAR_OBJS := $(SIDECAR_SRCS:%=$(O)/sidecar/%.o)

all: $(O)/sidecar/mk-sidecar

$(O)/sidecar/mk-sidecar: $(SIDECAR_OBJS)
	@echo "LINK $@"
	$(Q)$(HOSTCC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SIDECAR_LIBS)

$(O)/sidecar/options.o: VERSION
$(O)/sidecar/%.o: sidecar/%.c
	@mkdir -p $(@D)
	@echo "CC   $<"
	$(Q)$(HOSTCC) $(CPPFLAGS) $(CFLAGS) $(SIDECAR_CFLAGS) -MMD -MP -c -o $@ $<

-include $(SIDECAR_OBJS:.o=.d)

.PHONY: clean-sidecar
clean: clean-sidecar
clean-sidecar: ; $(Q)rm -rf $(O)/sidecar

include sidecar/load/build.mk
