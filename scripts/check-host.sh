#!/bin/sh
# SPDX-License-Identifier: MIT
# Can this Xen host run sidecars, and does it need them? Run it as root in dom0. It only reads.
#   check-host.sh                 a line for each question: yes, no or ?, what was found, why
#   check-host.sh --record        what it looks at, as text on standard output, for a report
#   check-host.sh --from FILE     judge such a text
# Exit status: 0 the host can, 1 it can't, 2 usage, 3 can't tell.
# Plain sh and the tools of a dom0 of 2009: no arrays, no `local`, no grep -o, no readlink -f, and nothing
# of GNU's own in patterns.

LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin

have() { command -v "$1" >/dev/null 2>&1; }

# The newest first, so that the first one found is the one in use.
dm_files='/usr/libexec/xen-qemu-system-i386 /usr/lib/xen-4.*/bin/qemu-system-i386 /usr/libexec/xen/bin/qemu-system-i386
    /usr/lib/xen/bin/qemu-system-i386 /usr/lib64/xen/bin/qemu-system-i386 /usr/local/lib/xen/bin/qemu-system-i386
    /usr/bin/qemu-system-i386 /usr/bin/qemu-system-x86_64
    /usr/lib/xen-4.*/bin/qemu-dm /usr/libexec/xen/bin/qemu-dm /usr/lib/xen/bin/qemu-dm /usr/lib64/xen/bin/qemu-dm
    /usr/lib/xen-*/bin/qemu-dm /usr/local/lib/xen/bin/qemu-dm'
loader_files='/usr/lib/xen-*/boot/hvmloader /usr/libexec/xen/boot/hvmloader /usr/lib/xen/boot/hvmloader
    /usr/lib64/xen/boot/hvmloader /usr/share/xen/boot/hvmloader /usr/local/lib/xen/boot/hvmloader'
grub_files='/usr/lib/grub/i386-pc/boot_hybrid.img /usr/lib/grub2/i386-pc/boot_hybrid.img
    /usr/share/grub2/i386-pc/boot_hybrid.img'

section() { echo "== $1"; }
# Each section stands there, empty if there is nothing to say.
record() {
    section uname
    uname -srm
    section capabilities
    cat /proc/xen/capabilities 2>/dev/null
    section cpu
    sed -n -e '/^vendor_id/p' -e '/^model name/p' -e '/^flags/p' -e '/^$/q' /proc/cpuinfo
    section meltdown
    cat /sys/devices/system/cpu/vulnerabilities/meltdown 2>/dev/null
    section programs
    for program in xl xm xe virsh grub-mkimage grub2-mkimage xorriso; do
        if have $program; then echo $program; fi
    done
    section files
    # shellcheck disable=SC2086 # words and patterns
    for file in $dm_files $loader_files $grub_files; do
        if [ -e "$file" ]; then echo "$file"; fi
    done
    for program in xl xm; do
        section "$program info"
        if have $program; then $program info 2>&1; fi
    done
    section dmesg
    for program in xl xm; do
        if have $program && $program dmesg >/dev/null 2>&1; then
            $program dmesg | grep -iE 'xen version|hvm|vmx|svm|assisted paging|xpti|hardware (hints|features)|command line'
            break
        fi
    done
    section end
}

case ${1-} in
--record)
    [ $# = 1 ] || exit 2
    record
    exit 0
    ;;
--from)
    if [ $# != 2 ]; then
        echo "usage: check-host.sh [--record | --from FILE]" >&2
        exit 2
    fi
    if ! facts=$(cat "$2"); then exit 2; fi
    ;;
"") facts=$(record) ;;
*)
    echo "usage: check-host.sh [--record | --from FILE]" >&2
    exit 2
    ;;
esac
case $facts in
*"== end"*) ;;
*)
    echo "check-host.sh: $2: not, or not all, of what --record writes" >&2
    exit 2
    ;;
esac

# part NAME: the lines of a section; value NAME KEY: what stands behind "KEY :" in it
part() { printf '%s\n' "$facts" | awk -v want="== $1" '/^== / { on = ($0 == want); next } on'; }
value() { part "$1" | sed -n "s/^$2[	 ]*:[	 ]*//p" | sed 's/[	 ]*$//' | head -n 1; }
has() { case " $1 " in *" $2 "*) return 0 ;; *) return 1 ;; esac }
listed() { part "$1" | grep -x "$2" >/dev/null; }

