# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Test guests, each as plain PV domain and in the shim; their consoles are left in the log directory.
# From tests/guests/run: GUESTS (names), GUESTS_DIR (where NAME.elf lies), GUESTS_WHERE (native, shim). What a guest has
# in its directory (memory, words) counts for its 32-bit form NAME32, too. That runs natively only with L0_XEN.
# GUESTS_MEMORY: MiB of each.
# shellcheck disable=SC2154,SC2034
limit=$((120 + $(echo ${GUESTS:-} | wc -w) * 75))

host_prepare() {
    printf 'module-contents' >"$HERE/module"
    for g in $GUESTS; do
        where=$GUESTS_WHERE
        case $g in *32) [ -n "${L0_XEN:-}" ] || where=$(echo "$where" | sed 's/native//') ;; esac
        echo "$g $where" >>"$HERE/list"
        dir=$TOP/tests/guests/$g
        [ -d "$dir" ] || dir=${dir%32}
        cp "$GUESTS_DIR/$g.elf" "$HERE/$g.elf"
        cat >"$HERE/$g.cfg" <<X
name = "$g"
type = "pv"
kernel = "$HERE/$g.elf"
ramdisk = "$HERE/module"
extra = "arg1 arg2${GUESTS_EXTRA:+ $GUESTS_EXTRA}"
memory = ${GUESTS_MEMORY:-$(cat "$dir/memory" 2>/dev/null || echo 64)}
vcpus = 2
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "preserve"
X
        case $where in *shim*) sidecar "$g.cfg" firmware --quiet --shim-cmdline "$(cat "$dir/words" 2>/dev/null)" ;; esac
        sed -e "s|^kernel = .*|kernel = \"/tmp/s/$g.elf\"|" -e 's|^ramdisk = .*|ramdisk = "/tmp/s/module"|' \
            "$HERE/$g.cfg" >"$HERE/$g-native.cfg"
        # what only the plain PV domain is to have
        cat "$TOP/tests/guests/$g/native.cfg" >>"$HERE/$g-native.cfg" 2>/dev/null || true
    done
}

# The last words: L0's console daemon, or the device model, may be behind.
has_result() {
    grep -q '^Test result' "$CON" && return
    [ "$1" = shim ] && grep -q '^Test result' "$SER"
}

# await SECONDS WHERE : until the domain is gone or crashed; what it said goes to NAME.WHERE
await() {
    g_end=$(($(now) + $1 * PATIENCE * 1000))
    while :; do
        g_state=$(state)
        case $g_state in gone | *c*) break ;; esac
        [ "$(now)" -lt "$g_end" ] || break
        sleep 0.2
    done
    [ "$g_state" = gone ] || {
        echo "== $DOM in $2: state $g_state"
        xenctx -a "$(xl domid "$DOM")" 0 2>&1 | head -24
        xl destroy "$DOM"
    }
    g_end=$(($(now) + 5 * PATIENCE * 1000))
    until has_result "$2" || [ "$(now)" -gt $g_end ]; do sleep 0.2; done
    # where L0 has no console ring (l0=3.4) it is on COM1
    if [ "$2" = shim ] && ! grep -q '^Test result' "$CON" && grep -q '^Test result' "$SER"; then
        sed -n '/^--- /,$p' "$SER" >"$CON"
    fi
    tr -d '\r\0' <"$CON" >"$LOG/$DOM.$2"
    rm -f "$CON"
    [ "$g_state" = gone ] || echo "(domain ended in state $g_state)" >>"$LOG/$DOM.$2"
    [ ! -s "$SER" ] || tr -d '\r\0' <"$SER" >"$LOG/$DOM.serial"
    rm -f "$SER"
    progress "$DOM $2: $((($(now) - START) / 1000)) s, $(tail -1 "$LOG/$DOM.$2")"
}

dom0_run() {
    cp "$HERE/module" /tmp/s/
    while read -r g where; do
        case $where in *native*)
            cp "$HERE/$g.elf" /tmp/s/
            create "$g-native.cfg"
            await 40 native
            ;;
        esac
        case $where in *shim*)
            iso "$g-sidecar.iso"
            create "$g-hvm.cfg"
            await 60 shim
            rm -f "/disks/$g-sidecar."*
            ;;
        esac
    done <"$HERE/list"
}
