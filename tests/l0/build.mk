# SPDX-License-Identifier: MIT
# The rig and the checks that need no build of their own.
.PHONY: lint check-l0
lint: ; $(Q)O=$(O) tests/lint.sh
check-l0: ; $(Q)O=$(O) tests/l0/run

# what a script wants to know of a variable: make -s print-SHIM_CFLAGS
print-%: ; @echo '$($*)'