refused=0 unknown=0
# say yes|no|? QUESTION FOUND [REMEDY]: a `no` or `?` of the basics decides the end
say() {
    printf '%-4s %-28s %s\n' "$1" "$2" "$3"
    if [ -n "${4-}" ]; then printf '%-33s -> %s\n' '' "$4"; fi
}
no() { refused=$((refused + 1)); say no "$@"; }
dunno() { unknown=$((unknown + 1)); say '?' "$@"; }
yes() { say yes "$@"; }
note() { say '' "$@"; }

finish() {
    echo
    if [ $refused != 0 ]; then
        echo "This host can't run sidecars: see the lines that start with no."
        exit 1
    elif [ $unknown != 0 ]; then
        echo "Can't tell: see the lines that start with ?."
        exit 3
    fi
    echo "This host can run sidecars."
    exit 0
}

# --- dom0, toolstack -------------------------------------------------------------------------------
if part capabilities | grep control_d >/dev/null; then
    yes "dom0" "$(part uname)"
elif [ -n "$(part 'xl info')$(part 'xm info')" ]; then
    dunno "dom0" "/proc/xen/capabilities doesn't say so" "run it in dom0, with /proc/xen mounted"
else
    no "dom0" "no Xen toolstack and no control domain here" "run it on the Xen host, in dom0"
    finish
fi
tools=
if listed programs xe; then
    no "toolstack" "xe: XenServer or XCP" "its guests have no config files; sidecars can't be used with xe"
fi
for program in xl xm; do
    if part "$program info" | grep '^xen_m' >/dev/null; then tools="$tools $program"; fi
done
case $tools in
" xl")
    if listed programs virsh; then
        yes "toolstack" "xl, and virsh" "guests that libvirt manages want --toolstack libvirt and libvirt 6.7; else use xl"
    else
        yes "toolstack" "xl"
    fi
    ;;
" xm") yes "toolstack" "xm (xend)" "make sidecars with --toolstack xm" ;;
" xl xm") yes "toolstack" "xl and xm; xend runs" "guests that xm starts want --toolstack xm" ;;
*)
    dunno "toolstack" "neither xl info nor xm info answers: $(part 'xl info' | head -n 1) $(part 'xm info' | head -n 1)" \
        "run this as root; with xm, start xend first"
    finish
    ;;
esac
t="${tools##* } info"
case $tools in *xl*) t="xl info" ;; esac

# --- hypervisor ------------------------------------------------------------------------------------
major=$(value "$t" xen_major) minor=$(value "$t" xen_minor) extra=$(value "$t" xen_extra)
version=$major.$minor$extra
case $major$minor in
'' | *[!0-9]*) dunno "Xen's version" "no xen_major, xen_minor in $t" ;;
*)
    if [ "$major" -lt 3 ] || { [ "$major" = 3 ] && [ "$minor" -lt 4 ]; }; then
        no "Xen's version" "$version" "the shim needs 3.4 or later"
    elif [ "$major" = 3 ] || { [ "$major" = 4 ] && [ "$minor" = 0 ]; }; then
        yes "Xen's version" "$version" "the guest's console will be the serial one: xm console"
    elif [ "$t" = "xl info" ] && [ "$major" = 4 ] && [ "$minor" -ge 2 ] && [ "$minor" -lt 5 ]; then
        yes "Xen's version" "$version" "for xl make sidecars with --toolstack xl4.4"
    else
        yes "Xen's version" "$version"
    fi
    ;;
esac

# In a PV dom0 /proc/cpuinfo hides the flags vmx and svm: only Xen knows.
caps=$(value "$t" virt_caps) xen_caps=$(value "$t" xen_caps) cpu_flags=$(value cpu flags)
case $xen_caps in
*hvm-3.0-x86_64*) yes "HVM domains, 64-bit" "xen_caps has hvm-3.0-x86_64" ;;
*hvm-*) no "HVM domains, 64-bit" "xen_caps has 32-bit HVM only" "a 64-bit hypervisor is needed" ;;
'') dunno "HVM domains, 64-bit" "no xen_caps in $t" ;;
*)
    if has "$caps" hvm; then
        no "HVM domains, 64-bit" "virt_caps has hvm, xen_caps hasn't" "this Xen was built or booted without HVM"
    elif has "$cpu_flags" vmx || has "$cpu_flags" svm; then
        no "HVM domains, 64-bit" "the CPU has VT-x or SVM, Xen has it off" "switch it on in the firmware's setup"
    else
        no "HVM domains, 64-bit" "no VT-x or SVM" "switch it on in the firmware's setup; if there is no such switch, this machine can't"
    fi
    ;;
