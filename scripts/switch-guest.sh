#!/bin/sh
# SPDX-License-Identifier: MIT
# Moves PV guests of this host into the shim and back, watches that they come up, and takes back what doesn't.
# Installed as sidecar-switch; see sidecar-switch(8), or --help. One file: copy it to any dom0.
#
# How it is built, so that it can be killed at any point and run again:
#   - The host alone says where a guest is: which domain has its name, and of which type. What is remembered is
#     only what can't be seen: that a guest which is down now was taken down by us, and where it was to go
#     (section "intent"). That file is whole or counts as absent.
#   - No domain is created before the host has said by two ways, toolstack and xenstore, that the other one is
#     gone and that no domain has the disks. An answer without Domain-0 in it, or none, is asked for again.
#   - What a command's exit status says isn't believed: after each one the host is asked what is there now.
#   - A PV domain that runs is never destroyed without --force.
#   - With --save: a saved guest is restored, or handed to a shim, only while nothing has run since that could have
#     written to its disks (section "the move with its memory"). The domain that is there before the guest is saved
#     has no disks yet.
# Plain sh with the tools of a dom0 of 2009 (bash 3, dash, busybox): no `local`, no arrays, no GNU-only options.

LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
VERSION=1.0
me=sidecar-switch
TAB='	'

usage() {
    cat <<END
usage: sidecar-switch [OPTION...] GUEST...   move PV guests into the shim
       sidecar-switch --back [OPTION...] GUEST...   and back to plain PV
       sidecar-switch --status [GUEST...]    what each domain is, which shim, how
       sidecar-switch --save [OPTION...] GUEST...   into the shim as it runs: saved there, and it goes on here
GUEST is the name of a guest. Instead of names: --all (all with an HVM config), --from FILE (a name a line)
  -n, --dry-run       make all checks, say what would be done
  --parallel N        N guests at a time (1)
  --max-failures N    begin no more guests after N were taken back or are down (1)
  --timeout S         seconds for a guest to shut down, and again to come up (300)
  --settle S          seconds that it must stay up (10)
  --check COMMAND     run it when the guest is up, with GUEST and DOMID set: it must succeed
  --tcp HOST:PORT     something must listen there; %n is the guest's name
  --start             also guests that aren't running
  --force             destroy a guest that doesn't shut down
  --save              don't shut down: save the guest, and hand its memory to the shim (also: called as sidecar-move)
  --images DIR        where it is saved to (/var/lib/xen-sidecar/images)
  --keep              keep that file also when the guest is seen to live, as NAME.image.old
  --porcelain         one line a guest, for programs
  --toolstack WORD    xl, xm or virsh (what answers here)
  --sidecars DIR, --configs DIR   the HVM and the PV configs (/var/lib/xen/sidecars, /etc/xen)
  --state DIR, --log DIR          (/var/lib/xen-sidecar/switch, /var/log/xen-sidecar)
  --no-check-host     don't run check-host.sh first
  --version, --help
END
}

# --- small things -----------------------------------------------------------------------------------------
have() { command -v "$1" >/dev/null 2>&1; }
# seconds, by a clock that nobody sets
now() {
    read -r n_up _ </proc/uptime
    echo "${n_up%%.*}"
}
complain() { echo "$me: $*" >&2; }
die() { # STATUS WORDS
    d_rc=$1
    shift
    complain "$*"
    exit "$d_rc"
}
tick() { sleep "$TICK"; }
# between : two looks that must say the same. Shorter while the guest stands still, saved.
between() { case ${PHASE-} in saving | saved | given | back) sleep "$MOMENT" ;; *) tick ;; esac }
number() { case $1 in '' | *[!0-9]*) return 1 ;; esac }

# Which `timeout` is there: coreutils since 7.0, busybox of two kinds, or none.
find_timeout() {
    for f_form in 'timeout -k 5' timeout 'timeout -t'; do
        # shellcheck disable=SC2086 # words
        if $f_form 5 true >/dev/null 2>&1; then
            TIMEOUT=$f_form
            return
        fi
    done
    TIMEOUT=
}
# limited SECONDS COMMAND... : ends it when it takes longer
limited() {
    l_s=$1
    shift
    if [ -n "$TIMEOUT" ]; then
        # shellcheck disable=SC2086 # words
        $TIMEOUT "$l_s" "$@" </dev/null
        return
    fi
    "$@" </dev/null &
    l_pid=$!
    (
        trap 'kill $l_z; exit 0' TERM
        sleep "$l_s" &
        l_z=$!
        wait $l_z
        kill $l_pid
        sleep 5
        kill -9 $l_pid
    ) >/dev/null 2>&1 &
    l_dog=$!
    wait $l_pid
    l_rc=$?
    kill $l_dog 2>/dev/null
    wait $l_dog 2>/dev/null
    return $l_rc
}

# --- the host: which domains there are --------------------------------------------------------------------
# ask : rows "ID NAME STATE MEM" of all domains in $ROWS. False when the host gives no answer that can be
# believed, in three tries: one with Domain-0 in it.
ask() {
    for _ in 1 2 3; do
        if [ "$TS" = virsh ]; then
            a_out=$(limited 60 virsh -q list 2>/dev/null) && ROWS=$(printf '%s\n' "$a_out" | awk '
                $1 ~ /^[0-9]+$/ { s = "-b----"; l = $0
                    if (l ~ /paused/) s = "--p---"
                    if (l ~ /in shutdown/) s = "-b----"
                    if (l ~ /shut off/) s = "---s--"
                    if (l ~ /crashed/) s = "---sc-"
                    if (l ~ /dying/) s = "-----d"
                    print $1, $2, s, 0 }')
        else
            # from the right: the name stands first; xm lists what it keeps stopped without number and state
            a_out=$(limited 60 "$TS" list 2>/dev/null) && ROWS=$(printf '%s\n' "$a_out" | awk '
                NF >= 6 && $(NF - 4) ~ /^[0-9]+$/ && $(NF - 1) ~ /^[-rbpscd]+$/ { print $(NF - 4), $1, $(NF - 1), $(NF - 3) }')
        fi || { tick; continue; }
        case "
$ROWS" in
        *"
0 "*) return 0 ;;
        esac
        tick
    done
    ROWS=
    return 1
}
# id_of NAME : the first domain's in $ROWS
id_of() { printf '%s\n' "$ROWS" | awk -v n="$1" '$2 == n { print $1; exit }'; }
# row FIELD ID : of $ROWS
row() { printf '%s\n' "$ROWS" | awk -v f="$1" -v id="$2" '$1 == id { print $f; exit }'; }

# xs_ids : the domains that xenstore has, in $IDS; false without an answer that can be believed
xs_ids() {
    for _ in 1 2 3; do
        if IDS=$(limited 30 xenstore-list /local/domain 2>/dev/null); then
            case "
$IDS
" in
            *"
0
"*) return 0 ;;
            esac
        fi
        tick
    done
    IDS=
    return 1
}
xs_read() { limited 30 xenstore-read "$1" 2>/dev/null; }

# xs_tree PATH : "PATH<TAB>VALUE" of all below it, out of xenstore-ls, whose indentation is the depth
xs_tree() {
    limited 60 xenstore-ls "$1" 2>/dev/null | awk '
        { match($0, /^ */); d = RLENGTH; line = substr($0, d + 1)
          if (!(i = index(line, " = \""))) next
          p[d] = substr(line, 1, i - 1); v = substr(line, i + 4); sub(/"[^"]*$/, "", v)
          path = p[0]; for (k = 1; k <= d; k++) path = path "/" p[k]
          printf "%s\t%s\n", path, v }'
}

# type_of ID : pv, hvm, or nothing when the host doesn't say
type_of() {
    for _ in 1 2 3; do
        t_vm=$(xs_read "/local/domain/$1/vm") && [ -n "$t_vm" ] && case $(xs_read "$t_vm/image/ostype") in
            hvm) echo hvm && return ;;
            linux) echo pv && return ;;
        esac
        case $TS in
        xl) t_long=$(limited 30 xl list -l "$1" 2>/dev/null) ;;
        xm) t_long=$(limited 30 xm list --long "$1" 2>/dev/null) ;;
        virsh) t_long=$(limited 30 virsh dumpxml "$1" 2>/dev/null) ;;
        esac
        # JSON of xl; SXP of xm and of xl before 4.5, which says (hvm 0) of PV guests; XML
        t_found=$(printf '%s\n' "$t_long" | tr -d ' \t' | tr ',' '\n' | awk '
            /^\(hvm0\)/ { next }
            match($0, /"type":"(hvm|pv|pvh)"/) { s = substr($0, RSTART + 8); sub(/".*/, "", s); print s; exit }
            /\(image\(hvm/ || /^\(hvm/ || /"hvm":/ || /<type[^>]*>hvm</ { print "hvm"; exit }
            /\(image\((linux|pv)/ || /^\((linux|pv)/ || /"pv":/ || /<type[^>]*>(linux|xen)</ { print "pv"; exit }')
        if [ -n "$t_found" ]; then
            echo "$t_found"
            return
        fi
        tick
    done
}

# find NAME : FOUND (none, pv, hvm, pvh), ID, STATE, MEM; false when the host doesn't say
find_guest() {
    ID='' STATE='' MEM='' FOUND=''
    ask || return 1
    f_rows=$(printf '%s\n' "$ROWS" | awk -v n="$1" '$2 == n { print $1, $3, $4 }')
    case $f_rows in
    '')
        FOUND=none
        return 0
        ;;
    *"
"*) return 1 ;; # two of that name: one comes, one goes
    esac
    ID=${f_rows%% *} MEM=${f_rows##* } STATE=${f_rows#* }
    STATE=${STATE% *}
    # a domain doesn't change its type
    [ "$ID" = "$KNOWN_ID" ] || { KNOWN_TYPE=$(type_of "$ID") && KNOWN_ID=$ID; }
    FOUND=$KNOWN_TYPE
    [ -n "$FOUND" ] || {
        KNOWN_ID=''
        return 1
    }
}
# find_sure NAME : the same, for decisions: twice alike
find_sure() {
    for _ in 1 2 3 4 5; do
        if find_guest "$1"; then
            s_was=$FOUND # (its number changes when it restarts)
            between
            find_guest "$1" && [ "$s_was" = "$FOUND" ] && return 0
        fi
        tick
    done
    return 1
}

# xs_lacks ID : xenstore says so
xs_lacks() {
    xs_ids && case "
$IDS
" in *"
$1
"*) false ;; esac
}
# ended ID : is that domain gone, says the toolstack and xenstore
ended() { ask && [ -z "$(row 1 "$1")" ] && xs_lacks "$1"; }
# wait_ended ID SECONDS : gone, seen twice. What xenstore alone still has of it is a leftover of the toolstack's when
# that is all for a minute.
wait_ended() {
    w_end=$(($(now) + $2)) w_seen=0 w_left=0
    while :; do
        if ended "$1"; then
            w_seen=$((w_seen + 1))
            [ $w_seen -lt 2 ] || return 0
            between
            continue
        else
            w_seen=0
            if [ -n "$ROWS" ] && [ -z "$(row 1 "$1")" ]; then
                [ "$w_left" != 0 ] || w_left=$(now)
                [ $(($(now) - w_left)) -lt "$LEFTOVER" ] || return 0
            else
                w_left=0
            fi
        fi
        [ "$(now)" -lt $w_end ] || return 1
        tick
    done
}

# --- the host: commands -----------------------------------------------------------------------------------
# Their output goes to the guest's log. None of their statuses is taken for the truth.
run() {
    r_s=$1
    shift
    log "+ $*"
    limited "$r_s" "$@" >>"$OUT" 2>&1
    r_rc=$?
    [ $r_rc = 0 ] || log "+ status $r_rc"
    return $r_rc
}
do_shutdown() { run 60 "$TS" shutdown "$1"; }
do_destroy() { run 60 "$TS" destroy "$1"; }
# cfg_of hvm|pv
cfg_of() { case $1 in hvm) echo "$HVM_CFG" ;; *) echo "$PV_CFG" ;; esac }
# do_create hvm|pv : or, with FROM_IMAGE, it is restored; with PAUSED it doesn't run yet
do_create() {
    c_cfg=$(cfg_of "$1")
    if [ -n "$FROM_IMAGE" ]; then
        case $TS:$MANAGED in
        xm:1) run 60 xm new "$c_cfg" ;;
        virsh:*) run 60 virsh define "$c_cfg" || { run 60 virsh undefine "$NAME" && run 60 virsh define "$c_cfg"; } ;;
        esac
        alone "$TS" restore "$IMAGE"
        return
    fi
    case $TS in
    xl) run "$TIME" xl create ${PAUSED:+-p} "$c_cfg" ;;
    xm)
        # what xend manages it keeps under that name
        [ "$MANAGED" != 1 ] || run 60 xm delete "$NAME"
        if [ "$1" = pv ] && [ "$MANAGED" = 1 ]; then
            run 60 xm new "$c_cfg" && run "$TIME" xm start "$NAME"
        else
            run "$TIME" xm create ${PAUSED:+-p} "$c_cfg"
        fi
        ;;
    virsh)
        if ! run 60 virsh define "$c_cfg"; then
            run 60 virsh undefine "$NAME"
            run 60 virsh define "$c_cfg" || return 1
        fi
        run "$TIME" virsh start ${PAUSED:+--paused} "$NAME"
        ;;
    esac
}
do_pause() { case $TS in virsh) run 60 virsh suspend "$1" ;; *) run 60 "$TS" pause "$1" ;; esac }
do_unpause() { case $TS in virsh) run 60 virsh resume "$1" ;; *) run 60 "$TS" unpause "$1" ;; esac }

