# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Debian packages -> directory trees under build/l0. Nothing is installed on the machine: apt resolves
# and downloads, dpkg-deb unpacks. Versions are never written down here; they are whatever the machine's
# own mirror offers today.

# The Xen of each Debian suite.
suite_of() {
    case $1 in
    4.14) echo bullseye ;;
    4.17) echo bookworm ;;
    4.20) echo trixie ;;
    *) die "no Debian suite known for Xen $1 (known: 4.14, 4.17, 4.20)" ;;
    esac
}

host_suite() { (. /etc/os-release && echo "$VERSION_CODENAME"); }

# The machine's own mirror, so that no host name stands here.
mirror_uri() {
    local f
    for f in /etc/apt/sources.list.d/*.sources; do
        [ -f "$f" ] && awk -v s="$(host_suite)" '
            tolower($1) == "uris:" { u = $2 } tolower($1) == "suites:" && index(" " $0 " ", " " s " ") { ok = 1 }
            /^$/ { if (ok && u) { print u; exit } u = ""; ok = 0 } END { if (ok && u) print u }' "$f"
    done | head -1 | grep . ||
        awk -v s="$(host_suite)" '$1 == "deb" { for (i = 2; i < NF; i++) if ($i ~ /^[a-z]+:/ && $(i + 1) == s) { print $i; exit } }' \
            /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null
}

# apt_args SUITE : fills the array APT with options for an apt that believes nothing is installed, so
# that the answer is the whole closure, libc included, whatever this machine has.
apt_args() {
    local suite=$1 d=$CACHE/apt/$1
    mkdir -p "$d/archives/partial" "$d/lists/partial" "$CACHE/apt/none/partial"
    : >"$d/status"
    APT=(-o "Dir::State::status=$d/status" -o "Dir::Cache=$d" -o "Dir::Cache::archives=$d/archives"
        -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o APT::Install-Recommends=0)
    if [ "$suite" != "$(host_suite)" ]; then
        printf 'deb %s %s main\n' "$(mirror_uri)" "$suite" >"$d/sources.list"
        APT+=(-o "Dir::Etc::sourcelist=$d/sources.list" -o Dir::Etc::sourceparts=/dev/null
            -o "Dir::State::lists=$d/lists" -o Acquire::Check-Valid-Until=false)
        if [ -z "$(find "$d/lists" -name '*_Packages*' -mtime -7 2>/dev/null)" ]; then
            step "reading the package list of $suite"
            apt-get "${APT[@]}" -qq update >"$d/update.log" 2>&1 ||
                die "cannot read the package list of $suite, see $d/update.log"
        fi
    fi
}

# closure PKG... : what apt would fetch, one file name a line (it leaves out what it has already: so
# let it look where nothing is).
closure() {
    apt-get "${APT[@]}" -o "Dir::Cache::archives=$CACHE/apt/none" -qq --print-uris -y install "$@" | awk '{ print $2 }' | sort
}

# unpack_closure TO-SKIP-REGEX PKG... DIR
unpack_closure() {
    local skip=$1 dir=${*: -1} f
    set -- "${@:2:$#-2}"
    closure "$@" >"$dir/.files"
    apt-get "${APT[@]}" -qq --download-only -y install "$@" >"$dir/.log" 2>&1 ||
        { cat "$dir/.log" >&2; return 1; }
    mkdir "$dir/root"
    while read -r f; do
        [[ $f =~ $skip ]] && continue
        dpkg-deb -x "$CACHE/apt/$SUITE/archives/$f" "$dir/root" || return 1
    done <"$dir/.files"
}

# Hypervisor, toolstack and device model of $XENVER: build/l0/xen-$XENVER/root
get_xen() {
    local pk=("xen-hypervisor-$XENVER-amd64" "xen-utils-$XENVER" xenstore-utils qemu-system-xen seabios
        ipxe-qemu busybox-static)
    SUITE=$(suite_of "$XENVER")
    # bullseye has one device model for all uses
    [ "$SUITE" = bullseye ] && pk[3]=qemu-system-x86
    apt_args "$SUITE"
    XENTREE=$CACHE/xen-$XENVER
    local files
    files=$(closure "${pk[@]}")
    [ -n "$files" ] || die "apt can't resolve ${pk[*]} (run scripts/setup.sh?)"
    cached "$XENTREE" "$(key_of "$files")" get_xen_files "${pk[@]}"
}
get_xen_files() {
    step "downloading Xen $XENVER and its tools ($(closure "${@:1:$#-1}" | wc -l) packages)"
    unpack_closure '^(python3|libpython|iso-codes|dpkg_|debconf|perl|libpam|coreutils)' "$@" &&
        zcat "${*: -1}"/root/boot/xen-"$XENVER"-amd64.gz >"${*: -1}/xen"
}

# get_program PACKAGE [PACKAGE...] : programs of the machine's suite for a guest's disk or for dom0, with their
# libraries: build/l0/program-PACKAGE/root, by the first's name
get_program() {
    SUITE=$(host_suite)
    apt_args "$SUITE"
    local files
    files=$(closure "$@")
    [ -n "$files" ] || die "apt can't resolve $* (run scripts/setup.sh?)"
    cached "$CACHE/program-$1" "$(key_of "$files")" get_program_files "$@"
}
get_program_files() {
    step "downloading $1"
    unpack_closure '^(dpkg_|debconf|perl)' "$@"
}

# get_linux [SUITE/]FLAVOUR : Debian's current kernel of the machine's or another suite,
# $(linux_dir ...)/{root,vmlinuz,vmlinux,release}
linux_dir() { echo "$CACHE/linux-${1/\//-}"; }
get_linux() {
    local flavour=${1#*/} dir img
    dir=$(linux_dir "$1")
    case $1 in */*) SUITE=${1%%/*} ;; *) SUITE=$(host_suite) ;; esac
    apt_args "$SUITE"
    img=$(apt-cache "${APT[@]}" depends "linux-image-$flavour" 2>/dev/null |
        awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
    [ -n "$img" ] || die "apt knows no linux-image-$flavour in $SUITE (run scripts/setup.sh?)"
    cached "$dir" "$(key_of "$img" "$(apt-cache "${APT[@]}" show "$img" | grep -m1 ^SHA256)" \
        "$L0DIR/unpack-vmlinux.py")" get_linux_files "$img"
}
get_linux_files() {
    local img=$1 dir=$2 rel=${1#linux-image-}
    step "downloading $img"
    mkdir "$dir/root" "$dir/deb"
    # newer suites have kernel and modules in packages of their own, and all of it below /usr
    # shellcheck disable=SC2046 # words on purpose
    (cd "$dir/deb" && apt-get "${APT[@]}" -qq download "$img" $(apt-cache "${APT[@]}" depends "$img" |
        awk -v r="-$rel" '$1 == "Depends:" && $2 ~ /^linux-(base|binary|modules)-/ && substr($2, length($2) - length(r) + 1) == r { print $2 }') &&
        for f in ./*.deb; do dpkg-deb -x "$f" ../root || exit 1; done) || return 1
    rm -r "$dir/deb"
    if [ ! -d "$dir/root/lib" ]; then
        mkdir "$dir/root/lib"
        mv "$dir/root/usr/lib/modules" "$dir/root/lib/modules"
    fi
    depmod -b "$dir/root" "$rel" || return 1
    echo "$rel" >"$dir/release"
    ln "$dir/root/boot/vmlinuz-$rel" "$dir/vmlinuz" 2>/dev/null || ln "$dir/root/lib/modules/$rel/vmlinuz" "$dir/vmlinuz" || return 1
    # the rig's own dom0 and PV control run it unpacked: xz costs seconds in emulation
    if [ "$SUITE" = "$(host_suite)" ] && [[ $rel != *cloud* ]]; then
        python3 "$L0DIR/unpack-vmlinux.py" "$dir/vmlinuz" "$dir/vmlinux"
    fi
}
