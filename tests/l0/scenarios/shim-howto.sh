# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# HOWTO-vixen.md's own commands for the host, word by word, in dom0: ten guests converted, run at once, and back.
limit=900
GUESTS='web db mail dns wiki git proxy cache build old'

# howto NAME : the block of the HOWTO behind <!-- run on L0: NAME -->
howto() {
    sed -n "/^<!-- run on L0: $1 -->/,/^[^ <]/s/^    //p" "$TOP/HOWTO-vixen.md" | sed 's/  *#.*//' | grep .
}

host_prepare() {
    need_shim
    for b in check convert back autostart autostart-back pvshim; do howto $b >"$HERE/$b"; done
    printf 'echo "GUEST type=$(cat /sys/hypervisor/type) $(cat /sys/hypervisor/guest_type)"
echo "GUEST disk=$(dd if=/dev/xvda bs=8 skip=128 count=1 2>/dev/null | tr -d "\\0")"
echo "GUEST disks=$(cd /sys/class/block && echo xvd* sd*)"
echo GUEST-READY
while :; do sleep 1; done
' >"$HERE/script"
    mkdir "$HERE/xen" "$HERE/sidecars"
    for g in $GUESTS; do
        # each has its disk by another of the forms that xl knows, the script at its start
        case $g in
        web) d="phy:/disks/$g.img,xvda,w" ;;
        db) d="format=raw,vdev=xvda,access=rw,target=/disks/$g.img" ;;
        mail) d="raw:/disks/$g.img,xvda,w" ;;
        *) d="/disks/$g.img,raw,xvda,rw" ;;
        esac
        raw_disk "$g.img" 1 ""
        dd if="$HERE/script" of="$HERE/$g.img" conv=notrunc status=none
        printf %s "$g" | dd of="$HERE/$g.img" bs=1024 seek=1 conv=notrunc status=none
        # (the rig's host has no invariant TSC, so L0 would emulate RDTSC)
        MEMORY=160 guest_cfg "xen/$g.cfg" "$g" "t=disk:xvda" "disk = [ '$d' ]" 'tsc_mode = "native"'
    done
    "$TOP/scripts/mk-sidecar.sh" -o "$HERE/sidecars" --iso-path /var/lib/xen/sidecars/ --medium ahci --all "$HERE/xen"
    for g in $GUESTS; do plain_pv "xen/$g.cfg"; done
    cp "$TOP/scripts/check-host.sh" "$TOP/xen-shim/xen-shim" "$HERE/"
    # the command is the HOWTO's; where it's run isn't
    sed -n "s|mk-sidecar --unpack|$TOP/scripts/&|; s|mk-sidecar|&.sh|; s|/boot/vmlinuz-web|$LINUX|
        s|/var/lib/xen/sidecars|$HERE/sidecars|; /^    .*--unpack/p" "$TOP/HOWTO-vixen.md" >"$RUN/unpack"
    grep -q . "$RUN/unpack"
    sh -ex "$RUN/unpack"
}

# run BLOCK GUEST : the HOWTO's commands, which are those for `web`
run() {
    sed "s/web/$2/g" "$HERE/$1" >/tmp/s/commands
    cat /tmp/s/commands
    (cd /root && sh -ex /tmp/s/commands) || fail "$2: the HOWTO's commands: $(tail -3 "$LOG/dom0.log" | tr '\n' ' ')"
}

# on GUEST TYPE : the domain is of this type, the guest in it has all that it had
on() {
    DOM=$1 CON=/host/console/guest-$1.log SER=/dev/null
    wait_console 150 'GUEST-READY'
    h_type=$(xl list -l "$1" | sed -n 's/^ *"type": "\([a-z]*\)".*/\1/p' | head -1)
    [ "$h_type" = "$2" ] || fail "$1 is of type '$h_type', not $2"
    expect type '^xen PV$'
    expect disk "^$1\$"
    expect disks '^xvda sd\*$'
}
# memory GUEST : as `xl list` has it
memory() { xl list "$1" | awk 'NR == 2 { print $3 }'; }
# forget GUEST : what its console has said so far
forget() { : >"/host/console/guest-$1.log"; }

dom0_run() {
    fetch vmlinux >/dev/null
    fetch initrd >/dev/null
    for g in $GUESTS; do disk "$g.img"; done
    mkdir -p /root/scripts /etc/xen/auto /var/lib/xen /usr/lib/xen/boot
    cp "$HERE/check-host.sh" /root/scripts/
    cp "$HERE"/xen/*.cfg /etc/xen/
    cp -a "$HERE/sidecars" /var/lib/xen/
    cp "$HERE/xen-shim" /usr/lib/xen/boot/xen-shim-sidecar
    sum=$(cat /etc/xen/*.cfg | sha256sum)
    START=$(now)

    sh "$HERE/check-host.sh" --record >"$LOG/host.txt"
    run check web
    for g in $GUESTS; do
        xl create "/etc/xen/$g.cfg" || fail "xl create $g.cfg"
        ln -s "/etc/xen/$g.cfg" /etc/xen/auto/
    done
    for g in $GUESTS; do on "$g" pv; done
    took "ten plain PV guests up"
    for g in $GUESTS; do
        before=$(memory "$g")
        forget "$g"
        run convert "$g"
        run autostart "$g"
        [ "$(readlink "/etc/xen/auto/$g.cfg")" = "/var/lib/xen/sidecars/$g-hvm.cfg" ] || fail "the link for autostart"
        after=$(memory "$g")
        [ $((after - before)) -le 4 ] || fail "$g: $before MiB before, $after MiB after"
    done
    for g in $GUESTS; do on "$g" hvm; done
    [ "$(xl list | awk 'NR > 1 && $2 != 0' | wc -l)" = 10 ] || fail "not ten guests"
    xl list
    took "ten in the shim"
    for g in $GUESTS; do
        forget "$g"
        run back "$g"
        run autostart-back "$g"
    done
    for g in $GUESTS; do on "$g" pv; done
    [ "$(cat /etc/xen/*.cfg | sha256sum)" = "$sum" ] || fail "the guests' own configs have changed"
    took "ten back"

    # section 12: the lines take the place of type= and kernel=
    xl shutdown -w web || fail "xl shutdown web"
    forget web
    { grep -v '^type\|^kernel' /etc/xen/web.cfg && cat "$HERE/pvshim"; } >/etc/xen/web-pvh.cfg
    cat /etc/xen/web-pvh.cfg
    xl create /etc/xen/web-pvh.cfg || fail "xl create web-pvh.cfg"
    on web pvh
    took "web by pvshim=1"
}
