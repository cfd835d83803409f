# SPDX-License-Identifier: MIT
# One make, no recursion: every directory adds its rules by a build.mk.
# Targets: all (default), check, check-unit, lint, clean; each build.mk names its own.
#   V=1 shows the commands, O=DIR puts objects elsewhere (default: build).

O ?= build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
CC ?= gcc
HOSTCC ?= gcc
VERSION := $(shell cat VERSION)

.PHONY: all check clean
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

include $(wildcard */build.mk tests/*/build.mk)

check: ; $(Q)scripts/check.sh

clean:
	$(Q)rm -rf $(O)/obj $(O)/steal xen-shim/xen-shim stolen-time/steal-report
