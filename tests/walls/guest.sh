# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# In the guest, sourced by busybox' sh from the script disk: the parts of $parts, from the archive on xvdb; all lines
# go to xvdc for the comparison, and what a reader wants at once to the console.
#   proofs scan fuzz selftests   $seeds: seeds for fuzz, $count cases each
mkdir -p /w && cd /w && tar -xf /dev/xvdb || exit 1
dmesg -n 1
: >/tmp/out
for part in $parts; do
    echo "GUEST at=$(cut -d' ' -f1 /proc/uptime)"
    case $part in
    fuzz)
        for seed in $seeds; do
            # on the console before it starts: a guest that dies leaves its seed
            echo "GUEST seed=$seed"
            ./walls fuzz "$seed" "$count" >>/tmp/out || echo "GUEST bad=fuzz-$seed"
        done
        ;;
    selftests)
        for t in selftests/*; do
            echo "GUEST selftest=$t at $(cut -d' ' -f1 /proc/uptime)"
            timeout 120 "$t" >/tmp/one 2>&1 </dev/null
            rc=$?
            # what says something else when an interrupt comes, as its IRET zeroes a null selector that isn't 0: under
            # plain PV, too, so that it ends is all
            case $t in */fsgsbase_64) : >/tmp/one && rc="of its own or a signal's: $((rc > 128))" ;; esac
            # what is an address, a time or a process differs between two runs
            sed "s|^|${t#*/}: |; s/0x[0-9a-f]\{3,\}/0x../g; s/[0-9a-f]\{8,\}/../g" /tmp/one >>/tmp/out
            echo "selftest ${t#*/} status $rc" >>/tmp/out
        done
        ;;
    *)
        ./walls "$part" | tee /tmp/part
        cat /tmp/part >>/tmp/out
        ;;
    esac
    echo "GUEST part=$part"
done
dd if=/tmp/out of=/dev/xvdc bs=64k conv=fsync 2>/dev/null
dmesg >/tmp/dmesg
grep -E 'WARNING: CPU|BUG|Oops|Call Trace|general protection|stack-protector|lockup|detected stall|Bad (page|swap|rss)' /tmp/dmesg |
    grep -vE 'traps: |general protection fault ip:' >/tmp/dmesg.bad
[ ! -s /tmp/dmesg.bad ] || tail -60 /tmp/dmesg
echo "GUEST dmesg_bad=$(wc -l </tmp/dmesg.bad)"
echo "GUEST lines=$(wc -l </tmp/out)"
exit 0
