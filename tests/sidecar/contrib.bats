#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Ansible role in contrib/.

@test "the role passes ansible-lint" {
    command -v ansible-lint >/dev/null || skip "no ansible-lint"
    cd "$BATS_TEST_DIRNAME/../../contrib/ansible"
    run ansible-lint --offline -q xen_sidecar
    echo "$output"
    [ "$status" = 0 ]
}
@test "the role uses options that the builder has" {
    { "$SC_OUT/mk-sidecar" --help; sh "$BATS_TEST_DIRNAME/../../scripts/switch-guest.sh" --help; } >"$BATS_TEST_TMPDIR/help"
    n=0
    for o in $(grep -o -- "'--[a-z-]*'" "$BATS_TEST_DIRNAME/../../contrib/ansible/xen_sidecar/tasks/main.yml" | tr -d "'"); do
        grep -q -- "[ \[]$o" "$BATS_TEST_TMPDIR/help"
        n=$((n + 1))
    done
    [ $n -ge 4 ]
}