# alone COMMAND... : to its end, even if this is killed: a toolstack that dies while it saves leaves a guest that nobody
# can make run again. wait_alone : until that of an earlier run has ended.
alone() {
    log "+ $*"
    (
        a_me=$(exec sh -c 'echo $PPID')
        echo "$a_me $(started "$a_me")" >"$STATE_DIR/$NAME.alone"
        if have setsid; then exec setsid "$@"; fi
        exec "$@"
    ) </dev/null >>"$OUT" 2>&1 &
    wait $!
    a_rc=$?
    rm -f "$STATE_DIR/$NAME.alone"
    [ $a_rc = 0 ] || log "+ status $a_rc"
    return $a_rc
}
wait_alone() {
    read -r a_pid a_start 2>/dev/null <"$STATE_DIR/$NAME.alone" || return 0
    while [ -n "$a_start" ] && [ "$(started "$a_pid")" = "$a_start" ]; do tick; done
    rm -f "$STATE_DIR/$NAME.alone"
}
# info KEY : of the hypervisor
info() {
    i_tool=$TS
    [ "$TS" != virsh ] || i_tool=xl
    limited 30 "$i_tool" info 2>/dev/null | awk -F' *: *' -v k="$1" '$1 == k { sub(/^[^:]*: */, ""); print; exit }'
}

# --- configs ----------------------------------------------------------------------------------------------
# key FILE KEY : a string or number at the start of a line, as xl, xm and libvirt's XML of ours have it
key() {
    case $1 in
    *.xml) awk -v k="$2" '{ if (match($0, "<" k "[^>]*>[^<]*</" k ">")) { s = substr($0, RSTART, RLENGTH)
            gsub(/<[^>]*>/, "", s); print s; exit } }' "$1" ;;
    *) awk -v k="$2" 'match($0, "^[ \t]*" k "[ \t]*=[ \t]*") { s = substr($0, RLENGTH + 1)
            if (match(s, /^"[^"]*"/) || match(s, /^'"'[^']*'"'/)) s = substr(s, 2, RLENGTH - 2)
            else { sub(/[ \t;#].*/, "", s) }
            v = s } END { if (v != "") print v }' "$1" ;;
    esac
}
# mark FILE WORD : what mk-sidecar noted at the end of its config
mark() { sed -n "s/^# mk-sidecar-$2: //p" "$1"; }

# disks FILE : "MODE TARGET" of each disk in an HVM config of ours but the sidecar's own CD. MODE: r, w, or ! for
# one that others may have, too.
disks() {
    case $1 in
    *.xml) awk '/<disk / { t = ""; m = "w" } /<source / { if (match($0, /(dev|file)=.[^'"'"'"]*/)) {
            t = substr($0, RSTART, RLENGTH); sub(/^[a-z]*=./, "", t) } }
            /<readonly\/>/ { m = "r" } /<shareable\/>/ { m = "!" } /<\/disk>/ { if (t != "") print m, t }' "$1" ;;
    *) awk '/^disk *= *\[/ { on = 1 }
        on { line = $0
            while (match(line, /"[^"]*"/)) { e = substr(line, RSTART + 1, RLENGTH - 2); line = substr(line, RSTART + RLENGTH)
                m = "w"; t = ""
                if (e ~ /(^|,)target=/) { t = e; sub(/.*target=/, "", t); if (e ~ /access=r[o,]/ || e ~ /access=r$/) m = "r" }
                else { n = split(e, f, ","); t = f[1]; while (t ~ /^[a-z0-9]+:/) sub(/^[a-z0-9]+:/, "", t)
                    if (f[n] ~ /^ro?$/) m = "r"; if (f[n] ~ /!/) m = "!" }
                if (e !~ /-sidecar\.iso|universal[0-9]*\.iso/ && t != "") print m, t }
            if ($0 ~ /\]/) exit }' "$1" ;;
    esac
}
# the sidecar that an HVM config of ours names: an ISO, or what stands in the firmware's place
sidecar_of() {
    awk -v n="$(mark "$1" iso)" 'n == "" { exit }
        !/^#/ && (i = index($0, n)) { s = substr($0, 1, i - 1); sub(/.*["'"'"'=:>]/, "", s); print s n; exit }' "$1" | sed 's/,,/,/g'
}
# sidecar_whole FILE : an ISO 9660 file system, as long as it says; or a whole gzip or ELF file. False with $WHY.
sidecar_whole() {
    if [ ! -f "$1" ]; then
        WHY="$1 isn't there"
        return 1
    fi
    # shellcheck disable=SC2012 # (wc would read it all)
    i_size=$(ls -lL "$1" | awk '{ print $5 }')
    case $(dd if="$1" bs=4 count=1 2>/dev/null | od -An -tx1 | tr -d ' ') in
    1f8b*)
        have gzip && ! gzip -t <"$1" >/dev/null 2>&1 || return 0
        WHY="$1 is cut or damaged ($((i_size)) bytes); make it again, or copy it again"
        return 1
        ;;
    7f454c46) return 0 ;;
    esac
    if [ "$(dd if="$1" bs=1 skip=32769 count=5 2>/dev/null)" != CD001 ]; then
        WHY="$1 is no sidecar"
        return 1
    fi
    i_blocks=$(dd if="$1" bs=1 skip=32848 count=4 2>/dev/null | od -An -tu1 |
        awk '{ print $1 + 256 * ($2 + 256 * ($3 + 256 * $4)) }')
    if [ $((i_size)) -lt $((i_blocks * 2048)) ]; then
        WHY="$1 is cut: $((i_size)) bytes of $((i_blocks * 2048)); make it again, or copy it again"
        return 1
    fi
}

# find_configs : of $NAME. HVM_CFG, PV_CFG; false with $WHY
find_configs() {
    HVM_CFG='' PV_CFG=''
    c_ext=cfg
    [ "$TS" != virsh ] || c_ext=xml
    for c_file in "$SIDECARS/$NAME-hvm.$c_ext" "$CONFIGS/$NAME-hvm.$c_ext"; do
        [ -z "$HVM_CFG" ] && [ -f "$c_file" ] && HVM_CFG=$c_file
    done
    if [ -z "$HVM_CFG" ]; then
        WHY="no $NAME-hvm.$c_ext in $SIDECARS or $CONFIGS: make it with mk-sidecar"
        [ "$TS" = virsh ] || [ ! -f "$SIDECARS/$NAME-hvm.xml" ] ||
            WHY="$SIDECARS/$NAME-hvm.xml is libvirt's, and $TS was asked: --toolstack virsh"
        return 1
    fi
    if [ -z "$(mark "$HVM_CFG" key)" ]; then
        WHY="$HVM_CFG isn't mk-sidecar's"
        return 1
    fi
    if [ "$(key "$HVM_CFG" name)" != "$NAME" ]; then
        WHY="$HVM_CFG is of the guest '$(key "$HVM_CFG" name)'"
        return 1
    fi
    if [ "$TS" = virsh ]; then
        PV_CFG=$STATE_DIR/$NAME.pv.xml # keep_definition
        return 0
    fi
    for c_file in "$CONFIGS/$NAME.cfg" "$CONFIGS/$NAME" "$(mark "$HVM_CFG" from)"; do
        if [ -z "$PV_CFG" ] && [ -f "$c_file" ]; then PV_CFG=$c_file; fi
    done
    if [ -z "$PV_CFG" ]; then
        WHY="no PV config: $CONFIGS/$NAME.cfg, $CONFIGS/$NAME or $(mark "$HVM_CFG" from)"
        return 1
    fi
    c_name=$(key "$PV_CFG" name)
    if [ -n "$c_name" ] && [ "$c_name" != "$NAME" ]; then
        WHY="$PV_CFG is of the guest '$c_name'"
        return 1
    fi
    case $(key "$PV_CFG" type):$(key "$PV_CFG" builder) in
    *hvm* | pvh*)
        WHY="$PV_CFG is no PV guest's"
        return 1
        ;;
    esac
    c_uuid=$(key "$PV_CFG" uuid)
    if [ -n "$c_uuid" ] && [ "$c_uuid" != "$(key "$HVM_CFG" uuid)" ]; then
        WHY="$PV_CFG and $HVM_CFG have different uuids"
        return 1
    fi
}
# keep_definition : libvirt has one definition of a guest; the PV one is kept for the way back
keep_definition() {
    k_xml=$(limited 60 virsh dumpxml --inactive "$NAME" 2>/dev/null)
    case $k_xml in
    *'</domain>'*) ;;
    *) k_xml=$(limited 60 virsh dumpxml "$NAME" 2>/dev/null) ;;
    esac
    case $k_xml in
    *'>hvm</type>'*'</domain>'*) [ -s "$PV_CFG" ] ;;
    *'</domain>'*) printf '%s\n' "$k_xml" >"$PV_CFG.new" && grep '</domain>' "$PV_CFG.new" >/dev/null && mv -f "$PV_CFG.new" "$PV_CFG" ;;
    *) [ -s "$PV_CFG" ] ;;
    esac
}

