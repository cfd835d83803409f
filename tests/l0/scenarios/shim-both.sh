# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# console=both: what the guest says comes out of L0's PV console and of COM1, and it hears what is typed at either.
limit=150

host_prepare() {
    need_shim
    raw_disk both.img 1 'THE-DISK-OF-BOTH'
    KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD guest_cfg both.cfg both "t=listen" "$(demo_disk both.img)"
    sidecar both.cfg ahci --shim-cmdline "console=both"
}

# typed TTY WORD : a line typed there, and heard by the guest
typed() {
    [ -c "$1" ] || fail "no terminal: '$1'"
    echo "$2" >"$1"
    wait_console 30 "GUEST heard=$2"
}

dom0_run() {
    disk both.img
    iso both-sidecar.iso
    create both-hvm.cfg 'serial="pty"'
    id=$(xl domid both)
    until tty=$(xenstore-read "/local/domain/$id/serial/0/tty" 2>/dev/null) && [ -c "$tty" ]; do sleep 0.2; done
    cat "$tty" >"$SER" &
    reader=$!
    wait_console 90 'GUEST ready=listening'
    typed "$(xenstore-read "/local/domain/$id/console/tty")" from-pv
    typed "$tty" from-com1
    typed "$tty" stop
    wait_console 30 'GUEST-DONE rc=0'
    kill $reader 2>/dev/null
    for w in listening from-pv from-com1; do
        tr -d '\r\0' <"$CON" | grep -q "GUEST .*=$w" || fail "$w isn't on the PV console"
        tr -d '\r\0' <"$SER" | grep -q "GUEST .*=$w" || fail "$w isn't on COM1"
    done
    wait_gone 30
}
