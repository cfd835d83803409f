#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Options, exit statuses, and what is said when the host lacks something.

load lib

setup() { sandbox; }

# A PATH with the usual tools but for those named.
path_without() {
    mkdir bin
    for t in grub-mkimage xorriso diff sh; do
        [[ " $* " == *" $t "* ]] || ln -s "$(command -v $t)" bin/
    done
    PATH=$PWD/bin
}

@test "--help names every option, --version a version" {
    run "${MK[@]}" --help
    [ "$status" = 0 ]
    for o in output universal entry medium compress iso-path shim shim-cmdline dry-run print keys quiet version all jobs list verify prune rebuild toolstack unpack; do
        [[ "$output" == *"--$o"* ]]
    done
    run "${MK[@]}" --version
    [ "$status" = 0 ]
}
@test "usage errors are status 2 and one line" {
    for args in "" "--frobnicate g.cfg" "g.cfg --medium floppy" "--compress zip g.cfg" "-o" "g.cfg g.cfg" \
        "--all --print g.cfg" "--all --iso-path x g.cfg" "--iso-path /srv g.cfg" "--all --iso-path /x.iso g.cfg" "--all -j 0 g.cfg" "--list --verify" "--prune g" "--toolstack xl2 g.cfg" \
        "--toolstack xm --medium ahci g.cfg" "--unpack kernel" "--unpack kernel a b"; do
        # shellcheck disable=SC2086
        run "${MK[@]}" $args
        [ "$status" = 2 ]
        [ "${#lines[@]}" = 1 ]
        [[ "$output" == *"--help"* ]]
    done
    run "${MK[@]}" --shim-cmdline "it's" g.cfg
    [ "$status" = 2 ]
}
@test "a config that isn't there" {
    run "${MK[@]}" nowhere.cfg
    [ "$status" = 1 ]
    [[ "$output" == *"nowhere.cfg"* ]]
}
@test "no shim, or not a shim" {
    run "$SC_OUT/mk-sidecar" --shim nowhere g.cfg
    [ "$status" = 3 ]
    [[ "$output" == *"nowhere"*"--shim"* ]]
    run "$SC_OUT/mk-sidecar" --shim kernel g.cfg
    [ "$status" = 3 ]
    [[ "$output" == *"Multiboot 2"* ]]
}
@test "missing tools and GRUB files: which, and the package" {
    (path_without grub-mkimage && run "${MK[@]}" g.cfg && [ "$status" = 3 ] && [[ "$output" == *"grub-mkimage"*"grub-common"* ]])
    rm -r bin
    (path_without grub-mkimage && run "${MK[@]}" --all g.cfg && [ "$status" = 3 ] && [ "${#lines[@]}" = 1 ] && [[ "$output" == *"grub-common"* ]])
    rm -r bin
    (path_without xorriso && run "${MK[@]}" g.cfg && [ "$status" = 3 ] && [[ "$output" == *"install xorriso"* ]])
    MK_SIDECAR_GRUB_DIR=/nowhere run "${MK[@]}" g.cfg
    [ "$status" = 3 ]
    [[ "$output" == *"grub-pc-bin"* ]]
    [ ! -e g-sidecar.iso ]
}
@test "--dry-run writes nothing and shows the change" {
    run "${MK[@]}" --dry-run g.cfg
    [ "$status" = 0 ]
    [[ "$output" == *'+memory = 259'* ]]
    [ ! -e g-hvm.cfg ]
    "${MK[@]}" -q g.cfg
    sed -i 's/memory = 256/memory = 512/' g.cfg
    run "${MK[@]}" --dry-run g.cfg
    [[ "$output" == *'-memory = 259'*'+memory = 516'* ]]
    grep -q 'memory = 259' g-hvm.cfg
}
@test "--medium ahci puts the sidecar on a controller of its own" {
    run "${MK[@]}" --print --medium ahci g.cfg
    [[ "$output" == *'"ahci,id=sidecar-bus"'*'ide-cd,bus=sidecar-bus.0'* ]]
}
@test "--unpack writes a kernel's ELF image, or says why not and writes nothing" {
    mkdir d
    "${MK[@]}" --unpack k-gz d/vmlinux
    cmp kernel d/vmlinux
    [ "$(listing d)" = "vmlinux " ]
    "${MK[@]}" --unpack kernel vmlinux && cmp kernel vmlinux
    run "${MK[@]}" --unpack garbage d/other
    [ "$status" = 1 ]
    [[ "$output" == "mk-sidecar: garbage: "*"bzImage" ]]
    run "${MK[@]}" --unpack absent d/other
    [ "$status" = 1 ]
    [[ "$output" == *"absent: No such file"* ]]
    run "${MK[@]}" --unpack kernel d/
    [ "$status" = 2 ]
    run "${MK[@]}" --unpack kernel no/vmlinux
    [ "$status" = 3 ]
    [ "$(listing d)" = "vmlinux " ]
}
@test "a comma in the sidecar's path is doubled for QEMU" {
    run "${MK[@]}" --print --iso-path "/srv/a,b.iso" g.cfg
    [[ "$output" == *'file=/srv/a,,b.iso,if='* ]]
}
@test "docs/CONFIG.md lists every key with its fate" {
    "${MK[@]}" --keys >keys
    # its rows, all of them and no others
    sed -n '/^| key | read by/,$p' "$BATS_TEST_DIRNAME/../../docs/CONFIG.md" | diff - keys
    [ "$(wc -l <keys)" -gt 250 ]
}
@test "the front finds the program, and says what to build if it isn't there" {
    front=$BATS_TEST_DIRNAME/../../scripts/mk-sidecar.sh
    MK_SIDECAR_TOOL=$SC_OUT/mk-sidecar run "$front" --version
    [ "$status" = 0 ]
    MK_SIDECAR_TOOL=/nowhere run "$front" --version
    [ "$status" = 3 ]
    [[ "$output" == *"make"* ]]
}
@test "the front starts nothing but the builder, and is found by a link, too" {
    command -v strace >/dev/null || skip "no strace"
    front=$(realpath "$BATS_TEST_DIRNAME/../../scripts/mk-sidecar.sh")
    printf '#!/bin/sh\necho "$1"\n' >tool && chmod +x tool
    run env MK_SIDECAR_TOOL="$PWD/tool" strace -f -qq -e trace=execve,clone,clone3,fork,vfork -o trace "$front"
    [ "$status" = 0 ]
    [ "$output" = "--shim=$(dirname "$(dirname "$front")")/xen-shim/xen-shim" ]
    [ "$(wc -l <trace)" = 2 ] # itself and the builder
    ln -s "$front" front
    ln -s "$(dirname "$front")" scripts
    for f in ./front scripts/mk-sidecar.sh; do
        [ "$(MK_SIDECAR_TOOL=$PWD/tool "$f")" = "$output" ]
    done
}
@test "the man page and the completion know every option of --help" {
    top=$BATS_TEST_DIRNAME/../..
    "${MK[@]}" --help | grep -o -- '--[a-z-]*' | sort -u >options
    [ "$(wc -l <options)" -ge 12 ]
    while IFS= read -r o; do
        sed 's,[\],,g' <"$top/docs/man/mk-sidecar.8" | grep -q -- "$o" || { echo "man page: $o"; false; }
        grep -q -- "$o" "$top/scripts/mk-sidecar.bash-completion" || { echo "completion: $o"; false; }
    done <options
}
@test "completion offers options, values and configs" {
    # shellcheck source=/dev/null
    . "$BATS_TEST_DIRNAME/../../scripts/mk-sidecar.bash-completion"
    COMP_WORDS=(mk-sidecar.sh --uni) COMP_CWORD=1
    _mk_sidecar
    [ "${COMPREPLY[*]}" = --universal ]
    COMP_WORDS=(mk-sidecar.sh --medium a) COMP_CWORD=2
    _mk_sidecar
    [ "${COMPREPLY[*]}" = ahci ]
    COMP_WORDS=(mk-sidecar.sh g) COMP_CWORD=1
    _mk_sidecar
    [ "${COMPREPLY[*]}" = g.cfg ]
}
@test "what isn't a config says what it is" {
    bad() { # WORDS TEXT
        printf "$2" >w.cfg
        run "${MK[@]}" --print w.cfg
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
        says "mk-sidecar: w.cfg$1"
    }
    bad ':1: begins with a byte order mark' '\xef\xbb\xbfname = "x"\n'
    bad ': is an SXP file' '(vm (name x)\n (memory 256))\n'
    bad ': is an SXP file' '# made by hand\n(domain\n (name x))\n'
    bad ': is an XML file' '<domain type="xen">\n'
    bad ': is a JSON file' '{ "c_info": {} }\n'
    bad ':2:8: a string isn'"'"'t closed' 'memory = 256\nname = "x\nkernel = "kernel"\n'
    bad ":1:8: 'web' has no quotes" 'name = web\nmemory = 256\n'
    bad ":1: memory: '512.5' is not a number" 'memory = "512.5"\nname = "x"\nkernel = "kernel"\n'
}
@test "a relative path of a disk is warned of, but for phy:" {
    for t in xl xm; do
        printf 'name = "g"\nkernel = "kernel"\nmemory = 256\ndisk = [ "phy:vg/a,xvda,w", "file:b.img,xvdb,w" ]\n' >r.cfg
        run "${MK[@]}" --print --toolstack $t r.cfg
        [ "$status" = 0 ]
        says "warning: r.cfg:4: disk: entry 2: 'b.img' is a relative path"
        says_not "entry 1"
    done
}
@test "xm: a NIC's words that xend refuses are refused" {
    printf 'name = "g"\nkernel = "kernel"\nmemory = 256\nvif = [ "bridge=b", "bridge=b,mtu=9000" ]\n' >v.cfg
    run "${MK[@]}" --print --toolstack xm v.cfg
    [ "$status" = 1 ]
    says "v.cfg:4: vif: entry 2: xend takes no 'mtu=9000'; remove it"
    run "${MK[@]}" --print v.cfg
    [ "$status" = 0 ]
}

