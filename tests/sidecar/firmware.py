#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes a sidecar of --medium firmware apart, as libxc and then the shim do, and writes what is in it to a directory:
entry, shim-words, words, module-0, module-1. Fails where libxc would, or would load something else."""

import gzip
import os
import struct
import sys

MAGIC = 0x336EC578


def main(path, into):
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)  # of one member; what lies behind it would be an error
    ident, kind, machine, _, entry, phoff, _, _, _, phsize, phnum, _, _, _ = struct.unpack_from("<16sHHIIIIIHHHHHH", data)
    assert ident[:6] == b"\x7fELF\x01\x01" and kind == 2 and machine == 3
    memory = bytearray(64 << 20)
    low = 1 << 32
    for i in range(phnum):
        ptype, offset, _, paddr, filesz, memsz, flags, _ = struct.unpack_from("<8I", data, phoff + i * phsize)
        assert ptype == 1, "a note of Xen's, perhaps"
        assert flags & 3, "neither writable nor executable: libxc passes it over"
        assert paddr % 4096 == 0 and paddr >= 1 << 20 and filesz <= memsz and offset + filesz <= len(data)
        memory[paddr : paddr + filesz] = data[offset : offset + filesz]
        low = min(low, paddr)
        end = paddr + memsz
    assert low == 1 << 20 and low <= entry < end
    at = 2 << 20
    magic, version, flags, modules, modlist, cmdline, rsdp = struct.unpack_from("<IIIIQQQ", memory, at)
    assert (magic, version, flags, rsdp) == (MAGIC, 0, 0, 0)

    def string(where):
        return bytes(memory[where : memory.index(0, where)])

    os.makedirs(into)
    files = {"entry": b"%x\n" % entry, "shim-words": string(cmdline)}
    last = 0
    for i in range(modules):
        paddr, size, words, _ = struct.unpack_from("<QQQQ", memory, modlist + 32 * i)
        assert paddr % 4096 == 0 and paddr >= last and paddr + size <= end
        last = paddr + size
        files[f"module-{i}"] = bytes(memory[paddr : paddr + size])
        if i == 0:
            files["words"] = string(words)
    for name, content in files.items():
        with open(os.path.join(into, name), "wb") as f:
            f.write(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
