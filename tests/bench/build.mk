# SPDX-License-Identifier: MIT
# The guest of `make bench`: one static program, which is its /init.
.PHONY: bench
$(O)/bench/init: tests/bench/bench.c xen-shim/count.h
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static -Wall -Wextra -Werror -o $@ $<
bench: all $(O)/bench/init
	$(Q)O=$(O) tests/bench/run
