// SPDX-License-Identifier: MIT
/*
 * memory_op: calls about physical address spaces, which a PV guest hasn't, of toolstacks, and of
 * features that no domain here has: each with the answer that a plain PV domain gets on Xen 4.17.
 */
#include "balloon.h"
#include "guest.h"
#include "usercopy.h"
#include "xen_abi.h"

/* Numbers that <xen/memory.h> shows to tools only. */
enum {
    XENMEM_get_sharing_freed_pages = 18,
    XENMEM_get_sharing_shared_pages = 19,
    XENMEM_access_op = 21,
    XENMEM_claim_pages = 24,
    XENMEM_reserved_device_memory_map = 27,
};

/* The guest's own word for it, in shared_info. */
static s64 maximum_gpfn(void)
{
    u64 pfns = guest_max_pfn();

    return pfns ? (s64)pfns - 1 : 0;
}

static s64 physmap(u32 op, u64 arg)
{
    struct xen_add_to_physmap x; /* the domain comes first in all of them */
    u64 size = op == XENMEM_add_to_physmap        ? sizeof(x)
               : op == XENMEM_remove_from_physmap ? sizeof(struct xen_remove_from_physmap)
                                                  : sizeof(domid_t);

    if (!copy_from_guest(&x, arg, size))
        return -XEN_EFAULT;
    if (!own_domain(x.domid) && x.domid) /* domain 0 is there, and has none either */
        return -XEN_ESRCH;
    if (op == XENMEM_add_to_physmap && x.space == XENMAPSPACE_gmfn_foreign)
        return -XEN_ENOSYS;
    return -XEN_EACCES;
}

static s64 claim_pages(u64 arg)
{
    struct xen_memory_reservation r;

    if (!copy_from_guest(&r, arg, sizeof(r)))
        return -XEN_EFAULT;
    return r.extent_start.p || r.extent_order || r.mem_flags ? -XEN_EINVAL : -XEN_EPERM;
}

/* A pointer that can't be read is EFAULT, else the error is the same for all that is there. */
static s64 answer(u64 arg, s64 rc)
{
    u64 word;

    return copy_from_guest(&word, arg, sizeof(word)) ? rc : -XEN_EFAULT;
}

s64 memory_rest(u32 op, u64 arg)
{
    domid_t domid;

    switch (op) {
    case XENMEM_maximum_gpfn:
        return memory_of_domain(arg, maximum_gpfn());
    case XENMEM_add_to_physmap:
    case XENMEM_add_to_physmap_batch:
    case XENMEM_remove_from_physmap:
        return physmap(op, arg);
    case XENMEM_set_pod_target: /* populate-on-demand, memory events, devices: not for PV domains */
    case XENMEM_get_pod_target:
    case XENMEM_access_op:
    case XENMEM_reserved_device_memory_map:
        return answer(arg, -XEN_EINVAL);
    case XENMEM_get_sharing_freed_pages: /* nothing is shared */
    case XENMEM_get_sharing_shared_pages:
        return 0;
    case XENMEM_claim_pages:
        return claim_pages(arg);
    case XENMEM_machphys_compat_mfn_list:
        return -XEN_EOPNOTSUPP;
    case XENMEM_get_vnumainfo: /* no virtual NUMA nodes */
        return memory_of_domain(arg, -XEN_EOPNOTSUPP);
    case XENMEM_acquire_resource: /* of domains that one is the device model of */
        if (!copy_from_guest(&domid, arg, sizeof(domid)))
            return -XEN_EFAULT;
        return domid == guest.domid ? -XEN_EPERM : -XEN_ESRCH;
    }
    return -XEN_ENOSYS;
}
