# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# In dom0: runs every scenario that the host listed in /host/run.list ("NAME SECONDS" a line), each in
# a session of its own and under its time limit, and cleans up after it so that the next one finds a
# fresh machine.
. /host/dom0/lib.sh

# what guests talk to: an upload that is answered with its checksum, a download that ends with it, an echo
printf '#!/bin/sh\nsha256sum\n' >/tmp/srv-up
cat >/tmp/srv-down <<'X'
#!/bin/sh
dd if=/dev/urandom of=/tmp/srv.$$ bs=64k count=16 2>/dev/null
cat /tmp/srv.$$
printf %s "$(sha256sum </tmp/srv.$$ | cut -d' ' -f1)"
rm /tmp/srv.$$
X
chmod +x /tmp/srv-up /tmp/srv-down
nc -ll -p 7001 -e /tmp/srv-up &
nc -ll -p 7002 -e /tmp/srv-down &
nc -ll -p 7003 -e cat &

cleanup() {
    for d in $(xl list | awk 'NR > 1 && $2 != 0 { print $2 }'); do
        timeout $((20 * PATIENCE)) xl destroy "$d" || echo "domain $d can't be destroyed"
    done
    rm -rf /disks/* /tmp/s
    losetup -a | cut -d: -f1 | while read -r l; do losetup -d "$l"; done
    umount /tmp/mnt 2>/dev/null
}

mkdir -p /host/verdict
while read -r name limit; do
    log=/host/s/$name/log
    mkdir -p "$log" /tmp/s
    xl dmesg -c >/dev/null
    echo "$name" >/host/current
    setsid sh /host/dom0/one.sh "$name" </dev/null >"$log/dom0.log" 2>&1 &
    pid=$!
    # the limit is the whole machine's time, not the guest's
    end=$(($(now) + limit * 1000))
    while kill -0 $pid 2>/dev/null && [ "$(now)" -lt $end ]; do sleep 0.2; done
    if kill -0 $pid 2>/dev/null; then
        kill -9 -- -$pid 2>/dev/null || kill -9 $pid
        echo "FAIL no end within $limit s" >"/tmp/verdict"
    else
        wait $pid
        rc=$?
        [ -s /tmp/s/verdict ] || echo "FAIL scenario's script ended with status $rc" >/tmp/s/verdict
        mv /tmp/s/verdict /tmp/verdict
    fi
    {
        xl list
        # what is still there should not be: where its vCPUs are, and its event channels (in xl-dmesg.log)
        xl list | awk 'NR > 1 && $2 != 0 { for (v = 0; v < $4; v++) print $2, v }' | while read -r d v; do
            echo "== domain $d, vcpu $v"
            timeout 10 xenctx -a "$d" "$v" 2>&1 | head -40
        done
        [ -z "$(xl list | sed 1,2d)" ] || { xl debug-keys e && sleep 1; }
    } >"$log/left.log" 2>&1
    xl dmesg >"$log/xl-dmesg.log"
    for f in /var/log/xen/*.log; do
        [ -f "$f" ] && cp "$f" "$log/" && rm "$f"
    done
    mv /host/console/guest-* "$log/" 2>/dev/null
    cleanup >>"$log/left.log" 2>&1
    # in one step, as the host polls for the file
    cp /tmp/verdict "/host/verdict/.$name" && mv "/host/verdict/.$name" "/host/verdict/$name"
done </host/run.list
rm -f /host/current
