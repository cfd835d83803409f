# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# xl on a running guest: vcpu-list, uptime, pause, unpause, sysrq, dump-core, console both ways with 1 MiB.
limit=700

host_prepare() {
    need_shim
    head -c 1048576 /dev/urandom >"$HERE/blob"
    # what is typed is text: some control characters mean something to the tools in between
    head -c 786432 "$HERE/blob" | base64 -w 63 >"$HERE/typed"
    cp "$HERE/blob" "$HERE/blob.img"
    raw_disk script.img 1 'ticks() { i=0; while [ ! -e /tmp/quiet ]; do i=$((i + 1)); echo "GUEST tick=$i sysrq=$(dmesg | grep -c "sysrq: HELP")"; sleep 0.3; done; }
ticks &
read -r line </dev/hvc0
touch /tmp/quiet; wait
echo "GUEST line=$line"
stty raw -echo -ixon -ixoff </dev/hvc0
echo "GUEST say=now"
n=$(head -c 7 /dev/hvc0)
dd if=/dev/xvdb bs=64k 2>/dev/null
echo "GUEST typed=ready"
sum=$(head -c "$n" /dev/hvc0 | sha256sum | cut -d" " -f1)
stty sane </dev/hvc0
echo; echo "GUEST typed_sum=$sum"
'
    VCPUS=2 MEMORY=160 guest_cfg control.cfg control "t=disk:xvda" \
        "disk = [ 'format=raw,vdev=xvda,access=ro,target=/disks/script.img', 'format=raw,vdev=xvdb,access=ro,target=/disks/blob.img' ]"
    sidecar control.cfg ahci
}

ticks() { said | grep -c 'GUEST tick='; }

more_than() { [ "$(ticks)" -gt "$1" ]; }
# more_ticks SECONDS WHAT : the guest goes on
more_ticks() { within "$1" more_than "$(ticks)" || fail "the guest doesn't go on after $2"; }
# silent : it says nothing for ten times the time between two ticks
silent() {
    c_n=$(ticks)
    sleep 3
    [ "$(ticks)" = "$c_n" ]
}
# the line is there to its end
has_ready() { grep -qa 'GUEST typed=ready' /tmp/s/out && [ -z "$(tail -c 1 /tmp/s/out)" ]; }

dom0_run() {
    disk script.img
    disk blob.img
    iso control-sidecar.iso
    create control-hvm.cfg
    wait_console 100 'GUEST tick=2'
    took started

    [ "$(xl vcpu-list "$DOM" | awk 'NR > 1' | grep -c .)" = 2 ] || fail "xl vcpu-list: $(xl vcpu-list "$DOM" | tail -1)"
    xl uptime "$DOM" | grep -qE 'control +[0-9]+ +0:[0-9]+' || fail "xl uptime: $(xl uptime "$DOM" | tail -1)"

    xl pause "$DOM"
    state | grep -q p || fail "paused, but its state is $(state)"
    # (what it had said before may still be on its way)
    within 30 silent || fail "it talks while it is paused"
    xl unpause "$DOM"
    more_ticks 20 unpause

    xl sysrq "$DOM" h
    # on the console itself a tick may be in the middle of the kernel's line
    wait_console 20 'sysrq=1'

    xl dump-core "$DOM" /tmp/s/core || fail "xl dump-core"
    [ "$(head -c 4 /tmp/s/core | tail -c 3)" = ELF ] || fail "the core is no ELF file"
    [ "$(wc -c </tmp/s/core)" -gt $((160 << 20)) ] || fail "the core has $(wc -c </tmp/s/core) bytes"
    progress "core written"
    # the guest's kernel is in it, near its begin; by the MiB, as grep here takes minutes for the whole
    c_mib=24
    until dd if=/tmp/s/core bs=1M skip=$c_mib count=1 2>/dev/null | tr -s '\0' '\n' | grep -qaF 'Linux version '; do
        c_mib=$((c_mib + 1))
        [ $c_mib -lt 160 ] || fail "no Linux in the core"
    done
    progress "Linux in the core at $c_mib MiB"
    rm /tmp/s/core
    more_ticks 20 dump-core
    took "paused, dumped"

    # a reader and a writer for the PV console, as a user at a terminal is
    mkfifo /tmp/s/in
    sleep 100000 >/tmp/s/in &
    c_hold=$!
    # what xl console starts; xl doesn't pass on that input comes from no terminal
    "$(echo /usr/lib/xen-4*/bin/xenconsole)" --type pv --interactive "$(xl domid "$DOM")" </tmp/s/in >/tmp/s/out 2>/tmp/s/err &
    c_con=$!
    sleep 1
    echo "hello from dom0" >/tmp/s/in
    wait_console 20 'GUEST line=hello from dom0'
    wait_console 20 'GUEST say=now'
    # what comes before the bytes is on both: the marker tells where they begin
    c_typed=$(wc -c <"$HERE/typed")
    printf '%07d' "$c_typed" >/tmp/s/in
    within 60 has_ready || fail "1 MiB didn't come through the console: $(wc -c </tmp/s/out) bytes; $(cat /tmp/s/err)"
    # the tty was raw by then, so the line behind the bytes ends with one character
    tail -c $((1048576 + 18)) /tmp/s/out | head -c 1048576 | cmp - "$HERE/blob" || fail "1 MiB from the guest's console came changed"
    took "1 MiB out"

    cat "$HERE/typed" >/tmp/s/in
    wait_console 150 'GUEST typed_sum='
    expect typed_sum "^$(sha256sum <"$HERE/typed" | cut -d' ' -f1)"
    took "1 MiB in"
    wait_console 20 'GUEST-DONE rc=0'
    wait_gone 30
    kill $c_hold $c_con 2>/dev/null
    said | grep '^shim:' && fail "the shim speaks: $(said | grep -m1 '^shim:')"
    return 0
}
