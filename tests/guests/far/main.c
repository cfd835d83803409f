// SPDX-License-Identifier: MIT
/*
 * Far transfers and loads of SS by the guest's kernel. On Xen it runs in ring 3 and the CPU does
 * all of them: LRET, far JMP and CALL through memory, IRETQ, MOV and LSS to SS, MOV to the data
 * segments; to the flat selectors, to the guest's own in GDT and LDT, and to bad ones, each of
 * which is the fault that the CPU gives it. What is seen afterwards: where it landed, RSP, and the
 * selectors in the frame of the next exception.
 */
#include "guest.h"

#define DESC(type, flags) ((u64)0xffff | (u64)(type) << 40 | 0xfULL << 48 | (u64)(flags) << 52)

enum {
    CODE = 0x0b, /* of the guest's GDT, with RPL 3; in its LDT with bit 2 set */
    DATA = 0x13,
    EMPTY = 0x1b,
    CODE_ABSENT = 0x23,
    CODE_CONFORMING = 0x2b,
    DATA_READ_ONLY = 0x33,
    DATA_ABSENT = 0x3b,
    CODE_EXECUTE_ONLY = 0x43,
    DATA_DOWN = 0x4b,
    CODE_32 = 0x53,
    BEYOND = 0xfff3,
    UNSET = 0x2ff3,
    LDT = 4,
};

static u64 saved_rsp, landing;
static u64 words[8];
static u8 guarded[3 * PAGE_SIZE] page_aligned; /* the last page isn't mapped */

/* Runs insn, then UD2 at label 8, where it shall land; RSP and selectors are as before afterwards.
 */
#define FAR(insn, ...)                                                                             \
    do {                                                                                           \
        trap_arm();                                                                                \
        asm volatile("mov %%rsp, %[rsp]\n\tmovq $9f, trap_resume_rip(%%rip)\n\t"                   \
                     "movq $8f, %[land]\n\tlea 8f(%%rip), %%rax\n\t" insn "\n8:\tud2\n9:\t"        \
                     "mov %[rsp], %%rsp\n\tmovq $0, trap_resume_rip(%%rip)"                        \
                     : [rsp] "=m"(saved_rsp), [land] "=m"(landing)                                 \
                     : __VA_ARGS__                                                                 \
                     : "rax", "rcx", "rdx", "r11", "memory", "cc");                                \
        hc(xen_version, XENVER_version, 0);                                                        \
    } while (0)

static void show(const char *name)
{
    const struct trap *t = &last_trap;

    fact(name, "%s landed %s rsp %ld cs 0x%x ss 0x%lx", trap_name(t),
         t->rip == landing ? "yes" : "no", (long)(t->rsp - saved_rsp), TRAP_CS(t), t->ss);
}

static const struct {
    const char *name;
    u64 sel;
} codes[] = {
    {"flat", 0xe033},
    {"flat-rpl-0", 0xe030},
    {"flat-rpl-1", 0xe031},
    {"flat-rpl-2", 0xe032},
    {"null", 0},
    {"null-rpl-3", 3},
    {"flat-data", 0xe02b},
    {"gdt", CODE},
    {"gdt-rpl-0", CODE & ~3},
    {"gdt-data", DATA},
    {"empty", EMPTY},
    {"absent", CODE_ABSENT},
    {"absent-rpl-0", CODE_ABSENT & ~3},
    {"conforming", CODE_CONFORMING},
    {"conforming-rpl-0", CODE_CONFORMING & ~3},
    {"execute-only", CODE_EXECUTE_ONLY},
    {"ldt", CODE | LDT},
    {"ldt-empty", EMPTY | LDT},
    {"ldt-absent", CODE_ABSENT | LDT},
    {"beyond", BEYOND},
    {"unset", UNSET},
    {"beyond-ldt", 0x1ff7},
    {"high-bits", 0xabcde033},
};

