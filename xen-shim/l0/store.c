// SPDX-License-Identifier: MIT
/* See store.h. */
#include "store.h"

#include "l0.h"
#include "shim.h"

#include <xen/io/xs_wire.h>

#define REQUEST  256     /* bytes of a request, at most */
#define PATIENCE 1000000 /* yields until a request of which nothing was read is taken back */

typedef struct xenstore_domain_interface store_ring;

/* Puts a whole request; the ring is quiet, so there is room. */
static void put(store_ring *r, const char *p, u32 n)
{
    u32 prod = r->req_prod;

    for (u32 i = 0; i < n; i++)
        r->req[MASK_XENSTORE_IDX(prod + i)] = p[i];
    barrier();
    r->req_prod = prod + n;
    l0_notify(l0.store_evtchn);
}

static u32 there(const store_ring *r)
{
    return ACCESS_ONCE(r->rsp_prod) - r->rsp_cons;
}

/* Waits until the answer has n bytes.  False when the request isn't even read: then it is no more.
 */
static bool wait_for(store_ring *r, u32 n, u32 unread)
{
    for (u32 i = 0; there(r) < n; i++) {
        if (i > PATIENCE && ACCESS_ONCE(r->req_cons) == unread) {
            r->req_prod = unread;
            return false;
        }
        l0_yield();
    }
    barrier();
    return true;
}

/* The next n bytes of the answer; without `to` they are dropped. */
static void get(store_ring *r, void *to, u32 n)
{
    for (u32 i = 0; to && i < n; i++)
        ((char *)to)[i] = r->rsp[MASK_XENSTORE_IDX(r->rsp_cons + i)];
    barrier();
    r->rsp_cons += n;
}

/* Our own port's event is no news for the guest. */
static void forget_event(void)
{
    clear_bit(l0.store_evtchn, l0_shared->evtchn_pending);
}

/* Takes the next `left` bytes of the answer; the first `size` of them go to `to`. */
static void take(store_ring *r, char *to, u32 size, u32 left)
{
    while (left) {
        u32 n = min_t(u32, left,
                      size ? min_t(u32, size, XENSTORE_RING_SIZE / 2) : XENSTORE_RING_SIZE / 2);
        wait_for(r, n, ~0u);
        get(r, size ? to : NULL, n);
        to += size ? n : 0;
        size -= size ? n : 0;
        left -= n;
    }
}

/* One request and its answer, of which the first *size bytes go to `to`; *size is then all that
 * there are. */
static bool transact(u32 type, const char *path, const char *value, char *to, u32 *size, bool anew)
{
    static char request[REQUEST];
    struct xsd_sockmsg head = {.type = type};
    u32 path_size = (u32)strlen(path) + 1, value_size = (u32)strlen(value);

    if (!l0.store_mfn || !l0.store_evtchn ||
        sizeof(head) + path_size + value_size > sizeof(request))
        return false;
    store_ring *r = mfn_va(l0.store_mfn);
    if (r->req_prod != ACCESS_ONCE(r->req_cons) || there(r) || r->connection || r->error)
        return false;

    head.len = path_size + value_size;
    memcpy(request, &head, sizeof(head));
    memcpy(request + sizeof(head), path, path_size);
    memcpy(request + sizeof(head) + path_size, value, value_size);
    u32 unread = r->req_cons;
    put(r, request, sizeof(head) + head.len);
    if (!wait_for(r, sizeof(head), unread)) {
        forget_event();
        return false;
    }
    get(r, &head, sizeof(head));
    take(r, to, min_t(u32, *size, head.len), head.len);
    *size = head.len;
    if (anew)
        r->req_cons = r->req_prod = r->rsp_cons = r->rsp_prod = 0;
    forget_event();
    return head.type == type;
}

bool store_write(const char *path, const char *value, bool anew)
{
    u32 none = 0;

    return transact(XS_WRITE, path, value, NULL, &none, anew);
}

bool store_read(const char *path, char *value, u32 size)
{
    u32 n = size - 1;

    if (!transact(XS_READ, path, "", value, &n, true) || n >= size)
        return false;
    value[n] = 0;
    return true;
}
