# SPDX-License-Identifier: MIT
# The program that tries the walls from user mode, static: $(O)/walls/walls.
WALLS_SRC := $(wildcard tests/walls/*.c)
.PHONY: walls
walls: $(O)/walls/walls
$(O)/walls/walls: $(WALLS_SRC) tests/walls/walls.h tests/walls/build.mk
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g -static -no-pie -mno-red-zone -fno-stack-protector -fcf-protection=none \
		-Wall -Wextra -Werror -o $@ $(WALLS_SRC)
