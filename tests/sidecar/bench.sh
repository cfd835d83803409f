#!/bin/bash
# SPDX-License-Identifier: MIT
# How long the builder takes, beside grub-mkrescue on the same files in the same minute. `make bench-sidecar`.
#   KERNEL=FILE INITRD=FILE   a bzImage and an initrd (default: the rig's, then /boot's)
# Figures are wall time, median of RUNS (default 5), and CPU time of all processes. Status 1 if a goal is missed by CPU time,
# which other work on the machine changes less.
set -eu
export LC_ALL=C
top=$(realpath "$(dirname "$0")/../..")
mk=$top/scripts/mk-sidecar.sh
O=${O:-$top/build}
first() { for f; do [ ! -r "$f" ] || { echo "$f"; return; }; done; }
KERNEL=${KERNEL:-$(first "$O"/l0/linux-amd64/vmlinuz /boot/vmlinuz-*)}
INITRD=${INITRD:-$(first "$O"/l0/guest-amd64-*/initrd /boot/initrd.img-*)}
[ -n "$KERNEL" ] && [ -n "$INITRD" ] || { echo "bench: no kernel here; name one: KERNEL=... INITRD=..." >&2; exit 3; }
command -v grub-mkrescue >/dev/null || { echo "bench: grub-mkrescue not found; install grub-common" >&2; exit 3; }
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"

# timed COMMAND : sets wall and cpu, in ms
timed() {
    local TIMEFORMAT='%R %U %S' t
    t=$({ time "$@" >log 2>&1; } 2>&1) || { cat log >&2; exit 1; }
    read -r wall cpu < <(awk '{ printf "%d %d\n", $1 * 1000, ($2 + $3) * 1000 }' <<<"$t")
}
# median COMMAND : RUNS times; each after `before`
median() {
    local i w=() c=()
    for ((i = 0; i < ${RUNS:-5}; i++)); do
        before
        timed "$@"
        w+=("$wall") c+=("$cpu")
    done
    wall=$(printf '%s\n' "${w[@]}" | sort -n | sed -n "$(((${#w[@]} + 1) / 2))p")
    cpu=$(printf '%s\n' "${c[@]}" | sort -n | sed -n "$(((${#c[@]} + 1) / 2))p")
}
line() { printf '%-58s %7d ms  cpu %7d ms  %s\n' "$1" "$wall" "$cpu" "${2:-}"; }
before() { rm -rf out && mkdir out; }
config() { printf 'name = "%s"\nkernel = "%s"\nramdisk = "%s"\nmemory = 256\nextra = "console=hvc0"\n' "$1" "$2" "$T/initrd"; }
bad=0
goal() { [ "$1" -le "$2" ] || { echo "   goal missed: $1 > $2"; bad=1; }; }

cp "$KERNEL" kernel1
cp "$INITRD" initrd
for n in 2 3 4 5; do { cat kernel1; echo $n; } >kernel$n; done # another content, the same kernel
touch -d '1 hour ago' kernel? initrd
sleep 4                                                        # a file that just changed isn't remembered
config one "$T/kernel1" >one.cfg
config two "$T/kernel1" >two.cfg
mkdir out
# grub-mkrescue on the very files that our ISO has
"$mk" -q -o out one.cfg
mkdir -p tree/boot/grub
for f in xen-shim vmlinux initrd grub/grub.cfg; do
    xorriso -osirrox on -indev out/one-sidecar.iso -extract "/boot/$f" "tree/boot/$f" >/dev/null 2>&1
done
chmod -R u+w tree
median grub-mkrescue -d /usr/lib/grub/i386-pc -o rescue.iso tree
line "grub-mkrescue on what is in the sidecar"
rescue=$cpu
median "$mk" -q -o out one.cfg
line "mk-sidecar, one guest: unpack, check, pack, ISO" "($((cpu * 100 / rescue)) % of grub-mkrescue's CPU; goal 150 %)"
goal "$cpu" $((rescue * 3 / 2))
"$mk" -q -o out one.cfg
unset -f before
before() { rm -f out/two-*; }
median "$mk" -q -o out two.cfg
line "a second guest with the same boot files" "(goal 50 ms)"
goal "$cpu" 50
mkdir fleet
for ((i = 0; i < 500; i++)); do config "g$i" "$T/kernel$((i % 5 + 1))" >fleet/g$i.cfg; done
rm -rf out && mkdir out
timed "$mk" -q --jobs 2 -o out --all fleet
line "500 guests over 5 kernels, 2 at once" "(goal 20 s)"
goal "$cpu" 40000
[ "$(find out -name '*-hvm.cfg' | wc -l)" = 500 ] && [ "$(find out/.sidecars -name '*.iso' | wc -l)" = 5 ]
timed "$mk" -q --jobs 2 -o out --all fleet
line "the same again, nothing changed"
for ((i = 0; i < 500; i++)); do sed -i "s/console=hvc0/console=hvc0 root=\/dev\/vg\/g$i/" fleet/g$i.cfg; done
rm -rf out && mkdir out
timed "$mk" -q --jobs 2 -o out --all fleet
line "500 guests over 5 kernels, each its own command line"
[ "$(find out/.sidecars -name '*.iso' | wc -l)" = 500 ]
exit $bad
