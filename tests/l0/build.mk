# SPDX-License-Identifier: MIT
# The rig and the checks that need no build of their own.
.PHONY: lint check-l0
lint: ; $(Q)O=$(O) tests/lint.sh
check-l0: ; $(Q)O=$(O) tests/l0/run

# what a script wants to know of a variable: make -s print-SHIM_CFLAGS
print-%: ; @echo '$($*)'

# Debian's kernels, old and new: long, so not part of `check`. KERNELS="..." for some.
KERNELS ?= bullseye-amd64 bookworm-amd64 bookworm-cloud-amd64 trixie-amd64 trixie-cloud-amd64 sid-amd64
.PHONY: check-kernels
check-kernels: ; $(Q)O=$(O) tests/l0/run $(KERNELS:%=shim-kernel@%)
