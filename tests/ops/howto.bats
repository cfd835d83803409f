#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# HOWTO-vixen.md: its commands run, its links lead somewhere, and no message leaves a user alone.

setup() { cd "$TOP" || return 1; }

@test "every message of shim, builder, front and sidecar-load is in the HOWTO or explains itself" {
    python3 tests/ops/messages.py --check HOWTO-vixen.md,docs/CONFIG.md tests/ops/messages.own \
        sidecar/*.c sidecar/load/*.c xen-shim/*/*.c xen-shim/boot/boot.S legacy-evtchn/*.c stolen-time/*.c scripts/mk-sidecar.sh
}
@test "every message in the HOWTO's tables is one that a source has" {
    python3 tests/ops/messages.py --stale HOWTO-vixen.md \
        sidecar/*.c sidecar/load/*.c xen-shim/*/*.c xen-shim/boot/boot.S legacy-evtchn/*.c stolen-time/*.c scripts/mk-sidecar.sh
}
@test "a message that no source has is found by that test" {
    sed 's/. `not a text file; give an xl domain config`/| `not a toast`/' HOWTO-vixen.md >"$BATS_TEST_TMPDIR/doc"
    run python3 tests/ops/messages.py --stale "$BATS_TEST_TMPDIR/doc" sidecar/*.c sidecar/load/*.c xen-shim/*/*.c xen-shim/boot/boot.S legacy-evtchn/*.c stolen-time/*.c scripts/mk-sidecar.sh
    [ "$status" = 1 ]
    [[ "$output" == *"no source says 'not a toast'"* ]]
}
@test "a message that is nowhere is found by that test" {
    cat >"$BATS_TEST_TMPDIR/new.c" <<'END'
/* "a comment isn't a message" */
void f(void) { refuse("the moon is " "too %u: %s", 1, why); die(1, "%s: odd; remove it from the config", p); }
END
    run python3 tests/ops/messages.py --check HOWTO-vixen.md tests/ops/messages.own "$BATS_TEST_TMPDIR/new.c"
    [ "$status" = 1 ]
    [[ "$output" == *"messages.own: the moon is too %u: %s"* ]]
    [[ "$output" != *"a comment"* ]]
    [[ "$output" != *"own: %s: odd"* ]]
}
@test "the HOWTO names the numbers of stats, and the words of the shim's command line" {
    for s in $(grep -ho '"stat [a-z_]*=' xen-shim/*/*.c | sed 's/"stat //; s/=//' | sort -u); do
        grep -q "stat $s=" HOWTO-vixen.md || { echo "stat $s"; false; }
    done
    for w in mem maxcpus evtchn console; do
        grep -qE "value_of\(w, n, \"$w\"\)|NAME\($w\)" xen-shim/boot/cmdline.c
        grep -q "\`$w=" HOWTO-vixen.md
    done
}
@test "links of the HOWTO, README and docs lead to files of the tree" {
    for doc in *.md docs/*.md xen-shim/*.md; do
        for link in $(grep -oE '\]\([^)#]+' "$doc" | sed 's/](//' | grep -v '^https\?:'); do
            [ -e "$(dirname "$doc")/$link" ] || { echo "$doc: $link"; false; }
        done
    done
}
@test "options of mk-sidecar and of make that the HOWTO names exist" {
    help=$(scripts/mk-sidecar.sh --help)
    for o in $(grep -oE 'mk-sidecar( -[a-z]| --?[a-z-]+( [a-z/A-Z.]+)?)*' HOWTO-vixen.md | grep -oE -- '--[a-z-]+' | sort -u); do
        [[ "$help" == *"$o"* ]] || { echo "$o"; false; }
    done
    for t in $(grep -oE '^    make [a-z-]+' HOWTO-vixen.md | sed 's/.*make //'); do
        make -n "$t" >/dev/null
    done
}
# The commands after each <!-- run -->, with the host's directories moved into a sandbox.
howto_commands() {
    awk '/^<!-- run -->/ { on = 1; next } on && /^    / { print substr($0, 5); next } on && NF { on = 0 }' HOWTO-vixen.md |
        sed "s,/var/lib/xen,$1/var/lib/xen,g; s,/etc/xen,$1/etc/xen,g; s,/boot/vmlinuz-web,$1/vmlinuz,"
}
@test "the commands that need no Xen run, in the order in which they stand" {
    S=$BATS_TEST_TMPDIR
    make -s O="$O" "$O/sidecar-test/fixtures/kernel"
    mkdir -p "$S/etc/xen"
    cp "$O/sidecar-test/fixtures/kernel" "$S/vmlinuz"
    printf 'name = "web"\nkernel = "%s/vmlinuz"\nmemory = 256\n' "$S" >"$S/etc/xen/web.cfg"
    printf 'name = "db"\nkernel = "%s/vmlinuz"\nmemory = 256\ndisk = ["file:/srv/db.img,xvda,w"]\n' "$S" >"$S/etc/xen/db.cfg"
    sum=$(cat "$S"/etc/xen/*.cfg | sha1sum)
    howto_commands "$S" >"$S/commands"
    [ "$(grep -c mk-sidecar "$S/commands")" -ge 6 ]
    unset MAKEFLAGS MFLAGS MK_SIDECAR_CONF
    PREFIX=$S/usr PATH=$S/usr/sbin:$PATH sh -ex "$S/commands"
    [ -s "$S/var/lib/xen/sidecars/web-sidecar.iso" ]
    [ -s "$S/var/lib/xen/sidecars/db-sidecar.iso" ]
    [ -s "$S/var/lib/xen/sidecars/web.vmlinux" ]
    # the last command for web is the one with --iso-path
    grep -q '/srv/sidecars/web-sidecar.iso' "$S/var/lib/xen/sidecars/web-hvm.cfg"
    [ "$(cat "$S"/etc/xen/*.cfg | sha1sum)" = "$sum" ]
    case $(scripts/shim-version.sh "$S"/var/lib/xen/sidecars/web-sidecar.iso) in *": xen-shim $(cat VERSION) build "*) ;; *) false ;; esac
}
@test "the parts of the HOWTO that the issue template asks for are there" {
    for option in --record --version; do
        grep -q -- "$option" HOWTO-vixen.md
        grep -q -- "$option" .github/ISSUE_TEMPLATE/bug.md
    done
}
@test "the picture is well-formed" {
    python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse("docs/layers.svg")'
}
