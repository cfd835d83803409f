# SPDX-License-Identifier: MIT
# The guest of `make bench`: one static program, which is its /init.
.PHONY: bench profile
$(O)/bench/init: tests/bench/bench.c tests/bench/marker.h tests/bench/samples.h xen-shim/lib/count.h
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static -Wall -Wextra -Werror -o $@ $<
$(O)/bench/init32: tests/bench/bench.c tests/bench/marker.h tests/bench/samples.h xen-shim/lib/count.h
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -O2 -static -Wall -Wextra -Werror -o $@ $<
$(O)/bench/io: tests/bench/io.c tests/bench/samples.h
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static -Wall -Wextra -Werror -o $@ $<
bench: all $(O)/bench/init
	$(Q)O=$(O) tests/bench/run
	$(Q)O=$(O) tests/bench/calls
	$(Q)O=$(O) tests/bench/io

# by function, with a plugin of QEMU's
$(O)/bench/profile.so: tests/bench/profile.c tests/bench/marker.h
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -fPIC -shared -Wall -Wextra -Werror -o $@ $<
profile: all
	$(Q)O=$(O) tests/bench/profile
