#!/bin/sh
# SPDX-License-Identifier: MIT
# Front of the sidecar builder: finds the program and the shim's image, in a source tree or installed,
# puts the defaults of sidecar.conf before the user's options, and hands over. Try: mk-sidecar.sh --help
set -eu

# `make install` writes its own paths here.
libdir=/usr/lib/xen-sidecar
shim=/usr/lib/xen/boot/xen-shim-sidecar
conf=/etc/xen/sidecar.conf

fail() {
    echo "mk-sidecar: $*" >&2
    exit 3
}

# By its name alone where that will do: a process less is time that a fleet has for each of its guests.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
case $here in /*) ;; *) here=$PWD/$here ;; esac
if [ -L "$0" ] || [ -L "$here" ]; then here=$(dirname "$(realpath "$0")"); fi
case $here/ in */./* | */../*) here=$(dirname "$(realpath "$0")") ;; esac
top=${here%/*}
if [ -f "$top/sidecar/build.mk" ]; then
    tool=${MK_SIDECAR_TOOL:-${O:-$top/build}/sidecar/mk-sidecar}
    [ -x "$tool" ] || fail "$tool isn't built yet; run \`make\` in $top"
    shim=$top/xen-shim/xen-shim
    conf=
else
    tool=${MK_SIDECAR_TOOL:-$libdir/mk-sidecar}
    [ -x "$tool" ] || fail "$tool not found; install the builder, or run it from its source tree"
fi
conf=${MK_SIDECAR_CONF-$conf}

trim() {
    trimmed=${1#"${1%%[![:space:]]*}"}
    trimmed=${trimmed%"${trimmed##*[![:space:]]}"}
}
# One line of the file, without comments and spaces around: fills $option, or says what's wrong with it.
read_line() {
    trim "${1%%=*}"
    key=$trimmed
    case $1 in *=*) ;; *) fail "$conf:$n: not KEY=VALUE" ;; esac
    case $key in
    output | toolstack | medium | compress | shim | shim-cmdline) ;;
    *) fail "$conf:$n: there is no key '$key'; see sidecar.conf(5)" ;;
    esac
    trim "${1#*=}"
    case $key=$trimmed in
    toolstack=xl | toolstack=xl4.4 | toolstack=xm | toolstack=libvirt) ;;
    shim-cmdline=* | medium=cd | medium=ahci | medium=firmware | compress=lzo | compress=gz | compress=xz | compress=none) ;;
    *=) fail "$conf:$n: $key has no value; write one, or take the line out" ;;
    toolstack=* | medium=* | compress=*) fail "$conf:$n: '$trimmed' is no $key; see sidecar.conf(5)" ;;
    esac
    option=--$key=$trimmed
}
# What comes later wins: the shim that belongs to this program, then the file, then the user.
count=$#
[ ! -e "$shim" ] || set -- "$@" "--shim=$shim"
if [ -n "$conf" ] && [ -e "$conf" ]; then
    [ -f "$conf" ] && [ -r "$conf" ] || fail "$conf: can't be read"
    n=0
    while IFS= read -r line || [ -n "$line" ]; do
        n=$((n + 1))
        trim "$line"
        case $trimmed in "" | "#"*) continue ;; esac
        read_line "$trimmed"
        set -- "$@" "$option"
    done <"$conf"
fi
# the user's options, which stand first until here, go to the end
while [ "$count" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    count=$((count - 1))
done
exec "$tool" "$@"