# --- disks: nobody else may have them ------------------------------------------------------------------------
# others_with_disks [ID] : which domains but ID have a disk of this guest's, in $WHO, by the backends in xenstore; a
# file or device is the same when it is the same inode, or the same device number. False when xenstore doesn't say.
others_with_disks() {
    o_dir=$RUN/$NAME.disks
    WHO=
    o_ok=
    for _ in 1 2 3; do
        xs_tree /local/domain >"$o_dir.tree"
        if ask && grep "^0/" "$o_dir.tree" >/dev/null; then
            o_ok=1
            break
        fi
        tick
    done
    [ -n "$o_ok" ] || return 1
    disks "$HVM_CFG" >"$o_dir.mine"
    # ID MODE STATE TARGET of what the backends serve
    awk -F'\t' '{ n = split($1, p, "/") }
        n == 6 && p[2] == "backend" && (p[6] == "params" || p[6] == "mode" || p[6] == "state") {
            k = p[1] "/" p[3] "/" p[4] "/" p[5]; dom[k] = p[4]; v[k, p[6]] = $2 }
        END { for (k in dom) if (v[k, "params"] != "") print dom[k], v[k, "mode"] == "" ? "w" : v[k, "mode"],
            v[k, "state"] == "" ? 4 : v[k, "state"], v[k, "params"], k }' "$o_dir.tree" |
        while read -r o_id o_mode o_state o_target o_key; do
            case $o_target in
            *...) # xenstore-ls cuts what is long
                o_target=$(xs_read "/local/domain/${o_key%%/*}/backend/${o_key#*/}/params") || continue
                ;;
            esac
            # without aio: and the like (no command for each: a host has many disks, and the guest may stand still)
            while case ${o_target%%:*} in *[!a-z0-9]* | "$o_target") false ;; esac do o_target=${o_target#*:}; done
            case $o_target in
            /*) ;;
            *) o_target=/dev/$o_target ;;
            esac
            echo "$o_id $o_mode $o_state $o_target"
        done >"$o_dir.theirs"
    # what is the same file: everything that ls says but the name, which stands behind a date of three words
    { cut -d' ' -f2- "$o_dir.mine" && cut -d' ' -f4- "$o_dir.theirs"; } | sort -u | {
        set --
        while IFS= read -r o_target; do set -- "$@" "$o_target"; done
        [ $# = 0 ] || ls -ldiL "$@" 2>/dev/null
    } | awk '{ n = 9; k = $1 " " $3 " " $4 " " $5 " " $6
            if ($2 ~ /^b/) { n = 10; k = $6 $7 }
            t = $0; for (i = 0; i < n; i++) sub(/^ *[^ ]+/, "", t)
            sub(/^ /, "", t); print t "\t" k }' >"$o_dir.same"
    WHO=$(awk -v me="${1:-none}" -v rows="$ROWS" '
        BEGIN { n = split(rows, r, "\n"); for (i = 1; i <= n; i++) { split(r[i], f, " "); there[f[1]] = f[2] } }
        FILENAME ~ /same$/ { i = index($0, "\t"); same[substr($0, 1, i - 1)] = substr($0, i + 1); next }
        { t = $0 }
        FILENAME ~ /mine$/ { m = $1; sub(/^[^ ]* /, "", t); k = (t in same) ? same[t] : t; mine[k] = m; next }
        { sub(/^[^ ]* [^ ]* [^ ]* /, "", t); k = (t in same) ? same[t] : t
          if ($1 == me || !(k in mine) || !($1 in there)) next
          if (mine[k] == "r" && $2 ~ /^r/) next
          if (mine[k] == "!" || $2 ~ /!/) next
          if (!seen[$1, t]++) printf "domain %s (%s) has %s; ", $1, there[$1], t }' \
        "$o_dir.same" "$o_dir.mine" "$o_dir.theirs")
    WHO=${WHO%; }
}

# --- intent: what the host can't say -----------------------------------------------------------------------
# A few KEY=VALUE lines that end with "whole"; written beside and renamed. One that doesn't end so counts as absent.
read_intent() {
    I_TO='' I_FROM='' I_WHY='' I_MANAGED='' I_AUTO='' I_PHASE='' I_IMAGE='' I_PV_ID='' I_HVM_ID=''
    i_file=$STATE_DIR/$NAME.intent
    [ -f "$i_file" ] && [ "$(sed -n '$p' "$i_file")" = whole ] || return 1
    while IFS='=' read -r i_key i_value; do
        case $i_key in
        to) I_TO=$i_value ;;
        from) I_FROM=$i_value ;;
        why) I_WHY=$i_value ;;
        managed) I_MANAGED=$i_value ;;
        auto) I_AUTO=$i_value ;;
        phase) I_PHASE=$i_value ;;
        image) I_IMAGE=$i_value ;;
        pv-id) I_PV_ID=$i_value ;;
        hvm-id) I_HVM_ID=$i_value ;;
        esac
    done <"$i_file"
    case $I_TO:$I_FROM in hvm:pv | pv:hvm | pv:pv | hvm:hvm) ;; *) return 1 ;; esac
}
# write_intent TO FROM [WHY] : where the guest is to be, where it was when all began, and what went wrong
write_intent() {
    i_file=$STATE_DIR/$NAME.intent
    { {
        printf 'to=%s\nfrom=%s\nwhy=%s\nmanaged=%s\nauto=%s\n' "$1" "$2" "${3-}" "$MANAGED" "$AUTO"
        [ -z "$PHASE" ] || printf 'phase=%s\nimage=%s\npv-id=%s\nhvm-id=%s\n' "$PHASE" "$IMAGE" "$PV_ID" "$HVM_ID"
        echo whole
    } >"$i_file.new" &&
        [ "$(sed -n '$p' "$i_file.new")" = whole ] && mv -f "$i_file.new" "$i_file"; } 2>/dev/null && return
    rm -f "$i_file.new"
    return 1
}
clear_intent() { rm -f "$STATE_DIR/$NAME.intent" "$STATE_DIR/$NAME.intent.new"; }

# started PID : when it was, in ticks; nothing for one that is gone, or dead and not yet buried
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }
# The lock is a file that is linked into place with its holder's number and start in it, so it is never half there.
take_lock() {
    k_file=$STATE_DIR/$NAME.lock
    k_mine=$k_file.$$
    if ! echo "$$ $(started $$)" 2>/dev/null >"$k_mine"; then
        rm -f "$k_mine"
        return 1
    fi
    for _ in 1 2 3; do
        if ln "$k_mine" "$k_file" 2>/dev/null; then
            rm -f "$k_mine"
            return 0
        fi
        k_has=$(cat "$k_file" 2>/dev/null)
        k_pid=${k_has%% *} k_start=${k_has#* }
        if [ -n "$k_start" ] && [ "$(started "$k_pid")" = "$k_start" ]; then
            rm -f "$k_mine"
            WHY="another $me, process $k_pid, is at work on it"
            return 1
        fi
        # its holder is dead: away with it, unless it has become another's meanwhile
        mv -f "$k_file" "$k_mine.dead" 2>/dev/null && if [ "$(cat "$k_mine.dead")" != "$k_has" ]; then
            ln "$k_mine.dead" "$k_file"
        fi
        rm -f "$k_mine.dead"
    done
    rm -f "$k_mine"
    WHY="can't take $k_file"
    return 1
}
drop_lock() { rm -f "$STATE_DIR/$NAME.lock"; }

# --- words: the guest's log, what the operator sees, the result ---------------------------------------------------
log() { printf '%s %s\n' "$(date '+%Y-%m-%d %H:%M:%S')" "$*" 2>/dev/null >>"$OUT"; }
# step WORDS : begins a step of this guest's
step() {
    log "$*"
    echo "$*" 2>/dev/null >"$RUN/$NAME.step"
    printf '%s %5ss  %-16s %s\n' "$(date +%H:%M:%S)" "$(($(now) - BEGUN))" "$NAME" "$*" 2>/dev/null >>"$RUN/events"
}
# result WORD WHERE WHY : and out, with the status of that word
result() {
    log "result: $1, $2${3:+: $3}"
    r_line="$NAME$TAB$1$TAB$2$TAB$(($(now) - BEGUN))$TAB$(printf %s "$3" | tr '\t\n' '  ')"
    echo "$r_line" 2>/dev/null >"$RUN/$NAME.result"
    echo "$(date '+%Y-%m-%d %H:%M:%S')$TAB$r_line" 2>/dev/null >>"$LOG_DIR/switch.log"
    [ -z "${BESIDE_ID-}" ] || drop_beside
    [ -z "${LOCKED-}" ] || drop_lock
    listen_end
    rm -f "$RUN/$NAME.disks".*
    case $1 in
    moved | already | would) exit 0 ;;
    refused) exit 1 ;;
    back) exit 2 ;;
    stuck) exit 3 ;;
    *) exit 4 ;;
    esac
}

# --- the consoles, while a domain is watched -----------------------------------------------------------------
# listen ID : what comes out of its consoles goes to files, 8 MiB at most
listen() {
    listen_end
    : 2>/dev/null >"$RUN/$NAME.pv"
    : 2>/dev/null >"$RUN/$NAME.serial"
    LISTENING=$1
}
listen_more() {
    [ -n "$PID_PV" ] || { n_tty=$(xs_read "/local/domain/$LISTENING/console/tty") && [ -c "$n_tty" ] && {
        dd if="$n_tty" bs=4096 count=2048 >"$RUN/$NAME.pv" 2>/dev/null &
        PID_PV=$!
    }; }
    [ -n "$PID_SERIAL" ] || { n_tty=$(xs_read "/local/domain/$LISTENING/serial/0/tty") && [ -c "$n_tty" ] && {
        dd if="$n_tty" bs=4096 count=2048 >"$RUN/$NAME.serial" 2>/dev/null &
        PID_SERIAL=$!
    }; }
}
listen_end() {
    for n_pid in $PID_PV $PID_SERIAL; do
        kill "$n_pid" 2>/dev/null
        wait "$n_pid" 2>/dev/null
    done
    PID_PV='' PID_SERIAL=''
}
# last words of both, and of the device model, into the log
keep_words() {
    for n_file in "$RUN/$NAME.pv" "$RUN/$NAME.serial" "/var/log/xen/console/guest-$NAME.log" "/var/log/xen/qemu-dm-$NAME.log" \
        "/var/log/xen/console/guest-$(beside_name).log" "/var/log/xen/qemu-dm-$(beside_name).log"; do
        if [ -s "$n_file" ]; then
            log "the last lines of ${n_file##*/}:"
            tail -n 40 "$n_file" | tr -d '\r\000' | sed 's/^/    /' 2>/dev/null >>"$OUT"
        fi
    done
}

