# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Linux' own x86 selftests, from Debian's package of the kernel's source, built static for 64 and 32 bits into build/l0/selftests.
# Sourced by a scenario's host_prepare.

# Not here: mov_ss_trap kills QEMU 7.2 itself; test_vsyscall and vdso_restorer want a dynamic loader; amx is
# for hardware that the rig doesn't have.
SELFTESTS_BOTH="check_initial_reg_state fsgsbase_restore ioperm iopl ldt_gdt ptrace_syscall sigaltstack sigreturn sigtrap_loop
    single_step_syscall syscall_arg_fault syscall_nt sysret_ss_attrs test_mremap_vdso"
SELFTESTS_32="entry_from_vm86 test_FCMOV test_FCOMI test_FISTTP test_syscall_vdso unwind_vdso"
SELFTESTS_64="corrupt_xstate_header fsgsbase syscall_numbering sysret_rip"

get_selftests() {
    SUITE=$(host_suite)
    apt_args "$SUITE"
    local pkg file
    pkg=$(apt-cache "${APT[@]}" depends linux-source | awk '$1 == "Depends:" { print $2; exit }')
    file=$(closure "$pkg" | grep "^$pkg") || die "apt can't resolve $pkg (run scripts/setup.sh?)"
    cached "$CACHE/selftests" "$(key_of "$file" "$TOP/tests/walls/selftests.sh")" get_selftests_files "$pkg"
}
get_selftests_files() {
    local pkg=$1 dir=$2 src t
    step "downloading $pkg"
    mkdir "$dir/deb" "$dir/src" "$dir/bin"
    (cd "$dir/deb" && apt-get "${APT[@]}" -qq download "$pkg") || return 1
    dpkg-deb --fsys-tarfile "$dir"/deb/*.deb | tar -xOf - --wildcards './usr/src/*.tar.xz' |
        tar -xJf - -C "$dir/src" --strip-components=1 --wildcards '*/tools/testing/selftests/x86' \
            '*/tools/testing/selftests/kselftest.h' '*/arch/x86/include/asm/desc_defs.h' || return 1
    src=$dir/src/tools/testing/selftests/x86
    for t in $SELFTESTS_BOTH $SELFTESTS_64; do build_selftest 64 "$t" || return 1; done
    for t in $SELFTESTS_BOTH $SELFTESTS_32; do build_selftest 32 "$t" || return 1; done
    rm -r "$dir/deb" "$dir/src"
}
# Warnings are their authors' business.
build_selftest() {
    local bits=$1 t=$2 more=()
    case $t-$bits in
    sysret_ss_attrs-64) more=(thunks.S) ;;
    ptrace_syscall-32) more=(raw_syscall_helper_32.S) ;;
    test_syscall_vdso-32) more=(thunks_32.S) ;;
    check_initial_reg_state-*) more=('-Wl,-ereal_start') ;;
    esac
    (cd "$src" && gcc "-m$bits" -O2 -std=gnu99 -pthread -no-pie -static -w -s -DCAN_BUILD_32 -DCAN_BUILD_64 \
        -o "$dir/bin/${t}_$bits" "$t.c" "${more[@]}" -lrt -ldl -lm)
}