static void test_lret(void)
{
    for (unsigned int i = 0; i < ARRAY_LEN(codes); i++) {
        print("lretq %s\n", codes[i].name);
        FAR("pushq $0; pushq $3; push %[sel]; push %%rax; lretq", [sel] "r"(codes[i].sel));
        show("lretq");
    }
    FAR("pushq $1; pushq $2; push %[sel]; push %%rax; lretq $8", [sel] "r"(0xe033UL));
    show("lretq-imm");
    FAR("push %[sel]; push %%rax; .byte 0x41, 0x48, 0xcb", [sel] "r"(0xe033UL));
    show("lretq-rexes");
    FAR("push %[sel]; push %[rip]; lretq", [sel] "r"(0xe033UL), [rip] "r"(0x800000000000UL));
    fact_trap("lretq-noncanonical");
    FAR("push %[sel]; push %[rip]; lretq", [sel] "r"(0x1bUL), [rip] "r"(0x800000000000UL));
    show("lretq-noncanonical-and-bad");
    /* Nothing above the two words is mapped. */
    FAR("mov %[top], %%rsp; movl $0xe033, -8(%%rsp); mov %%rax, -16(%%rsp); sub $16, %%rsp; lretq",
        [top] "r"(guarded + 2 * PAGE_SIZE));
    fact("lretq-at-end", "%s landed %s", trap_name(&last_trap),
         last_trap.rip == landing ? "yes" : "no");
    check_true("lretq-at-end-rsp", last_trap.rsp == (ul)guarded + 2 * PAGE_SIZE);
    FAR("pushf; orq $0x100, (%%rsp); push %[sel]; push %%rax; mov 16(%%rsp), %%rdx; push %%rdx; "
        "popf;"
        "lretq; 8: nop",
        [sel] "r"(0xe033UL));
    fact("lretq-step", "%s", trap_name(&last_trap));
    hc(set_debugreg, 6, 0xffff0ff0);
}

static void test_jmp_call(void)
{
    for (unsigned int i = 0; i < ARRAY_LEN(codes); i++) {
        print("far %s\n", codes[i].name);
        words[1] = codes[i].sel;
        FAR("mov %%rax, (%[w]); rex.w ljmp *(%[w])", [w] "r"(words));
        show("ljmp");
        words[1] = codes[i].sel;
        FAR("lea 7f(%%rip), %%rax; mov %%rax, (%[w]); rex.w lcall *(%[w])\n"
            "7:\tmov (%%rsp), %%rcx; mov 8(%%rsp), %%rdx",
            [w] "r"(words));
        show("lcall");
        if (last_trap.entry == X_UD) {
            check_hex("lcall-pushed-cs", last_trap.regs.rdx, 0xe033);
            check_true("lcall-pushed-rip", last_trap.regs.rcx == last_trap.regs.rax);
        }
    }
    words[1] = 0xe033;
    words[0] = 0x800000000000UL;
    FAR("rex.w ljmp *(%[w])", [w] "r"(words));
    fact_trap("ljmp-noncanonical");
    FAR("rex.w lcall *(%[w])", [w] "r"(words));
    fact_trap("lcall-noncanonical");
    words[0] = 0xe03301234567UL;
    FAR("ljmp *(%[w])", [w] "r"(words));
    show("ljmpl");
    check_hex("ljmpl-rip", last_trap.rip, 0x1234567);
    words[0] = 0xe0334567;
    FAR(".byte 0x66; ljmp *(%[w])", [w] "r"(words));
    show("ljmpw");
    check_hex("ljmpw-rip", last_trap.rip, 0x4567);
    FAR("rex.w ljmp *(%[w])", [w] "r"((ul)guarded + 2 * PAGE_SIZE - 8));
    show("ljmp-not-mapped");
    /* There and back. */
    words[1] = 0xe033;
    FAR("movq $7f, (%[w]); rex.w lcall *(%[w]); 6: jmp 8f; 7: mov %%rsp, %%rdx; lretq", [w] "r"(
                                                                                            words));
    show("lcall-lretq");
    FAR("pushq $0x1111; mov %%ss, %%ecx; lea 7f(%%rip), %%rdx; pushq $0xe033; push %%rdx; lretq; "
        "7: pop %%rdx", );
    show("lretq-then-pop");
}

/*
 * A kernel that reads its own CS and SS and returns by what it read, as NetBSD does for interrupts
 * that it held back: by its own instructions and, with RPL 0 in CS, by HYPERVISOR_iret.
 */
