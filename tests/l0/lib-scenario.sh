# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What a scenario's host_prepare may call. Set for it: NAME, WORD (what stood behind an @ of the name),
# HERE (the scenario's directory on the share),
# FILES (kernels and initrds on the share, shared by all), LINUX, INITRD, CLOUD_LINUX, CLOUD_INITRD.

# skip WORDS : the scenario can't run here
skip() {
    echo "SKIP $*" >"$SHARE/verdict/$NAME"
    exit 0
}
fail() {
    echo "FAIL $*" >"$SHARE/verdict/$NAME"
    exit 0
}

# make_disk FILE MIB : an ext4 disk with one file that the guest reads
make_disk() {
    local d
    d=$(mktemp -d "$RUN/disk.XXXXXX")
    head -c 65536 /dev/urandom >"$d/from-host"
    sha256sum <"$d/from-host" | cut -d' ' -f1 >"$HERE/$1.sum"
    rm -f "$HERE/$1"
    truncate -s "$2M" "$HERE/$1"
    mke2fs -q -F -t ext4 -d "$d" "$HERE/$1"
    rm -r "$d"
}
# raw_disk FILE MIB WORD
raw_disk() {
    truncate -s "$2M" "$HERE/$1"
    printf %s "$3" | dd of="$HERE/$1" conv=notrunc status=none
}

# Of a guest's script, for disk and network at work: eth0 is up, and `work` goes on until there is /tmp/stop, with counts
# in /tmp/read and /tmp/pinged. $sum is that of /dev/xvdb, $kept, if set, that of /tmp/kept.
# shellcheck disable=SC2016 # the guest's
GUEST_WORK='work() {
    n=0
    while [ ! -e /tmp/stop ]; do
        echo 3 >/proc/sys/vm/drop_caches
        [ "$(sha256sum </dev/xvdb)" = "$sum" ] || echo "GUEST wrong=disk"
        [ -z "$kept" ] || [ "$(sha256sum </tmp/kept)" = "$kept" ] || echo "GUEST wrong=memory"
        n=$((n + 1))
        ping -c 1 -W 1 192.168.77.1 >/dev/null 2>&1 && echo $n >/tmp/pinged
        echo $n >/tmp/read
    done
}
ip link set lo up; ip addr add 192.168.77.2/24 dev eth0; ip link set eth0 up
'

