// SPDX-License-Identifier: MIT
/* grant_table_op of a 32-bit guest.  What isn't here has the same structures in both. */
#include "compat.h"

#include "grant.h"
#include "preempt.h"
#include "shim.h"

/* More frames than L0's table can have are an error of the handler's, which then stores none. */
#define AREA_FRAMES ((XLAT_BYTES - sizeof(struct gnttab_setup_table)) / sizeof(u64))

static s64 setup_table(u64 arg, u64 count)
{
    struct {
        struct gnttab_setup_table op;
        u64 frame[AREA_FRAMES];
    } *area = (void *)XLAT_VIRT;
    struct gnttab_setup_table_x86_32 op;

    if (count != 1)
        return -XEN_EINVAL;
    if (!copy_from_guest32(&op, arg, sizeof(op)) || !range32_ok(op.frame_list, op.nr_frames * 4UL))
        return -XEN_EFAULT;
    area->op = (struct gnttab_setup_table){
        .dom = op.dom,
        .nr_frames = op.nr_frames,
        .frame_list.p = area->frame,
    };
    s64 rc = do_grant_table_op(GNTTABOP_setup_table, XLAT_VIRT, 1, 0, 0);
    if (rc)
        return rc;
    op.status = area->op.status;
    /* Xen doesn't tell a 32-bit guest of a list that can't be written: by then its status is made.
     */
    for (u64 i = 0; i < op.nr_frames && op.status == GNTST_okay; i++) {
        u32 frame = i < AREA_FRAMES ? (u32)area->frame[i] : 0;

        if (!copy_to_guest32(op.frame_list + i * sizeof(frame), &frame, sizeof(frame)))
            break;
    }
    return copy_to_guest32(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

/* The frames have words of 64 bits here, too. */
static s64 get_status_frames(u64 arg, u64 count)
{
    struct gnttab_get_status_frames *native = (struct gnttab_get_status_frames *)XLAT_VIRT;
    struct gnttab_get_status_frames_x86_32 op;

    if (count != 1)
        return -XEN_EINVAL;
    if (!copy_from_guest32(&op, arg, sizeof(op)) || !range32_ok(op.frame_list, op.nr_frames * 8UL))
        return -XEN_EFAULT;
    *native = (struct gnttab_get_status_frames){
        .nr_frames = op.nr_frames,
        .dom = op.dom,
        .frame_list.p = (uint64_t *)(u64)op.frame_list,
    };
    s64 rc = do_grant_table_op(GNTTABOP_get_status_frames, XLAT_VIRT, 1, 0, 0);
    if (rc)
        return rc;
    op.status = native->status;
    return copy_to_guest32(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

union small {
    struct gnttab_transfer_x86_32 transfer;
    struct gnttab_copy_x86_32 copy;
};

/* The entry's status is set, which is all that comes back. */
static s64 transfer(struct gnttab_transfer_x86_32 *small)
{
    struct gnttab_transfer op = {.mfn = small->mfn, .domid = small->domid, .ref = small->ref};
    s64 rc = grant_one(GNTTABOP_transfer, &op);

    small->status = op.status;
    return rc;
}

/* The frame has the reference in its low half, and there is nothing in its high one. */
static s64 copy(struct gnttab_copy_x86_32 *small)
{
    struct gnttab_copy op = {
        .source.u.gmfn = small->source.u,
        .source.domid = small->source.domid,
        .source.offset = small->source.offset,
        .dest.u.gmfn = small->dest.u,
        .dest.domid = small->dest.domid,
        .dest.offset = small->dest.offset,
        .len = small->len,
        .flags = small->flags,
    };
    s64 rc = grant_one(GNTTABOP_copy, &op);

    small->status = op.status;
    return rc;
}

static s64 list_op(u32 cmd, u64 arg, u64 count)
{
    struct vcpu *v = current();
    u64 size = cmd == GNTTABOP_copy ? sizeof(struct gnttab_copy_x86_32)
                                    : sizeof(struct gnttab_transfer_x86_32);
    union small op;

    if (!range32_ok(arg, count * size))
        return -XEN_EFAULT;
    for (u64 i = 0; i < count; i++, arg += size) {
        if (unlikely(work_done(v, WORK_L0)) && i)
            return call_again(v, 3, cmd, arg, count - i);
        if (!copy_from_guest32(&op, arg, size))
            return -XEN_EFAULT;
        s64 rc = cmd == GNTTABOP_copy ? copy(&op.copy) : transfer(&op.transfer);
        if (rc)
            return rc;
        if (!copy_to_guest32(arg, &op, size))
            return -XEN_EFAULT;
    }
    return 0;
}

s64 compat_grant_table_op(u64 cmd, u64 arg, u64 count, u64 a4, u64 a5)
{
    if ((s32)count < 0)
        return -XEN_EINVAL;
    switch (cmd) {
    case GNTTABOP_setup_table:
        return setup_table(arg, count);
    case GNTTABOP_get_status_frames:
        return get_status_frames(arg, count);
    case GNTTABOP_transfer:
    case GNTTABOP_copy:
        return list_op((u32)cmd, arg, count);
    }
    return do_grant_table_op(cmd, arg, count, a4, a5);
}