static void test_own_selectors(void)
{
    FAR("mov %%rsp, %%rcx; mov %%ss, %%edx; push %%rdx; push %%rcx; pushf; mov %%cs, %%edx; push "
        "%%rdx; push %%rax; iretq", );
    show("own-iretq");
    FAR("mov %%rsp, %%rcx; mov %%ss, %%edx; or $3, %%edx; push %%rdx; push %%rcx; pushf; mov %%cs, "
        "%%edx;"
        "or $3, %%edx; push %%rdx; push %%rax; iretq", );
    show("own-iretq-rpl-3");
    FAR("mov %%cs, %%edx; push %%rdx; push %%rax; lretq", );
    show("own-lretq");
    FAR("mov %%cs, %%edx; or $3, %%edx; push %%rdx; push %%rax; lretq", );
    show("own-lretq-rpl-3");
    FAR("mov %%rax, (%[w]); mov %%cs, 8(%[w]); rex.w ljmp *(%[w])", [w] "r"(words));
    show("own-ljmp");
    FAR("mov %%ss, %%edx; or $3, %%edx; mov %%edx, %%ss", );
    show("own-ss");
    FAR("mov %%ss, %%edx; mov %%rsp, %%rcx; push %%rdx; push %%rcx; pushf; mov %%cs, %%edx; push "
        "%%rdx;"
        "andb $0xfc, (%%rsp); push %%rax; pushq $0; jmp hypercall_page + 32 * %c[nr]",
        [nr] "i"(__HYPERVISOR_iret));
    show("own-iret-call");
}

static void test_iretq(void)
{
    for (unsigned int i = 0; i < ARRAY_LEN(codes); i++) {
        print("iretq %s\n", codes[i].name);
        FAR("mov %%rsp, %%rdx; pushq $0xe02b; push %%rdx; pushf; push %[sel]; push %%rax; iretq",
            [sel] "r"(codes[i].sel));
        show("iretq");
    }
}

static const struct {
    const char *name;
    u64 sel;
} stacks[] = {
    {"flat", 0xe02b},
    {"flat-rpl-0", 0xe028},
    {"flat-rpl-1", 0xe029},
    {"null", 0},
    {"null-rpl-2", 2},
    {"null-rpl-3", 3},
    {"flat-code", 0xe033},
    {"flat-code-32", 0xe023},
    {"gdt", DATA},
    {"gdt-rpl-0", DATA & ~3},
    {"code", CODE},
    {"empty", EMPTY},
    {"absent", DATA_ABSENT},
    {"absent-rpl-0", DATA_ABSENT & ~3},
    {"code-absent", CODE_ABSENT},
    {"read-only", DATA_READ_ONLY},
    {"expand-down", DATA_DOWN},
    {"ldt", DATA | LDT},
    {"ldt-empty", EMPTY | LDT},
    {"beyond", BEYOND},
    {"unset", UNSET},
    {"beyond-ldt", 0x1ff7},
    {"high-bits", 0xabcde02b},
};

static void test_ss(void)
{
    for (unsigned int i = 0; i < ARRAY_LEN(stacks); i++) {
        print("ss %s\n", stacks[i].name);
        /* QEMU 7.2 takes a null selector in every ring but 3, and counts the code as ring 0 then.
         */
        if (stacks[i].sel > 3) {
            FAR("mov %k[sel], %%ss", [sel] "r"(stacks[i].sel));
            show("mov-reg-ss");
            words[0] = stacks[i].sel;
            FAR("mov (%[w]), %%ss", [w] "r"(words));
            show("mov-mem-ss");
            words[0] = 0x123456 | stacks[i].sel << 32;
            FAR("xor %%ecx, %%ecx; lss (%[w]), %%ecx", [w] "r"(words));
            show("lss");
            check_hex("lss-value", last_trap.regs.rcx, last_trap.entry == X_UD ? 0x123456 : 0);
        }
        FAR("mov %%rsp, %%rdx; push %[sel]; push %%rdx; pushf; pushq $0xe033; push %%rax; iretq",
            [sel] "r"(stacks[i].sel));
        show("iretq-ss");
    }
    words[0] = 0xe02b12345678;
    FAR("mov $-1, %%rax; lss (%[w]), %%eax; mov %%rax, 8(%[w])", [w] "r"(words));
    show("lssl");
    check_hex("lssl-value", words[1], 0x12345678);
    words[0] = 0xe02b1234;
    FAR("mov $-1, %%rax; .byte 0x66; lss (%[w]), %%eax; mov %%rax, 8(%[w])", [w] "r"(words));
    show("lssw");
    check_hex("lssw-value", words[1], 0xffffffffffff1234);
    FAR("mov (%[w]), %%ss", [w] "r"((ul)guarded + 2 * PAGE_SIZE));
    show("mov-ss-not-mapped");
    FAR("mov (%[w]), %%ss", [w] "r"((ul)guarded + 2 * PAGE_SIZE - 1));
    show("mov-ss-half-mapped");
    FAR("mov (%[w]), %%ss", [w] "r"(0x800000000000UL));
    show("mov-ss-noncanonical");
    FAR("mov %k[sel], %%ss; mov $0xe02b, %%ecx; mov %%ecx, %%ss", [sel] "r"((u64)DATA));
    show("mov-ss-back");
}

