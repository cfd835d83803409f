/* SPDX-License-Identifier: MIT */
/*
 * One virtual CPU of the guest.  Guest vCPU n runs on L0 vCPU n, always; the structure lies in
 * the vCPU's area (layout.h) and is written by its own CPU.  Others write what says so, and, while
 * the vCPU isn't up, whatever hypercalls on its behalf set.
 */
#ifndef SHIM_VCPU_H
#define SHIM_VCPU_H

#include "layout.h"
#include "regs.h"
#include "timemath.h"
#include "tree.h"
#include "xen_abi.h"

#define MAX_VCPUS 128

struct tss {
    u32 reserved0;
    u64 rsp0, rsp1, rsp2;
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3, iomap_base;
} __attribute__((packed));

/*
 * What the CPU and L0 reach in the vCPU's area by virtual address whatever runs, and what isolate.S
 * needs before the shim's other memory is there.  A page of its own: with isolation it's mapped in
 * user mode's table, too, and while user mode runs there's nothing of the kernel's in it.
 */
struct lobby {
    struct tss tss;
    u64 kernel_cr3; /* the guest kernel's table: all that the shim has is in it */
    u64 user_cr3;   /* user mode's own, or 0: it runs on the kernel's */
    u64 loaded;     /* user_cr3 while user mode runs on it, else 0 */
    u64 saved_rax;
    struct vcpu_runstate_info l0_runstate __aligned(64); /* L0's, see runstate.h */
};

/* A handler that the guest registered for a callback; address 0 = none.  A 32-bit guest names its
 * code segment, too, with RPL 1 at least; there a null one = none. */
struct callback {
    u64 address;
    bool mask_events;
    u16 cs;
};

struct trap_handler {
    u64 address;
    u8 dpl;
    bool mask_events;
    u16 cs; /* as in struct callback */
};

/* Stacks of the guest's kernel that were looked at are found by these bits of their addresses. */
#define STACKS_SEEN       16
#define STACKS_SEEN_SHIFT 14

/* What a system call pushes onto the kernel's stack, in bytes: bounce.c. */
#define SYSCALL_PUSHES 56

/* What IRETQ takes. */
struct cpu_frame {
    u64 rip, cs, rflags, rsp, ss;
};

struct vcpu {
    /* Reached by the SYSCALL stub. */
    void (*syscall_entry)(void), (*syscall32_entry)(void);
    u64 stack_top;
    struct cpu_frame to_syscall; /* by which a system call of 64-bit code's goes to the guest's
                                    kernel; rsp is kernel_sp - SYSCALL_PUSHES */

    struct vcpu_info *vi; /* the guest's: in shared_info or where it registered it; direct map */
    bool up, initialised; /* by any CPU: smp.c, vcpu_op.c */
    bool ist_used;        /* the NMI's or the debug trap's stack holds more than user mode's own */
    bool shows_kernel_pages; /* isolate32.c: the way to user mode leads through it */
    bool fpu_ts;             /* guest asked for #NM at the next FPU use */
    bool fpu_valid;          /* `fpu` is */
    u8 iopl;
    bool nmi_masked; /* an NMI is being handled, until the next iret hypercall; stays here:
                        syscall64.S clears it and kernel_mode in one store */
    union {
        struct {
            bool kernel_mode; /* the guest runs its kernel; not the same as the CPL */
            /* The ways in assembly are for where none of these is true, hypercalls look at the
             * first three only. */
            bool nmi_pending;      /* set by any CPU */
            bool odd_selectors;    /* the kernel loaded others than Xen's flat ones: far.c */
            bool odd_kernel_sp;    /* kernel_sp isn't aligned, or not the guest's */
            bool separate_user;    /* user mode runs on user_cr3; see mmu_user.c */
            bool user_table_dirty; /* decide that again at the next return to user mode; set by any
                                    */
            bool iopl_assist; /* frames show the IOPL: VMASST_TYPE_architectural_iopl; by any */
            bool no_syscall;  /* none is registered: vcpu_syscall_set */
        };
        u64 mode; /* 0: user mode, 1: the kernel, and nothing out of the ordinary */
    };
    u32 id;
    u32 apic_id;

