# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What one run of a test guest said beside another; sourced by run and record.

# regexes FILE : those of a list of differences, each for a whole line of diff
regexes() { [ ! -f "$1" ] || grep -v '^#' "$1" | cut -f1 | grep . | sed 's/^/^[<>] (/; s/$/)/'; }

# compare NAME THIS THAT : prints the lines that differ in the two files and aren't allowed to
compare() {
    local dir=tests/guests/$1
    [ -d "$dir" ] || dir=${dir%32}
    regexes "$dir/differences" >"$O/guests/allowed"
    # what an older Xen doesn't have (l0=) the guest may even call wrong
    : >"$O/guests/missing"
    [[ ${L0_WORDS:-} != *l0=* ]] || regexes "$dir/differences.l0" >"$O/guests/missing"
    # The last line follows from the others.
    diff <(grep -v '^Test result\|^[0-9]* checks\|^#' "$2") <(grep -v '^Test result\|^[0-9]* checks\|^#' "$3") |
        grep '^[<>]' | awk -v f="$O/guests/allowed" -v m="$O/guests/missing" '
            BEGIN { while ((getline r < f) > 0) re[++n] = r; while ((getline r < m) > 0) old[++k] = r }
            { ok = !/^>.*<-- WRONG/; for (i = 1; i <= n; i++) if (ok && $0 ~ re[i]) next
              for (i = 1; i <= k; i++) if ($0 ~ old[i]) next; print }'
}
