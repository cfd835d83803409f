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

# role WORDS : the role on this machine, by a builder and a tool that write down their arguments
role() {
    command -v ansible-playbook >/dev/null || skip "no ansible-playbook"
    d=$BATS_TEST_TMPDIR
    mkdir -p "$d/sidecars"
    printf '#!/bin/sh\necho "mk-sidecar $*" >>%s/calls\necho "web direct made web-sidecar.iso"\n' "$d" >"$d/mk-sidecar"
    printf '#!/bin/sh\necho "sidecar-switch $*" >>%s/calls\ncat %s/says\nexit $(cat %s/status)\n' "$d" "$d" "$d" >"$d/sidecar-switch"
    chmod +x "$d/mk-sidecar" "$d/sidecar-switch"
    cat >"$d/play.yml" <<END
- hosts: localhost
  connection: local
  gather_facts: false
  roles:
    - role: $(realpath "$BATS_TEST_DIRNAME/../../contrib/ansible/xen_sidecar")
      vars:
        xen_sidecar_command: $d/mk-sidecar
        xen_sidecar_switch_command: $d/sidecar-switch
        xen_sidecar_dir: $d/sidecars
        xen_sidecar_switch: [web, db]
        xen_sidecar_switch_options: [--parallel=2]
END
    run env HOME="$d" ANSIBLE_LOCALHOST_WARNING=0 ansible-playbook -i localhost, "$@" "$d/play.yml"
    echo "$output"
}
@test "the role moves guests, and a guest that isn't moved fails the play" {
    printf 'web\tmoved\thvm\t41\t\ndb\tmoved\thvm\t44\t\n' >"$BATS_TEST_TMPDIR/says"
    echo 0 >"$BATS_TEST_TMPDIR/status"
    role
    [ "$status" = 0 ]
    grep -qx "sidecar-switch --porcelain --sidecars $BATS_TEST_TMPDIR/sidecars --parallel=2 web db" "$BATS_TEST_TMPDIR/calls"
    [[ $output = *changed=2* ]]
    role -e xen_sidecar_back=true
    grep -q "^sidecar-switch .* --back --parallel=2 web db" "$BATS_TEST_TMPDIR/calls"
    printf 'web\tmoved\thvm\t41\t\ndb\tback\tpv\t300\tnot up\n' >"$BATS_TEST_TMPDIR/says"
    echo 1 >"$BATS_TEST_TMPDIR/status"
    role
    [ "$status" != 0 ]
    [[ $output = *'not up'* ]]
}
@test "the role in check mode asks the tool for a dry run" {
    printf 'web\twould\tpv\t0\t\ndb\twould\tpv\t0\t\n' >"$BATS_TEST_TMPDIR/says"
    echo 0 >"$BATS_TEST_TMPDIR/status"
    role --check
    [ "$status" = 0 ]
    grep -q "^sidecar-switch .* --dry-run --parallel=2 web db" "$BATS_TEST_TMPDIR/calls"
    grep -q "^mk-sidecar .* --dry-run --all" "$BATS_TEST_TMPDIR/calls"
}
