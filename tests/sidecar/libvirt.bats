#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Domain XML: libvirt's own schema takes all that we write; what it would refuse, we refuse or mend.

load lib

setup() {
    sandbox
    mkdir out
}
# valid FILE... : libvirt's virt-xml-validate, or the schema that it reads, for many at once
valid() {
    command -v virt-xml-validate >/dev/null || skip "no virt-xml-validate (libvirt-clients)"
    [ $# -gt 3 ] || { for f; do virt-xml-validate "$f" domain || return 1; done; return 0; }
    xmllint --noout --relaxng /usr/share/libvirt/schemas/domain.rng "$@" 2>errors || { grep -v ' validates$' errors; return 1; }
}
convert() { # LINE...
    printf 'name = "x"\nkernel = "kernel"\nmemory = 256\n' >x.cfg
    printf '%s\n' "$@" >>x.cfg
    run "${MK[@]}" --print --toolstack libvirt --iso-path /srv/ x.cfg
    grep -v '^mk-sidecar: ' <<<"$output" >out/x.xml || true
}
taken() { # WORDS LINE...
    convert "${@:2}"
    [ "$status" = 0 ] || { echo "refused: $output"; return 1; }
    says "$1"
    valid out/x.xml
}
refused() { # WORDS LINE...
    convert "${@:2}"
    [ "$status" = 1 ] || { echo "taken: $output"; return 1; }
    says "$1"
}

@test "the XML of every case is valid" {
    for c in "$BATS_TEST_DIRNAME"/cases/*.cfg; do
        cp "$c" .
        n=$(basename "$c" .cfg)
        "${MK[@]}" --print --toolstack libvirt --iso-path "/srv/$n.iso" "$n.cfg" >"out/$n.xml" 2>/dev/null || rm "out/$n.xml"
    done
    [ "$(find out -name '*.xml' | wc -l)" -ge 60 ]
    valid out/*.xml
}
@test "the XML of every key in each of its forms is valid" {
    [ -x "$SC_OUT/unit/test_keys" ]
    SC_XML=$PWD/out "$SC_OUT/unit/test_keys" >/dev/null 2>&1
    [ "$(find out -name '*.xml' | wc -l)" -ge 200 ]
    valid out/*.xml
}
@test "the schema refuses what it should" {
    convert 'vcpus = 2'
    valid out/x.xml
    sed -i 's/placement=.static./placement="anywhere"/' out/x.xml
    run valid out/x.xml
    [ "$status" != 0 ]
}
@test "addresses of a NIC: several become elements, a prefix or a name is refused" {
    taken "<ip address='10.0.0.1'/>
      <ip address='fe80::1'/>" 'vif = [ "ip=10.0.0.1 fe80::1,bridge=b" ]'
    refused "x.cfg:4: vif: entry 1: ip=10.0.0.0/24: libvirt passes no prefix on" 'vif = [ "ip=10.0.0.0/24" ]'
    refused "x.cfg:4: vif: entry 2: ip=web: not an address" 'vif = [ "", "ip=web" ]'
}
@test "MAC addresses: written out, multicast and malformed ones refused" {
    taken "<mac address='00:16:3e:00:0a:01'/>" 'vif = [ "mac=0:16:3e:0:a:1" ]'
    refused "x.cfg:4: vif: entry 1: mac=01:16:3e:00:00:01: a multicast address" 'vif = [ "mac=01:16:3e:00:00:01" ]'
    for m in 00:16:3e:00:00 00:16:3e:00:00:01:02 00163e000001 00:16:3e:00:00:zz 100:16:3e:00:00:01; do
        refused "x.cfg:4: vif: entry 1: mac=$m: not a MAC" "vif = [ \"mac=$m\" ]"
    done
    refused "vifname=a b: not a name" 'vif = [ "vifname=a b" ]'
    refused "bridge=br#0: not a name" 'vif = [ "bridge=br#0" ]'
}
@test "disks: numbers become names, relative paths are refused" {
    taken "<target dev='xvda' bus='xen'/>" 'disk = [ "phy:/dev/a,51712,w" ]'
    taken "<target dev='hdc' bus='xen'/>" 'disk = [ "phy:/dev/a,0x1600,w" ]'
    taken "<target dev='xvdc1' bus='xen'/>" 'disk = [ "phy:/dev/a,d2p1,w" ]'
    taken "<source dev='/dev/vg/a'/>" 'disk = [ "phy:vg/a,xvda,w" ]'
    taken "<backenddomain name='storage'/>" 'disk = [ "vdev=xvda,backend=storage,target=/a" ]'
    refused "x.cfg:4: disk: entry 1: 'a.img' is a relative path; write it from /" 'disk = [ "file:a.img,xvda,w" ]'
    refused "x.cfg:4: disk: entry 1: 'foo' names no disk" 'disk = [ "phy:/dev/a,foo,w" ]'
    taken "device='cdrom'" 'disk = [ ",hdc:cdrom,r" ]'
}
@test "a uuid gets its dashes, and a malformed one is refused" {
    taken '<uuid>0b1c2d3e-4f50-6172-8394-a5b6c7d8e9fa</uuid>' 'uuid = "0b1c2d3e4f5061728394a5b6c7d8e9fa"'
    refused "x.cfg:4: uuid: '0b1c' is none of its forms" 'uuid = "0b1c"'
}
