# SPDX-License-Identifier: MIT
# saver: a test guest that is saved and restored, of both widths, on the runtime of tests/guests (shim-saver).
include tests/guests/image.mk

.PHONY: saver
saver: $(O)/save/saver.elf $(O)/save/saver32.elf
$(eval $(call GUEST_RULES,saver,save/saver,64,32,$(O)/save/saver.elf))
$(eval $(call GUEST_RULES,saver32,save/saver,32,64,$(O)/save/saver32.elf))

check-l0: saver
