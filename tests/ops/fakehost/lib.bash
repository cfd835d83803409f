# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the tests of sidecar-switch share: a fake host with guests, and what must be true of it. See ./host.

# fake_host DIR TOOLSTACK GUEST... : a host on which these run as PV guests
fake_host() {
    export FAKE=$1
    TOOLSTACK=$2
    shift 2
    local n=0 ext=cfg p
    mkdir -p "$FAKE/bin" "$FAKE/xen/auto" "$FAKE/sidecars" "$FAKE/disks" "$FAKE/st" "$FAKE/lg" "$FAKE/save"
    for p in $TOOLSTACK xenstore-ls xenstore-list xenstore-read xenstore-write sidecar-load; do
        ln -sf "$TOP/tests/ops/fakehost/host" "$FAKE/bin/$p"
    done
    : >"$FAKE/state"
    truncate -s $((40 * 2048)) "$FAKE/sidecars/all-sidecar.iso"
    printf '\001CD001' | dd of="$FAKE/sidecars/all-sidecar.iso" bs=1 seek=32768 conv=notrunc status=none
    printf '\050\0\0\0' | dd of="$FAKE/sidecars/all-sidecar.iso" bs=1 seek=32848 conv=notrunc status=none
    echo data/xen-shim-restore >>"$FAKE/sidecars/all-sidecar.iso" # as the shim's image has it
    for p; do
        n=$((n + 1))
        : >"$FAKE/disks/$p"
        guest_configs "$p"
        printf '%s\t%s\tpv\tr\t0\t\t%s\n' $n "$p" "$(pv_cfg "$p")" >>"$FAKE/state"
    done
    printf 'id=%d\ncalls=0\n' $n >"$FAKE/counter"
}
pv_cfg() { if [ "$TOOLSTACK" = virsh ]; then echo "$FAKE/defined-$1"; else echo "$FAKE/xen/$1.cfg"; fi; }
guest_configs() {
    local g=$1 mark="# mk-sidecar-key: 00
# mk-sidecar-iso: all-sidecar.iso
# mk-sidecar-from: $FAKE/xen/$1.cfg"
    if [ "$TOOLSTACK" = virsh ]; then
        echo "<domain type='xen'><name>$g</name><os><type>linux</type></os><devices>
<disk type='file' device='disk'>
<source file='$FAKE/disks/$g'/>
</disk>
</devices></domain>" >"$FAKE/defined-$g"
        sed -e 's/>linux</>hvm</' -e "s|</domain>|<arg value='file=$FAKE/sidecars/all-sidecar.iso,if=none'/><currentMemory unit='KiB'>263168</currentMemory></domain>|" \
            "$FAKE/defined-$g" >"$FAKE/sidecars/$g-hvm.xml"
        printf '<?mk-sidecar\n%s\n?>\n' "$mark" >>"$FAKE/sidecars/$g-hvm.xml"
        return
    fi
    cat >"$FAKE/xen/$g.cfg" <<END
name = "$g"
memory = 256
disk = [ "format=raw,vdev=xvda,access=rw,target=$FAKE/disks/$g" ]
vif = [ "mac=00:16:3e:00:00:01,bridge=xenbr0" ]
END
    cat >"$FAKE/sidecars/$g-hvm.cfg" <<END
name = "$g"
type = "hvm"
builder = "hvm"
memory = 259 # 256 for the guest, 3 for the shim
vcpus = 1
disk = [ "format=raw,vdev=xvda,access=rw,backend=0,target=$FAKE/disks/$g" ]
vif = [ "mac=00:16:3e:00:00:01,bridge=xenbr0,type=vif" ]
device_model_args_hvm = [ "-drive", "file=$FAKE/sidecars/all-sidecar.iso,if=none,id=sidecar" ]
$mark
END
    ln -sf "$FAKE/xen/$g.cfg" "$FAKE/xen/auto/$g.cfg"
}
behave() { echo "$*" >>"$FAKE/behave"; }
faults() { printf '%s\n' "$@" >"$FAKE/faults"; }

# switch OPTION... : the tool on this host, with quick clocks; $SWITCH_SH runs it
switch() {
    env PATH="$FAKE/bin:$PATH" SWITCH_TICK=0.05 SWITCH_LEFTOVER=2 SWITCH_KEPT=1 SWITCH_SAVE_DIR="$FAKE/save" \
        SWITCH_VIRSH_SAVE="$FAKE/save" SWITCH_XEND_DIR="$FAKE/xend" SWITCH_SHELL="${SWITCH_SH:-}" TMPDIR="$FAKE" \
        ${SWITCH_SH:-sh} "$TOP/scripts/switch-guest.sh" --no-check-host --toolstack "$TOOLSTACK" --sidecars "$FAKE/sidecars" \
        --configs "$FAKE/xen" --state "$FAKE/st" --log "$FAKE/lg" --timeout "${SWITCH_TIMEOUT:-6}" --settle 0 --images "$FAKE/images" "$@"
}
# settle : the fake host's time goes on until nothing is on its way
settle() {
    local i
    for ((i = 0; i < 100; i++)); do
        "$FAKE/bin/xenstore-write" / x
        grep -qP '\t(dying)\t' "$FAKE/state" || return 0
        sleep 0.05
    done
}
# is GUEST : what runs of that name: pv, hvm, none, or several of them
is() { awk -F'\t' -v g="$1" '$2 == g && $4 != "dying" { s = s (s ? " " : "") $3 } END { print s ? s : "none" }' "$FAKE/state"; }
# left : what the tool has left in its state
left() { find "$FAKE/st" -type f ! -name '*.pv.xml'; }
# sane : nothing that may never be has been
sane() { if [ -s "$FAKE/violations" ]; then cat "$FAKE/violations"; return 1; fi; }
# once COMMAND... : waits until it is true, for as long as a busy machine may take
once() {
    local i
    for ((i = 0; i < 1200; i++)); do
        "$@" && return
        sleep 0.05
    done
    echo "never true: $*"
    return 1
}
