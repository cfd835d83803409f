# SPDX-License-Identifier: MIT
# The rig and the checks that need no build of their own.
.PHONY: lint check-l0 check-more check-rungs check-events check-l0-versions check-firmware check-large
lint: all ; $(Q)O=$(O) tests/lint.sh
check-l0: ; $(Q)O=$(O) tests/l0/run -v

# Longer than CI has time for: every rung and every model of an older Xen; a million events on each rung;
# every Xen that Debian has.
check-more: all evping steal-tools ; $(Q)O=$(O) tests/l0/run $$(grep -v '^\#' tests/l0/scenarios/MORE)
check-rungs: all guests evping ; $(Q)O=$(O) tests/l0/rungs
check-events: all evping
	$(Q)O=$(O) EVENTS_RUNGS="plain percpu vector gsi intx pic l0=3.4" EVENTS_ROUNDS=31249 EVENTS_LIMIT=1200 tests/l0/run shim-storm
	$(Q)O=$(O) EVENTS_RUNGS="plain percpu vector gsi intx pic l0=3.4" EVENTS_ROUNDS=31249 EVENTS_LIMIT=1200 tests/l0/run shim-storm@fifo
	$(Q)O=$(O) EVENTS_RUNGS="plain percpu vector gsi intx pic l0=3.4" EVENTS_ROUNDS=1000 EVENTS_LIMIT=400 tests/l0/run shim-events
# A sidecar in hvmloader's place: the demo, four vCPUs, all that a domain's end and new beginning is made of, the rungs.
check-firmware: all
	$(Q)O=$(O) L0_MEDIUM=firmware tests/l0/run shim-demo shim-reboot shim-save shim-pod shim-smp shim-l0-3.4 shim-universal
	$(Q)for w in vector gsi intx pic; do O=$(O) L0_MEDIUM=firmware L0_WORDS=evtchn=$$w tests/l0/run shim-demo || exit 1; done
	$(Q)for x in 4.14 4.20; do O=$(O) L0_MEDIUM=firmware tests/l0/run -x $$x shim-demo shim-smp shim-reboot || exit 1; done
check-l0-versions: all
	$(Q)for x in 4.14 4.17 4.20; do O=$(O) tests/l0/run -x $$x shim-demo shim-smp shim-l0-3.4 || exit 1; done
	$(Q)O=$(O) tests/l0/run -x 4.14 shim-save@out && O=$(O) tests/l0/run -x 4.17 shim-save@in && rm -f $(O)/l0/logs/shim-save@out/saved
	$(Q)O=$(O) tests/l0/run -x 4.14 shim-move@out && O=$(O) tests/l0/run -x 4.17 shim-move@in && rm -f $(O)/l0/logs/shim-move@out/saved

# CPUs that lack what newer ones have; the rig needs SVM and nested paging of each. The last has NX off.
# (Xen refuses to make domains on an Opteron of 2004, whose erratum 121 it knows, unless it is told.)
OLD_CPUS ?= Opteron_G1,+svm,+npt core2duo,vendor=AuthenticAMD,+svm,+npt kvm64,+svm,+npt phenom,+npt Opteron_G1,+svm,+npt,-nx
.PHONY: check-old-cpus
check-old-cpus: all
	$(Q)for c in $(OLD_CPUS); do echo "-cpu $$c"; O=$(O) L0_CPU=$$c L0_XEN_ARGS=allow_unsafe tests/l0/run shim-demo shim-l0-3.4 || exit 1; done

# what a script wants to know of a variable: make -s print-SHIM_CFLAGS
print-%: ; @echo '$($*)'

# Debian's kernels, old and new: long, so not part of `check`. KERNELS="..." for some.
KERNELS ?= bullseye-amd64 bookworm-amd64 bookworm-cloud-amd64 trixie-amd64 trixie-cloud-amd64 sid-amd64
.PHONY: check-kernels
check-kernels: ; $(Q)O=$(O) tests/l0/run $(KERNELS:%=shim-kernel@%)

# A PV Linux of 32 bits, which Debian hasn't any more: KERNEL=FILE RAMDISK=FILE, the latter with tests/l0/guest and static
# programs of 32 bits (busybox, xenstore-read and -write).
LINUX32 ?= shim-save shim-save@32 shim-hotplug shim-resize shim-pod shim-soak
.PHONY: check-linux32
check-linux32: all
	$(Q)[ -f "$(KERNEL)" ] && [ -f "$(RAMDISK)" ] || { echo "check-linux32 needs KERNEL=FILE RAMDISK=FILE, of 32 bits"; exit 2; }
	$(Q)KERNEL=$(KERNEL) RAMDISK=$(RAMDISK) O=$(O) tests/l0/run $(LINUX32)

# programs for guests, static
.PHONY: l0-programs
l0-programs: $(addprefix $(O)/l0-programs/,hypercall gntside vchanping vectors ports cputime)
$(O)/l0-programs/vchanping: L0_LIBS := -lxenvchan -lxengnttab -lxenevtchn -lxenstore -lxentoolcore -lxentoollog
$(O)/l0-programs/cputime: L0_LIBS := -lxenctrl -lxenevtchn -lxengnttab -lxenforeignmemory -lxendevicemodel -lxencall \
    -lxentoolcore -lxentoollog
$(O)/l0-programs/%: tests/l0/programs/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -static -Wall -Wextra -Werror -o $@ $< $(L0_LIBS)
# A guest of 9 GiB, one of 32 bits with 4.5, and tables' times in one of 8. Needs 13 GiB of this machine's memory.
check-large: all
	$(Q)L0_MEM=12288 tests/l0/run shim-large shim-saver@large
	$(Q)L0_MEM=12288 GUESTS_MEMORY=8192 tests/guests/run tables