esac
log=$(part dmesg)
if [ $refused != 0 ]; then
    : # it doesn't matter any more
elif has "$caps" hap || printf '%s\n' "$log" | grep -iE 'hardware assisted paging|nested page tables' >/dev/null; then
    yes "nested paging (HAP)" "Xen uses EPT or NPT"
elif has "$caps" shadow || printf '%s\n' "$log" | grep -iE 'hvm:|vmx:|svm:' >/dev/null; then
    say but "nested paging (HAP)" "not there" "HVM domains run on shadow page tables: slower, and not tried with the shim"
else
    say but "nested paging (HAP)" "not known: Xen's log no longer holds its start" "look in the boot log for 'Hardware Assisted Paging'"
fi

# --- what an HVM domain needs in dom0 -----------------------------------------------------------------
dm=$(part files | grep qemu | head -n 1)
loader=$(part files | grep hvmloader | head -n 1)
case $loader:$dm:$minor in
# Debian's Xen, by its directory, from 4.17 on: a QEMU without Xen's libraries is no use to it
/usr/lib/xen-4.*:/usr/bin/*:1[7-9] | /usr/lib/xen-4.*:/usr/bin/*:[2-9][0-9]) dm='' ;;
esac
if [ -n "$dm" ]; then
    yes "device model" "$dm"
else
    no "device model" "no qemu-dm or qemu-system-i386 of Xen's found" "install the package with Xen's QEMU (qemu-system-xen, qemu-system-x86, xen-hvm, xen-tools, ...)"
fi
if [ -n "$loader" ]; then
    yes "HVM firmware" "$loader"
else
    no "HVM firmware" "no hvmloader found" "install the package that holds it (xen-utils, xen-runtime, ...)"
fi
free=$(value "$t" free_memory)
case $free in
'' | *[!0-9]*) note "free memory" "not known" ;;
*)
    if [ "$free" -ge 32 ]; then
        yes "free memory" "$free MiB; a guest needs some MiB more than as PV"
    else
        say but "free memory" "$free MiB" "a guest needs some MiB more than as PV: take it from dom0 (mem-set) or another guest"
    fi
    ;;
esac

# --- building here -----------------------------------------------------------------------------------
build=
listed programs grub-mkimage || listed programs grub2-mkimage || build="$build grub-mkimage"
listed programs xorriso || build="$build xorriso"
part files | grep boot_hybrid.img >/dev/null || build="$build GRUB's-i386-pc-files"
if [ -z "$build" ]; then
    yes "tools to make sidecars" "GRUB 2 and xorriso are here"
else
    note "tools to make sidecars" "not here:$build" "make them on another machine (Debian 12), with --iso-path"
fi

# --- is it needed? ------------------------------------------------------------------------------------
vendor=$(value cpu vendor_id)
echo
case $vendor in
AuthenticAMD | HygonGenuine) note "need" "the CPU is AMD's: no Meltdown" "nothing to gain by a sidecar" ;;
*)
    if printf '%s\n' "$log" | grep -i 'xpti' | grep -iE 'domu enabled|xpti: enabled' >/dev/null; then
        note "need" "this Xen guards itself against 64-bit PV guests (XPTI)" "no sidecar is needed against Meltdown"
    elif printf '%s\n' "$log" | grep -E 'Hardware (hints|features).* RDCL_NO' >/dev/null; then
        note "need" "the CPU says RDCL_NO: no Meltdown" "nothing to gain by a sidecar"
    elif part meltdown | grep -i 'not affected' >/dev/null; then
        note "need" "the CPU has no Meltdown, says dom0's kernel" "nothing to gain by a sidecar"
    elif ! printf '%s\n' "$log" | grep -i 'xen version' >/dev/null; then
        note "need" "likely, but Xen's log no longer holds its start" "look in the boot log for XPTI"
    else
        note "need" "yes: no defence of Xen's own (XPTI) in its log" "an upgrade of Xen is better, where it can be had"
    fi
    ;;
esac
finish