# --- is it up? --------------------------------------------------------------------------------------------
# devices ID : how many of the guest's disks and interfaces are connected, of how many
devices() {
    xs_tree "/local/domain/$1/device" | awk -F'\t' '{ n = split($1, p, "/") }
        n == 2 && (p[1] == "vbd" || p[1] == "vif") { all++ }
        n == 3 && (p[1] == "vbd" || p[1] == "vif") && p[3] == "state" && $2 == "4" { up++ }
        END { print up + 0, all + 0 }'
}
tcp_answers() { # HOST PORT
    if have nc; then
        # some have no -z; their standard input is empty, so they end
        limited 10 nc -z "$1" "$2" || limited 10 nc "$1" "$2"
    else
        limited 10 bash -c "exec 3<>/dev/tcp/$1/$2"
    fi >/dev/null 2>&1
}
# operators_own ID : the operator's own checks, $WHY
operators_own() {
    if [ -n "$CHECK" ] && ! run 60 env "GUEST=$NAME" "DOMID=$1" sh -c "$CHECK"; then
        WHY="the command of --check fails"
        return 1
    fi
    if [ -n "$TCP" ]; then
        w_to=$(printf '%s\n' "$TCP" | sed "s/%n/$NAME/g")
        if ! tcp_answers "${w_to%:*}" "${w_to##*:}"; then
            WHY="nothing listens at $w_to"
            return 1
        fi
    fi
}
# watch hvm|pv : the domain of this name comes up and stays so for SETTLE seconds. False with $WHY, and
# WAS_UP set when its devices had been connected. Until then the guest may restart once by itself.
watch() {
    WHY='' WAS_UP=''
    w_end=$(($(now) + TIME)) w_since='' w_id='' w_restarts=0 w_none=0 w_odd=0
    # (disks whose number in the config isn't known count as none)
    w_disks=$(disks "$HVM_CFG" 2>/dev/null | wc -l)
    while :; do
        if find_guest "$NAME"; then
            if [ "$FOUND" = none ]; then
                w_none=$((w_none + 1))
                if [ $w_none -ge 4 ]; then
                    WHY="the domain is gone"
                    return 1
                fi
            else
                w_none=0
                if [ "$FOUND" != "$1" ]; then
                    w_odd=$((w_odd + 1))
                    WHY="a domain of this name is $FOUND, not $1"
                    [ $w_odd -lt 3 ] || return 1
                fi
                if [ -z "$w_id" ]; then
                    w_id=$ID
                    listen "$ID"
                elif [ "$w_id" != "$ID" ]; then
                    w_restarts=$((w_restarts + 1))
                    log "restarted: domain $w_id is now $ID"
                    keep_words
                    w_id=$ID w_since=''
                    listen "$ID"
                    if [ $w_restarts -ge 2 ]; then
                        WHY="restarts again and again"
                        return 1
                    fi
                fi
                case $STATE in
                *c*)
                    WHY="crashed"
                    return 1
                    ;;
                *s*)
                    WHY="shut down again"
                    return 1
                    ;;
                esac
                listen_more
                if [ "$1" = hvm ] && grep '^sidecar: ' "$RUN/$NAME.serial" >/dev/null 2>&1; then
                    WHY="the sidecar can't start it: $(sed -n 's/^sidecar: //p' "$RUN/$NAME.serial" | sed -n 1p | tr -d '\r')"
                    return 1
                fi
                if grep -a 'Kernel panic' "$RUN/$NAME.pv" "$RUN/$NAME.serial" >/dev/null 2>&1; then
                    WHY="the guest's kernel panics"
                    return 1
                fi
                w_dev=$(devices "$ID")
                w_up=${w_dev% *} w_all=${w_dev#* }
                if [ "$w_up" = "$w_all" ] && [ "$w_all" -ge $((w_disks)) ] && case $STATE in *p*) false ;; esac &&
                    xs_read "/local/domain/$ID/console/tty" >/dev/null; then
                    [ "$w_all" = 0 ] || WAS_UP=1
                    [ -n "$w_since" ] || w_since=$(now)
                    if [ $(($(now) - w_since)) -ge "$SETTLE" ]; then
                        if operators_own "$ID"; then
                            log "up: domain $ID, $w_all devices connected, console: $(($(cat "$RUN/$NAME.pv" "$RUN/$NAME.serial" 2>/dev/null | wc -c))) bytes"
                            listen_end
                            return 0
                        fi
                    fi
                else
                    w_since=''
                    WHY="$w_up of $w_all devices connected"
                    case $STATE in *p*) WHY="the domain is paused" ;; esac
                fi
            fi
        fi
        if [ "$(now)" -ge $w_end ]; then
            WHY="not up after $TIME s${WHY:+: $WHY}"
            return 1
        fi
        tick
    done
}

# --- autostart ----------------------------------------------------------------------------------------------
link_target() {
    # shellcheck disable=SC2012 # what readlink isn't everywhere
    l_to=$(readlink "$1" 2>/dev/null) || l_to=$(ls -ld "$1" | sed 's/.* -> //')
    case $l_to in
    /*) echo "$l_to" ;;
    *) echo "${1%/*}/$l_to" ;;
    esac
}
# shellcheck disable=SC2012 # not for its name
inode() { ls -diL "$1" | awk '{ print $1 }'; }
same_file() { [ -e "$1" ] && [ -e "$2" ] && [ "$(inode "$1")" = "$(inode "$2")" ]; }
# autostart FROM-CFG TO-CFG : the links that lead to one lead to the other
autostart() {
    if [ "$TS" = virsh ]; then
        [ "$AUTO" != 1 ] || run 60 virsh autostart "$NAME"
        return
    fi
    for a_link in "$CONFIGS"/auto/*; do
        if [ -h "$a_link" ] && same_file "$(link_target "$a_link")" "$1"; then
            # beside the directory: all that is in there would be started
            a_new=$CONFIGS/.$me.$NAME
            rm -f "$a_new"
            if ! { ln -s "$2" "$a_new" && mv -f "$a_new" "$a_link"; } 2>/dev/null; then
                rm -f "$a_new"
                return 1
            fi
            log "autostart: ${a_link##*/} -> $2"
        fi
    done
}

