# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Events between a test guest and dom0, each counted, on each rung: masks, rebinding, vCPUs going down and up; @fifo with FIFO events.
# EVENTS_ROUNDS (events a port), EVENTS_VCPUS, EVENTS_RUNGS (a rung, l0=VERSION, or `plain`: without the shim),
# EVENTS_LIMIT (seconds a rung): `make check-events`.
rungs=${EVENTS_RUNGS:-percpu vector gsi intx pic l0=3.4}
limit=$((60 + ${EVENTS_LIMIT:-40} * $(echo "$rungs" | wc -w)))

host_prepare() {
    need_shim
    [ -f "$OUT/events/storm.elf" ] || skip "the guest isn't built (make evping)"
    cp "$OUT/events/evping" "$OUT/events/storm.elf" "$HERE/"
    rounds=${EVENTS_ROUNDS:-100}
    fifo=
    [ "$WORD" != fifo ] || fifo=fifo=1
    vcpus=${EVENTS_VCPUS:-${L0_VCPUS:-4}}
    for rung in $rungs; do
        echo "$rung" >>"$HERE/rungs"
        name=st$(echo "$rung" | tr -d =.) # xl takes a file with a = for a setting
        KERNEL=$HERE/storm.elf VCPUS=$vcpus MEMORY=64 guest_cfg "$name.cfg" "$name" "ports=32 rounds=$rounds vcpus=$vcpus $fifo"
        sed -i '/^ramdisk/d' "$HERE/$name.cfg"
        case $rung in
        plain) sed -i 's|^kernel = .*|kernel = "/tmp/s/storm.elf"|' "$HERE/$name.cfg" ;;
        l0=*) sidecar "$name.cfg" ahci --quiet --shim-cmdline "stats $rung ${EVENTS_WORDS:-}" ;;
        *) sidecar "$name.cfg" ahci --quiet --shim-cmdline "stats evtchn=$rung ${EVENTS_WORDS:-}" ;;
        esac
    done
}

before_rung() {
    # what the rung before said on COM1
    rm -f "${SER:-}"
    if [ "$rung" = plain ]; then cp "$HERE/storm.elf" /tmp/s/; fi
}
after_rung() { echo "$rung: $(fact ev_did), taken by vCPU: $(fact ev_taken)"; }

dom0_run() {
    . /host/dom0/events.sh
    play_rungs st
}
