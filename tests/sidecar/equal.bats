#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Equality by the real readers: what Debian's xl makes of a PV config and of ours.

load lib

setup() {
    sandbox
    mkdir out
    root=$SC_OUT/../l0/xen-4.17/root
    if command -v xl >/dev/null; then
        XL="env LD_PRELOAD=$SC_OUT/fixtures/noxen.so xl"
    elif [ -x "$root/usr/lib/xen-4.17/bin/xl" ]; then
        XL="env LD_PRELOAD=$SC_OUT/fixtures/noxen.so LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu $root/usr/lib/xen-4.17/bin/xl"
    else
        skip "no xl: neither xen-utils nor the rig's Xen 4.17 (tests/l0)"
    fi
}
equal() { python3 "$BATS_TEST_DIRNAME/equal.py" "$XL" out "$@"; }
convert() { "${MK[@]}" --print --iso-path /srv/ "$1" >"out/$1" 2>said; }

@test "every case that is converted is the same guest for xl itself" {
    for e in "$BATS_TEST_DIRNAME"/cases/*.expected; do
        grep -q '^exit 0' "$e" || continue
        n=$(basename "${e%.expected}")
        ! grep -q '^# args:' "${e%.expected}.cfg" || continue
        cp "${e%.expected}.cfg" "$n.cfg"
        convert "$n.cfg"
        all+=("$n.cfg")
    done
    run equal "${all[@]}"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c ': alike$' <<<"$output")" -ge 50 ]
    # what xl never took: xm's own
    [ "$(grep ': other$' <<<"$output" | grep -vc '^xm-\|^builder-linux\|^real-')" = 0 ]
}
@test "every key that is kept for xl is read alike in both, and what is left out without a word does nothing" {
    value() {
        case $1 in
        string) echo '"xy"' ;;
        number) echo 7 ;;
        "0 or 1") echo 1 ;;
        "list of strings") echo '[ "0x1:edx=xxxx0000xxxx0000xxxx0000xxxx0000" ]' ;;
        numbers*) echo '"1-3,^2"' ;;
        "the same"*) echo '"all,^5"' ;;
        destroy*) echo '"preserve"' ;;
        coredump*) echo '"coredump-restart"' ;;
        soft-reset) echo '"soft-reset"' ;;
        "number from"*) echo 2 ;;
        default*) echo '"native"' ;;
        any) [ "$fate" = ' - ' ] && echo 1 || echo '"1:2"' ;;
        "empty, 0") echo '""' ;;
        disabled) echo '"disabled"' ;;
        *) echo "no value for: $1" >&2; return 1 ;;
        esac
    }
    "${MK[@]}" --keys | grep -E '^\| `[a-z0-9_]+` \| xl' | while IFS='|' read -r _ key _ form fate _; do
        [ "$fate" = ' kept ' ] || [ "$fate" = ' - ' ] || continue
        key=${key#*\`} key=${key%\`*} form=${form# } form=${form% }
        [ "$key" != name ] || continue
        v=$(value "$form")
        printf 'name = "k"\nkernel = "kernel"\nmemory = 256\n%s = %s\n' "$key" "$v" >k.cfg
        [ "$key" != maxvcpus ] || echo 'vcpus = 2' >>k.cfg
        name=$key-$(cksum <k.cfg | cut -d' ' -f1).cfg
        mv k.cfg "$name"
        convert "$name"
        echo "$name" >>all
    done
    mapfile -t all <all
    run equal "${all[@]}"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c ': alike$' <<<"$output")" -ge 130 ]
}
@test "the comparison finds a guest that differs" {
    printf 'name = "g"\nkernel = "kernel"\nmemory = 256\nvcpus = 2\ndisk = [ "phy:/dev/a,xvda,w" ]\nvif = [ "bridge=b" ]\non_crash = "preserve"\n' >g.cfg
    convert g.cfg
    equal g.cfg
    cp out/g.cfg good
    for c in s/access=rw/access=ro/ s/bridge=b/bridge=c/ s/vcpus/maxvcpus/ s/259/260/ s/preserve/destroy/ s/backend=0,// s/type=vif/type=ioemu/ '/^device_model_args/d' 's/"d"/"c"/' 's,/dev/a,/dev/b,'; do
        sed "$c" good >out/g.cfg
        run equal g.cfg
        [ "$status" = 1 ] || { echo "$c isn't found"; false; }
    done
}
