#!/bin/bash
# SPDX-License-Identifier: MIT
# Installs on Debian 12 what building and testing need. Quick and silent when all is there; needs root
# only when something is missing. Installs no hypervisor: the rig unpacks that for itself.
#   scripts/setup.sh [build|packaging]  `build`: only what `make` and mk-sidecar.sh need;
#                                       `packaging`: what `make deb` and `make check-deb` need besides
set -euo pipefail

build=(gcc make libc6-dev binutils libxen-dev zlib1g-dev liblzma-dev libzstd-dev liblz4-dev libbz2-dev
    liblzo2-dev libdeflate-dev nettle-dev musl-tools grub-common grub-pc-bin grub-xen-bin xorriso mtools)
tests=(git gcc-multilib libcmocka-dev libcapstone-dev bats shellcheck clang clang-format clang-tidy cppcheck
    qemu-system-x86 ipxe-qemu seabios busybox-static cpio kmod xz-utils zstd lz4 lzop bzip2 gzip e2fsprogs
    xfsprogs btrfs-progs gdisk libvirt-clients libxml2-utils
    python3 procps file curl ca-certificates mandoc gnuplot-nox)
packaging=(git debhelper lintian mmdebstrap ansible-lint)
want=("${build[@]}" "${tests[@]}")
case ${1:-} in
build) want=("${build[@]}") ;;
packaging) want=("${build[@]}" "${packaging[@]}") ;;
"") ;;
*)
    echo "usage: scripts/setup.sh [build|packaging]" >&2
    exit 2
    ;;
esac

missing=()
for p in "${want[@]}"; do
    s=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
    [ "$s" = installed ] || missing+=("$p")
done
# the rig asks apt for packages too, so there must be lists even when nothing is missing
lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' 2>/dev/null | head -1)
if [ ${#missing[@]} = 0 ] && { [ -n "$lists" ] || [ -n "${1:-}" ]; }; then exit 0; fi

if [ "$(id -u)" != 0 ]; then
    echo "setup.sh: as root, please: apt-get install ${missing[*]}" >&2
    exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
    "$@" >"$log" 2>&1 </dev/null && return
    cat "$log" >&2
    echo "setup.sh: failed: $*" >&2
    exit 1
}
export DEBIAN_FRONTEND=noninteractive
echo ">> reading package lists" >&2
quietly apt-get -q update
[ ${#missing[@]} = 0 ] && exit 0
echo ">> installing ${#missing[@]} packages: ${missing[*]}" >&2
quietly apt-get -q -y --no-install-recommends install "${missing[@]}"