/* Every way to name a word of memory. */
static void test_addressing(void)
{
    static u16 table[64] = {[0 ... 63] = EMPTY};
    u64 base = (ul)table;

#define ADDRESSING(at, insn, ...)                                                                  \
    table[at] = 0xe02b;                                                                            \
    FAR(insn, [t] "r"(base), ##__VA_ARGS__);                                                       \
    show(insn);                                                                                    \
    table[at] = EMPTY
    ADDRESSING(0, "mov (%[t]), %%ss");
    ADDRESSING(3, "mov 6(%[t]), %%ss");
    ADDRESSING(3, "mov %[t], %%rax; mov 0x1006-0x1000(%%rax), %%ss");
    ADDRESSING(3, "lea 0x1000(%[t]), %%rax; mov -0xffa(%%rax), %%ss");
    ADDRESSING(5, "mov $5, %%ecx; mov (%[t], %%rcx, 2), %%ss");
    ADDRESSING(5, "mov $-5, %%rcx; mov 20(%[t], %%rcx, 2), %%ss");
    ADDRESSING(7, "mov %[t], %%r11; mov 14(%%r11), %%ss");
    ADDRESSING(8, "mov $2, %%r11d; mov (%[t], %%r11, 8), %%ss");
    ADDRESSING(9, "mov %[t], %%rcx; mov 18(, %%rcx, 1), %%ss");
    ADDRESSING(10, "push %%r12; mov %[t], %%r12; mov 20(%%r12), %%ss; pop %%r12");
    ADDRESSING(11, "push %%r13; mov %[t], %%r13; mov 22(%%r13), %%ss; pop %%r13");
    ADDRESSING(12, "push %%rbp; lea 24(%[t]), %%rbp; mov (%%rbp), %%ss; pop %%rbp");
    ADDRESSING(13, "mov %c[tab]+26(%%rip), %%ss", [tab] "i"(table));
    ADDRESSING(14, "mov %c[tab]+28, %%ss", [tab] "i"(table));
    ADDRESSING(0, "pushq $0xe02b; mov (%%rsp), %%ss; pop %%rcx");
    ADDRESSING(0, "pushq $0xe02b; xor %%ecx, %%ecx; mov (%%rsp, %%rcx), %%ss; pop %%rcx");
    hc(set_segment_base, SEGBASE_FS, base);
    hc(set_segment_base, SEGBASE_GS_KERNEL, base + 2);
    ADDRESSING(15, "mov %%fs:30, %%ss");
    ADDRESSING(16, "mov %%gs:30, %%ss");
    ADDRESSING(17, "mov $4, %%ecx; mov %%fs:30(%%rcx), %%ss");
    ADDRESSING(17, "mov $0x100000004, %%rcx; mov %%fs:30(%%ecx), %%ss");
    ADDRESSING(17, "mov $-4, %%rcx; mov %%fs:38(%%ecx), %%ss");
    ADDRESSING(0, ".byte 0x2e, 0x36, 0x3e, 0x26, 0x66, 0x66; mov (%[t]), %%ss");
    hc(set_segment_base, SEGBASE_FS, 0);
    hc(set_segment_base, SEGBASE_GS_KERNEL, 0);
}

static void test_data_segments(void)
{
    for (unsigned int i = 0; i < ARRAY_LEN(stacks); i++) {
        u32 sel = (u32)stacks[i].sel, ds = 0, es = 0, fs = 0, gs = 0;

        print("data %s\n", stacks[i].name);
        PROBE("mov %1, %%ds; mov %%ds, %0", "+r"(ds), "r"(sel));
        fact_trap("ds");
        PROBE("mov %1, %%es; mov %%es, %0", "+r"(es), "r"(sel));
        fact_trap("es");
        PROBE("mov %1, %%fs; mov %%fs, %0", "+r"(fs), "r"(sel));
        fact_trap("fs");
        PROBE("mov %1, %%gs; mov %%gs, %0", "+r"(gs), "r"(sel));
        fact_trap("gs");
        fact("values", "0x%x 0x%x 0x%x 0x%x", ds, es, fs, gs);
        FAR("push %[sel]; pop %%fs", [sel] "r"(stacks[i].sel));
        show("pop-fs");
        asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" ::"r"(0));
    }
}

/* A vCPU that is started on selectors of the guest's: its first exception shows them. */
static struct {
    u64 cs, ss, done;
} ap __attribute__((used));
asm(".pushsection .text\nap_entry: ud2\nap_ud: mov 24(%rsp), %rax; mov %rax, ap(%rip)\n"
    "mov 48(%rsp), %rax; mov %rax, ap+8(%rip); movq $1, ap+16(%rip)\n1: pause; jmp 1b\n"
    ".popsection");
void ap_entry(void);
extern u8 ap_ud[];

static void test_start(const u64 *gdt)
{
    static struct vcpu_guest_context c;
    static u8 stack[PAGE_SIZE] page_aligned;

    vcpu_context(&c, ap_entry, stack + sizeof(stack));
    c.user_regs.cs = CODE & ~3;
    c.user_regs.ss = DATA & ~3;
    c.gdt_frames[0] = mfn_of(gdt);
    c.gdt_ents = 512;
    c.trap_ctxt[X_UD] =
        (struct trap_info){.vector = X_UD, .cs = FLAT_KERNEL_CS, .address = (ul)ap_ud};
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    check_rc("start-initialise", hc(vcpu_op, VCPUOP_initialise, 1, &c), 0);
    check_rc("start-up", hc(vcpu_op, VCPUOP_up, 1, 0), 0);
    check_true("start-done", wait_until(READ_ONCE(ap.done)));
    check_hex("start-cs", ap.cs & 0xffff, CODE & ~3);
    check_hex("start-ss", ap.ss & 0xffff, DATA);
}

void test_main(void)
{
    u64 *gdt = page_alloc(), *ldt = page_alloc();
    ul frames[1] = {mfn_of(gdt)};

    gdt[CODE / 8] = ldt[CODE / 8] = DESC(0x9b, 0xa);
    gdt[DATA / 8] = ldt[DATA / 8] = DESC(0x93, 0xc);
    gdt[CODE_ABSENT / 8] = ldt[CODE_ABSENT / 8] = DESC(0x7b, 0xa);
    gdt[CODE_CONFORMING / 8] = DESC(0xff, 0xa);
    gdt[DATA_READ_ONLY / 8] = DESC(0xf1, 0xc);
    gdt[DATA_ABSENT / 8] = DESC(0x73, 0xc);
    gdt[CODE_EXECUTE_ONLY / 8] = DESC(0xf9, 0xa);
    gdt[DATA_DOWN / 8] = DESC(0xf7, 0xc);
    make_readonly(gdt);
    make_readonly(ldt);
    if (hc(set_gdt, frames, 512) || mmuext_one(MMUEXT_SET_LDT, (ul)ldt, 512) ||
        set_pte_va((ul)guarded + 2 * PAGE_SIZE, 0, UVMF_INVLPG))
        panic("tables");
    test_lret();
    test_jmp_call();
    test_iretq();
    test_own_selectors();
    test_ss();
    test_addressing();
    test_data_segments();
    test_start(gdt);
}
