# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# A guest in the shim is the backend of another one's disk (driver domain), 64 MiB through it, and both talk by libxenvchan; then each side is killed while both go on.
limit=900
b_mib=64

host_prepare() {
    need_shim
    make -s -C "$TOP" l0-programs || fail "tests/l0/programs doesn't build"
    cp "$OUT/l0-programs/vchanping" "$HERE/program.img"
    truncate -s 2M "$HERE/program.img"
    head -c ${b_mib}M /dev/urandom >"$HERE/data.img"
    sha256sum <"$HERE/data.img" | cut -d' ' -f1 >"$HERE/sum"
    # each says that it lives, and how often Linux complained
    alive='live() { n=$((n + 1)); echo "GUEST tick=$n dmesg=$(dmesg | grep -cE "WARNING: CPU|BUG:|Oops|Call Trace|detected stall")"; sleep 0.5; }
n=0
cat /dev/xvdc >/tmp/vchanping; chmod +x /tmp/vchanping
'
    # what `xl devd` and the hotplug script do in a driver domain; and a server for whoever is told to be the peer
    raw_disk drv.img 1 "$alive"'
( peer= server=
  while :; do
    now=$(xenstore-read data/peer 2>/dev/null)
    if [ -n "$now" ] && [ "$now" != "$peer" ]; then
        peer=$now
        [ -z "$server" ] || kill $server
        /tmp/vchanping server $peer data/vchan &
        server=$!
    fi
    sleep 0.3
  done ) &
echo GUEST drv=ready
while [ "$(xenstore-read data/end 2>/dev/null)" != yes ]; do
    for d in $(xenstore-list backend/vbd 2>/dev/null); do
        for v in $(xenstore-list backend/vbd/$d 2>/dev/null); do
            p=backend/vbd/$d/$v
            dev=$(xenstore-read $p/params 2>/dev/null)
            if [ -b "$dev" ] && ! xenstore-read $p/physical-device >/dev/null 2>&1; then
                xenstore-write $p/physical-device "$(stat -c %t:%T "$dev")" && xenstore-write $p/hotplug-status connected
                echo "GUEST attached=$d/$v"
            elif [ "$(xenstore-read $p/online 2>/dev/null)$(xenstore-read $p/state 2>/dev/null)" = 06 ]; then
                xenstore-rm $p && echo "GUEST detached=$d/$v"
            fi
        done
    done
    live
done
'
    raw_disk front.img 1 "$alive"'
until [ -b /dev/xvdf ]; do sleep 0.2; done
echo "GUEST sum=$(sha256sum </dev/xvdf | cut -d" " -f1)"
head -c 8388608 /dev/urandom >/tmp/blob
dd if=/tmp/blob of=/dev/xvdf bs=1M conv=fsync,notrunc 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
head -c 8388608 /dev/xvdf | cmp - /tmp/blob && echo GUEST written=right
until peer=$(xenstore-read data/peer 2>/dev/null); do sleep 0.3; done
/tmp/vchanping client $peer /local/domain/$peer/data/vchan 300 on &
( while :; do echo 3 >/proc/sys/vm/drop_caches; cat /dev/xvdf >/dev/null; echo GUEST read=again; done ) &
while [ "$(xenstore-read data/end 2>/dev/null)" != yes ]; do live; done
'
    MEMORY=160 guest_cfg drv.cfg drv "t=disk:xvda" "driver_domain = 1" \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/drv.img', 'format=raw,vdev=xvdb,access=rw,target=/disks/data.img', 'format=raw,vdev=xvdc,access=ro,target=/disks/program.img' ]"
    MEMORY=160 guest_cfg front.cfg front "t=disk:xvda" \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/front.img', 'format=raw,vdev=xvdc,access=ro,target=/disks/program.img', 'format=raw,vdev=xvdf,access=rw,backend=drv,target=/dev/xvdb' ]"
    sidecar drv.cfg ahci --shim-cmdline "stats ${BACKEND_WORDS:-}"
    sidecar front.cfg ahci --shim-cmdline "stats ${BACKEND_WORDS:-}"
    grep -q '^driver_domain = 1' "$HERE/drv-hvm.cfg" || fail "driver_domain isn't in the builder's config"
}

# about NAME : state, fact and the waits are of that domain
about() {
    DOM=$1
    CON=/host/console/guest-$DOM.log
}
tick() { said | sed -n 's/.*GUEST tick=\([0-9]*\) dmesg=.*/\1/p' | tail -1; }
ticks_on() { [ "$(tick)" -gt "$b_tick" ]; }
# lives NAME WHEN
lives() {
    about "$1"
    b_tick=$(($(tick) + 3))
    within 60 ticks_on || fail "$1 $2: tick $b_tick doesn't come, state $(state); last: $(last_line)"
    has_said 'GUEST tick=.* dmesg=0$' || fail "$1 $2: Linux complains"
}
peers() {
    xenstore-write "/local/domain/$(xl domid drv)/data/peer" "$(xl domid front)"
    xenstore-write "/local/domain/$(xl domid front)/data/peer" "$(xl domid drv)"
}
# Blocks go to and fro over vchan. A guest that is killed then has it in use, on both sides.
rounds() { said | sed -n 's/.*vchanping: round \([0-9]*\).*/\1/p' | tail -1; }
rounds_on() { [ "$(rounds)" -gt "$b_round" ]; }
vchan_works() {
    wait_console 200 'vchanping: (300 rounds.* all right|gone|wrong|.*_init)'
    has_said '300 rounds, .* all right' || fail "vchan: $(said | grep vchanping | tail -1)"
    b_round=$(rounds)
    within 60 rounds_on || fail "vchan: no round after $b_round: $(said | grep vchanping | tail -1)"
}
# a front-end, from its creation on
front() {
    rm -f /host/console/guest-front.log
    create front-hvm.cfg
    peers
    wait_console 200 'GUEST sum='
}

dom0_run() {
    SER=
    disk drv.img
    disk front.img
    disk data.img
    disk program.img
    iso drv-sidecar.iso
    iso front-sidecar.iso
    create drv-hvm.cfg
    wait_console 90 'GUEST drv=ready'
    took "backend up"

    front
    [ "$(fact sum)" = "$(cat "$HERE/sum")" ] || fail "the sum over $b_mib MiB is '$(fact sum)'"
    took "$b_mib MiB read"
    wait_console 120 'GUEST written=right'
    wait_console 60 'GUEST read=again'
    vchan_works
    note "$(said | sed -n 's/.*vchanping: \(300 rounds.*\)/vchan \1/p' | tr -d '\r')"

    # the front-end goes while it reads and talks: the backend serves the next one
    xl destroy front
    about drv
    wait_console 60 'GUEST detached='
    lives drv "after its front-end was killed"
    took "front-end killed"
    front
    about front
    wait_console 120 'GUEST written=right'
    wait_console 60 'GUEST read=again'
    vchan_works

    # the backend goes while the front-end reads and talks
    xl destroy drv
    lives front "after its backend was killed"
    took "backend killed"
    xl destroy front
}