# --- checks: before anything is touched ------------------------------------------------------------------------
room() { # DIR : KiB free there
    df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'
}
# autoballoon : MiB that xl takes from dom0 for a new domain by itself
autoballoon() {
    b_dom0=$(row 4 0)
    number "$b_dom0" || b_dom0=0
    b_conf=$(sed -n 's/^ *autoballoon *= *"*\([a-z01]*\).*/\1/p' "$CONFIGS/xl.conf" 2>/dev/null)
    case $TS:${b_conf:-auto}:$(info xen_commandline) in
    xl:auto:*dom0_mem=*) echo 0 ;;
    xl:auto:* | xl:on:* | xl:1:*) [ "$b_dom0" -gt 512 ] && echo $((b_dom0 - 512)) || echo 0 ;;
    *) echo 0 ;;
    esac
}
# check_place TO : configs, ISO, files, room. False with $WHY.
check_place() {
    for c_dir in "$STATE_DIR" "$LOG_DIR"; do
        c_room=$(room "$c_dir")
        if number "$c_room" && [ "$c_room" -lt 4096 ]; then
            WHY="$c_dir: $c_room KiB free; make room first"
            return 1
        fi
    done
    c_save=$SAVE_DIR/$NAME
    [ "$TS" != virsh ] || c_save=$VIRSH_SAVE/$NAME.save
    if [ -e "$c_save" ]; then
        WHY="$c_save is there: the guest would be restored from it at the next boot; restore or remove it first"
        return 1
    fi
    if [ "$1" = hvm ]; then
        c_iso=$(sidecar_of "$HVM_CFG")
        if [ -z "$c_iso" ]; then
            WHY="$HVM_CFG names no sidecar"
            return 1
        fi
        sidecar_whole "$c_iso" || return 1
        # shellcheck disable=SC3013 # all shells of a dom0 have it
        if [ "$TS" != virsh ] && [ "$PV_CFG" -nt "$HVM_CFG" ]; then
            log "note: $PV_CFG is newer than $HVM_CFG; mk-sidecar --verify tells whether they still fit"
        fi
    fi
    if [ ! -s "$PV_CFG" ]; then
        WHY="$PV_CFG isn't there: libvirt's definition of the PV guest, kept when it was moved"
        return 1
    fi
    for c_link in "$CONFIGS"/auto/*; do
        if [ -f "$c_link" ] && [ ! -h "$c_link" ] && [ "$(key "$c_link" name)" = "$NAME" ]; then
            log "note: $c_link is a file and no link: it stays as it is, and starts what it says"
        fi
    done
}
# check_memory TO : with what the guest that runs gives back
check_memory() {
    m_hvm=$(key "$HVM_CFG" memory) m_vcpus=$(key "$HVM_CFG" vcpus) m_free=$(info free_memory)
    if [ "$TS" = virsh ]; then
        m_hvm=$(key "$HVM_CFG" currentMemory)
        number "$m_hvm" && m_hvm=$((m_hvm / 1024))
        m_vcpus=$(key "$HVM_CFG" vcpu)
        MEM=$((m_hvm - 12)) # virsh's list doesn't have it
    fi
    [ "$1" = hvm ] || return 0
    number "$m_hvm" && number "$m_free" || return 0
    number "$m_vcpus" || m_vcpus=1
    number "$MEM" || MEM=0
    # what Xen takes beside: page tables of the nested paging, a page or two of each vCPU
    m_need=$((m_hvm + m_hvm / 128 + m_vcpus + 2))
    if [ $m_need -gt $((m_free + MEM + $(autoballoon))) ]; then
        WHY="memory: it needs $m_need MiB, there are $m_free free and $MEM that it has now"
        return 1
    fi
    m_dom0=$(awk '/^(MemFree|Buffers|Cached):/ { n += $2 } /^MemAvailable:/ { a = $2 } END { print int((a ? a : n) / 1024) }' "$MEMINFO")
    if [ "$m_dom0" -lt 24 ]; then
        WHY="dom0 has $m_dom0 MiB left: a device model takes some 14"
        return 1
    fi
}

# --- the move -------------------------------------------------------------------------------------------------
# shut ID : asks until it is gone. 0 gone; 1 it still runs, and won't go by itself any more; 2 it still runs and may go.
shut() {
    h_id=$1 h_asked=0 h_taken='' h_kept='' h_end=$(($(now) + TIME)) h_hard=$(($(now) + 2 * TIME))
    while :; do
        if [ $h_asked -lt 3 ] && [ -z "$h_taken" ]; then
            do_shutdown "$h_id" && h_asked=3
            h_asked=$((h_asked + 1))
        fi
        if ask; then
            if [ -z "$(row 1 "$h_id")" ]; then
                step "waiting until domain $h_id is gone"
                if wait_ended "$h_id" "$TIME"; then return 0; fi
                [ -n "$(row 1 "$h_id")" ] || { WHY="domain $h_id isn't gone from xenstore" && return 2; }
            fi
            case $(row 3 "$h_id") in
            *d*) h_taken=1 ;;
            *s*) # it has ended; one that is kept (on_poweroff, on_crash) is no guest any more
                h_taken=1
                [ -n "$h_kept" ] || h_kept=$(now)
                [ $(($(now) - h_kept)) -lt "$KEPT" ] || do_destroy "$h_id"
                ;;
            *) h_kept='' ;;
            esac
        fi
        # the guest empties the node when it has read it
        [ -n "$h_taken" ] || case $(xs_read "/local/domain/$h_id/control/shutdown" || echo '?') in
        '') [ $h_asked -ge 3 ] && h_taken=1 ;;
        esac
        if [ "$(now)" -ge $h_end ]; then
            if [ -n "$FORCE" ]; then
                step "domain $h_id didn't shut down in $TIME s: destroyed, as --force says"
                do_destroy "$h_id"
                wait_ended "$h_id" 60 && return 0
            fi
            if [ -z "$h_taken" ] && [ -n "$(xs_read "/local/domain/$h_id/control/shutdown")" ] &&
                run 30 xenstore-write "/local/domain/$h_id/control/shutdown" ''; then
                WHY="the guest didn't look at the request to shut down for $TIME s; it is taken back"
                return 1
            fi
            if [ "$(now)" -ge $h_hard ] || [ -n "$FORCE" ]; then
                WHY="still there $(($(now) - h_end + TIME)) s after the request to shut down; it may still go, then run this again"
                return 2
            fi
        fi
        tick
    done
}
# end_failed : the HVM domain that didn't come up. Gracefully when its disks were at work.
end_failed() {
    for _ in 1 2 3 4 5 6; do
        find_sure "$NAME" || continue
        case $FOUND in
        hvm | pvh) ;;
        *) return 0 ;;
        esac
        e_id=$ID
        if [ -n "$WAS_UP" ] && case $STATE in *[sc]*) false ;; esac then
            do_shutdown "$e_id"
            wait_ended "$e_id" "$TIME" && continue # once more: it may have restarted
        fi
        do_destroy "$e_id"
        wait_ended "$e_id" 20
    done
    return 1
}
# toolstack_said : the last words in the log of the command that ran last, without ours, which begin with the time, and the
# kept consoles', indented
toolstack_said() {
    awk '/^[0-9]+-[0-9]+-[0-9]+ / { if ($3 == "+" && $4 != "status") n = 0; next }
        !/^ / { a = b; b = $0; n++ }
        END { if (n) print (n == 1 ? b : a " " b) }' "$OUT" | cut -c1-200
}

# make_domain hvm|pv : creates the domain and sees that there is one. False with $WHY.
make_domain() {
    # nobody of that name, nobody with the disks
    m_end=$(($(now) + 60))
    while :; do
        if ! find_sure "$NAME"; then
            WHY="the host doesn't say which domains there are"
        elif [ "$FOUND" = "$1" ]; then
            return 0
        elif [ "$FOUND" != none ]; then
            WHY="there is a $FOUND domain of this name"
        elif ! others_with_disks; then
            WHY="xenstore doesn't say who has the disks"
        elif [ -n "$WHO" ]; then
            WHY=$WHO
        else
            break
        fi
        [ "$(now)" -lt $m_end ] || return 1
        tick
    done
    do_create "$1"
    m_rc=$?
    # whatever it said
    m_end=$(($(now) + 10))
    while :; do
        if find_sure "$NAME" && [ "$FOUND" != none ]; then
            if [ "$FOUND" = "$1" ] && { [ $m_rc = 0 ] || [ "$1" = pv ]; }; then return 0; fi
            WHY="$TS create failed (status $m_rc) and left a domain"
            return 1
        fi
        if [ "$(now)" -ge $m_end ]; then
            WHY="$TS create: status $m_rc, and no domain; $(toolstack_said)"
            return 1
        fi
        [ $m_rc = 0 ] || { find_sure "$NAME" && [ "$FOUND" = none ] && {
            WHY="$TS create failed: $(toolstack_said)"
            return 1
        }; }
        tick
    done
}
# raise hvm|pv : created and up; false with $WHY
raise() {
    make_domain "$1" || return 1
    step "waiting until it is up as $1"
    watch "$1"
}

# take_back WHY : to plain PV, whatever is there now
take_back() {
    t_why=$1
    log "failed: $t_why"
    keep_words
    listen_end
    [ -z "$BESIDE_ID" ] || drop_beside # (the guest wants its memory)
    [ -z "$PHASE" ] || image_or_not
    write_intent pv "$FROM" "$t_why" || log "note: the intent can't be written"
    step "taking it back to PV: $t_why"
    if ! end_failed; then
        result down hvm "$t_why; and the HVM domain can't be ended: look at $TS list"
    fi
    [ "$PHASE" != back ] || FROM_IMAGE=1
    for t_try in 1 2 3 4 5 6; do
        if [ $t_try = 4 ]; then
            [ -n "$FROM_IMAGE" ] || break
            image_is_old "it can't be restored: $WHY"
        fi
        [ $t_try = 1 ] || step "plain PV, once more: $WHY"
        if raise pv; then
            autostart "$HVM_CFG" "$PV_CFG" || t_why="$t_why; the autostart link can't be changed"
            image_done
            clear_intent
            result back pv "$t_why${LOST:+; $LOST}"
        fi
        keep_words
        # one that runs and isn't seen to be up isn't touched
        if find_sure "$NAME" && [ "$FOUND" = pv ]; then
            clear_intent
            result back pv "$t_why${LOST:+; $LOST}; back as PV, but: $WHY"
        fi
        tick
    done
    if [ "$FROM" = hvm ] && [ "$GOAL" = pv ]; then
        step "plain PV can't be had, into the shim again: $WHY"
        t_why="$t_why; $WHY"
        if raise hvm; then
            clear_intent
            result back hvm "$t_why"
        fi
    fi
    result down none "$t_why${LOST:+; $LOST}; then as PV: $WHY"
}

# --- the move with its memory: --save ---------------------------------------------------------------------------
# The guest is saved to $IMAGE, the HVM domain's shim waits for it (xenstore key data/xen-shim-restore), and
# sidecar-load puts it there. PHASE says in the intent how far that is:
#   saving  it may be saved by now, or run on as PV
#   saved   it has ended as PV; no shim has got it
#   given   domain HVM_ID may have got it: its key says, and where the domain is gone nobody does
#   taken   it has run there
#   back    it is to be restored as PV: it has run nowhere, or its disks weren't reached
# What is saved fits its disks as long as nobody has written to them since. So it counts as lost, not as good, when that
# isn't sure: $IMAGE gets another name, and the guest starts from its disks.

restore_key() { echo "/local/domain/$1/data/xen-shim-restore"; }
# where sidecar-load is: beside this, where packages have it, or in the PATH
find_load() {
    for f_load in "${SELF%/*}/sidecar-load" /usr/lib/xen-sidecar/sidecar-load; do
        if [ -x "$f_load" ]; then
            LOAD=$f_load
            return 0
        fi
    done
    LOAD=$(command -v sidecar-load)
}
image_whole() { [ -s "$IMAGE" ] && run 3600 "$LOAD" --check "$IMAGE"; }
# image_done : the guest has been seen to live
image_done() {
    [ -n "$PHASE" ] || return 0
    if [ -n "$KEEP" ]; then mv -f "$IMAGE" "$IMAGE.old"; else rm -f "$IMAGE"; fi 2>/dev/null
    PHASE='' FROM_IMAGE=''
}
# image_is_old WHY : it isn't to be used any more
image_is_old() {
    LOST="its memory is lost, $1; $IMAGE.old has it and doesn't fit its disks any more"
    log "$LOST"
    mv -f "$IMAGE" "$IMAGE.old" 2>/dev/null || LOST="its memory is lost, $1"
    PHASE='' FROM_IMAGE=''
}
# paused ID : it is, seen so
paused() {
    p_end=$(($(now) + 30))
    while :; do
        do_pause "$1"
        ask && case $(row 3 "$1") in
        *p*) return 0 ;;
        *[scd]*) return 0 ;; # it doesn't run either
        esac
        [ "$(now)" -lt $p_end ] || return 1
        tick
    done
}
# untouched ID : was no disk of its ever connected? Asked of a domain that doesn't run.
untouched() {
    u_all=$(xs_tree "/local/domain/$1/device") && [ -n "$u_all" ] &&
        [ -z "$(printf '%s\n' "$u_all" | awk -F'\t' '$1 ~ /^vbd\/[^\/]*\/state$/ && $2 >= 4')" ]
}
# image_or_not : on the way back. Is what is saved still good? PHASE is back then.
image_or_not() {
    case $PHASE in
    saving | saved | back) ;;
    given) image_is_old "the domain that may have got it is gone" && return ;;
    esac
    if ! find_sure "$NAME"; then
        image_is_old "the host doesn't say what domain has it"
        return
    fi
    case $PHASE:$FOUND in
    saving:* | saved:*) PHASE=back ;;
    back:none | back:pv) ;;
    taken:hvm | back:hvm)
        if [ "$ID" = "$HVM_ID" ] && paused "$ID" && untouched "$ID"; then
            PHASE=back
        else
            image_is_old "it has run in the shim with its disks"
        fi
        ;;
    *) image_is_old "it has run in the shim" ;;
    esac
}

# check_save ID : before anything is touched. False with $WHY.
check_save() {
    WHY=
    if ! find_load; then
        WHY="sidecar-load isn't there: it lies beside this program, or in /usr/lib/xen-sidecar"
        return 1
    fi
    c_iso=$(sidecar_of "$HVM_CFG")
    # the shim stands first in what is packed as a whole
    c_part='cat'
    [ "$(dd if="$c_iso" bs=2 count=1 2>/dev/null | od -An -tx1 | tr -d ' ')" != 1f8b ] || c_part='gzip -cd'
    if ! $c_part <"$c_iso" 2>/dev/null | dd bs=65536 count=64 2>/dev/null | grep -a 'data/xen-shim-restore' >/dev/null &&
        ! $c_part <"$c_iso" 2>/dev/null | grep -a 'data/xen-shim-restore' >/dev/null; then
        WHY="the shim in $c_iso can't take a saved guest: make it again with this version"
        return 1
    fi
    xs_tree "/local/domain/$1" >"$RUN/$NAME.tree"
    if grep '^device/pci/' "$RUN/$NAME.tree" >/dev/null; then
        WHY="it has a PCI device"
    fi
    case $(key "$PV_CFG" superpages):$(info xen_commandline) in
    [1-9]*:*allowsuperpage*) WHY="it may have superpages: $PV_CFG says superpages, and Xen allows them" ;;
    esac
    c_has=$(awk -F'\t' '$1 ~ /^cpu\/[0-9]*\/availability$/ { n++ } END { print n + 0 }' "$RUN/$NAME.tree")
    c_vcpus=$(key "$HVM_CFG" vcpus)
    [ "$TS" != virsh ] || c_vcpus=$(key "$HVM_CFG" vcpu)
    rm -f "$RUN/$NAME.tree"
    number "$c_vcpus" || c_vcpus=1
    if [ -z "$WHY" ] && [ "$c_has" -gt "$c_vcpus" ]; then
        WHY="it has $c_has vCPUs, and $HVM_CFG says $c_vcpus"
    fi
    [ -z "$WHY" ] || return 1
    mkdir -p "$IMAGES" 2>/dev/null && chmod 700 "$IMAGES" 2>/dev/null
    c_room=$(room "$IMAGES")
    number "$MEM" || MEM=0
    if [ ! -d "$IMAGES" ]; then
        WHY="$IMAGES: can't be made"
        return 1
    fi
    if number "$c_room" && [ "$c_room" -lt $(((MEM + MEM / 64 + 16) * 1024)) ]; then
        WHY="$IMAGES: $c_room KiB free, and the saved guest takes $((MEM + MEM / 64 + 16)) MiB"
        return 1
    fi
}

# save_ended STATUS : what has become of it, and the toolstack's own word. 0 it is saved, and its domain gone; 1 it runs
# on; 2 neither.
save_ended() {
    s_end=$(($(now) + 60)) s_runs=0
    while :; do
        if ask; then
            case $(row 3 "$PV_ID") in
            '')
                # (beside_becomes looks a second time)
                if [ -n "$BESIDE_ID" ] && [ "$1" = 0 ] && [ -s "$IMAGE" ] && xs_lacks "$PV_ID"; then return 0; fi
                if wait_ended "$PV_ID" 60 && { { [ "$1" = 0 ] && [ -s "$IMAGE" ]; } || image_whole; }; then return 0; fi
                WHY="domain $PV_ID is gone, and no image came of it: $(toolstack_said)"
                return 2
                ;;
            *s* | *p*) # suspended, or still on its way
                s_runs=0
                if [ "$(now)" -ge $s_end ]; then
                    if image_whole; then
                        do_destroy "$PV_ID"
                        s_end=$(($(now) + 60))
                    else
                        WHY="domain $PV_ID stands still, and $IMAGE isn't whole: $(toolstack_said)"
                        return 2
                    fi
                fi
                ;;
            *d*) s_runs=0 ;;
            *)
                s_runs=$((s_runs + 1))
                if [ $s_runs -ge 3 ]; then
                    WHY="it can't be saved: $(toolstack_said)"
                    return 1
                fi
                ;;
            esac
        fi
        [ "$(now)" -lt $((s_end + 120)) ] || { WHY="domain $PV_ID neither runs nor ends" && return 2; }
        tick
    done
}
# save_guest : domain PV_ID; as save_ended
save_guest() {
    rm -f "$IMAGE"
    alone "$TS" save "$PV_ID" "$IMAGE"
    save_ended $?
}

# shim_waits : the HVM domain is there, and its shim waits at frame GFN. False with $WHY.
shim_waits() {
    PAUSED=1
    make_domain hvm
    w_rc=$?
    PAUSED=
    [ $w_rc = 0 ] || return 1
    HVM_ID=$ID
    case $STATE in
    *p*) ;;
    *)
        image_is_old "somebody else has started it"
        clear_intent
        result stuck hvm "domain $ID was started meanwhile; $LOST"
        ;;
    esac
    if ! write_intent hvm "$FROM"; then
        WHY="the intent can't be written"
        return 1
    fi
    shim_ready "$HVM_ID"
}
# shim_ready ID : that domain, which is paused, runs, and its shim waits at frame GFN. False with $WHY.
shim_ready() {
    w_key=$(restore_key "$1")
    run 30 xenstore-write "$w_key" wait
    if [ "$(xs_read "$w_key")" != wait ]; then
        WHY="$w_key can't be written"
        return 1
    fi
    w_end=$(($(now) + TIME))
    do_unpause "$1"
    while :; do
        w_word=$(xs_read "$w_key")
        case $w_word in
        'ready '*[!0-9]*) ;;
        'ready '*)
            GFN=${w_word#ready }
            return 0
            ;;
        esac
        if ask; then
            case $(row 3 "$1") in
            '' | *[scd]*)
                WHY="the shim has ended before it had the guest"
                return 1
                ;;
            *p*) do_unpause "$1" ;;
            esac
        fi
        if [ "$(now)" -ge $w_end ]; then
            WHY="the shim isn't ready after $TIME s: '$w_word'"
            return 1
        fi
        between
    done
}
# A domain that is there before the guest is saved, so that the guest needn't wait for it: with another name, without
# disks and interfaces, which it gets when the PV domain is gone. It can go away at any time before that.
beside_name() { echo "$NAME--shim"; }
# specs FILE KEY : the strings of a list in an HVM config of ours, a line each
specs() {
    awk -v k="$2" '$1 == k && $2 == "=" { on = 1 }
        on { line = $0
            while (match(line, /"[^"]*"/)) { print substr(line, RSTART + 1, RLENGTH - 2); line = substr(line, RSTART + RLENGTH) }
            if ($0 ~ /\]/) exit }' "$1"
}
# beside_may : is it to be so? By an xl that keeps what is attached for a reboot; where memory is there for both; and
# where both won't have what only one can have: a uuid, an interface's name.
beside_may() {
    [ "$TS" = xl ] && [ -z "$(key "$HVM_CFG" uuid)" ] || return 1
    ! specs "$HVM_CFG" vif | grep 'vifname=' >/dev/null || return 1
    e_version=$(info xen_version)
    case $e_version in [0-3].* | 4.[0-5] | 4.[0-5].* | 4.[0-5][!0-9]* | '') return 1 ;; esac
    # (from check_memory, and some for what xl reserves)
    number "$m_need" && number "$m_free" && [ $((m_need + 16)) -le "$m_free" ]
}
# drop_beside : it is ended. Only one without disks is it.
drop_beside() {
    BESIDE_ID=
    ask || return
    e_id=$(id_of "$(beside_name)")
    [ -n "$e_id" ] && [ "$(type_of "$e_id")" = hvm ] || return
    xs_tree "/local/domain/$e_id/device" >"$RUN/$NAME.tree"
    if grep '^vbd/' "$RUN/$NAME.tree" >/dev/null; then
        log "note: domain $e_id is called $(beside_name) and has disks: it isn't touched"
    else
        do_destroy "$e_id"
        wait_ended "$e_id" 60
    fi
    rm -f "$RUN/$NAME.tree"
}
# beside : creates it, where that can be. BESIDE_ID and GFN, or BESIDE_ID is empty. False with $WHY when there is one that
# can't take the guest.
beside() {
    BESIDE_ID=
    beside_may || return 0
    step "starting a shim beside it"
    # shellcheck disable=SC2086 # words
    alone ${TIMEOUT:+$TIMEOUT "$TIME"} xl create -p "$HVM_CFG" "name=\"$(beside_name)\"" 'disk=[]' 'vif=[]'
    b_rc=$?
    ask && BESIDE_ID=$(id_of "$(beside_name)")
    [ -n "$BESIDE_ID" ] || return 0
    if [ $b_rc != 0 ]; then
        drop_beside
        return 0
    fi
    shim_ready "$BESIDE_ID" || return 1
    run 60 "$LOAD" --fits "$PV_ID" "$BESIDE_ID" "$GFN"
    [ $? = 1 ] || return 0 # (one that doesn't know the option looks later)
    WHY=$(toolstack_said)
    return 1
}
# attach : domain HVM_ID gets its disks and interfaces. False with $WHY.
attach() {
    specs "$HVM_CFG" disk >"$RUN/$NAME.specs"
    while IFS= read -r t_spec; do
        run 60 xl block-attach "$HVM_ID" "$t_spec"
    done <"$RUN/$NAME.specs"
    specs "$HVM_CFG" vif | sed 's/, */,/g' >"$RUN/$NAME.vifs"
    while IFS= read -r t_spec; do
        # shellcheck disable=SC2046 # words
        run 60 xl network-attach "$HVM_ID" $(echo "$t_spec" | tr ',' ' ')
    done <"$RUN/$NAME.vifs"
    t_all=$(($(cat "$RUN/$NAME.specs" "$RUN/$NAME.vifs" | wc -l)))
    rm -f "$RUN/$NAME.specs" "$RUN/$NAME.vifs"
    t_has=$(devices "$HVM_ID")
    [ "${t_has#* }" = $t_all ] && return 0
    WHY="domain $HVM_ID has ${t_has#* } of $t_all devices: $(toolstack_said)"
    return 1
}
# beside_becomes : the guest's domain, now that the PV one is gone. 0 it is; 1 nothing has happened; 2 it can't be, $WHY.
beside_becomes() {
    others_with_disks "$BESIDE_ID" && [ -z "$WHO" ] && [ -z "$(id_of "$NAME")" ] && [ -z "$(row 1 "$PV_ID")" ] || return 1
    ! grep "^$PV_ID/" "$RUN/$NAME.disks.tree" >/dev/null || return 1
    run 60 xl rename "$BESIDE_ID" "$NAME"
    for _ in 1 2 3; do
        case $(xs_read "/local/domain/$BESIDE_ID/name") in # (where xl has it from)
        "$NAME")
            BESIDE_ID=
            attach || return 2
            return 0
            ;;
        "$(beside_name)") return 1 ;;
        esac
        tick
    done
    WHY="xenstore doesn't say what domain $BESIDE_ID is called"
    return 2
}
# was_taken : domain HVM_ID, whose key says. True: the guest runs there. Else it hasn't, and can't, as the domain is
# paused then, or refused it; $WHY.
was_taken() {
    case $(xs_read "$(restore_key "$HVM_ID")") in
    taken) return 0 ;;
    refused)
        WHY="the shim refuses it: $(toolstack_said)"
        return 1
        ;;
    esac
    WHY=$(toolstack_said)
    paused "$HVM_ID" || log "note: domain $HVM_ID can't be paused"
    for _ in 1 2 3; do
        case $(xs_read "$(restore_key "$HVM_ID")") in
        taken)
            do_unpause "$HVM_ID"
            return 0
            ;;
        '') ;; # no answer
        *) return 1 ;;
        esac
        tick
    done
    do_unpause "$HVM_ID"
    return 0 # to be sure of its disks
}
# hand_over : what is saved goes to an HVM domain, which is watched; out by `result`
hand_over() {
    step "${BESIDE_ID:+giving its devices to domain }${BESIDE_ID:-starting the shim that takes it}"
    PHASE=saved
    HVM_ID=$BESIDE_ID # (before it has the guest's name)
    write_intent hvm "$FROM" || take_back "the intent can't be written"
    if [ -n "$BESIDE_ID" ]; then
        beside_becomes
        case $? in
        1)
            drop_beside
            shim_waits || take_back "$WHY"
            ;;
        2) take_back "$WHY" ;;
        esac
    else
        shim_waits || take_back "$WHY"
    fi
    step "handing it to domain $HVM_ID"
    PHASE=given
    if ! write_intent hvm "$FROM"; then
        PHASE=saved
        take_back "the intent can't be written"
    fi
    alone "$LOAD" --timeout "$TIME" "$HVM_ID" "$GFN" "$IMAGE"
    if ! was_taken; then
        PHASE=saved
        take_back "$WHY"
    fi
    has_taken
}
# has_taken : it runs there
has_taken() {
    PHASE=taken
    write_intent hvm "$FROM" || log "note: the intent can't be written"
    step "waiting until it is up in the shim"
    if watch hvm; then done_moving; fi
    take_back "$WHY"
}
# go_on_saved : an earlier run with --save was here. Comes back when there is nothing of it any more.
go_on_saved() {
    PHASE=$I_PHASE IMAGE=$I_IMAGE PV_ID=$I_PV_ID HVM_ID=$I_HVM_ID
    step "an earlier run was moving it with its memory ($PHASE): domain is ${ID:-gone}"
    find_load || result refused "$FOUND" "sidecar-load isn't there"
    wait_alone
    find_sure "$NAME" || result stuck none "the host doesn't say what domain this is"
    if [ "$PHASE" = saving ] && { [ "$FOUND" = none ] || [ "$ID" = "$PV_ID" ]; }; then
        save_ended unknown
        case $? in
        0) PHASE=saved ;;
        1) ;;
        *)
            # it has ended by itself before it was saved
            if find_sure "$NAME" && [ "$FOUND" = none ]; then
                image_is_old "$WHY"
                return
            fi
            result stuck "$FOUND" "$WHY"
            ;;
        esac
        find_sure "$NAME" || result stuck none "the host doesn't say what domain this is"
    fi
    # a restore that didn't come to its end
    if [ "$PHASE" = back ] && [ "$FOUND" = pv ] && case $STATE in *p*) ;; *) false ;; esac then
        do_destroy "$ID"
        wait_ended "$ID" 60
        find_sure "$NAME" || result stuck none "the host doesn't say what domain this is"
    fi
    if [ "$GOAL" = pv ]; then
        case $PHASE:$FOUND in
        saved:none | saved:hvm) take_back "asked to" ;;
        given:hvm) if ! was_taken; then PHASE=saved && take_back "asked to"; fi ;;
        esac
        case $PHASE:$FOUND in
        given:hvm | taken:hvm) # and is shut down there, unless it is dead
            case $STATE in *c*)
                PHASE=taken
                take_back "it has crashed"
                ;;
            esac
            image_done
            return
            ;;
        esac
    fi
    case $PHASE:$FOUND in
    *:pv) # there it lives
        rm -f "$IMAGE"
        PHASE=
        clear_intent
        I_WHY='' I_TO=''
        ;;
    back:*) take_back "$I_WHY" ;;
    saved:none) hand_over ;;
    saved:hvm | given:hvm)
        if [ "$ID" != "$HVM_ID" ] && [ -z "$(xs_read "$(restore_key "$ID")")" ] && case $STATE in *p*) false ;; esac then
            image_is_old "another domain has its disks"
            return
        fi
        HVM_ID=$ID
        if [ "$PHASE" = given ] && was_taken; then has_taken; fi
        do_destroy "$ID"
        wait_ended "$ID" 60
        hand_over
        ;;
    taken:hvm) has_taken ;;
    *) image_is_old "the domain that had it is gone" ;;
    esac
}

