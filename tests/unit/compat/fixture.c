// SPDX-License-Identifier: MIT
/* See fixture.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <linux/elf.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#undef PF_W /* of page faults, below */

#include "fixture.h"
#include "guest.h"
#include "unit.h"

u8 vcpu_areas[VCPUS][VCPU_AREA_SIZE] __aligned(64);
u8 *guest_memory;
struct guest guest;
u32 nr_vcpus;

#define MEMORY_BYTES ((GUEST_PAGES + 1) * PAGE_SIZE)

static struct fixup {
    u64 start, end, to;
} fixups[256];
static u64 nr_fixups;

extern char __executable_start[];

/* The table that usercopy.h's code left in this program, which lies above all addresses of 32 bits.
 */
static void find_fixups(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    u8 *file = mmap(NULL, (size_t)lseek(fd, 0, SEEK_END), PROT_READ, MAP_PRIVATE, fd, 0);
    const Elf64_Ehdr *e = (const Elf64_Ehdr *)file;
    const Elf64_Shdr *s = (const Elf64_Shdr *)(file + e->e_shoff);

    close(fd);
    assert_true(e->e_type == ET_DYN && (u64)__executable_start >> 32);
    for (unsigned int i = 0; i < e->e_shnum; i++)
        if (!strcmp((char *)file + s[e->e_shstrndx].sh_offset + s[i].sh_name, ".extable")) {
            assert_in_range(s[i].sh_size, 1, sizeof(fixups));
            memcpy(fixups, __executable_start + s[i].sh_addr, s[i].sh_size);
            nr_fixups = s[i].sh_size / sizeof(*fixups);
        }
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    greg_t *rip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

    (void)info;
    for (u64 i = 0; i < nr_fixups; i++)
        if ((u64)*rip >= fixups[i].start && (u64)*rip < fixups[i].end) {
            *rip = (greg_t)fixups[i].to;
            return;
        }
    sigaction(sig, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

/* cmocka's, around each case: these signals are ours. */
void (*signal(int sig, void (*handler)(int)))(int)
{
    struct sigaction old = {.sa_handler = SIG_DFL}, new = {.sa_handler = handler};

    if (sig != SIGSEGV && sig != SIGBUS)
        sigaction(sig, &new, &old);
    return old.sa_handler;
}

static void *map(u64 at, size_t n, int prot, int fd, long offset)
{
    void *p =
        mmap((void *)at, n, prot,
             fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED : MAP_SHARED | (at ? MAP_FIXED : 0),
             fd, offset);

    assert_true(p != MAP_FAILED && (!at || p == (void *)at));
    return p;
}

static void map_all(void)
{
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    int fd = memfd_create("guest", 0);

    assert_int_equal(ftruncate(fd, MEMORY_BYTES), 0);
    guest_memory = map(0, MEMORY_BYTES, PROT_READ | PROT_WRITE, fd, 0);
    map(GUEST, GUEST_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE, fd, 0);
    map(GUEST_RO, PAGE_SIZE, PROT_READ, fd, GUEST_PAGES * PAGE_SIZE);
    close(fd);
    map(XLAT_VIRT, XLAT_BYTES, PROT_READ | PROT_WRITE, -1, 0);
    find_fixups();
    sigaction(SIGSEGV, &act, NULL);
    sigaction(SIGBUS, &act, NULL);
}

int fixture(void **state)
{
    (void)state;
    if (!guest_memory)
        map_all();
    memset(guest_memory, 0xee, MEMORY_BYTES);
    memset((void *)XLAT_VIRT, 0xdd, XLAT_BYTES);
    memset(vcpu_areas, 0, sizeof(vcpu_areas));
    nr_vcpus = VCPUS;
    guest = (struct guest){.domid = 7, .pv32 = true};
    for (u32 i = 0; i < VCPUS; i++)
        vcpu_of(i)->id = i;
    current()->stack_top = (u64)(vcpu_areas[0] + VCPU_STACK_TOP);
    current()->work = 1 << 20;
    return 0;
}
