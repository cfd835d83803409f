# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Host side, shared by the rig's scripts: where things are, how to say what goes on, how to cache.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
L0DIR=$TOP/tests/l0
OUT=${O:-build}
case $OUT in /*) ;; *) OUT=$TOP/$OUT ;; esac
CACHE=$OUT/l0
mkdir -p "$CACHE"

# Debian 12's names; -x of `run` and this variable choose another Xen.
XENVER=${XENVER:-4.17}

step() { printf '%s\n' ">> $*" >&2; }
die() {
    printf '%s\n' "${0##*/}: $*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# cached DIR KEY COMMAND... : DIR holds what COMMAND made for KEY; COMMAND is called with the name of a
# fresh directory as its last argument only when KEY changed. DIR is replaced in one rename, so that a
# run in another process that still reads the old one (it has the files open) isn't hurt half-way.
cached() {
    local dir=$1 key=$2 tmp
    shift 2
    mkdir -p "$CACHE/locks"
    (
        flock 9
        if [ "$(cat "$dir/.key" 2>/dev/null)" = "$key" ]; then exit 0; fi
        tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
        if ! ("$@" "$tmp"); then
            rm -rf "$tmp"
            exit 1
        fi
        printf '%s\n' "$key" >"$tmp/.key"
        chmod 755 "$tmp"
        rm -rf "$dir"
        mv "$tmp" "$dir"
    ) 9>"$CACHE/locks/${dir##*/}"
}

# key_of WORD-OR-FILE... : one hash over words and the contents of files and directories.
key_of() {
    local a
    for a in "$@"; do
        if [ -d "$a" ]; then
            find "$a" -type f -print0 | sort -z | xargs -0 sha256sum
        elif [ -f "$a" ]; then
            sha256sum <"$a"
        else
            printf '%s\n' "$a"
        fi
    done | sha256sum | cut -d' ' -f1
}
