#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Version and build id of the shim's image, and that the same sources give the same image.

setup() {
    cd "$TOP" || return 1
    SHIM=$TOP/xen-shim/xen-shim
    VERSION=$(cat VERSION)
}

# The tree without what was built, in a directory of another name.
copy_tree() {
    mkdir -p "$1"
    tar --exclude=./.git --exclude=./build --exclude=./xen-shim/xen-shim -cf - . | tar -xf - -C "$1"
}

@test "the image names its version and its build id, as text and as a note" {
    id=$(readelf -n "$SHIM" | sed -n 's/.*Build ID: //p')
    [[ "$id" =~ ^[0-9a-f]{40}$ ]]
    [ "$id" != 0000000000000000000000000000000000000000 ]
    run scripts/shim-version.sh "$SHIM"
    [ "$status" = 0 ]
    [ "$output" = "$SHIM: xen-shim $VERSION build $id" ]
}
@test "the build id is the SHA-1 of the image with zeros for an id" {
    id=$(readelf -n "$SHIM" | sed -n 's/.*Build ID: //p')
    [ "$(LC_ALL=C grep -c -a "$id" "$O/obj/shim.bin")" = 1 ]
    [ "$(LC_ALL=C sed "s/$id/$(printf '%040d' 0)/" "$O/obj/shim.bin" | sha1sum | cut -c1-40)" = "$id" ]
}
@test "the note is in no segment, so that no loader meets it" {
    [ "$(readelf -lW "$SHIM" | grep -c '^  *\(LOAD\|NOTE\)')" = 1 ]
    [[ "$(readelf -lW "$SHIM")" != *NOTE* ]]
}
@test "shim-version.sh finds the shim in a sidecar, and says so of files without one" {
    { head -c 5000 /dev/zero; cat "$SHIM"; head -c 5000 /dev/zero; } >"$BATS_TEST_TMPDIR/iso"
    run scripts/shim-version.sh "$BATS_TEST_TMPDIR/iso"
    [ "$status" = 0 ]
    [[ "$output" == *": xen-shim $VERSION build "* ]]
    # as a sidecar in hvmloader's place is packed
    gzip "$BATS_TEST_TMPDIR/iso"
    run scripts/shim-version.sh "$BATS_TEST_TMPDIR/iso.gz"
    [ "$status" = 0 ]
    [[ "$output" == *": xen-shim $VERSION build "* ]]
    run scripts/shim-version.sh LICENSE /nowhere
    [ "$status" = 1 ]
    [[ "${lines[0]}" == *"LICENSE: holds no shim"* ]]
    [[ "${lines[1]}" == *"/nowhere: can't be read"* ]]
    run scripts/shim-version.sh
    [ "$status" = 2 ]
}
@test "the builder's --version names its own version and the shim's" {
    run scripts/mk-sidecar.sh --version
    [ "$status" = 0 ]
    [ "${lines[0]}" = "mk-sidecar $VERSION" ]
    [ "${lines[1]}" = "$(scripts/shim-version.sh "$SHIM")" ]
}
@test "two builds in different directories give the same image" {
    unset O MAKEFLAGS MFLAGS
    a=$BATS_TEST_TMPDIR/a b="$BATS_TEST_TMPDIR/another-directory/with a space"
    copy_tree "$a"
    copy_tree "$b"
    # another line number, time, umask, language, order of the compilations
    sed -i '1i // moved by a line' "$b/xen-shim/l0/l0.c"
    find "$b" -exec touch -d '2001-02-03' {} +
    (cd "$a" && umask 022 && nice make -s -j2 xen-shim/xen-shim)
    (cd "$b" && umask 077 && LC_ALL=C.UTF-8 TZ=Asia/Tokyo nice make -s O=out xen-shim/xen-shim)
    cmp "$a/xen-shim/xen-shim" "$b/xen-shim/xen-shim"
    cmp "$a/xen-shim/xen-shim" "$SHIM"
    # and the id isn't always the same
    sed -i 's/don.t know/do not know/' "$b/xen-shim/boot/main.c"
    (cd "$b" && nice make -s O=out xen-shim/xen-shim)
    [ "$(scripts/shim-version.sh "$a/xen-shim/xen-shim" | sed 's/.*build //')" != "$(scripts/shim-version.sh "$b/xen-shim/xen-shim" | sed 's/.*build //')" ]
}
@test "every place that names the version names the same one" {
    v=$(cat VERSION)
    [[ "$v" =~ ^[0-9]+\.[0-9]+(\.[0-9]+)?$ ]]
    [[ "$(head -n 1 debian/changelog)" == "xen-sidecar ($v-"* ]]
    grep -qx "VERSION=$v" scripts/switch-guest.sh
    for page in docs/man/*; do
        grep -m 1 '^.TH' "$page" | grep -qF "\"mk-sidecar $v\"" || { echo "$page"; false; }
    done
}
