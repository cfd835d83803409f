#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Many guests: --all, the store, --list, --verify, --prune.

load lib

setup() {
    sandbox
    mkdir cfg out
    for n in a b c; do
        printf 'name = "%s"\nkernel = "%s/kernel"\nmemory = 256\nextra = "console=hvc0"\n' $n "$PWD" >cfg/$n.cfg
    done
}
row() { grep -E "^$1 +$2 +($3) " <<<"$output" || { echo "no row $* in: $output"; return 1; }; }
isos() { find out/.sidecars -name '*.iso' | wc -l; }

@test "--all: good, bad and other guests; one sidecar for all that are alike" {
    sed -i 's/hvc0/hvc0 other/' cfg/c.cfg
    sed 's/"a"/"bad"/; s,kernel"$,nowhere",' cfg/a.cfg >cfg/bad.cfg
    printf 'name = "win"\ntype = "hvm"\nmemory = 99\n' >cfg/win.cfg
    printf 'autoballoon = "off"\n' >cfg/xl.conf
    # what else lies in /etc/xen
    printf 'name = "Example-Cpupool"\nsched = "credit"\n' >cfg/cpupool
    for n in xlexample.pvlinux xmexample1 a.cfg~ b.cfg.bak c.dpkg-old; do sed 's/"a"/"example"/' cfg/a.cfg >cfg/$n; done
    sed 's/"a"/"old"/' cfg/a.cfg >cfg/old-without-suffix
    mkdir cfg/auto && ln -s ../a.cfg cfg/auto/a.cfg
    run "${MK[@]}" --all -o out cfg cfg/auto/a.cfg
    [ "$status" = 1 ]
    row a files 'made|linked'
    row b files 'made|linked'
    row old files 'made|linked'
    row c files made
    row bad files FAILED
    row cfg/win.cfg - skipped
    says 'cfg/bad.cfg:2: kernel: '
    says '4 done, 1 failed, 1 skipped'
    says '[6/6]'
    [ "$(isos)" = 2 ]
    [ "$(stat -c %h out/a-sidecar.iso)" = 4 ]
    cmp out/a-sidecar.iso out/b-sidecar.iso
    run cmp -s out/a-sidecar.iso out/c-sidecar.iso
    [ "$status" = 1 ]
    [ ! -e out/bad-hvm.cfg ]
    run "${MK[@]}" --all -o out -q cfg/a.cfg cfg/b.cfg
    [ "$status" = 0 ]
    [ "$output" = "" ]
    # its own outputs are no configs
    run "${MK[@]}" --all -o out cfg out
    says '[6/6]'
}
@test "made again: nothing is written where nothing has changed" {
    "${MK[@]}" -q --all -o out cfg
    before=$(find out -name '*.cfg' -o -name '*.iso' | sort | xargs stat -c '%n %i %Y')
    run "${MK[@]}" --all -o out -j 1 cfg
    [ "$status" = 0 ]
    row a files same
    row c files same
    [ "$before" = "$(find out -name '*.cfg' -o -name '*.iso' | sort | xargs stat -c '%n %i %Y')" ]
    sed -i 's/256/300/' cfg/b.cfg
    run "${MK[@]}" --all -o out cfg
    row a files same
    row b files linked
    grep -q 300 out/b-hvm.cfg
}
@test "two configs of one name: neither is converted" {
    cp cfg/a.cfg cfg/copy.cfg
    run "${MK[@]}" --all -o out cfg
    [ "$status" = 1 ]
    says "cfg/a.cfg and cfg/copy.cfg are both called 'a'"
    [ ! -e out/a-hvm.cfg ]
    [ -e out/b-hvm.cfg ]
}
@test "--all --dry-run shows every change and writes nothing" {
    run "${MK[@]}" --all -n -o out cfg
    [ "$status" = 0 ]
    [ "$(grep -c '^+name' <<<"$output")" = 3 ]
    [ "$(find out -mindepth 1)" = "" ]
    "${MK[@]}" -q --all -o out cfg
    sed -i 's/hvc0/hvc0 new/' cfg/b.cfg
    run "${MK[@]}" --all -n -o out cfg
    row a files same
    row b files 'would change'
    says '-# mk-sidecar-key: '
}
@test "--list and --verify: what fits, and what has changed" {
    "${MK[@]}" -q --all -o out --shim-cmdline stats cfg
    run "${MK[@]}" -o out --list
    [ "$status" = 0 ]
    says "3  $PWD/cfg/b.cfg"
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
    row a files fits
    row c files fits
    sed -i 's/256/300/' cfg/a.cfg
    sed -i 's/hvc0/hvc0 more/' cfg/b.cfg
    rm cfg/c.cfg
    run "${MK[@]}" -o out --verify
    [ "$status" = 1 ]
    says 'changed since: the config'
    says 'changed since: cmdline'
    says 'cfg/c.cfg: No such file'
    run "${MK[@]}" -o out --verify a
    [ "$status" = 1 ]
    says '0 done, 1 failed'
    run "${MK[@]}" -o out --verify nobody
    [ "$status" = 1 ]
    says 'nobody'
    sed -i 's/300/256/' cfg/a.cfg
    rm out/a-sidecar.iso
    run "${MK[@]}" -o out --verify a
    [ "$status" = 1 ]
    says 'out/a-sidecar.iso: No such file'
}
@test "--verify: another kernel, another shim, a damaged sidecar" {
    cp -L kernel k1 && sed 's,/kernel",/k1",' cfg/a.cfg >one.cfg
    "${MK[@]}" -q -o out one.cfg
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
    printf x >>k1
    run "${MK[@]}" -o out --verify
    says 'changed since: kernel'
    cp -L kernel k1
    cp -L probe shim2 && printf x >>shim2
    run "$SC_OUT/mk-sidecar" --shim shim2 -o out --verify
    says 'changed since: shim'
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
    # no date and no size tells of this one
    touch -r out/a-sidecar.iso stamp
    printf damage | dd of=out/a-sidecar.iso bs=1 seek=40000 conv=notrunc status=none
    touch -r stamp out/a-sidecar.iso
    run "${MK[@]}" -o out --verify
    [ "$status" = 1 ]
    says 'is damaged'
    says '--rebuild'
    "${MK[@]}" -q -o out --rebuild one.cfg
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
}
@test "--prune removes what no guest uses, and nothing while others are at work" {
    "${MK[@]}" -q --all -o out cfg
    sed -i 's/hvc0/hvc0 new/' cfg/?.cfg
    "${MK[@]}" -q --all -o out cfg
    mkdir "out/.sidecars/$(printf %064d 1).tmp"
    [ "$(isos)" = 2 ]
    run "${MK[@]}" -o out --list
    says '1 sidecar ('
    run "${MK[@]}" -o out --prune -n
    says '1 sidecar ('
    [ "$(isos)" = 2 ]
    flock -s out/.sidecars sleep 3 & pid=$!
    sleep 0.5
    run "${MK[@]}" -o out --prune
    [ "$status" = 3 ]
    says 'another mk-sidecar is at work'
    [ "$(isos)" = 2 ]
    wait $pid
    run "${MK[@]}" -o out --prune
    [ "$status" = 0 ]
    says '1 sidecar ('
    [ "$(isos)" = 1 ]
    [ "$(find out/.sidecars -name '*.t*' | wc -l)" = 1 ]
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
}
@test "--prune keeps what a config uses where there are no hard links, and takes what a killed run holds" {
    "${MK[@]}" -q --all -o out cfg
    cp -r out copy
    [ "$(stat -c %h copy/a-sidecar.iso)" = 1 ]
    run "${MK[@]}" -o copy --prune
    [ "$status" = 0 ]
    says '0 sidecars ('
    [ "$(find copy/.sidecars -name '*.iso' | wc -l)" = 1 ]
    # as if killed in its last steps: the link of a guest that is no more
    mkdir out/.x-sidecar.tmp && ln out/a-sidecar.iso out/.x-sidecar.tmp/iso
    rm out/?-*
    run "${MK[@]}" -o out --prune
    [ "$status" = 0 ]
    says '1 sidecar ('
    [ ! -e out/.x-sidecar.tmp ]
    [ "$(isos)" = 0 ]
}
@test "--list works while others are at work" {
    "${MK[@]}" -q --all -o out cfg
    flock -s out/.sidecars sleep 3 & pid=$!
    sleep 0.5
    run "${MK[@]}" -o out --list
    [ "$status" = 0 ]
    says "$PWD/cfg/b.cfg"
    wait $pid
}
@test "--universal with words of its own: an ISO of its own, the others' stays" {
    [ -d /usr/lib/grub/x86_64-xen ] || skip "no grub-xen-bin"
    sed -i '$a disk = [ "raw:/d.img,xvda,w" ]' cfg/?.cfg
    "${MK[@]}" -q --universal -o out cfg/a.cfg 2>/dev/null
    "${MK[@]}" -q --universal -o out --shim-cmdline stats cfg/b.cfg 2>/dev/null
    "${MK[@]}" -q --universal -o out --shim-cmdline stats cfg/c.cfg 2>/dev/null
    [ "$(cd out && echo universal*.iso | wc -w)" = 2 ]
    grep -q "file=$PWD/out/universal.iso" out/a-hvm.cfg
    [ "$(grep -l "file=$PWD/out/universal-[0-9a-f]*.iso" out/?-hvm.cfg | wc -l)" = 2 ]
    run "${MK[@]}" -o out --verify
    [ "$status" = 0 ]
}
@test "made again with other options, or with too little memory: done, and said" {
    "${MK[@]}" -q -o out --medium ahci --shim-cmdline stats cfg/a.cfg
    run "${MK[@]}" -q -o out cfg/a.cfg
    [ "$status" = 0 ]
    says 'warning: a: made with other options before: --medium=ahci --shim-cmdline=stats; '
    says '(now: none)'
    run "${MK[@]}" -q -o out cfg/a.cfg
    [ "$status" = 0 ]
    [ "$output" = "" ]
    sed -i 's/256/4/' cfg/b.cfg
    run "${MK[@]}" -q --rebuild -o out cfg/b.cfg
    [ "$status" = 0 ]
    says 'memory=4 MiB is too little'
}
@test "a file that isn't ours is never replaced, nor the config that is read" {
    echo 'name = "a"' >out/a-hvm.cfg
    for o in '' -n; do
        run "${MK[@]}" $o -o out cfg/a.cfg
        [ "$status" = 1 ]
        says "out/a-hvm.cfg: would be replaced"
    done
    [ "$(cat out/a-hvm.cfg)" = 'name = "a"' ] && [ "$(ls -A out)" = a-hvm.cfg ]
    cp cfg/a.cfg a-hvm.cfg
    run "${MK[@]}" a-hvm.cfg
    [ "$status" = 1 ]
    says "would be replaced"
    cmp cfg/a.cfg a-hvm.cfg
}
@test "an entry of the store that is cut short is made again" {
    "${MK[@]}" -q -o out cfg/a.cfg
    truncate -s 1000 out/.sidecars/*.iso
    "${MK[@]}" -q -o out cfg/b.cfg
    [ "$(stat -c %s out/b-sidecar.iso)" -gt 100000 ]
    # and a cache of hashes that is nonsense does no harm
    head -c 3000 /dev/urandom >out/.sidecars/hashes
    run "${MK[@]}" --all -o out cfg
    [ "$status" = 0 ]
}
@test "a fleet that is killed leaves whole files, and no process behind" {
    "${MK[@]}" -q --all -o out cfg
    cp -a out old && mkdir new
    sed -i 's/hvc0/hvc0 new/' cfg/?.cfg
    "${MK[@]}" -q --all -o new --iso-path "$PWD/out/" cfg
    sed -i '/^# mk-sidecar-with/d' new/*.cfg
    for t in 0.02 0.05 0.1 0.2 0.4 0.8; do
        rm -rf out && cp -a old out
        setsid "${MK[@]}" -q --all -o out cfg & pid=$!
        sleep $t
        kill -KILL $pid 2>/dev/null || true
        wait $pid || true
        for i in 1 2 3 4 5 6 7 8 9 10; do pgrep -s $pid >/dev/null || break; sleep 0.5; done
        run pgrep -s $pid
        [ "$status" = 1 ]
        for f in a b c; do
            cmp -s old/$f-hvm.cfg out/$f-hvm.cfg || { cmp new/$f-hvm.cfg out/$f-hvm.cfg && cmp new/$f-sidecar.iso out/$f-sidecar.iso; }
            cmp -s old/$f-sidecar.iso out/$f-sidecar.iso || cmp new/$f-sidecar.iso out/$f-sidecar.iso
        done
    done
    "${MK[@]}" -q --all -o out cfg && "${MK[@]}" -o out --prune
    [ "$(listing out)" = "a-hvm.cfg a-sidecar.iso b-hvm.cfg b-sidecar.iso c-hvm.cfg c-sidecar.iso " ]
}
@test "a signal ends the fleet and cleans up" {
    mkdir bin
    printf '#!/bin/sh\nsleep 5\n' >bin/xorriso && chmod +x bin/xorriso
    PATH=$PWD/bin:$PATH "${MK[@]}" --all -o out cfg 2>err & pid=$!
    sleep 1.5
    kill -TERM $pid
    rc=0; wait $pid || rc=$?
    [ $rc = 143 ]
    grep -q interrupted err
    [ "$(listing out)" = "" ]
}
@test "what would stop every guest is one line" {
    run "${MK[@]}" --all -o nowhere cfg
    [ "$status" = 3 ]
    [ "${#lines[@]}" = 1 ]
    run "${MK[@]}" --all -o /proc cfg
    [ "$status" = 3 ]
    [ "${#lines[@]}" = 1 ]
    run "${MK[@]}" --all -o out nowhere
    [ "$status" = 2 ]
    [ "${#lines[@]}" = 1 ]
    mkdir empty-dir
    run "${MK[@]}" --all -o out empty-dir
    [ "$status" = 1 ]
    says 'no configs'
}
@test "a tool that fails for every guest: status 3" {
    mkdir bin
    printf '#!/bin/sh\necho no room >&2\nexit 5\n' >bin/xorriso && chmod +x bin/xorriso
    PATH=$PWD/bin:$PATH run "${MK[@]}" --all -o out cfg
    [ "$status" = 3 ]
    row a files FAILED
    says 'xorriso failed'
}
@test "xl has the last word on a control domain" {
    printf '#!/bin/sh\necho "$@" >>%s/xl-said\ngrep -q "memory = 2" "$3"\n' "$PWD" >xl && chmod +x xl
    MK_SIDECAR_XL=$PWD/xl "${MK[@]}" -q -o out cfg/a.cfg
    grep -q '^create -n /.*cfg$' xl-said
    sed -i 's/256/300/' cfg/a.cfg
    MK_SIDECAR_XL=$PWD/xl run "${MK[@]}" -q -o out cfg/a.cfg
    [ "$status" = 1 ]
    says "xl doesn't take"
    grep -q 259 out/a-hvm.cfg
}
@test "a guest that differs by its command line takes the packed kernel from another's sidecar: the same bytes" {
    mkdir -p bin out alone
    real=$(command -v xorriso)
    printf '#!/bin/sh\necho "$@" >>%s/calls\nexec %s "$@"\n' "$PWD" "$real" >bin/xorriso && chmod +x bin/xorriso
    PATH=$PWD/bin:$PATH
    for n in 1 2 3; do printf 'name = "r%s"\nkernel = "kernel"\nramdisk = "initrd"\nmemory = 256\nextra = "root=%s"\n' $n $n >r$n.cfg; done
    echo initrd >initrd
    "${MK[@]}" -q -o out r1.cfg
    [ "$(grep -c extract calls)" = 0 ]
    "${MK[@]}" -o out r2.cfg
    [ "$(grep -c 'extract /boot/vmlinux' calls)" = 1 ]
    "${MK[@]}" -q -o alone r2.cfg
    cmp out/r2-sidecar.iso alone/r2-sidecar.iso
    diff out/.sidecars/"$(sed -n 's/^# mk-sidecar-key: //p' out/r2-hvm.cfg)".txt alone/.sidecars/*.txt
    "${MK[@]}" -o out --verify
    # another packing, and --rebuild, want their own
    "${MK[@]}" -q -o out --compress none r3.cfg
    "${MK[@]}" -q -o out --rebuild r2.cfg
    [ "$(grep -c 'extract /boot/vmlinux' calls)" = 1 ]
    # a donor that has rotted gives nothing
    for f in out/.sidecars/*.iso; do
        xorriso -osirrox on -indev "$f" -extract /boot/vmlinux packed >/dev/null 2>&1
        at=$(python3 -c 'import sys; print(open(sys.argv[1], "rb").read().index(open("packed", "rb").read()))' "$f")
        [ "$at" -gt 2048 ]
        [ "$(stat -c %s packed)" -gt 206 ]
        printf 'rotten' | dd of="$f" bs=1 seek=$((at + 200)) conv=notrunc status=none
    done
    sed -i s/root=3/root=4/ r3.cfg
    "${MK[@]}" -q -o out r3.cfg
    [ "$(grep -c 'extract /boot/vmlinux' calls)" -ge 2 ]
    "${MK[@]}" -q -o alone r3.cfg
    cmp out/r3-sidecar.iso alone/r3-sidecar.iso
}
@test "a second guest with the same boot files is quick: it reads neither kernel nor initrd" {
    cp -L kernel big && head -c 64M /dev/urandom >big-initrd
    touch -d '1 hour ago' big big-initrd && sleep 4
    printf 'name = "q1"\nkernel = "big"\nramdisk = "big-initrd"\nmemory = 256\n' >q1.cfg
    sed 's/q1/q2/' q1.cfg >q2.cfg
    "${MK[@]}" -q -o out q1.cfg
    command -v strace >/dev/null || { chmod 0 big big-initrd; [ "$(id -u)" != 0 ] || skip "no strace, and root may read all"; }
    strace -f -e trace=openat -o trace "${MK[@]}" -q -o out q2.cfg
    run grep -c '"big' trace
    [ "$output" = 0 ]
    cmp out/q1-sidecar.iso out/q2-sidecar.iso
}
@test "--all: what looks like a domain's config and can't be read is named and counted; the rest is listed" {
    rm cfg/b.cfg cfg/c.cfg
    printf 'import os\nname = "computed"\nmemory = 256\nkernel = "/boot/" + os.uname()[2]\n' >cfg/computed
    printf 'for i in [1]:\n    memory = 256 * i\n    disk = [ "phy:/dev/a,xvda,w" ]\n' >cfg/nameless
    printf 'name = "lost\nmemory = 256\n' >cfg/lostquote
    printf '#!/usr/bin/python\nname = "winpy"\nbuilder = "hvm"\nmemory = 512\nwords = { "a": 1 }\n' >cfg/winpy
    printf 'name = "Example-Cpupool"\nsched = "credit"\n' >cfg/cpupool
    printf 'autoballoon = "off"\n' >cfg/xl.conf
    printf '# -*- sh -*-\n(logfile /var/log/xen/xend.log)\n(dom0-min-mem 256)\n' >cfg/xend-config.sxp
    printf '#!/bin/sh\nname=x\nmemory=1\n' >cfg/helper
    cp cfg/a.cfg cfg/a.cfg~
    cp cfg/a.cfg cfg/xlexample.pvlinux
    head -c 5000 /dev/urandom >cfg/blob
    truncate -s 3M cfg/disk.img
    mkfifo cfg/pipe
    ln -s /nowhere cfg/dangling
    run timeout 60 "${MK[@]}" --all -o out cfg
    [ "$status" = 1 ]
    row a files made
    row cfg/computed - FAILED
    row cfg/nameless - FAILED
    row cfg/lostquote - FAILED
    row cfg/winpy - skipped
    says "cfg/computed:1"
    row cfg/dangling - FAILED
    says '1 done, 4 failed, 1 skipped, 9 passed over'
    for f in cpupool xl.conf xend-config.sxp helper blob disk.img 'a.cfg~' xlexample.pvlinux pipe; do
        says "passed over: cfg/$f: "
    done
    says 'passed over: cfg/xlexample.pvlinux: an example of Xen'
    says 'passed over: cfg/a.cfg~: put aside'
    run "${MK[@]}" -q --all -o out cfg
    [ "$status" = 1 ]
    says_not 'passed over'
}
@test "a config that is no file, or no config at all, is refused at once" {
    mkfifo pipe
    for f in pipe /dev/zero; do
        run timeout 20 "${MK[@]}" --print $f
        [ "$status" = 1 ]
        says "mk-sidecar: $f: is no regular file"
        run timeout 20 "${MK[@]}" -o out --all $f
        [ "$status" = 1 ]
        says "$f: is no regular file"
    done
    truncate -s 5G huge.cfg
    run timeout 20 "${MK[@]}" --print huge.cfg
    [ "$status" = 1 ]
    says 'huge.cfg: has more than 1 MiB; no domain config has'
    seq -f 'k%g=1' 60000 >many.cfg
    run timeout 20 "${MK[@]}" --print many.cfg
    [ "$status" = 1 ]
    says 'many.cfg: sets more than 4096 keys'
    seq -f 'k%g=int(1)' 60000 >many.cfg # for xm's reader
    run timeout 20 "${MK[@]}" --print many.cfg
    [ "$status" = 1 ]
    printf 'name = "%0300d"\nkernel = "kernel"\nmemory = 256\n' 0 >long.cfg
    run "${MK[@]}" -o out long.cfg
    [ "$status" = 1 ]
    says 'long.cfg:1: name: has 300 bytes; names of files are made of it, choose one of at most 200'
}
