// SPDX-License-Identifier: MIT
/* What lies around libxc's image. */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

void put(struct stream *s, const void *p, size_t n)
{
    while (s->n + n > s->room) {
        s->room = s->room ? 2 * s->room : 65536;
        s->p = realloc(s->p, s->room);
        if (!s->p)
            abort();
    }
    if (p)
        memcpy(s->p + s->n, p, n);
    else
        memset(s->p + s->n, 0, n);
    s->n += n;
}

void put16(struct stream *s, uint16_t v)
{
    put(s, &v, sizeof(v));
}

void put32(struct stream *s, uint32_t v)
{
    put(s, &v, sizeof(v));
}

void put64(struct stream *s, uint64_t v)
{
    put(s, &v, sizeof(v));
}

void put_be32(struct stream *s, uint32_t v)
{
    put32(s, __builtin_bswap32(v));
}

/* Of a vCPU that has used AVX: x87, SSE and AVX. */
void put_xsave(struct stream *s)
{
    put64(s, 7), put64(s, 7);
    for (unsigned int i = 0; i < 512; i++)
        put(s, &(uint8_t){(uint8_t)(i * 5)}, 1);
    put64(s, 7), put(s, NULL, 56);
    for (unsigned int i = 0; i < 256; i++)
        put(s, &(uint8_t){(uint8_t)(i * 11)}, 1);
}

void put_ext(struct stream *s, unsigned int vcpu)
{
    put32(s, vcpu), put32(s, 64);
    put64(s, 0xffffffff81001000 + vcpu), put64(s, 0xffffffff81002000 + vcpu);
    put16(s, 0xe033), put16(s, 0xe019);
    put(s, "\1\0", 2), put(s, NULL, 34);
}

static void xl(struct stream *s, bool old)
{
    static const char config[] = "{\n    \"c_info\": {}\n}\n";
    uint32_t len = sizeof(config);

    put(s, "Xen saved domain, xl format\n \0 \r", 32);
    put32(s, 0x01020304), put32(s, old ? 0 : 3), put32(s, 0), put32(s, 4 + len);
    put32(s, len), put(s, config, len);
}

static void libxl(struct stream *s, const struct model *m, const struct how *how)
{
    put(s, "LibxlFmt", 8);
    put_be32(s, 2), put_be32(s, 0);
    put32(s, 1), put32(s, 0); /* LIBXC_CONTEXT */
    s->image = s->n;
    stream2(s, m, how);
    put32(s, 2), put32(s, 12); /* EMULATOR_XENSTORE_DATA: of qemu, a key and a value */
    put32(s, 2), put32(s, 0), put(s, "k\0v", 4), put(s, NULL, 4);
    put32(s, 0), put32(s, 0);
}

void stream_make(struct stream *s, const struct model *m, const struct how *how)
{
    static const char xml[] = "<domain type='xen'/>";
    static const char sxp[] = "(domain (name web))";

    *s = (struct stream){0};
    switch (how->wrapper) {
    case XL:
    case XL_OLD:
        xl(s, how->wrapper == XL_OLD);
        break;
    case XEND:
        put(s, "LinuxGuestRecord", 16);
        put_be32(s, sizeof(sxp) - 1), put(s, sxp, sizeof(sxp) - 1);
        break;
    case VIRSH:
        put(s, "libvirt-xml\n \0 \r", 16);
        put32(s, how->version == 1 ? 1 : 2), put32(s, sizeof(xml)), put(s, NULL, 40);
        put(s, xml, sizeof(xml));
        break;
    default:
        break;
    }
    s->image = s->n;
    if (how->version == 1)
        stream1(s, m, how);
    else if (how->wrapper == XL || how->wrapper == VIRSH || how->wrapper == LIBXL)
        libxl(s, m, how);
    else
        stream2(s, m, how);
    if (how->wrapper == XEND)
        put(s, "QemuDeviceModelRecord\0\0\0\4blob", 29);
}

void stream_free(struct stream *s)
{
    free(s->p);
}