    u64 cr3, user_cr3; /* physical addresses of the guest's L4s; 0 = none.  Of a 32-bit guest: of
                          the shim's L4, and the guest's L3 (mmu32.h) */
    struct same_user {
        u64 kernel, user, generation;
    } same_user[4]; /* pairs of tables found to agree */
    s32 work;       /* that the hypercall may still do before it is preempted; preempt.h */
    struct {
        u32 n;
        u64 arg[3];
        bool wanted;
    } again; /* how a preempted one goes on */
    struct tables_search {
        struct tree_search tree;
        mfn_t l4;
        u64 cr3;
        u32 stage;
    } tables; /* a search that isn't at its end; tables.c */
    u64 kernel_sp;
    u64 stacks_seen[STACKS_SEEN]; /* values of it that need no look: vcpu_stack_seen */
    u16 seen_cs, seen_ss; /* those, when odd_selectors; the CPU has the shim's ring 1 pair */
    u16 kernel_ss; /* of a 32-bit guest: with kernel_sp, where handlers of user mode's start */
    u64 cr4;       /* virtual */
    struct callback event, failsafe, syscall, syscall32, sysenter, nmi;
    u64 dr[8];
    u64 fs_base, gs_base_kernel, gs_base_user; /* initial values only: live in MSRs */
    u16 initial_ds, initial_es, initial_fs, initial_gs;
    bool started, parked;
    bool restart;              /* parked, and initialised anew: it goes on with the initial state */
    u8 fpu[512] __aligned(16); /* initial FXSAVE image, if fpu_valid */
    const struct vcpu_saved *volatile saved; /* what goes beyond that; NULL: nothing, or loaded */
    u64 vm_assist;
    u64 gdt_mfn[14], ldt_mfn[16]; /* what is in the windows; 0 = nothing of the guest's */
    u32 ldt_ents;
    u64 ldt_base;
    u64 iobitmap; /* guest address of the I/O bitmap, see physdev.c */
    u32 iobitmap_ports;

    /* Events: written by any CPU, with atomic operations. */
    volatile u32 kick;      /* what to do: KICK_* */
    u32 kick_port;          /* of L0's, to wake it by; 0: by its LAPIC */
    volatile u32 poll_port; /* kick.h */
    volatile bool frozen;   /* stands still in freeze.c */
    volatile bool idle;     /* halted in idle.c: does what it is asked to when it goes on */
    bool vi_registered;

    /* stolen-time/ owns these; see timer.h, clock.h and runstate.h. */
    u64 timer_deadline, poll_deadline, lapic_deadline;
    u64 waited;                   /* ns, the last time in idle() */
    bool slept_out;               /* until its deadline */
    volatile u64 periodic_period; /* set by any CPU, up or not; 0 = none */
    u64 periodic_last, periodic_seen;
    bool waiting;                 /* in block or poll */
    u64 time_area, runstate_area; /* guest addresses or 0; set by any CPU */
    u64 runstate_seen;
    u64 runstate_base[4]; /* L0's run-state times when this domain instance went on */
    u32 l0_time_seen;
    bool time_area_stale;
    struct time_line clock; /* where L0's pvclock can't be used */

    struct vcpu_info *l0_vi; /* L0's vcpu_info of this vCPU */

    struct trap_handler traps[256];
};

_Static_assert(sizeof(struct vcpu) <= VCPU_PAGES * 4096, "struct vcpu outgrew its pages");

_Static_assert(offsetof(struct vcpu, nmi_masked) + 1 == offsetof(struct vcpu, kernel_mode),
               "syscall64.S clears both at once");

/* The vCPU that runs this code: every stack lies in its vCPU's area. */
static inline struct vcpu *current(void)
{
    u64 sp;
    __asm__("mov %%rsp, %0" : "=r"(sp));
    return (struct vcpu *)((sp & ~(VCPU_AREA_SIZE - 1)) + VCPU_STRUCT_OFF);
}

/* The guest's own, with which it begins, and which whatever comes from it (a hypercall, a fault, an
 * interrupt) leaves at the top of the stack. */
static inline struct regs *vcpu_regs(const struct vcpu *v)
{
    return (struct regs *)(v->stack_top - sizeof(struct regs));
}

/* Where the guest's handlers find their stack when they interrupt user mode. */
void vcpu_set_kernel_sp(struct vcpu *v, u64 sp);
/* After a change of v->syscall. */
static inline void vcpu_syscall_set(struct vcpu *v)
{
    v->no_syscall = !v->syscall.address;
    v->to_syscall.rip = v->syscall.address;
}
/* Of the one that it has now nothing else is to be found out when it is set again: hypercall64.S.
 * Until all are forgotten. */
void vcpu_stack_seen(struct vcpu *v);
void vcpu_forget_stacks(struct vcpu *v);
static inline bool vcpu_stack_is_seen(const struct vcpu *v)
{
    return v->stacks_seen[v->kernel_sp >> STACKS_SEEN_SHIFT & (STACKS_SEEN - 1)] == v->kernel_sp;
}

static inline struct lobby *lobby(const struct vcpu *v)
{
    return (struct lobby *)((u64)v - VCPU_STRUCT_OFF + VCPU_LOBBY_OFF);
}

/* Any vCPU by number below nr_vcpus, which is 1 until smp.c has counted. */
extern u32 nr_vcpus;

static inline u64 vcpu_area(u32 id)
{
    return VCPU_AREAS + id * VCPU_AREA_SIZE;
}

static inline struct vcpu *vcpu_of(u32 id)
{
    return (struct vcpu *)(vcpu_area(id) + VCPU_STRUCT_OFF);
}

#endif
