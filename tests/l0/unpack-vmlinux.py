#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""unpack-vmlinux.py BZIMAGE OUT: the ELF file inside a bzImage.

Only for the rig's dom0 and its plain-PV control. The payload is found by the setup header
(payload_offset 0x248, payload_length 0x24c)."""
import lzma
import struct
import sys
import zlib

image = open(sys.argv[1], "rb").read()
sectors = image[0x1F1] or 4
offset, length = struct.unpack_from("<II", image, 0x248)
payload = image[(sectors + 1) * 512 + offset :][:length]
if payload[:6] == b"\xfd7zXZ\0":
    elf = lzma.LZMADecompressor().decompress(payload)
elif payload[:2] == b"\x1f\x8b":
    elf = zlib.decompressobj(31).decompress(payload)
else:
    sys.exit("unpack-vmlinux.py: %s: unknown compression %r" % (sys.argv[1], payload[:6]))
if elf[:4] != b"\x7fELF":
    sys.exit("unpack-vmlinux.py: %s: payload is not an ELF file" % sys.argv[1])
open(sys.argv[2], "wb").write(elf)
