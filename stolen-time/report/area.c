// SPDX-License-Identifier: MIT
/* See area.h.  Linux keeps it in the per-CPU variable xen_runstate. */
#include "area.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/vcpu.h>

static int fd = -1;
static uint64_t variable, offsets;
static Elf64_Phdr phdr[64];
static unsigned int segments;

static bool find_symbols(void)
{
    char line[512], name[256], type;
    unsigned long long at;
    FILE *f = fopen("/proc/kallsyms", "r");

    while (f && !(variable && offsets) && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%llx %c %255s", &at, &type, name) != 3)
            continue;
        if (!strcmp(name, "xen_runstate"))
            variable = at;
        if (!strcmp(name, "__per_cpu_offset"))
            offsets = at;
    }
    if (f)
        fclose(f);
    return variable && offsets;
}

static bool kernel_read(uint64_t at, void *to, size_t n)
{
    for (unsigned int i = 0; i < segments; i++)
        if (phdr[i].p_type == PT_LOAD && at >= phdr[i].p_vaddr &&
            at + n <= phdr[i].p_vaddr + phdr[i].p_memsz)
            return pread(fd, to, n, (off_t)(phdr[i].p_offset + at - phdr[i].p_vaddr)) == (ssize_t)n;
    return false;
}

const char *area_open(void)
{
    Elf64_Ehdr e;

    if (!find_symbols())
        return "no xen_runstate in /proc/kallsyms";
    fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, &e, sizeof(e), 0) != sizeof(e))
        return "no /proc/kcore";
    segments = e.e_phnum < 64 ? e.e_phnum : 64;
    if (pread(fd, phdr, segments * sizeof(*phdr), (off_t)e.e_phoff) !=
        (ssize_t)(segments * sizeof(*phdr)))
        return "no program headers in /proc/kcore";
    return NULL;
}

bool area_read(unsigned int cpu, struct host_times *t)
{
    struct vcpu_runstate_info a, b;
    uint64_t base;

    if (!kernel_read(offsets + 8 * cpu, &base, sizeof(base)))
        return false;
    do {
        if (!kernel_read(base + variable, &a, sizeof(a)) ||
            !kernel_read(base + variable, &b, sizeof(b)))
            return false;
    } while (memcmp(&a, &b, sizeof(a)) || a.state_entry_time & XEN_RUNSTATE_UPDATE);
    t->entry = a.state_entry_time;
    for (int i = 0; i < STATES; i++)
        t->time[i] = a.time[i];
    return true;
}
