# SPDX-License-Identifier: MIT
# What operators and packagers use: identification, installation, tarball, the checks of a host, HOWTO.
# With RESULTS=FILE a line "pass|fail|skip<TAB>ops<TAB>name<TAB>reason" is added for each test.
.PHONY: check-ops
check-ops: all ; $(Q)O=$(O) tests/ops/run $(T)

# Not a suite of check.sh: takes an hour. sidecar-switch on fake hosts: SWITCH_GUESTS guests under random faults, and
# killed at every call.
SWITCH_GUESTS ?= 1000
SWITCH_SEED ?= 1
.PHONY: check-switch
check-switch:
	$(Q)PROGRESS=1 tests/ops/switch-storm kill 1 $(SWITCH_SEED)
	$(Q)PROGRESS=1 tests/ops/switch-storm save 1 $(SWITCH_SEED)
	$(Q)PROGRESS=1 tests/ops/switch-storm faults $(SWITCH_GUESTS) $(SWITCH_SEED)

# Not a suite of check.sh: slow, and it downloads.
.PHONY: check-deb
check-deb: ; $(Q)O=$(O) tests/ops/check-deb
