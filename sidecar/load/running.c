// SPDX-License-Identifier: MIT
#include "running.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define __XEN_TOOLS__ 1
#include <xen/xen.h>
#include <xen/domctl.h>

/* Xen takes a domctl of its own version only.  Both calls look the same in all of these. */
#define FIRST_VERSION 5u /* of Xen 3.4 */
#define LAST_VERSION  64u

struct hypercall {
    uint64_t op, arg[5];
};
#define HYPERCALL PRIVCMD_REQUEST(0, struct hypercall)

_Static_assert(sizeof(((struct running *)0)->leaf[0]) == sizeof(xen_cpuid_leaf_t), "leaf");

static uint32_t version; /* of this Xen, once it is known */

static bool call(const struct domain *d, struct xen_domctl *op)
{
    struct hypercall c = {.op = __HYPERVISOR_domctl, .arg = {(uintptr_t)op}};
    uint32_t v = version ? version : FIRST_VERSION, last = version ? version : LAST_VERSION;

    for (; v <= last; v++) {
        op->interface_version = v;
        if (!ioctl(d->fd, (int)HYPERCALL, &c)) {
            version = v;
            return true;
        }
        if (errno != EACCES)
            return false;
    }
    return false;
}

bool running_read(const struct domain *d, unsigned int domid, struct running *r)
{
    static struct xen_domctl op; /* locked: Xen writes to it */

    memset(r, 0, sizeof(*r));
    if (mlock(&op, sizeof(op)) || mlock(r, sizeof(*r)))
        return false;
    op = (struct xen_domctl){.cmd = XEN_DOMCTL_get_address_size, .domain = (domid_t)domid};
    if (!call(d, &op) || (op.u.address_size.size != 64 && op.u.address_size.size != 32))
        return false;
    r->width = op.u.address_size.size / 8;
    op = (struct xen_domctl){.cmd = XEN_DOMCTL_get_cpu_policy, .domain = (domid_t)domid};
    op.u.cpu_policy.nr_leaves = RUNNING_LEAVES;
    set_xen_guest_handle(op.u.cpu_policy.leaves, (void *)r->leaf);
    if (call(d, &op) && op.u.cpu_policy.nr_leaves <= RUNNING_LEAVES)
        r->nr_leaves = op.u.cpu_policy.nr_leaves;
    return true;
}