# done_moving : it is up where it was to be
done_moving() {
    case $GOAL in hvm) d_from=$PV_CFG d_to=$HVM_CFG ;; *) d_from=$HVM_CFG d_to=$PV_CFG ;; esac
    if ! autostart "$d_from" "$d_to"; then
        image_done
        clear_intent
        result moved "$GOAL" "it runs, but the autostart link can't be changed: ln -sf $d_to $CONFIGS/auto/"
    fi
    image_done
    clear_intent
    result moved "$GOAL" ''
}
# not_up : it was created and watched, and isn't up: what fails goes back
not_up() {
    # Back to PV: what runs and isn't seen to be up isn't touched
    if [ "$GOAL" = pv ] && find_sure "$NAME" && [ "$FOUND" = pv ]; then
        keep_words
        autostart "$HVM_CFG" "$PV_CFG"
        clear_intent
        result moved pv "but: $WHY"
    fi
    take_back "$WHY"
}
# up_there : the domain of the goal is created and watched
up_there() {
    step "starting it as $GOAL"
    if raise "$GOAL"; then done_moving; fi
    not_up
}

# move : one guest; a process of its own
move() {
    KNOWN_ID='' KNOWN_TYPE='' BEGUN=$(now) LISTENING='' PID_PV='' PID_SERIAL='' MANAGED=0 AUTO=0 LOCKED=
    PHASE='' IMAGE='' PV_ID='' HVM_ID='' FROM_IMAGE='' PAUSED='' LOST='' BESIDE_ID=''
    OUT=$LOG_DIR/$NAME.log
    trap '' HUP INT QUIT PIPE
    # shellcheck disable=SC2320 # the write
    case $NAME in *[!A-Za-z0-9._+-]* | -* | .*) result refused none "a name that this tool doesn't take" ;; esac
    log "--- $me $VERSION: to $GOAL"
    find_configs || result refused none "$WHY"
    if [ -z "$DRY" ]; then
        WHY="$STATE_DIR can't be written: is the disk full?"
        take_lock || result refused none "$WHY"
        LOCKED=1
        wait_alone
        drop_beside # an earlier run's
    fi
    find_sure "$NAME" || result refused none "the host doesn't say what domain this is, or the toolstack doesn't answer"
    case $STATE in
    *c*) ;;
    *[sd]*) # on its way out; or kept, see below
        wait_ended "$ID" "$KEPT"
        find_sure "$NAME" || result refused none "the host doesn't say what domain this is"
        ;;
    esac
    other=pv
    [ "$GOAL" = hvm ] || other=hvm
    if read_intent; then
        FROM=$I_FROM MANAGED=$I_MANAGED AUTO=$I_AUTO
        log "found: to $I_TO, from $I_FROM${I_WHY:+, since $I_WHY}; now $FOUND"
        [ "$TS" != virsh ] || [ "$FOUND" = hvm ] || keep_definition
        if [ -z "$DRY" ] && [ -n "$I_PHASE" ]; then
            go_on_saved
            PHASE='' IMAGE=''
        fi
        if [ -z "$DRY" ]; then
            # an earlier run was on its way to take it back
            if [ -n "$I_WHY" ] && [ "$FOUND" != pv ]; then
                WAS_UP=
                step "an earlier run was taking it back"
                take_back "$I_WHY"
            fi
            case $FOUND in
            none)
                WHY=
                if [ "$GOAL" = pv ] || { check_place hvm && check_memory hvm; }; then
                    step "an earlier run has shut it down"
                    write_intent "$GOAL" "$FROM" || log "note: the intent can't be written"
                    up_there
                fi
                take_back "$WHY"
                ;;
            "$GOAL")
                if [ "$I_TO" = "$GOAL" ]; then
                    step "an earlier run has started it: waiting until it is up"
                    if watch "$GOAL"; then done_moving; fi
                    not_up
                fi
                ;;
            esac
        fi
    fi
    FROM=$FOUND
    case $FOUND in
    "$GOAL")
        [ -n "$DRY" ] || clear_intent
        result already "$GOAL" ''
        ;;
    none)
        [ -n "$START" ] || result refused none "it isn't running; --start would start it"
        FROM=$other
        ;;
    "$other") ;;
    *) result refused "$FOUND" "it is a $FOUND domain" ;;
    esac
    case $STATE in
    *c*) result refused "$FOUND" "it has crashed and is kept (domain $ID): destroy it first" ;;
    *d*) result refused "$FOUND" "domain $ID is dying and doesn't end" ;;
    *s*) [ -n "$I_TO" ] || result refused "$FOUND" "it has shut down and is kept (domain $ID): destroy it first" ;;
    *p*) result refused "$FOUND" "it is paused (domain $ID)" ;;
    esac
    step "checking"
    if [ "$TS" = virsh ]; then
        keep_definition || result refused "$FOUND" "libvirt doesn't give the guest's definition"
        limited 30 virsh dominfo "$NAME" 2>/dev/null | grep -i '^autostart: *enable' >/dev/null && AUTO=1
    elif [ "$TS" = xm ] && [ "$FOUND" = pv ]; then
        [ ! -d "$XEND_DIR" ] || ! grep "(name_label $NAME)\|(name $NAME)" "$XEND_DIR"/*/config.sxp >/dev/null 2>&1 || MANAGED=1
    fi
    check_place "$GOAL" || result refused "$FOUND" "$WHY"
    check_memory "$GOAL" || result refused "$FOUND" "$WHY"
    others_with_disks "$ID" || result refused "$FOUND" "xenstore doesn't say who has the disks"
    [ -z "$WHO" ] || result refused "$FOUND" "$WHO"
    if [ -n "$SAVE" ] && [ -n "$ID" ]; then
        check_save "$ID" || result refused "$FOUND" "$WHY"
        IMAGE=$IMAGES/$NAME.image PV_ID=$ID
    fi
    if [ -n "$DRY" ]; then
        result would "$FOUND" "${ID:+$([ -n "$IMAGE" ] && echo "save domain $ID to $IMAGE" || echo "shut down domain $ID"), }create $(cfg_of "$GOAL")"
    fi
    [ -z "$IMAGE" ] || PHASE=saving
    write_intent "$GOAL" "$FROM" || result refused "$FOUND" "$STATE_DIR can't be written"
    if [ -n "$IMAGE" ]; then
        if ! beside; then
            keep_words
            drop_beside
            clear_intent
            result refused "$FOUND" "$WHY"
        fi
        step "saving domain $ID"
        save_guest
        case $? in
        0) hand_over ;;
        1)
            rm -f "$IMAGE"
            drop_beside
            clear_intent
            result refused "$FOUND" "$WHY"
            ;;
        *)
            if find_sure "$NAME" && [ "$FOUND" = none ]; then
                image_is_old "$WHY"
                take_back "$WHY"
            fi
            result stuck "$FOUND" "$WHY"
            ;;
        esac
    fi
    if [ -n "$ID" ]; then
        step "shutting down domain $ID"
        shut "$ID"
        case $? in
        0) ;;
        1)
            clear_intent
            result refused "$FOUND" "$WHY"
            ;;
        *) result stuck "$FOUND" "$WHY" ;;
        esac
    fi
    up_there
}

# --- what there is --------------------------------------------------------------------------------------------
# The shim writes data/xen-shim below its domain: KEY=VALUE words. It is the guest's own to write: trust it as far.
s_word() { printf '%s\n' "$s_node" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
status() {
    ask || die 3 "$TS list doesn't answer; run this as root in dom0"
    s_form='%-20s %5s  %-5s %-9s %-8s %-8s %s\n'
    if [ -n "$PORCELAIN" ]; then
        s_form='%s\t%s\t%s\t%s\t%s\t%s\t%s\n'
    else
        # shellcheck disable=SC2059 # the same for all lines
        printf "$s_form" GUEST ID KIND VERSION EVENTS ISOLATED NOTE
    fi
    s_all=$(printf '%s\n' "$ROWS" | awk '$1 != 0 { print $2 }')
    for c_file in "$SIDECARS"/*-hvm.cfg "$SIDECARS"/*-hvm.xml "$CONFIGS"/*-hvm.cfg; do
        [ ! -f "$c_file" ] || s_all="$s_all $(key "$c_file" name)"
    done
    [ $# = 0 ] || s_all=$*
    for NAME in $(echo "$s_all" | tr ' ' '\n' | sort -u); do
        s_id=$(id_of "$NAME")
        s_kind=- s_node='' s_note=''
        if [ -n "$s_id" ]; then
            s_kind=$(type_of "$s_id")
            s_node=$(xs_read "/local/domain/$s_id/data/xen-shim")
            case $s_kind:$s_node in
            *:version=*) s_kind=shim ;;
            hvm:)
                find_configs 2>/dev/null && s_note="its config is mk-sidecar's; an older shim, which doesn't say so"
                ;;
            esac
        else
            s_note="not running"
        fi
        if read_intent; then s_note="${s_note:+$s_note; }under way to $I_TO: run $me again"; fi
        s_v=$(s_word version) s_e=$(s_word evtchn) s_i=$(s_word isolate)
        # shellcheck disable=SC2059 # the same for all lines
        printf "$s_form" "$NAME" "${s_id:--}" "${s_kind:-?}" "${s_v:--}" "${s_e:--}" "${s_i:--}" "$s_note"
    done
    [ -n "$PORCELAIN" ] || echo "KIND: shim and hvm can't read the host's memory by Meltdown; pv can, unless Xen guards itself (check-host.sh)."
}

# --- many guests ------------------------------------------------------------------------------------------------
# show : what the workers have said since, and on a terminal where they are
show() {
    if [ -z "$PORCELAIN" ]; then
        s_new=$(sed -n "$((SHOWN + 1)),\$p" "$RUN/events" 2>/dev/null)
        if [ -n "$s_new" ]; then
            [ -z "$TERMINAL" ] || printf '\r\033[K'
            printf '%s\n' "$s_new"
            SHOWN=$((SHOWN + $(printf '%s\n' "$s_new" | wc -l)))
        fi
    fi
    if [ -n "$TERMINAL" ]; then
        s_at=
        for s_job in $JOBS; do s_at="$s_at ${s_job#*:}: $(cat "$RUN/${s_job#*:}.step" 2>/dev/null);"; done
        printf '\r\033[K%s' "$(echo "$FINISHED of $TOTAL, $FAILED failed;$s_at" | cut -c1-"${COLUMNS:-79}")"
    fi
}
# finished LINE : one more guest, with its result
finished() {
    FINISHED=$((FINISHED + 1))
    [ -z "$PORCELAIN" ] || printf '%s\n' "$1"
    TABLE="$TABLE$1
"
}
# reap : takes in those that have ended
reap() {
    r_left=
    for r_job in $JOBS; do
        r_pid=${r_job%%:*} r_name=${r_job#*:}
        if [ -n "$(started "$r_pid")" ]; then
            r_left="$r_left $r_job"
            continue
        fi
        wait "$r_pid" 2>/dev/null
        r_rc=$?
        if [ ! -s "$RUN/$r_name.result" ]; then
            case $r_rc in
            0) r_word=moved ;; 1) r_word=refused ;; 2) r_word=back ;; 3) r_word=stuck ;; 4) r_word=down ;;
            *) r_word=killed ;;
            esac
            r_line="$r_name$TAB$r_word$TAB?$TAB0${TAB}no words came of it (status $r_rc); run $me again"
        else
            r_line=$(cat "$RUN/$r_name.result")
        fi
        case $r_rc in
        0) ;;
        1) REFUSED=$((REFUSED + 1)) ;;
        *)
            FAILED=$((FAILED + 1))
            [ $r_rc -lt 4 ] || DOWN=$((DOWN + 1))
            ;;
        esac
        finished "$r_line"
    done
    JOBS=$r_left
}
# shellcheck disable=SC2317 # by a signal
interrupted() {
    STOP=$((STOP + 1))
    if [ "$STOP" -ge 2 ]; then
        complain "stopped; the guests under way go on by themselves:$(echo "$JOBS" | sed 's/ [0-9]*:/ /g')"
        exit 130
    fi
    complain "no more guests are begun; those under way are finished (once more to leave at once)"
}
many() {
    JOBS='' FINISHED=0 FAILED=0 REFUSED=0 DOWN=0 SHOWN=0 TABLE='' STOP=0 TERMINAL=
    TOTAL=$#
    if [ -t 1 ] && [ -z "$PORCELAIN" ]; then TERMINAL=1; fi
    trap interrupted INT TERM
    trap '' HUP PIPE
    for guest; do
        while :; do
            reap
            # shellcheck disable=SC2086 # words
            set -- $JOBS
            [ $# -ge "$PARALLEL" ] || break
            show
            tick
        done
        if [ $STOP != 0 ] || [ $FAILED -ge "$MAX_FAILURES" ]; then
            finished "$guest${TAB}left$TAB?${TAB}0${TAB}not begun: $([ $STOP = 0 ] && echo "$FAILED failed before it" || echo interrupted)"
            continue
        fi
        NAME=$guest GOAL=$GOAL "$SHELL_OF_MINE" "$SELF" --worker-of-its-own </dev/null >/dev/null 2>>"$RUN/errors" &
        JOBS="$JOBS $!:$guest"
    done
    while :; do
        reap
        show
        [ -n "$JOBS" ] || break
        tick
    done
    [ -z "$TERMINAL" ] || printf '\r\033[K'
    if [ -z "$PORCELAIN" ]; then
        echo
        printf '%s' "$TABLE" | awk -F'\t' 'BEGIN { printf "%-20s %-8s %-5s %6s  %s\n", "GUEST", "RESULT", "IS", "TIME", "WHY" }
            { printf "%-20s %-8s %-5s %5ds  %s\n", $1, $2, $3, $4, $5; n[$2]++ }
            END { for (w in n) printf "%s%d %s", s++ ? ", " : "", n[w], w; print "" }'
        if [ $((FAILED + REFUSED)) != 0 ]; then echo "Logs: $LOG_DIR/GUEST.log"; fi
    fi
    if [ -s "$RUN/errors" ]; then sed "s/^/$me: /" "$RUN/errors" >&2; fi
    rm -rf "$RUN"
    [ $DOWN = 0 ] || exit 4
    [ $((FAILED + REFUSED + STOP)) = 0 ] || exit 1
    exit 0
}

# --- begin ----------------------------------------------------------------------------------------------------
TICK=${SWITCH_TICK:-1} LEFTOVER=${SWITCH_LEFTOVER:-60} KEPT=${SWITCH_KEPT:-15}
SAVE_DIR=${SWITCH_SAVE_DIR:-/var/lib/xen/save} VIRSH_SAVE=${SWITCH_VIRSH_SAVE:-/var/lib/libvirt/libxl/save}
XEND_DIR=${SWITCH_XEND_DIR:-/var/lib/xend/domains} MEMINFO=${SWITCH_MEMINFO:-/proc/meminfo}

if [ "${1-}" = --worker-of-its-own ] && [ -n "${NAME-}" ] && [ -n "${RUN-}" ]; then
    move # and out by `result`
fi

GOAL=hvm DRY='' PARALLEL=1 MAX_FAILURES=1 TIME=300 SETTLE=10 CHECK='' TCP='' START='' FORCE='' PORCELAIN='' TS=''
SAVE='' KEEP='' IMAGES=/var/lib/xen-sidecar/images
case ${0##*/} in sidecar-move) SAVE=1 ;; esac
CONFIGS=/etc/xen SIDECARS='' STATE_DIR=/var/lib/xen-sidecar/switch LOG_DIR=/var/log/xen-sidecar
list='' all='' what=move host=1
while [ $# -gt 0 ]; do
    # --option=value
    case $1 in
    --*=*)
        option=${1%%=*}
        value=${1#*=}
        shift
        set -- "$option" "$value" "$@"
        ;;
    esac
    case $1 in
    --parallel | --max-failures | --timeout | --settle | --check | --tcp | --toolstack | --sidecars | --configs | --state | --log | --images | --from)
        [ $# -ge 2 ] || die 2 "$1 wants a value"
        case $1 in
        --parallel) PARALLEL=$2 ;;
        --max-failures) MAX_FAILURES=$2 ;;
        --timeout) TIME=$2 ;;
        --settle) SETTLE=$2 ;;
        --check) CHECK=$2 ;;
        --tcp) TCP=$2 ;;
        --toolstack) TS=$2 ;;
        --sidecars) SIDECARS=$2 ;;
        --configs) CONFIGS=$2 ;;
        --state) STATE_DIR=$2 ;;
        --log) LOG_DIR=$2 ;;
        --images) IMAGES=$2 ;;
        --from)
            [ -r "$2" ] || die 2 "$2: can't be read"
            list="$list $(sed 's/#.*//' "$2" | tr '\n' ' ')"
            all=${all:-list}
            ;;
        esac
        shift
        ;;
    --back) GOAL=pv ;;
    --status) what=status ;;
    --all) all=all ;;
    -n | --dry-run) DRY=1 ;;
    --start) START=1 ;;
    --force) FORCE=1 ;;
    --porcelain) PORCELAIN=1 ;;
    --no-check-host) host='' ;;
    --save) SAVE=1 ;;
    --keep) KEEP=1 ;;
    --version)
        echo "$me $VERSION"
        exit 0
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*) die 2 "no such option: $1; see --help" ;;
    *) list="$list $1" ;;
    esac
    shift
