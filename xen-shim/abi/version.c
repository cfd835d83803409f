// SPDX-License-Identifier: MIT
/* xen_version: L0's own strings, with the capabilities and features of a PV domain. */
#include "guest.h"
#include "hypercall.h"
#include "l0.h"
#include "presence.h"
#include "shim.h"
#include "usercopy.h"

/* What the guest may rely on.  highmem_assist, avail bits and preserve_ad are hypercalls of ours;
 * Linux refuses to run without the last two. */
#define PV_FEATURES                                                                                \
    (1u << XENFEAT_highmem_assist | 1u << XENFEAT_mmu_pt_update_preserve_ad |                      \
     1u << XENFEAT_gnttab_map_avail_bits | 1u << XENFEAT_memory_op_vnode_supported)

/* Strings and blocks of fixed size, straight from L0. */
static s64 from_l0(u32 cmd, u64 arg, u64 size)
{
    union {
        u8 bytes[sizeof(xen_commandline_t)];
        u64 align;
    } buf;

    memset(&buf, 0, size);
    s64 rc = l0_call2(__HYPERVISOR_xen_version, cmd, &buf);
    if (rc < 0)
        return rc;
    return copy_to_guest(arg, &buf, size) ? rc : -XEN_EFAULT;
}

static s64 get_features(u64 arg)
{
    struct xen_feature_info f;

    if (!copy_from_guest(&f, arg, sizeof(f)))
        return -XEN_EFAULT;
    if (f.submap_idx)
        return -XEN_EINVAL;
    f.submap = PV_FEATURES;
    if (l0_has(XENFEAT_not_direct_mapped)) /* hosts that tell: for PV it is the other one */
        f.submap |= 1u << XENFEAT_direct_mapped;
    if (current()->vm_assist & 1UL << VMASST_TYPE_pae_extended_cr3)
        f.submap |= 1u << XENFEAT_pae_pgdir_above_4gb;
    return copy_to_guest(arg, &f, sizeof(f)) ? 0 : -XEN_EFAULT;
}

/* Who built the hypervisor, where and when: L0's, but for the who, which names the shim.  Nobody
 * compares it, and a guest without xenstore's tools has it in
 * /sys/hypervisor/compilation/compiled_by. */
static s64 compile_info(u64 arg)
{
    xen_compile_info_t info = {0};
    char version[sizeof(info.compile_by) - sizeof("xen-shim ") + 1];

    s64 rc = l0_call2(__HYPERVISOR_xen_version, XENVER_compile_info, &info);
    if (rc < 0)
        return rc;
    presence_version(version, sizeof(version));
    snprintf(info.compile_by, sizeof(info.compile_by), "xen-shim %s", version);
    return copy_to_guest(arg, &info, sizeof(info)) ? rc : -XEN_EFAULT;
}

s64 do_xen_version(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    switch ((u32)cmd) {
    case XENVER_version:
        return l0.version;
    case XENVER_extraversion:
        return from_l0((u32)cmd, arg, sizeof(xen_extraversion_t));
    case XENVER_compile_info:
        return compile_info(arg);
    case XENVER_capabilities: {
        static const xen_capabilities_info_t caps = "xen-3.0-x86_64 ";
        return copy_to_guest(arg, &caps, sizeof(caps)) ? 0 : -XEN_EFAULT;
    }
    case XENVER_changeset:
        return from_l0((u32)cmd, arg, sizeof(xen_changeset_info_t));
    case XENVER_platform_parameters: {
        struct xen_platform_parameters p = {.virt_start = HYPERVISOR_VIRT_START};
        return copy_to_guest(arg, &p, sizeof(p)) ? 0 : -XEN_EFAULT;
    }
    case XENVER_get_features:
        return get_features(arg);
    case XENVER_pagesize:
        return arg ? -XEN_EINVAL : (s64)PAGE_SIZE;
    case XENVER_guest_handle:
        return from_l0((u32)cmd, arg, sizeof(xen_domain_handle_t));
    case XENVER_commandline:
        return from_l0((u32)cmd, arg, sizeof(xen_commandline_t));
    case XENVER_build_id: {
        struct xen_build_id id;
        if (!arg)
            return l0_call2(__HYPERVISOR_xen_version, cmd, 0);
        if (!copy_from_guest(&id, arg, sizeof(id)))
            return -XEN_EFAULT;
        if (id.len > 64)
            id.len = 64;
        struct {
            u32 len;
            u8 buf[64];
        } out = {.len = id.len};
        s64 rc = l0_call2(__HYPERVISOR_xen_version, cmd, &out);
        if (rc > 0 && !copy_to_guest(arg, &out, sizeof(u32) + (u64)rc))
            return -XEN_EFAULT;
        return rc;
    }
    }
    return -XEN_ENOSYS;
}
