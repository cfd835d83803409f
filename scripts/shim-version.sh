#!/bin/sh
# SPDX-License-Identifier: MIT
# Which shim is it: version and build id of an image of the shim, or of a sidecar that holds one.
#   scripts/shim-version.sh FILE...
# A line for each file; status 1 if one can't be read or holds no shim. Equal ids are equal bytes.
[ $# -gt 0 ] || {
    echo "usage: shim-version.sh FILE..." >&2
    exit 2
}
status=0
for file; do
    if [ ! -f "$file" ] || [ ! -r "$file" ]; then
        echo "shim-version.sh: $file: can't be read" >&2
        status=1
        continue
    fi
    # one of --medium firmware is packed as a whole
    ident=$({ gzip -cd <"$file" 2>/dev/null || cat "$file"; } | LC_ALL=C grep -a -o 'xen-shim [0-9A-Za-z.+~-]* build [0-9a-f]\{40\}' | head -n 1)
    if [ -n "$ident" ]; then
        echo "$file: $ident"
    else
        echo "shim-version.sh: $file: holds no shim of version 0.1 or later" >&2
        status=1
    fi
done
exit $status
