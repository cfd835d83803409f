// SPDX-License-Identifier: MIT
/* The shim's story from the loader to the guest's first instruction, in order. */
#include "adopt.h"
#include "ahci.h"
#include "build.h"
#include "cmdline.h"
#include "connect.h"
#include "console.h"
#include "cpu.h"
#include "debugreg.h"
#include "elf.h"
#include "evtchn.h"
#include "firmware.h"
#include "frames.h"
#include "guest.h"
#include "guest_time.h"
#include "guestcon.h"
#include "held.h"
#include "isolate.h"
#include "kind.h"
#include "l0.h"
#include "lapic.h"
#include "map.h"
#include "mmu.h"
#include "mmuext.h"
#include "mtrr.h"
#include "multiboot.h"
#include "pod.h"
#include "presence.h"
#include "pvh.h"
#include "quick.h"
#include "ram.h"
#include "share.h"
#include "shim.h"
#include "smp.h"
#include "selftest.h"
#include "speculation.h"
#include "start.h"
#include "stats.h"
#include "tables.h"
#include "unplug.h"

#include <xen/arch-x86/hvm/start_info.h>

static struct boot_info boot;
static struct cmdline cmdline;
static struct build_result built;
static u64 start_tsc;
static bool adopting; /* a saved guest comes, and the sidecar's isn't built */

extern u8 image_start[], image_end[];
void __noreturn shim_main(u32 magic, u32 info);

static s64 l0_memory_map(struct e820_entry *map, u32 n)
{
    struct xen_memory_map op = {.nr_entries = n};

    set_xen_guest_handle(op.buffer, (void *)map);
    s64 rc = l0_call2(__HYPERVISOR_memory_op, XENMEM_memory_map, &op);
    return rc ? rc : op.nr_entries;
}

static s64 firmware_memory_map(struct e820_entry *map, u32 n)
{
    return firmware_map(map, n, va(0));
}

static const char *read_loader(u32 magic, u32 pa)
{
    if (magic == XEN_HVM_START_MAGIC_VALUE)
        return pvh_read(&boot, pa, va(0), l0_memory_map);
    if (magic == FIRMWARE_MAGIC)
        return pvh_read(&boot, pa, va(0), firmware_memory_map);
    return multiboot_read(&boot, magic, pa, va(0));
}

/* The loader's structures lie in memory that will be given away: keep what is still needed. */
static void read_boot_info(u32 magic, u32 pa)
{
    static char guest_cmdline[MAX_GUEST_CMDLINE + 1];
    const char *err = read_loader(magic, pa);

    if (err)
        refuse("%s", err);
    const char *bad = cmdline_parse(&cmdline, boot.cmdline);
    if (cmdline.debug)
        console_set_debug();
    if (cmdline.stats)
        stats_enable();
    if (bad)
        report("command line: I don't know \"%s\"", bad);
    if (boot.nr_modules == 0)
        refuse("no guest kernel: the sidecar must load it as module 1");
    if (cmdline.guest_cmdline_module && boot.nr_modules > 1) {
        /* What GRUB can't pass in a string byte for byte comes as a file, without a 0 at its end.
         */
        const struct boot_module *m = &boot.module[--boot.nr_modules];
        memcpy(guest_cmdline, va(m->start), min_t(u64, m->end - m->start, MAX_GUEST_CMDLINE));
    } else {
        strlcpy(guest_cmdline, boot.module[0].string, sizeof(guest_cmdline));
    }
    boot.module[0].string = guest_cmdline;
}

/* By the loader's map, or what the shim's command line says.  A PVH domain has no builder of ours,
 * and all that the shim leaves. */
static struct share share_of_this(bool pvh)
{
    struct share s = {0, 0};
    const u64 most = cmdline.max_mem >> PAGE_SHIFT;

    if (!pvh)
        s = share_of_guest(share_domain_mib(&boot), pod_mib);
    if (most && (!s.pages || most < s.pages))
        s = (struct share){most, most};
    return s;
}

