# SPDX-License-Identifier: MIT
.PHONY: check-boot
check-boot: xen-shim/xen-shim ; $(Q)tests/boot/run