@test "kernels as old hosts have them: an ELF file in gzip called vmlinuz, odd names, initrds of the age" {
    mkdir 'boot of 2006'
    gzip -c kernel >vmlinuz-2.6.18-274.7.1.el5xen
    gzip -c kernel >'boot of 2006/vmlinuz-2.6.16.60-0.21-xen+smp~1'
    echo initrd | cpio -o -H newc --quiet | gzip >initrd-2.6.18-274.7.1.el5xen.img
    echo initrd | cpio -o -H odc --quiet >'boot of 2006/initrd-2.6.16.60-0.21-xen'
    for k in vmlinuz-2.6.18-274.7.1.el5xen 'boot of 2006/vmlinuz-2.6.16.60-0.21-xen+smp~1'; do
        r="${k/vmlinuz/initrd}"
        case $k in boot*) r='boot of 2006/initrd-2.6.16.60-0.21-xen' ;; *) r=$r.img ;; esac
        printf 'name = "old"\nmemory = 256\nkernel = "%s"\nramdisk = "%s"\nextra = "console=xvc0 root=/dev/xvda1"\n' "$k" "$r" >old.cfg
        "${MK[@]}" old.cfg
        "${MK[@]}" --unpack "$k" vmlinux.old
        cmp kernel vmlinux.old
        rm vmlinux.old
    done
}
@test "a bzImage of before Linux 2.6.24 is refused, with what to give" {
    { head -c 497 /dev/zero; printf '\004'; head -c 12 /dev/zero; printf '\125\252\353\146HdrS\006\002'; head -c 4000 /dev/zero; } >vmlinuz-2.6.18
    printf 'name = "old"\nmemory = 256\nkernel = "vmlinuz-2.6.18"\n' >old.cfg
    run "${MK[@]}" old.cfg
    [ "$status" = 1 ]
    [[ "$output" == *"vmlinuz-2.6.18: bzImage of boot protocol 2.06, older than 2.08 (Linux 2.6.24): it holds no Xen kernel; use the vmlinux of a Xen build"* ]]
    [ ! -e old-sidecar.iso ] && [ ! -e old-hvm.cfg ]
}
