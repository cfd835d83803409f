#!/bin/bash
# SPDX-License-Identifier: MIT
# What can be checked without running anything. One line per check; $RESULTS gets them too.
#   shell    shellcheck over every tracked shell script
#   format   clang-format over every tracked C file
#   cppcheck over every tracked C file
#   headers  each header compiles alone
#   spdx     each source file names its licence
#   words    nothing of one machine's paths
#   prose    no line of a document is longer than 120 columns; code, tables and pictures apart
#   instructions  none in the shim that an old CPU lacks (xen-shim/instructions); of the objects that are built
#   floors   the shim's calls run one way (xen-shim/floors); of the objects that are built
cd "$(dirname "$(realpath "$0")")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 passed=0 skipped=0

verdict() {
    local v=$1 name=$2 reason=$3
    printf '%-40s %s %s\n' "lint-$name" "${v^^}" "$reason"
    [ -n "${RESULTS:-}" ] && printf '%s\tlint\t%s\t%s\n' "$v" "$name" "$reason" >>"$RESULTS"
    case $v in pass) passed=$((passed + 1)) ;; fail) failed=$((failed + 1)) ;; *) skipped=$((skipped + 1)) ;; esac
}
# check NAME TOOL COMMAND... : its output is shown when it fails
check() {
    local name=$1 tool=$2
    shift 2
    if ! command -v "$tool" >/dev/null; then
        verdict skip "$name" "$tool is missing: run scripts/setup.sh"
    elif "$@" >"$work/$name" 2>&1; then
        verdict pass "$name" "$(cat "$work/note" 2>/dev/null)"
    else
        head -40 "$work/$name"
        verdict fail "$name" "$(grep -c . "$work/$name") lines"
    fi
    rm -f "$work/note"
}
note() { echo "$*" >"$work/note"; }
tracked() { git ls-files -z -- "$@"; }

# shell scripts by their name or first line
scripts() {
    tracked | while IFS= read -r -d '' f; do
        [ -f "$f" ] || continue
        case $f in
        *.sh | *.bats) printf '%s\0' "$f" ;;
        *) LC_ALL=C head -c 64 "$f" | head -1 | tr -d '\0' | grep -qaE '^#!.*\b(sh|bash)$' && printf '%s\0' "$f" ;;
        esac
    done
}
shell() {
    mapfile -d '' -t list < <(scripts)
    note "${#list[@]} scripts"
    # 1091: a sourced file isn't followed, it's checked on its own.
    # 2034, 2153, 2154: variables that the sourcing script sets or uses.
    # Advice (info, style) is not an error.
    shellcheck -S warning -e SC1091,SC2034,SC2153,SC2154 "${list[@]}"
}
format() {
    mapfile -d '' -t list < <(tracked '*.c' '*.h')
    note "${#list[@]} files"
    [ ${#list[@]} = 0 ] || clang-format --dry-run -Werror "${list[@]}"
}
cpp() {
    mapfile -d '' -t list < <(tracked '*.c')
    note "${#list[@]} files"
    [ ${#list[@]} = 0 ] && return
    mapfile -t rooms < <(make -s print-SHIM_DIRS | tr ' ' '\n' | sed 's/^/-I/')
    # Pointers: the linker's symbols, and functions of another file that don't return.
    cppcheck --quiet -j2 --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
        --suppress=missingInclude --suppress=missingIncludeSystem --suppress=unknownMacro \
        --suppress=nullPointerArithmetic --suppress=comparePointers \
        --suppress=nullPointerRedundantCheck --suppress=nullPointer:sidecar/util.c '--suppress=uninitvar:tests/guests/*' "${rooms[@]}" -Isidecar "${list[@]}"
}
headers() {
    local shim host f n=0 bad=0 flags
    shim=$(make -s print-SHIM_CFLAGS)
    host=$(make -s print-SIDECAR_CFLAGS)
    while IFS= read -r -d '' f; do
        case $f in
        sidecar/*) flags="${host:--std=c11 -D_GNU_SOURCE} -Isidecar" ;;
        xen-shim/* | legacy-evtchn/* | stolen-time/*) flags=$shim ;;
        *) continue ;;
        esac
        n=$((n + 1))
        # through an empty file, so that `#pragma once` and guards see themselves as included
        echo "#include \"$f\"" >"$work/h.c"
        # shellcheck disable=SC2086 # words
        gcc $flags -Wno-unused -I. -fsyntax-only "$work/h.c" || bad=1
    done < <(tracked '*.h')
    note "$n headers"
    return $bad
}
spdx() {
    local bad
    bad=$(tracked '*.c' '*.h' '*.S' '*.sh' '*.py' '*.mk' '*.lds' '*.bats' | while IFS= read -r -d '' f; do
        [ -f "$f" ] && ! head -5 "$f" | grep -q 'SPDX-License-Identifier: MIT' && echo "$f: no licence line"
    done)
    [ -z "$bad" ] || { echo "$bad"; return 1; }
}
words() { ! git grep -nIE '(^|[^A-Za-z0-9_.$}-])/(work|home)/[a-z]' -- . ':!tests/lint.sh'; }
# (GitHub shows the lines of its own templates as they are broken)
prose() {
    local list long
    mapfile -d '' -t list < <(tracked '*.md' ':!.github')
    note "${#list[@]} documents"
    long=$(awk 'FNR == 1 { fence = list = 0 }
        /^ *(```|~~~)/ { fence = !fence; next }
        /^ *([-*+]|[0-9]+[.)]) / { list = 1 } # what is indented behind it may be its own prose
        /^[^ ]/ && !/^([-*+]|[0-9]+[.)]) / { list = 0 }
        fence || /^ *\|/ || /^!\[/ || /^    / && (!list || /^        /) { next }
        { print FILENAME ":" FNR ": " $0 }' "${list[@]}" | LC_ALL=C.UTF-8 grep -E '^[^:]*:[0-9]+: .{121,}')
    [ -z "$long" ] || { echo "$long"; return 1; }
}

check shell shellcheck shell
check format clang-format format
check cppcheck cppcheck cpp
check headers gcc headers
check spdx git spdx
check words git words
check prose awk prose
check floors nm tests/floors
check instructions objdump tests/instructions
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