static void claim_memory(void)
{
    ram_init(&ram, &boot);
    ram_reserve(&ram, 0, (AP_TRAMPOLINE >> PAGE_SHIFT) + 1);
    ram_reserve(&ram, image_pa(image_start) >> PAGE_SHIFT, image_pa(image_end) >> PAGE_SHIFT);
    ram_reserve_special(&ram, l0.store_mfn, l0.console_mfn);
    for (unsigned int i = 0; i < boot.nr_modules; i++)
        ram_reserve(&ram, boot.module[i].start >> PAGE_SHIFT,
                    round_up(boot.module[i].end, PAGE_SIZE) >> PAGE_SHIFT);
}

static void choose_kind(void)
{
    const struct boot_module *kernel = &boot.module[0];

    guest.pv32 = elf_is_32bit(va(kernel->start), kernel->end - kernel->start);
    if (!guest.pv32)
        return;
    kind = &kind32;
    ports_use_32bit_layout();
}

static void init_vcpus(void)
{
    static const struct quick_ways ways = {
        .mmuext = mmuext_quick,
        .choose_user_table = mmu_choose_user_table,
        .user_read_only = mmu_user_read_only,
    };

    memcpy(&quick_ways, &ways, sizeof(ways));
    for (u32 i = 0; i < nr_vcpus; i++) {
        cpu_area_init(i);
        struct vcpu *v = vcpu_of(i);
        v->apic_id = i * 2; /* on every version of L0 */
        debugreg_init(v, NULL);
    }
}

static void init_guest_state(void)
{
    guest.domid = l0_domid();
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        guest.shared->vcpu_info[i].evtchn_upcall_mask = 1;
    for (u32 i = 0; i < nr_vcpus; i++) {
        vcpu_info_init(vcpu_of(i));
        timer_init_vcpu(vcpu_of(i));
    }
}

/* Faults made on purpose, so that what mends them can be tested. */
static void inject_faults(void)
{
    if (!*cmdline.test)
        return;
    if (string_is(cmdline.test, "mute-upcall"))
        upcall_test_mute(100);
    else if (string_is(cmdline.test, "drop-timer"))
        idle_test_drop_timer();
    else if (!selftest_enable(cmdline.test))
        report("command line: no such fault: test=%s", cmdline.test);
}

/* On vCPU 0's own stack from here on: the last steps, each of which needs current(). */
static void __noreturn start_vcpu0(void)
{
    struct vcpu *v = current();
    struct regs *r = vcpu_regs(v);

    if (isolate)
        cpu_isolate();
    connect_first(&cmdline, built.console);
    presence_tell(true);
    if (adopting) {
        adopt_start(v);
    } else {
        v->up = v->initialised = v->started = v->kernel_mode = true;
        kind->first_regs(r, built.entry, built.stack, built.start_info);
    }
    inject_faults();
    stats_start(rdtsc() - start_tsc);
    start_guest(v);
}

void shim_main(u32 magic, u32 info)
{
    start_tsc = rdtsc();
    mtrr_enable();
    ahci_stop();
    l0_init();
    ports_clean(l0_shared);
    read_boot_info(magic, info);
    l0_use_model(cmdline.l0);
    adopting = handover_wanted();
    claim_memory();
    pod_init();
    map_init();
    choose_kind();
    frames_init(&boot);
    tables_init();
    pod_settle();
    isolate_init(cmdline.isolate);
    speculation_init(cmdline.verw);
    cpu_features_init();
    lapic_choose(l0_hvm_flags());
    lapic_init();
    smp_count(cmdline.max_vcpus);
    init_vcpus();
    cpu_load(vcpu_of(0));
    cpu_probe_msrs();
    speculation_probe();
    platform_unplug();
    fifo_init(!cmdline.two_level, release_frame);
    guest.store_port = l0.store_evtchn;
    guestcon_choose(cmdline.console);
    /* The shim's own pages are all taken by now; the rest is the guest's. */
    struct share share = share_of_this(magic == XEN_HVM_START_MAGIC_VALUE);
    if (adopting)
        adopt_guest(&built, &boot, share, &cmdline);
    else
        build_guest(&built, &boot, share);
    init_guest_state();
    if (adopting)
        adopt_shared_info();
    __asm__ volatile("mov %0, %%rsp\n call *%1" ::"r"(vcpu_of(0)->stack_top - 256), "r"(start_vcpu0)
                     : "memory");
    __builtin_unreachable();
}
