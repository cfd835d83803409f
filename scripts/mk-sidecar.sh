#!/bin/sh
# SPDX-License-Identifier: MIT
# Front of the sidecar builder: finds the program and the shim's image, in a source tree or installed,
# and hands over. Try: mk-sidecar.sh --help
set -eu

here=$(dirname "$(realpath "$0")")
top=$(dirname "$here")

if [ -f "$top/sidecar/build.mk" ]; then
    tool=${MK_SIDECAR_TOOL:-${O:-$top/build}/sidecar/mk-sidecar}
    if [ ! -x "$tool" ]; then
        echo "mk-sidecar: $tool isn't built yet; run \`make\` in $top" >&2
        exit 3
    fi
    if [ -e "$top/xen-shim/xen-shim" ]; then
        # A --shim given by the user comes later and wins.
        exec "$tool" --shim "$top/xen-shim/xen-shim" "$@"
    fi
    exec "$tool" "$@"
fi

tool=${MK_SIDECAR_TOOL:-/usr/lib/xen-sidecar/mk-sidecar}
if [ ! -x "$tool" ]; then
    echo "mk-sidecar: $tool not found; install the builder, or run it from its source tree" >&2
    exit 3
fi
exec "$tool" "$@"