done
for n in "$PARALLEL" "$MAX_FAILURES" "$TIME" "$SETTLE"; do
    number "$n" || die 2 "'$n' is no number"
done
[ "$PARALLEL" -ge 1 ] || die 2 "--parallel: at least 1"
[ "$TIME" -ge 1 ] || die 2 "--timeout: at least 1"
[ -z "$SAVE" ] || [ $GOAL = hvm ] || die 2 "--save: there is no way back with the memory; without it the guest is shut down"
case $TCP in
'') ;;
*:*[!0-9]* | *:) die 2 "--tcp: HOST:PORT, not $TCP" ;;
*:*) have nc || have bash || die 2 "--tcp wants nc or bash" ;;
*) die 2 "--tcp: HOST:PORT, not $TCP" ;;
esac
if [ -z "$SIDECARS" ]; then
    SIDECARS=$(sed -n 's/^output=//p' "$CONFIGS/sidecar.conf" 2>/dev/null)
    SIDECARS=${SIDECARS:-/var/lib/xen/sidecars}
fi

find_timeout
case $TS in
'')
    # xl refuses to work beside a running xend
    for TS in xm xl virsh; do
        have $TS && ask && break
        TS=
    done
    [ -n "$TS" ] || die 3 "neither xl, xm nor virsh lists Domain-0 here: run this as root in dom0; with xm, start xend first"
    ;;
