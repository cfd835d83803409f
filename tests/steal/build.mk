# SPDX-License-Identifier: MIT
# What the scenarios of steal time and clocks run: timetool in the guest, l0view and judge in dom0, hog as
# the other domain.  All but l0view are static.

STEAL_DIR := tests/steal
STEAL_OUT := $(O)/steal
STEAL_CFLAGS := -std=c11 -D_GNU_SOURCE -D__XEN_TOOLS__ -O2 -g -Wall -Wextra -Werror -Istolen-time/report

.PHONY: steal-tools
steal-tools: $(STEAL_OUT)/timetool $(STEAL_OUT)/l0view $(STEAL_OUT)/judge $(STEAL_OUT)/hog stolen-time/steal-report

# what they tell each other, and how they read it: fields.h
STEAL_FIELDS := $(addprefix $(STEAL_DIR)/,fields.c fields.h)
STEAL_REPORT := $(addprefix stolen-time/report/,area.c host.c area.h host.h)

$(STEAL_OUT)/timetool: $(addprefix $(STEAL_DIR)/,timetool.c load.c clocks.c sleeps.c timetool.h) $(STEAL_FIELDS) $(STEAL_REPORT)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STEAL_CFLAGS) -static -pthread -o $@ $(filter %.c,$^)

$(STEAL_OUT)/judge: $(addprefix $(STEAL_DIR)/,judge.c trace.c trace.h) $(STEAL_FIELDS) stolen-time/report/host.h
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STEAL_CFLAGS) -static -o $@ $(filter %.c,$^)

# (xenctrl.h for its types; the library is the host's own, by dlopen)
$(STEAL_OUT)/l0view: $(STEAL_DIR)/l0view.c $(STEAL_REPORT)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STEAL_CFLAGS) -std=gnu11 -o $@ $(filter %.c,$^)

$(STEAL_OUT)/hog: $(STEAL_DIR)/hog.S tests/guests/lib/x64/guest.lds
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(GUESTS_LDFLAGS) -Wl,-T,tests/guests/lib/x64/guest.lds -o $@ $<

# The proof with all loads and peers, minutes of emulation each; NAMES="percpu ..." for some, DOCS=1 puts the
# result into docs/.  And the clock's rate over ten minutes.
.PHONY: bench-steal check-drift
bench-steal: all steal-tools
	$(Q)O=$(O) tests/steal/bench $(if $(DOCS),-d) $(NAMES)
check-drift: all steal-tools
	$(Q)O=$(O) tests/l0/run drift-10min

# The judge on a recorded run: traces, samples and what must come of them.
.PHONY: check-judge
check-unit: check-judge
check-judge: $(STEAL_OUT)/judge
	$(Q)O=$(O) $(STEAL_DIR)/recorded/check
