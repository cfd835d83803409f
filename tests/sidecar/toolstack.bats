#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is written for xend and for libvirt, and what each of them is refused.

load lib

setup() {
    sandbox
    mkdir out
}

@test "xm: memory below maxmem is warned of where firmware would touch what isn't there, and nowhere else" {
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\nmaxmem = 300\n' >x.cfg
    run "${MK[@]}" --print --toolstack xm x.cfg
    [ "$status" = 0 ]
    says 'warning: x.cfg:4: maxmem: is above memory='
    for how in '--toolstack xm --medium firmware' '--toolstack xl'; do
        # shellcheck disable=SC2086 # words
        run "${MK[@]}" --print $how x.cfg
        [ "$status" = 0 ]
        [[ "$output" != *'is above memory'* ]]
    done
    sed -i s/300/256/ x.cfg
    run "${MK[@]}" --print --toolstack xm x.cfg
    [[ "$output" != *'is above memory'* ]]
}

@test "--toolstack xm: xend's keys, the sidecar on a free IDE place, no xl words" {
    printf 'name = "x" + "m"\nkernel = "kernel"\nmemory = 256\nvcpus = 2\ncpu_weight = 9\nseclabel = "x"\non_crash = "restart"\ndisk = [ "phy:vg/a,xvda1,w", "raw:/dev/vg/c,xvdc,w", "vdev=sdb,access=ro,format=qcow2,target=/srv/b.qcow2" ]\nvif = [ "mac=00:16:3e:00:00:01,bridge=b" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack xm --iso-path /srv/ x.cfg
    [ "$status" = 0 ]
    says 'builder = "hvm"'
    says '"phy:vg/a,xvda1,w"'
    says '"phy:/dev/vg/c,xvdc,w"'
    says '"tap:qcow2:/srv/b.qcow2,sdb,r"'
    says '"file:/srv/xm-sidecar.iso,hdd:cdrom,r"'
    says 'seclabel: left out'
    [[ "$output" != *device_model* && "$output" != *hvmloader* && "$output" != *backend=* && "$output" != *'type = '* ]]
    # it is Python, and our own reader of that agrees
    python3 - <<X
exec("""$(grep -v '^mk-sidecar: ' <<<"$output")""")
assert memory == 259 and vcpus == 2 and cpu_weight == 9 and on_crash == "restart" and len(disk) == 4, disk
X
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\ndisk = [ "phy:/a,hda,w", "phy:/b,hdb,w", "phy:/c,xvdc,w", "phy:/d,hdd,w" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack xm x.cfg
    [ "$status" = 1 ]
    says 'x.cfg:4: disk: leaves none of hda to hdd'
}
@test "--toolstack xl4.4: no word that xl before 4.5 refuses, and memory for the display that it can't leave out" {
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\nmaxmem = 300\ndisk = [ "phy:vg/a,xvda1,w" ]\n' >x.cfg
    run "${MK[@]}" --print --iso-path /srv/ x.cfg
    [ "$status" = 0 ]
    new=$(sed -n 's/^memory = \([0-9]*\) .*/\1/p' <<<"$output")
    newmax=$(sed -n 's/^maxmem = \([0-9]*\)$/\1/p' <<<"$output")
    says 'vga = "none"'
    for medium in cd ahci firmware; do
        run "${MK[@]}" --print --toolstack xl4.4 --medium $medium --iso-path /srv/ x.cfg
        [ "$status" = 0 ]
        says "memory = $((new + 8)) "
        says "maxmem = $((newmax + 8))"
        says 'videoram = 8'
        says 'device_model_version = "qemu-xen"'
        [[ "$output" != *vga* ]]
    done
    # it is remembered
    "${MK[@]}" -q -o out --toolstack xl4.4 x.cfg
    "${MK[@]}" -o out --verify x
    grep -q -- '--toolstack=xl4.4' out/x-hvm.cfg
    # and such an xl's refusal names it
    mkdir out2
    printf '#!/bin/sh\n! grep -q vga "$3" || { echo "Unknown vga \\"none\\" specified" >&2; exit 1; }\n' >xl && chmod +x xl
    MK_SIDECAR_XL=$PWD/xl run "${MK[@]}" -q -o out2 x.cfg
    [ "$status" = 1 ]
    says 'make it with --toolstack xl4.4'
    MK_SIDECAR_XL=$PWD/xl run "${MK[@]}" -q -o out2 --toolstack xl4.4 x.cfg
    [ "$status" = 0 ]
}

@test "--toolstack libvirt: domain XML, with the key lines where libvirt doesn't look" {
    printf 'name = "lv"\nkernel = "kernel"\nmemory = 256\nmaxmem = 300\nextra = "a=<&\\047> ?>"\ncpus = ["0","2-3"]\nvcpus = 2\ncap = 10\non_reboot = "soft-reset"\ndisk = [ "phy:vg/a,xvda1,w", "/srv/a<b.img,,xvdb,ro" ]\nvif = [ "mac=00:16:3e:00:00:01, model=e1000, rate=1Mb/s" ]\n' >lv.cfg
    run "${MK[@]}" -o out --toolstack libvirt --iso-path /srv/ lv.cfg
    [ "$status" = 0 ]
    says 'lv.cfg:8: cap: left out'
    says 'lv.cfg:9: on_reboot: left out'
    says 'vif: rate=1Mb/s: left out'
    [[ "$output" != *model=* ]]
    [ ! -e out/lv-hvm.cfg ]
    python3 - out/lv-hvm.xml <<'X'
import sys, xml.etree.ElementTree as E
d = E.parse(sys.argv[1]).getroot()
one = lambda p: d.find(p).text
assert d.get("type") == "xen" and one("name") == "lv" and one("on_reboot") == "restart"
# shim and firmware, the VGA card, and what populate on demand leaves aside
assert int(one("currentMemory")) == (256 + 3 + 8 + 5) * 1024 and int(one("memory")) == (300 + 3 + 8 + 5) * 1024
assert [p.get("cpuset") for p in d.iter("vcpupin")] == ["0", "2-3"]
a, b = d.iter("disk")
assert a.get("type") == "block" and a.find("source").get("dev") == "/dev/vg/a" and a.find("readonly") is None
assert b.get("type") == "file" and b.find("source").get("file") == "/srv/a<b.img" and b.find("readonly") is not None
# a backend by name: no emulated twin
assert all(x.find("backenddomain").get("name") == "Domain-0" for x in (a, b))
args = [x.get("value") for x in d.iter("{http://libvirt.org/schemas/domain/xen/1.0}arg")]
assert args == ["-drive", "file=/srv/lv-sidecar.iso,if=ide,index=2,media=cdrom,readonly=on,format=raw"], args
X
    ! command -v virt-xml-validate || virt-xml-validate out/lv-hvm.xml domain
    "${MK[@]}" -o out --list | grep -q '^lv '
    "${MK[@]}" -o out --verify lv
    sed -i 's/256/260/' lv.cfg
    run "${MK[@]}" -o out --verify lv
    [ "$status" = 1 ]
    says config
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\ndisk = [ "vdev=xvda,script=block-iscsi,target=iqn" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack libvirt x.cfg
    [ "$status" = 1 ]
    says 'x.cfg:4: disk: entry 1: script='
    sed -i 's/script=block-iscsi/format=vhd/' x.cfg
    run "${MK[@]}" --print --toolstack libvirt x.cfg
    [ "$status" = 1 ]
    says 'x.cfg:4: disk: entry 1: format vhd'
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\nvif = [ "script=a\001b" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack libvirt x.cfg
    [ "$status" = 1 ]
    says "a control character, which XML can't hold"
}

# xm_disk SPEC [WANTED] : what `disk = [ SPEC ]` becomes for xend; without WANTED that it's refused.
xm_disk() {
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\ndisk = [ %s ]\n' "'$1'" >x.cfg
    run "${MK[@]}" --print --toolstack xm --iso-path /srv/ x.cfg
    if [ $# = 1 ]; then
        [ "$status" = 1 ] || { echo "taken: $1: $output"; return 1; }
        says "x.cfg:4: disk: entry 1"
    else
        [ "$status" = 0 ] || { echo "refused: $1: $output"; return 1; }
        says "disk = [ \"$2\","
    fi
}
@test "xm: a disk that xend has a form for stays as it is" {
    for d in phy:/dev/vg/a,xvda,w phy:vg/a,xvda1,r file:/srv/a.img,sda1,w tap:aio:/srv/a.img,xvda,w tap:qcow2:/srv/a.q,xvda,w tap:tapdisk:aio:/a,xvda,w \
        tap2:aio:/srv/a.img,xvda,w tap2:vhd:/srv/a.vhd,xvda,w drbd:res0,xvda,w nbd:host:7000,xvda,w iscsi:iqn.2001-04.com.example:a,xvda,w enbd:host:1,xvda,w \
        'phy:/dev/a,xvda,w!' phy:/dev/a,xvda,w,storage phy:/dev/a,xvda,w,storage,x86_64-abi phy:/dev/a,ioemu:hda,w phy:/dev/a,0x301,w phy:/dev/a,51712,w ,hdc:cdrom,r file:/srv/i.iso,hdb:cdrom,r; do
        xm_disk "$d" "$d"
    done
}
@test "xm: a disk in xl's form becomes xend's, with backend and mode" {
    xm_disk file:/x,xvdb file:/x,xvdb,w
    xm_disk 'phy:/dev/a, xvda, w' phy:/dev/a,xvda,w
    xm_disk phy:/dev/a,xvda,ro phy:/dev/a,xvda,r
    xm_disk /dev/vg/a,raw,xvda,rw phy:/dev/vg/a,xvda,w
    xm_disk vdev=xvda,format=qcow2,backend=storage,target=/srv/a.q tap:qcow2:/srv/a.q,xvda,w,storage
    xm_disk vdev=xvda,backend=storage,target=/dev/vg/a phy:/dev/vg/a,xvda,w,storage
    xm_disk format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/srv/i.iso file:/srv/i.iso,hdc:cdrom,r
    xm_disk ,,hdc:cdrom ,hdc:cdrom,r
}
@test "xm: a disk that xend has no form for is refused, with what to write" {
    for d in 'script=block-drbd,vdev=xvda,target=res0|drbd:res0' 'script=/opt/block-own,vdev=xvda,target=x|script=/opt/block-own' 'aio:/srv/a.img,xvda,w|tap:aio:' 'tapdisk:/srv/a.img,xvda,w|tap:aio:' \
        'format=vhd,vdev=xvda,target=/a.vhd|format vhd' 'vdev=xvda,no-discard,target=/a|discard' 'vdev=xvda,direct-io-safe,target=/a|direct-io-safe' 'vdev=xvda,target=/a,b|comma' \
        'tap:odd:/a,xvda,w|odd' 'phy:/dev/a,foo1,w|foo1' ',xvda,w|no file or device' 'backendtype=tap,vdev=xvda,target=/a.img|tap:aio:'; do
        xm_disk "${d%%|*}"
        says "${d#*|}"
    done
}
@test "xm: a number for a disk's name counts for the sidecar's place, too" {
    for d in 0x1600 5632 xvdc sdc1 hdc hdc2 51744 0x10000200; do
        xm_disk "phy:/dev/a,$d,w" "phy:/dev/a,$d,w"
        says '"file:/srv/x-sidecar.iso,hdd:cdrom,r"'
    done
    xm_disk phy:/dev/a,xvdca,w phy:/dev/a,xvdca,w
    says ',hdc:cdrom,r"'
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\ndisk = [ "phy:/a,xvda,w", "phy:/b,xvdb,w", "phy:/c,0x1601,w", "phy:/d,xvdd,w" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack xm x.cfg
    [ "$status" = 1 ]
    says 'x.cfg:4: disk: leaves none of hda to hdd for the sidecar'
    says '; rename one, xvdd to xvde, say'
}
@test "xl: a disk that only xend has a form for is refused with xl's words for it" {
    for d in 'phy:/dev/a,xvda,w!|access=' 'phy:/dev/a,xvda,w,storage|backend=storage'; do
        printf 'name = "x"\nkernel = "kernel"\nmemory = 256\ndisk = [ "%s" ]\n' "${d%%|*}" >x.cfg
        run "${MK[@]}" --print x.cfg
        [ "$status" = 1 ]
        says "${d#*|}"
    done
}

# convert TOOLSTACK LINE... : a config of these lines beside name, kernel and memory
convert() {
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\n' >x.cfg
    printf '%s\n' "${@:2}" >>x.cfg
    run "${MK[@]}" --print --toolstack "$1" --iso-path /srv/ x.cfg
}
cmdline() { # TOOLSTACK WANTED LINE...
    convert "$1" "${@:3}"
    [ "$status" = 0 ]
    says "# Kernel kernel, command line \"$2\""
}
@test "xm: the command line is made as xend makes it, NFS root included" {
    cmdline xm 'root=/dev/xvda1 ro quiet' 'root = "/dev/xvda1 ro"' 'extra = "quiet"'
    cmdline xm 'root=/dev/xvda1 ' 'root = "root=/dev/xvda1"'
    cmdline xm 'root=/dev/b quiet' 'root = "/dev/a"' 'extra = "root=/dev/b quiet"'
    cmdline xm 'root=/dev/xvda1 ip=10.0.0.2:127.0.255.255:10.0.0.1:255.255.255.0:web:eth0:off 3' 'root = "/dev/xvda1"' 'ip = "10.0.0.2"' 'netmask = "255.255.255.0"' 'gateway = "10.0.0.1"' 'hostname = "web"' 'extra = "3"'
    cmdline xm 'ip=:127.0.255.255::::eth1:dhcp ' 'dhcp = "dhcp"' 'interface = "eth1"'
    cmdline xm 'ip=1.2.3.4 x' 'dhcp = "dhcp"' 'extra = "ip=1.2.3.4 x"'
    cmdline xm 'ip=10.0.0.2:10.0.0.9::::eth0:off nfsroot=10.0.0.9:/srv/root 3' 'root = "/dev/nfs"' 'ip = "10.0.0.2"' 'nfs_server = "10.0.0.9"' 'nfs_root = "/srv/root"' 'extra = "3"'
    cmdline xm 'x=1' 'cmdline = "x=1"'
    says 'warning: x.cfg:4: cmdline: is the guest'
    cmdline xm 'y=1' 'cmdline = "x=1"' 'extra = "y=1"'
    says 'warning: x.cfg:4: cmdline: left out'
    convert xm 'nfs_root = "/srv/root"'
    [ "$status" = 1 ]
    says 'x.cfg:4: nfs_root: wants nfs_server=, too'
}
@test "xl and libvirt: NFS root is built, too; ip= alone does nothing there, and is warned of" {
    for t in xl libvirt; do
        cmdline $t 'ip=10.0.0.2:10.0.0.9::::eth0:off nfsroot=10.0.0.9:/srv/root 3' 'root = "/dev/nfs"' 'ip = "10.0.0.2"' 'nfs_server = "10.0.0.9"' 'nfs_root = "/srv/root"' 'extra = "3"'
        says 'warning: x.cfg:7: nfs_root: goes to the command line'
        says_not 'left out'
        convert $t 'ip = "10.0.0.2"' 'hostname = "web"' 'dhcp = "off"' 'extra = "3"'
        says ', command line "3"'
        says "warning: x.cfg:4: ip: left out; xl doesn't read it, xend does"
        says "warning: x.cfg:5: hostname: left out; xl doesn't read it, so nothing changes"
    done
}
@test "xm: xend's own keys stay, in the types that it wants" {
    convert xm 'cpu_cap = "50"' 'cpu_weight = 9' 'cpu = 1' 'cpus = "2"' 'vcpus = 2' 'vcpu_avail = 1' 'restart = "onreboot"' 'on_xend_start = "start"' 'cpuid = [ "1:edx=xxxx0000xxxx0000xxxx0000xxxx0000" ]' \
        'access_control = [ "policy=p,label=l" ]' 'vif = [ "bridge=b" ]' 'nics = 3' 'vif2 = [ "bridge=b" ]' 'uuid = "0b1c2d3e4f5061728394a5b6c7d8e9fa"' 'pool = "1"' 'vncpasswd = "x"' 'cap = 70'
    [ "$status" = 0 ]
    for l in 'cpu_cap = 50' 'cpu_weight = 9' 'cpu = 1' 'cpus = "2"' 'vcpus = 2' 'vcpu_avail = 1' 'restart = "onreboot"' 'on_xend_start = "start"' 'cpuid = [ "1:edx=xxxx0000xxxx0000xxxx0000xxxx0000" ]' \
        'access_control = [ "policy=p,label=l" ]' 'vif = [ "bridge=b,type=vif", "type=vif", "type=vif" ]' 'vif2 = [ "bridge=b" ]' 'uuid = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9fa"' 'pool = "1"'; do
        says "$l"
    done
    convert xm 'cap = 70' 'tsc_mode = "native"'
    says 'cpu_cap = 70'
    says 'warning: x.cfg:4: cap: written as cpu_cap'
    says 'tsc_mode = 2'
    convert xm 'vcpus = 2' 'cpus = [ "0", "1", "2" ]'
    [ "$status" = 1 ]
    says 'x.cfg:5: cpus: has 3 items for 2 vCPUs'
    convert xm 'vcpus = 2' 'cpus = "nodes:1"'
    [ "$status" = 1 ]
    says 'x.cfg:5: cpus: has a word that xend'
    convert xm 'restart = "never"'
    [ "$status" = 1 ]
    says 'x.cfg:4: restart: '
}
@test "a driver domain stays one; libvirt and xend have no word for it" {
    convert xl 'driver_domain = 1'
    [ "$status" = 0 ]
    grep -qx 'driver_domain *= *1' <<<"$output"
    for t in xm libvirt; do
        convert $t 'driver_domain = 1'
        says 'warning: x.cfg:4: driver_domain: '
    done
}
@test "what makes a guest a backend for others under xend, or gives it the host's devices, is refused" {
    for l in 'irq = [ 7 ]' 'netif = 1' 'blkif = 1' 'tpmif = 1' 'ioports = [ "2f8-2ff" ]' 'pci = [ "01:00.0" ]' 'vusb = [ "usbver=2" ]'; do
        for t in xl xm libvirt; do
            convert $t "$l"
            [ "$status" = 1 ]
            says "x.cfg:4: ${l%% *}: "
        done
    done
    convert xm 'netif = 0' 'irq = []' 'driver_domain = 0'
    [ "$status" = 0 ]
}
@test "vnc=1 and sdl=1 are a frame buffer, as vfb= is; 0 is none" {
    convert xl 'vnc = 1' 'sdl = "1"'
    says 'warning: x.cfg:4: vnc: left out; the guest keeps its console but has no frame buffer'
    says 'warning: x.cfg:5: sdl: left out'
    convert xl 'vnc = 0' 'sdl = "0"' 'vfb = []'
    says_not warning
}
@test "type= and builder= that disagree are refused, as xl does" {
    convert xl 'type = "pv"' 'builder = "hvm"'
    [ "$status" = 1 ]
    says "x.cfg:5: builder: is 'hvm'"
}
@test "two disks of one number are refused" {
    convert xl 'disk = [ "phy:/dev/a,xvda,w", "phy:/dev/b,51712,w" ]'
    [ "$status" = 1 ]
    says 'x.cfg:4: disk: entries 1 and 2 are both called 51712'
}
@test "xm: bytes above 127 come with an encoding, as Python 2 wants it" {
    convert xm 'description = "café"'
    [ "${lines[0]}" = '# -*- coding: latin-1 -*-' ]
    convert xm 'description = "cafe"'
    says_not coding
}
