// SPDX-License-Identifier: MIT
/*
 * A kernel without ELF notes: it is known as a PV kernel only by the string in its section
 * __xen_guest (pv-guest-abi 1.2), as Mini-OS 4.5 and GNU Mach are. Here ELF_PADDR_OFFSET is 0,
 * VIRT_ENTRY replaces the ENTRY note, and HYPERCALL_PAGE is the number of a page, not an address.
 * Also uses the old forms of calls that such kernels use: set_callbacks, sched_op_compat,
 * event_channel_op_compat.
 */
#include "guest.h"

void test_main(void)
{
    struct evtchn_op op = {.cmd = EVTCHNOP_bind_ipi};
    u32 port;

    check_true("started-by-virt-entry", start_regs[START_RSI] == (ul)start_info);
    check("hypercall-page", hypercall_page[0] == (GUEST_BITS == 64 ? 0x51 : 0xb8), "0x%x",
          hypercall_page[0]);
    check_rc("hypercall-page-works",
             hypercall_by_page(__HYPERVISOR_xen_version, XENVER_pagesize, 0, 0, 0, 0), 4096);
    check_true("virt-base",
               mfn_of(start_info) == PTE_MFN(*pt_entry(kernel_top(), (ul)start_info, 1)));
    check_rc("set_callbacks", set_callbacks(trap_stub(ENTRY_EVENT), trap_stub(ENTRY_FAILSAFE), 0),
             0);
    check_rc("compat-bind_ipi", hc(event_channel_op_compat, &op), 0);
    port = op.u.bind_ipi.port;
    port_unmask_local(port);
    events_mask();
    op.cmd = EVTCHNOP_send;
    op.u.send.port = port;
    check_rc("compat-send", hc(event_channel_op_compat, &op), 0);
    check_rc("compat-yield", hc(sched_op_compat, SCHEDOP_yield, 0), 0);
    check_num("compat-event-waits", event_count[port], 0);
    check_rc("compat-block", hc(sched_op_compat, SCHEDOP_block, 0), 0);
    check_num("compat-block-delivers", event_count[port], 1);
    fact_rc("compat-unknown", hc(sched_op_compat, 77, 0));
    evtchn_close(port);
    PROBE("ud2", NONE, NONE);
    check_trap("exception", X_UD, -1);
}
