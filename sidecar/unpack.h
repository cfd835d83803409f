/* SPDX-License-Identifier: MIT
 * Decompression of kernel payloads: recognises a stream by its magic and unpacks it with the usual
 * library. Knows nothing of kernels; kernel.h does.
 */
#ifndef SIDECAR_UNPACK_H
#define SIDECAR_UNPACK_H

#include "util.h"

/* More than any kernel; keeps a forged stream from eating the host's memory. Bytes. */
#define UNPACK_MAX ((size_t)1 << 30)

/* Name of the compression of the stream at p ("gzip", "xz", ...) or NULL if it is none we know. */
const char *unpack_kind(const uint8_t *p, size_t len);

/* Unpack the stream at p into *out (which must be empty). Bytes after the end of the stream are
 * ignored: Linux appends the unpacked size. Returns NULL, or a message saying what is wrong.
 * Called by kernel_load() and the tests. */
const char *unpack(const uint8_t *p, size_t len, struct buf *out);

/* gzip `in` as GRUB's gzio reads it: one member, no name, no time (same input, same bytes). */
void pack_gzip(const uint8_t *p, size_t len, struct buf *out);
/* xz `in` as GRUB's xzio reads it: CRC32 check, LZMA2 only. */
void pack_xz(const uint8_t *p, size_t len, struct buf *out);
/* lzo `in` as GRUB's lzopio reads it: an lzop file without name and time, sums of what is packed.
 */
void pack_lzo(const uint8_t *p, size_t len, struct buf *out);

#endif