# Of a guest's script: `complaints` prints what its kernel has to complain of, and a line with the count. A Linux 4.19 of 32
# bits, saved and restored, warns of the same in the same number as plain PV: that isn't counted.
# shellcheck disable=SC2016
GUEST_COMPLAINTS='complaints() {
    own="^$"
    [ "$(uname -m)" = x86_64 ] || own="WARNING: CPU[^\n]* (xen_apic_write|clockevents_switch_state)[+]"
    dmesg | awk -v own="$own" "
        /cut here/ { block = \"\"; inside = 1 }
        inside { block = block \$0 \"\\n\"; if (/end trace/) { inside = 0; if (block !~ own) printf \"%s\", block }; next }
        { print }
        END { if (inside) printf \"%s\", block }" |
        grep -E "WARNING: CPU|BUG:|Oops|Call Trace|lockup|detected stall" >/tmp/complaints
    cat /tmp/complaints
    echo "GUEST dmesg=$(grep -c . /tmp/complaints)"
}
'

# guest_cfg FILE NAME CMDLINE [LINE...] : a PV config as an operator has it
guest_cfg() {
    local f=$HERE/$1 name=$2 words=$3
    shift 3
    cat >"$f" <<X
name = "$name"
type = "pv"
kernel = "${KERNEL:-$LINUX}"
ramdisk = "${RAMDISK:-$INITRD}"
extra = "console=hvc0 ${LOGLEVEL:-quiet} $words"
memory = ${MEMORY:-256}
vcpus = ${VCPUS:-${L0_VCPUS:-1}}
on_poweroff = "destroy"
on_reboot = "${ON_REBOOT:-destroy}"
on_crash = "${ON_CRASH:-preserve}"
X
    printf '%s\n' "$@" >>"$f"
}
demo_disk() { echo "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/$1' ]"; }
demo_vif() { echo "vif = [ 'mac=00:16:3e:77:00:${1:-02},bridge=xenbr0' ]"; }

# plain_pv FILE : the same config for the control, whose toolstack reads the files in dom0
plain_pv() {
    sed -i -e "s|^kernel = .*|kernel = \"/tmp/files/vmlinux\"|" -e "s|^ramdisk = .*|ramdisk = \"/tmp/files/initrd\"|" \
        "$HERE/$1"
}

# L0_SHIM, L0_SHIM_WORDS: another shim's image, and its command line, to compare with
SHIM=${L0_SHIM:-$TOP/xen-shim/xen-shim}
need_shim() {
    [ -f "$SHIM" ] || skip "xen-shim/xen-shim isn't built"
    [ -x "$TOP/scripts/mk-sidecar.sh" ] || skip "no scripts/mk-sidecar.sh"
}

# L0_WORDS: words for the shim in every scenario that doesn't say the same word itself, for instance
# evtchn=gsi; L0_VCPUS: vCPUs of every guest whose scenario asks for no number. See `make check-rungs`.
# more_words OPTION... : sets ARGS, the options with L0_WORDS in front of the shim's command line
more_words() {
    local words=$L0_WORDS
    ARGS=()
    while [ $# -gt 0 ]; do
        if [ "$1" = --shim-cmdline ]; then
            [[ " $2" = *" ${L0_WORDS%%=*}="* ]] && words=
            words="$words $2"
            shift
        else
            ARGS+=("$1")
        fi
        shift
    done
    ARGS+=(--shim-cmdline "${words# }")
}

# sidecar CFG MEDIUM [OPTION...] : the operator's command; makes NAME-sidecar.iso and NAME-hvm.cfg here, or, of
# medium firmware, NAME-sidecar.elf. L0_MEDIUM: another medium for all.
sidecar() {
    local cfg=$HERE/$1 medium=${L0_MEDIUM:-$2} name ext=iso
    shift 2
    [ "$medium" != firmware ] || ext=elf
    [ -z "${L0_SHIM:-}" ] || set -- "$@" --shim "$SHIM" --shim-cmdline "${L0_SHIM_WORDS:-}"
    [ -z "${L0_WORDS:-}" ] || { more_words "$@" && set -- "${ARGS[@]}"; }
    need_shim
    name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$cfg")
    "$TOP/scripts/mk-sidecar.sh" -o "$HERE" --medium "$medium" --iso-path "/disks/$name-sidecar.$ext" "$@" "$cfg"
}

# hand_iso FILE GRUBCFG NAME=FILE... : a GRUB ISO made here, for what the builder refuses to make
hand_iso() {
    local iso=$HERE/$1 cfg=$2 d f
    shift 2
    d=$(mktemp -d "$RUN/iso.XXXXXX")
    mkdir -p "$d/boot/grub"
    printf 'serial --unit=0 --speed=115200\nterminal_output serial\nset timeout=0\necho GRUB-START\n%s\necho GRUB-BOOT\nboot\n' "$cfg" >"$d/boot/grub/grub.cfg"
    for f in "$@"; do cp "${f#*=}" "$d/${f%%=*}"; done
    grub-mkrescue -d /usr/lib/grub/i386-pc --locales= --themes= --fonts= --compress=no \
        --install-modules="normal multiboot multiboot2 serial terminal iso9660 biosdisk ahci part_msdos gzio echo" \
        -o "$iso" "$d" >"$RUN/hand_iso.log" 2>&1 || { cat "$RUN/hand_iso.log"; return 1; }
    rm -r "$d"
}
