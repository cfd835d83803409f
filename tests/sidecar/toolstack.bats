#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is written for xend and for libvirt, and what each of them is refused.

load lib

setup() {
    sandbox
    mkdir out
}

@test "--toolstack xm: xend's keys, the sidecar on a free IDE place, no xl words" {
    printf 'name = "x" + "m"\nkernel = "kernel"\nmemory = 256\nvcpus = 2\ncpu_weight = 9\ndriver_domain = 1\non_crash = "restart"\ndisk = [ "phy:vg/a,xvda1,w", "raw:/dev/vg/c,xvdc,w", "vdev=sdb,access=ro,format=qcow2,target=/srv/b.qcow2" ]\nvif = [ "mac=00:16:3e:00:00:01,bridge=b" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack xm --iso-path /srv/ x.cfg
    [ "$status" = 0 ]
    says 'builder = "hvm"'
    says '"phy:vg/a,xvda1,w"'
    says '"phy:/dev/vg/c,xvdc,w"'
    says '"tap:qcow2:/srv/b.qcow2,sdb,r"'
    says '"file:/srv/xm-sidecar.iso,hdd:cdrom,r"'
    says 'driver_domain: left out'
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
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\nvif = [ "bridge=a\001b" ]\n' >x.cfg
    run "${MK[@]}" --print --toolstack libvirt x.cfg
    [ "$status" = 1 ]
    says "a control character, which XML can't hold"
}
