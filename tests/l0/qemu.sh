# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Boots L0: real Xen under QEMU's TCG. The recipe is a measured one: one physical CPU (with more, a
# nested guest's state was seen to become Xen's own), family 23 (other Xens inside want its MSRs),
# no SMAP (QEMU 7.2 reads a ring-3 IRETQ's frame with kernel rights).
# Hooks for debugging, all optional: L0_XEN_ARGS, L0_DOM0_ARGS, L0_QEMU_EXTRA (words are split),
# L0_QEMU (another binary), L0_XEN (another hypervisor, unpacked, for the toolstack of -x), L0_ACCEL, L0_CPU, L0_MEM;
# also L0_PATIENCE (factor of all limits, default 2).

# qemu_args SHARE : fills ARGS, all but the serial port
qemu_args() {
    local xen="console=com1 com1=115200 dom0_mem=1280M,max:1280M guest_loglvl=all loglvl=warning bootscrub=0 ucode=no spec-ctrl=no ${L0_XEN_ARGS:-}"
    local dom0="console=hvc0 quiet mitigations=off ${DOM0_WORDS:-} ${L0_DOM0_ARGS:-}"
    # in -initrd a comma separates modules
    dom0=${dom0//,/,,}
    ARGS=(-accel "${L0_ACCEL:-tcg,thread=multi}" -cpu "${L0_CPU:-qemu64,family=23,model=1,stepping=2,+svm,+npt,+rdtscp}"
        -m "${L0_MEM:-4096}" -smp 1 -nodefaults -display none -no-reboot
        -kernel "${L0_XEN:-$XENTREE/xen}" -append "$xen"
        -initrd "$CACHE/linux-amd64/vmlinux $dom0,$DOM0/initrd"
        -virtfs "local,path=$1,mount_tag=host,security_model=none")
    # shellcheck disable=SC2206 # words on purpose
    ARGS+=(${L0_QEMU_EXTRA:-})
}

# boot_l0 SHARE LOG : starts L0 in the background, its pid in QPID
boot_l0() {
    qemu_args "$1"
    "${L0_QEMU:-qemu-system-x86_64}" "${ARGS[@]}" -chardev "file,id=s,path=$2" -serial chardev:s \
        -monitor "unix:$RUN/monitor,server=on,wait=off" </dev/null >"$RUN/qemu.log" 2>&1 &
    QPID=$!
}

# shell_l0 SHARE : L0 on this terminal
shell_l0() {
    DOM0_WORDS=l0.shell qemu_args "$1"
    DOM0_WORDS=l0.shell "${L0_QEMU:-qemu-system-x86_64}" "${ARGS[@]}" -serial mon:stdio
}

kill_l0() {
    [ -n "${QPID:-}" ] || return 0
    kill "$QPID" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        kill -0 "$QPID" 2>/dev/null || break
        sleep 0.2
    done
    kill -9 "$QPID" 2>/dev/null
    wait "$QPID" 2>/dev/null
    QPID=
}

# ticks_l0 : CPU time of QEMU so far, in clock ticks
ticks_l0() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$QPID/stat" 2>/dev/null || echo 0; }

# wake_l0 : once in some hours of emulation QEMU 7.2 leaves its CPU in HLT with an interrupt in the local APIC's
# IRR (seen in its monitor); any other interrupt, such as a key's, wakes it up
wake_l0() {
    python3 - "$RUN/monitor" <<'X'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(sys.argv[1])
s.recv(4096)
s.sendall(b"sendkey shift\n")
s.recv(4096)
X
}
