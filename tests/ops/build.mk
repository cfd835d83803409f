# SPDX-License-Identifier: MIT
# What operators and packagers use: identification, installation, tarball, the checks of a host, HOWTO.
# With RESULTS=FILE a line "pass|fail|skip<TAB>ops<TAB>name<TAB>reason" is added for each test.
.PHONY: check-ops
check-ops: all ; $(Q)O=$(O) tests/ops/run $(T)

# Not a suite of check.sh: slow, and it downloads.
.PHONY: check-deb
check-deb: ; $(Q)O=$(O) tests/ops/check-deb
