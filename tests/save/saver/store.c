// SPDX-License-Identifier: MIT
/* xenstore's wire protocol, one request at a time and without events: the ring is looked at. */
#include "saver.h"

#include <xen/io/xs_wire.h>

static struct xenstore_domain_interface *ring;

void store_init(void)
{
    ring = mfn_to_va(start_info->store_mfn);
}

static void put(const void *from, ul n)
{
    for (const char *p = from; n--; p++) {
        u32 prod = ring->req_prod;

        if (!wait_until(prod - READ_ONCE(ring->req_cons) < XENSTORE_RING_SIZE))
            panic("xenstore doesn't take a request");
        ring->req[MASK_XENSTORE_IDX(prod)] = *p;
        asm volatile("" ::: "memory");
        WRITE_ONCE(ring->req_prod, prod + 1);
    }
}

/* What has no room is lost. */
static void get(void *to, ul n, ul room)
{
    for (ul i = 0; i < n; i++) {
        u32 cons = ring->rsp_cons;

        if (!wait_until(READ_ONCE(ring->rsp_prod) != cons))
            panic("xenstore doesn't answer");
        asm volatile("" ::: "memory");
        if (i < room)
            ((char *)to)[i] = ring->rsp[MASK_XENSTORE_IDX(cons)];
        WRITE_ONCE(ring->rsp_cons, cons + 1);
    }
    evtchn_send(start_info->store_evtchn);
}

static u32 call(u32 type, const char *path, const char *value, char *answer, ul size)
{
    ul path_len = strlen(path) + 1, value_len = value ? strlen(value) : 0;
    struct xsd_sockmsg msg = {.type = type, .req_id = 1, .len = (u32)(path_len + value_len)};

    put(&msg, sizeof(msg));
    put(path, path_len);
    put(value, value_len);
    evtchn_send(start_info->store_evtchn);
    get(&msg, sizeof(msg), sizeof(msg));
    get(answer, msg.len, size - 1);
    answer[msg.len < size ? msg.len : size - 1] = 0;
    return msg.type;
}

bool store_read(const char *path, char *value, ul size)
{
    return call(XS_READ, path, NULL, value, size) != XS_ERROR;
}

void store_write(const char *path, const char *value)
{
    char answer[16];

    if (call(XS_WRITE, path, value, answer, sizeof(answer)) == XS_ERROR)
        panic("xenstore: %s: %s", path, answer);
}
