// SPDX-License-Identifier: MIT
/* See host.h. */
#include "host.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <xen/xen.h>
#include <xen/vcpu.h>
#include <xen/sys/privcmd.h>

static int fd = -1;
/* A page that stays where it is: the hypervisor writes there. */
static struct vcpu_runstate_info *buffer;

const char *host_open(void)
{
    struct host_times t;

    fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        fd = open("/proc/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return "no access to /dev/xen/privcmd: needs root and the kernel module xen-privcmd";
    buffer = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    if (buffer == MAP_FAILED)
        return "no memory that stays in place";
    return host_read(0, &t) ? NULL : "the hypervisor refuses to tell";
}

bool host_read(unsigned int vcpu, struct host_times *t)
{
    privcmd_hypercall_t call = {
        .op = __HYPERVISOR_vcpu_op,
        .arg = {VCPUOP_get_runstate_info, vcpu, (uintptr_t)buffer},
    };

    memset(buffer, 0, sizeof(*buffer));
    if (ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call))
        return false;
    t->entry = buffer->state_entry_time;
    for (int i = 0; i < STATES; i++)
        t->time[i] = buffer->time[i];
    return true;
}