xl | xm | virsh)
    have "$TS" || die 3 "$TS: no such program"
    ask || die 3 "$TS list doesn't show Domain-0: run this as root in dom0"
    ;;
*) die 2 "--toolstack: xl, xm or virsh, not $TS" ;;
esac
for f in xenstore-ls xenstore-read xenstore-list; do
    have $f || die 3 "$f: no such program: install xenstore's tools"
done

if [ $what = status ]; then
    RUN=/nowhere
    # shellcheck disable=SC2086 # words
    status $list
    exit 0
fi

case $all in
all)
    [ -z "$list" ] || die 2 "either --all or names"
    for f in "$SIDECARS"/*-hvm.cfg "$SIDECARS"/*-hvm.xml "$CONFIGS"/*-hvm.cfg; do
        case $TS:$f in virsh:*.cfg | x?:*.xml) continue ;; esac
        if [ ! -f "$f" ] || [ -z "$(mark "$f" key)" ]; then continue; fi
        f=$(key "$f" name)
        # those that run as the other kind; the others aren't named at all
        if [ -z "$START" ]; then
            [ -n "$(id_of "$f")" ] || [ -f "$STATE_DIR/$f.intent" ] || continue
        fi
        list="$list $f"
    done
    [ -n "$list" ] || die 1 "no guest that runs has an HVM config in $SIDECARS or $CONFIGS"
    ;;
list) [ -n "${list# }" ] || die 2 "the list is empty" ;;
'')
    if [ -z "$list" ]; then
        usage >&2
        exit 2
    fi
    ;;
esac
list=$(echo "$list" | tr ' ' '\n' | awk 'NF && !seen[$0]++' | tr '\n' ' ')

mkdir -p "$STATE_DIR" "$LOG_DIR" 2>/dev/null || die 3 "$STATE_DIR, $LOG_DIR: can't be made"
if [ ! -w "$STATE_DIR" ] || [ ! -w "$LOG_DIR" ]; then die 3 "$STATE_DIR, $LOG_DIR: can't be written; run this as root"; fi
case $(info xen_caps) in
*hvm-3.0-x86_64*) ;;
'') complain "note: $TS info has no xen_caps" ;;
*) [ $GOAL = pv ] || die 3 "this host has no 64-bit HVM domains (xen_caps of $TS info): check-host.sh says why" ;;
esac
case $0 in
*/*) SELF=$0 ;;
*) SELF=$(command -v "$0") ;;
esac
if [ -n "$host" ] && [ $GOAL = hvm ]; then
    for f in "${SELF%/*}/check-host.sh" /usr/lib/xen-sidecar/check-host.sh; do
        if [ -f "$f" ]; then
            said=$(sh "$f" 2>&1)
            case $? in
            1)
                printf '%s\n' "$said" | grep '^no ' >&2
                die 3 "check-host.sh says that this host can't run sidecars; --no-check-host if you know better"
                ;;
            esac
            break
        fi
    done
fi
# A part of a second, where sleep knows such.
MOMENT=$TICK
[ "$TICK" != 1 ] || ! sleep 0.2 2>/dev/null || MOMENT=0.2
# The workers run by the shell that runs this.
SHELL_OF_MINE="sh"
[ -z "${BASH_VERSION-}" ] || ! have bash || SHELL_OF_MINE=bash
SHELL_OF_MINE=${SWITCH_SHELL:-$SHELL_OF_MINE}
# What the workers say lies in memory where there is a place for it: it must work with a full disk.
for f in /run /dev/shm /var/run "${TMPDIR:-/tmp}"; do
    RUN=$f/$me.$$
    if mkdir -m 700 "$RUN" 2>/dev/null && : 2>/dev/null >"$RUN/events"; then break; fi
    RUN=
done
[ -n "$RUN" ] || die 3 "no place for temporary files"
export TICK MOMENT LEFTOVER DRY TIME SETTLE CHECK TCP START FORCE KEPT TS CONFIGS SIDECARS STATE_DIR LOG_DIR RUN TIMEOUT
export SAVE KEEP IMAGES SELF
# shellcheck disable=SC2086 # words
many $list
