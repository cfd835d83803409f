# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# In dom0: one scenario. Its verdict goes to /tmp/s/verdict.
NAME=$1
HERE=/host/s/$NAME
LOG=$HERE/log
WORD=
case $NAME in *@*) WORD=${NAME#*@} ;; esac
export WORD
. /host/dom0/lib.sh
# shellcheck disable=SC1090 # one of tests/l0/scenarios
. "$HERE/scenario.sh"
dom0_run
echo "PASS $NOTES" >/tmp/s/verdict
