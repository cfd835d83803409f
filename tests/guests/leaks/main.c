// SPDX-License-Identifier: MIT
/*
 * What user mode's table holds of the kernel when user mode is isolated (xen-shim/cpu/isolate.h).
 * With the word test=scan hypercall 55 looks through all pages of the hypervisor's that are present
 * in the table that a vCPU's user mode runs on (xen-shim/abi/selftest.h).  vCPU 1 asks it again and
 * again, at whatever moment L0 has stopped vCPU 0, while vCPU 0 goes to the hypervisor by every way
 * with canary values in its registers, and then to user mode.  No canary, no address of the
 * kernel's may be found, and no page that isn't known.
 */
#include "ways.h"

#define ROUNDS 40
#define ENOUGH 50 /* scans while user mode ran */

u8 watched[64] __attribute__((aligned(64)));

static u8 ap_stack[2 * PAGE_SIZE] page_aligned;
static struct vcpu_guest_context ap_context;
static volatile struct {
    bool stop;
    long scans, error, canaries, addresses, unknown, own;
} ap;

static int nmis;
static bool (*chain)(struct trap *t);

static bool take_nmi(struct trap *t)
{
    if (t->entry != ENTRY_NMI)
        return chain(t);
    nmis++;
    return true;
}

/* Words in [low, high) in bits 0-15, unknown pages behind them; once more before it counts, as vCPU
 * 0 may have been in and out of the kernel meanwhile. */
static long scan(ul low, ul high)
{
    long rc = 0;

    for (int i = 0; i < 3; i++) {
        rc = hc(arch_7, 0, low, high);
        if (rc <= 0)
            break;
    }
    return rc;
}

static void ap_main(void)
{
    while (!ap.stop) {
        long canaries = scan(CANARY, CANARY_END), addresses = scan(KERNEL_FROM, KERNEL_END);
        long own = hc(arch_7, 0, USER_STACK - PAGE_SIZE, USER_STACK);

        if (canaries >= 0 && addresses >= 0 && own >= 0) {
            ap.scans++;
            ap.canaries += canaries & 0xffff;
            ap.addresses += addresses & 0xffff;
            ap.unknown += canaries >> 16;
            ap.own += (own & 0xffff) > 0;
        } else if (canaries != -XEN_EAGAIN && addresses != -XEN_EAGAIN && own != -XEN_EAGAIN) {
            ap.error = canaries;
            break;
        }
        if (ap.scans % 8 == 0)
            hc(vcpu_op, VCPUOP_send_nmi, 0, 0);
    }
    vcpu_end(1);
}

static void start_ap(void)
{
    struct vcpu_guest_context *c = &ap_context;

    vcpu_context(c, ap_main, ap_stack + sizeof(ap_stack));
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    check_rc("second-initialise", hc(vcpu_op, VCPUOP_initialise, 1, c), 0);
    check_rc("second-up", hc(vcpu_op, VCPUOP_up, 1, 0), 0);
}

/* An LDT that is gone; an address of the kernel's in it looks like a descriptor. */
static void had_ldt(void)
{
    u64 *ldt = page_alloc();

    ldt[5] = VIRT_BASE + 0x1000;
    make_readonly(ldt);
    check_rc("ldt", mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512), 0);
    spin_in_user_mode(false);
    check_rc("no-ldt", mmuext_one(MMUEXT_SET_LDT, 0, 0), 0);
}

static void test_ways(void)
{
    u64 give_up = system_time() + IN_VAIN;

    for (int round = 0;
         round < ROUNDS || (ap.scans < ENOUGH && !ap.error && system_time() < give_up); round++)
        for (unsigned i = 0; i < NR_WAYS && !ap.error; i++) {
            bool watch = i >= NR_WAYS - 2;

            if (watch) {
                hc(set_debugreg, 0, watched);
                hc(set_debugreg, 7, 0x10403); /* stores of one byte */
            }
            kernel_ways[i]();
            if (watch)
                hc(set_debugreg, 7, 0x400);
            spin_in_user_mode(round & 1);
        }
}

void test_main(void)
{
    struct callback_register nmi = {.type = CALLBACKTYPE_nmi,
                                    .address = callback_at(trap_stub(ENTRY_NMI))};
    bool shim = in_shim();

    user_init();
    chain = trap_hook;
    trap_hook = take_nmi;
    check_rc("nmi-register", hc(callback_op, CALLBACKOP_register, &nmi), 0);
    prepare_ways();
    had_ldt();
    start_ap();
    test_ways();
    ap.stop = true;
    check_true("nmis-taken", !shim || nmis > 0);
    check_true("looked", shim ? ap.scans >= ENOUGH && !ap.error : ap.error == -XEN_ENOSYS);
    check_true("sees-what-is-there", !shim || ap.own == ap.scans);
    check_num("canaries", ap.canaries, 0);
    check_num("addresses-of-the-kernel", ap.addresses, 0);
    check_num("unknown-pages", ap.unknown, 0);
}
