#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# tests/floors sees what it is there to see: a little house of two floors, and calls in both directions.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p low high obj/low obj/high
    echo 'int up(void); int under(void); int under(void) { return 1; }' >low/a.c
    echo 'int up(void); int under(void); int up(void) { return under(); }' >high/b.c
    printf 'floor low\nfloor high\ndoor high door.h\n' >house
    touch high/door.h high/inner.h
}
look() {
    for f in low/a high/b; do gcc -c -o "obj/$f.o" "$f.c" || return 1; done
    run "$TOP/tests/floors" house obj
    echo "$output"
}

@test "floors: a call downward passes" {
    look
    [ "$status" = 0 ]
}
@test "floors: a call upward fails and is named" {
    echo 'int over(void); int over(void) { return up(); }' >>low/a.c
    look
    [ "$status" = 1 ]
    [[ "$output" == *"low/a.o uses up of high/b.o, a higher floor"* ]]
}
@test "floors: an exception lets it pass, if it has a reason" {
    echo 'int over(void); int over(void) { return up(); }' >>low/a.c
    echo 'except low/a.o up  for this test' >>house
    look
    [ "$status" = 0 ]
    sed -i 's/  for this test//' house
    look
    [ "$status" = 1 ]
}
@test "floors: an exception that nobody needs fails, and so do six" {
    echo 'except low/a.o up  for this test' >>house
    look
    [[ "$status" = 1 && "$output" == *"nobody needs: low/a.o up"* ]]
    for i in 1 2 3 4 5 6; do
        echo "int up$i(void); int over$i(void); int over$i(void) { return up$i(); }" >>low/a.c
        echo "int up$i(void); int up$i(void) { return 0; }" >>high/b.c
        echo "except low/a.o up$i  for this test" >>house
    done
    sed -i '/ up  /d' house
    look
    [[ "$status" = 1 && "$output" == *"6 exceptions; five at most"* ]]
}
@test "floors: past the door fails" {
    echo '#include "door.h"' >>low/a.c
    echo '#include "inner.h"' >>high/b.c
    sed -i 's/^#include "/&..\/high\//' low/a.c
    look
    [ "$status" = 0 ]
    echo '#include "inner.h"' >low/c.h
    look
    [[ "$status" = 1 && "$output" == *"include door.h"* ]]
}
@test "floors: nothing built is no pass" {
    run "$TOP/tests/floors" house nowhere
    [ "$status" = 1 ]
}
