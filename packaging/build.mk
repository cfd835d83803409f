# SPDX-License-Identifier: MIT
# make install, uninstall: PREFIX (default /usr, where Xen is), DESTDIR and the directories below.
# make dist: the source tarball of what is committed. make deb: a Debian package of that tarball.
# Results are in $(O)/dist. make check-deb: the package in a fresh Debian, see tests/ops/check-deb.

PREFIX ?= /usr
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib/xen-sidecar
BOOTDIR ?= $(PREFIX)/lib/xen/boot
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/xen-sidecar
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
INSTALL ?= install

# mode:source:destination
INSTALL_LIST := \
    755:$(O)/sidecar/mk-sidecar:$(LIBDIR)/mk-sidecar \
    755:$(O)/packaging/mk-sidecar:$(SBINDIR)/mk-sidecar \
    755:scripts/switch-guest.sh:$(SBINDIR)/sidecar-switch \
    755:scripts/switch-guest.sh:$(SBINDIR)/sidecar-move \
    755:$(O)/sidecar/sidecar-load:$(SBINDIR)/sidecar-load \
    755:scripts/check-host.sh:$(LIBDIR)/check-host.sh \
    755:scripts/shim-version.sh:$(LIBDIR)/shim-version.sh \
    644:xen-shim/xen-shim:$(BOOTDIR)/xen-shim-sidecar \
    644:docs/man/mk-sidecar.8:$(MANDIR)/man8/mk-sidecar.8 \
    644:docs/man/sidecar-switch.8:$(MANDIR)/man8/sidecar-switch.8 \
    644:docs/man/sidecar-switch.8:$(MANDIR)/man8/sidecar-move.8 \
    644:docs/man/sidecar-load.8:$(MANDIR)/man8/sidecar-load.8 \
    644:docs/man/sidecar.conf.5:$(MANDIR)/man5/sidecar.conf.5 \
    644:docs/man/xen-sidecar.7:$(MANDIR)/man7/xen-sidecar.7 \
    644:scripts/switch-guest.bash-completion:$(COMPDIR)/sidecar-switch \
    644:scripts/switch-guest.bash-completion:$(COMPDIR)/sidecar-move \
    644:scripts/mk-sidecar.bash-completion:$(COMPDIR)/mk-sidecar \
    $(foreach f,README.md HOWTO-vixen.md CHANGES.md $(wildcard docs/*.md docs/*.svg),644:$(f):$(DOCDIR)/$(f))
INSTALL_CONF := $(SYSCONFDIR)/xen/sidecar.conf

define install_one
	$(Q)$(INSTALL) -D -m $(word 1,$(1)) $(word 2,$(1)) "$(DESTDIR)$(word 3,$(1))"

endef

# The front with the paths of this installation.
$(O)/packaging/mk-sidecar: scripts/mk-sidecar.sh FORCE
	@mkdir -p $(@D)
	$(Q)sed -e 's,^libdir=.*,libdir=$(LIBDIR),' -e 's,^shim=.*,shim=$(BOOTDIR)/xen-shim-sidecar,' \
	    -e 's,^conf=/.*,conf=$(INSTALL_CONF),' $< >$@

# The config isn't replaced: it is the operator's.
.PHONY: install uninstall dist deb FORCE
install: all $(O)/packaging/mk-sidecar
	$(foreach f,$(INSTALL_LIST),$(call install_one,$(subst :, ,$(f))))
	$(Q)[ -e "$(DESTDIR)$(INSTALL_CONF)" ] || $(INSTALL) -D -m 644 packaging/sidecar.conf "$(DESTDIR)$(INSTALL_CONF)"

# Nor is it removed once it was changed.
uninstall:
	$(Q)rm -f $(foreach f,$(INSTALL_LIST),"$(DESTDIR)$(word 3,$(subst :, ,$(f)))")
	$(Q)! cmp -s packaging/sidecar.conf "$(DESTDIR)$(INSTALL_CONF)" || rm "$(DESTDIR)$(INSTALL_CONF)"
	$(Q)rmdir "$(DESTDIR)$(DOCDIR)/docs" "$(DESTDIR)$(DOCDIR)" "$(DESTDIR)$(LIBDIR)" 2>/dev/null || true

DIST := xen-sidecar-$(VERSION)
dist: $(O)/dist/$(DIST).tar.gz
# Of a commit, so that the same commit gives the same bytes.
$(O)/dist/$(DIST).tar.gz: FORCE
	@mkdir -p $(@D)
	@git rev-parse -q --verify HEAD >/dev/null || { echo "make dist: this isn't a git clone; in an unpacked release use dpkg-buildpackage -us -uc -b" >&2; exit 1; }
	@git diff --quiet HEAD || echo "make dist: what isn't committed is left out" >&2
	$(Q)git archive --prefix=$(DIST)/ HEAD | gzip -n9 >$@.tmp && mv $@.tmp $@
	@echo "$@: $$(stat -c %s $@) bytes"

# In the tarball's own tree, with the Debian revision that debian/changelog names.
deb: $(O)/dist/$(DIST).tar.gz
	$(Q)rm -rf --one-file-system $(O)/deb && mkdir -p $(O)/deb
	$(Q)rm -f $(O)/dist/*.deb $(O)/dist/*.buildinfo $(O)/dist/*.changes
	$(Q)cp $< $(O)/deb/xen-sidecar_$(VERSION).orig.tar.gz
	$(Q)tar -xzf $< -C $(O)/deb
	$(Q)cd $(O)/deb/$(DIST) && env -u O -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -us -uc -b >../build.log 2>&1 || \
	    { tail -30 ../build.log >&2; exit 1; }
	$(Q)mv $(O)/deb/xen-sidecar*.deb $(O)/deb/*.buildinfo $(O)/deb/*.changes $(O)/dist/
	@ls $(O)/dist/xen-sidecar_*.deb

clean: clean-packaging
.PHONY: clean-packaging
clean-packaging: ; $(Q)rm -rf $(O)/packaging $(O)/deb $(O)/dist
