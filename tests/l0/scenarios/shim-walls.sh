# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# User mode tries the walls of its kernel, as plain PV and in the shim, and both must say the same: shim-walls@PART[+PART...], tests/walls.
# PARTS: proofs, scan, fuzz, selftests; isolate is the shim's word isolate=yes. WALLS_SEEDS, WALLS_COUNT: the seeds for fuzz and how many cases of each.
# WALLS_VCPUS: of both; WALLS_WORDS: for the shim. WALLS_WHERE: "pv shim", or one of them.
limit=${WALLS_LIMIT:-500}

host_prepare() {
    need_shim
    . "$TOP/tests/walls/selftests.sh"
    make -s -C "$TOP" walls || fail "tests/walls doesn't build"
    parts=$(echo "${WORD:-proofs+scan+fuzz+selftests}" | tr + ' ')
    words=${WALLS_WORDS:-}
    case $parts in *isolate*) words="$words isolate=yes" parts=${parts%%isolate*}${parts##*isolate} ;; esac
    d=$(mktemp -d "$RUN/walls.XXXXXX")
    cp "$OUT/walls/walls" "$d/"
    case $parts in *selftests*)
        get_selftests
        mkdir "$d/selftests"
        # all of them when nothing else is asked for
        if [ "$parts" = selftests ]; then
            cp "$CACHE"/selftests/bin/* "$d/selftests/"
        else
            for t in $(grep -v '^#' "$TOP/tests/walls/selftests.short"); do cp "$CACHE/selftests/bin/$t" "$d/selftests/"; done
        fi
        ;;
    esac
    tar -cf "$HERE/walls.img" -C "$d" .
    truncate -s %1M "$HERE/walls.img"
    rm -r "$d"
    raw_disk script.img 1 "parts='$parts' seeds='${WALLS_SEEDS:-1 2}' count='${WALLS_COUNT:-300}'
$(cat "$TOP/tests/walls/guest.sh")
"
    grep -v '^#' "$TOP/tests/walls/differences" | cut -f1 | grep . | sed 's/^/^+.*/' >"$HERE/differences"
    echo "${WALLS_WHERE:-pv shim}" >"$HERE/where"
    for w in pv shim; do
        # never one: Linux then makes DS prefixes of its LOCKs, and QEMU 7.2 adds the base of a user's DS
        # to those in 64-bit code, too
        KERNEL=$CLOUD_LINUX RAMDISK=$CLOUD_INITRD VCPUS=${WALLS_VCPUS:-2} guest_cfg "walls-$w.cfg" "walls-$w" "t=disk:xvda" \
            "disk = [ 'format=raw,vdev=xvda,access=rw,target=/disks/script.img', 'format=raw,vdev=xvdb,access=rw,target=/disks/walls.img', 'format=raw,vdev=xvdc,access=rw,target=/disks/$w.img' ]"
    done
    # the small kernel boots in half the time
    ln "$CLOUD_LINUX" "$HERE/vmlinuz"
    ln "$CLOUD_INITRD" "$HERE/initrd"
    sed -i -e 's|^kernel = .*|kernel = "/tmp/s/vmlinuz"|' -e 's|^ramdisk = .*|ramdisk = "/tmp/s/initrd"|' "$HERE/walls-pv.cfg"
    sidecar walls-shim.cfg ahci ${words:+--shim-cmdline "$words"}
}

# result WHERE : what the guest wrote
result() {
    sync
    tr -d '\0' <"/tmp/s/$1.img" >"$LOG/$1.lines"
    grep 'BROKEN' "$LOG/$1.lines" | cut -c1-600
    grep -E '^WALL|^selftest' "$LOG/$1.lines" | grep -c . | sed "s/^/$1: /"
}

run() {
    truncate -s 64M "/tmp/s/$1.img"
    losetup "$(losetup -f)" "/tmp/s/$1.img"
    ln -sfn "$(losetup -a | sed -n "s|:.*/tmp/s/$1.img.*||p")" "/disks/$1.img"
    if [ "$1" = shim ]; then
        iso walls-shim-sidecar.iso
        create walls-shim-hvm.cfg
    else
        cp "$HERE/vmlinuz" "$HERE/initrd" /tmp/s/
        create "walls-$1.cfg"
    fi
    # the host's word on the limit: its environment isn't here
    wait_console $(($(cat "$HERE/limit") / PATIENCE)) 'GUEST-DONE'
    took "$1"
    wait_gone 60
    result "$1"
    [ "$(fact dmesg_bad)" = 0 ] || why="$why$1: $(fact dmesg_bad) bad lines in dmesg; "
    said | grep 'GUEST bad=' && why="$why$1: $(said | grep -m1 'GUEST bad='); "
}

dom0_run() {
    why=
    disk script.img
    disk walls.img
    for w in $(cat "$HERE/where"); do run "$w"; done
    said | grep '^shim:' && fail "the shim speaks: $(said | grep -m1 '^shim:')"
    [ "$(cat "$HERE/where")" = "pv shim" ] || fail "${why:-only $(cat "$HERE/where")}"
    [ -s "$LOG/pv.lines" ] && [ -s "$LOG/shim.lines" ] || fail "no lines"
    # (busybox' diff: unified) line by line: what is more or less is a difference too
    [ "$(wc -l <"$LOG/pv.lines")" = "$(wc -l <"$LOG/shim.lines")" ] || why="${why}not the same number of lines; "
    diff "$LOG/pv.lines" "$LOG/shim.lines"  | sed 1,2d | grep '^[-+]' >"$LOG/all.diff"
    grep '^+' "$LOG/all.diff" | grep -vE -f "$HERE/differences" >"$LOG/diff"
    note "$(wc -l <"$LOG/shim.lines") lines, $(($(grep -c '^+' "$LOG/all.diff") - $(wc -l <"$LOG/diff"))) differ as documented"
    [ -z "$why" ] || fail "$why"
    grep -q 'BROKEN' "$LOG/shim.lines" && fail "$(grep -m1 BROKEN "$LOG/shim.lines" | cut -c1-200)"
    [ ! -s "$LOG/diff" ] || fail "$(wc -l <"$LOG/diff") lines differ, first: $(head -1 "$LOG/diff" | cut -c1-300)"
}
