# SPDX-License-Identifier: MIT
# steal-report: runs in the guest, so it is static and needs nothing there.

REPORT_SRCS := stolen-time/report/steal-report.c stolen-time/report/host.c stolen-time/report/area.c
REPORT_CFLAGS := -std=c11 -D_GNU_SOURCE -D__XEN_TOOLS__ -O2 -Wall -Wextra -Werror -Istolen-time/report

all: stolen-time/steal-report

stolen-time/steal-report: $(REPORT_SRCS) stolen-time/report/host.h stolen-time/report/area.h
	$(Q)$(HOSTCC) $(REPORT_CFLAGS) -static -s -o $@ $(REPORT_SRCS)
