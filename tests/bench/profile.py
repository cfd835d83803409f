#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints what a profile of tests/bench/profile was spent on, as Markdown.

profile.py DIR SYMBOLS SHIM TOP WHERE... : the guests WHERE ran in this order; DIR has their WHERE.txt and
`profile` (see profile.c), SYMBOLS is a directory with kallsyms, /proc/kallsyms of the guests' kernel, and
xensyms, /proc/xen/xensyms of L0's. SHIM is an ELF file with symbols, TOP how many functions are shown of
each operation.
"""

import bisect
import collections
import subprocess
import sys

KERNEL, SHIM, L0, USER = "kernel", "shim", "L0", "program"
TITLES = {"pv": "plain PV", "peer": "upstream xen-shim", "pvh": "Linux PVH", "shim": "ours", "other": "other image"}


def symbols(lines, kinds="tTwW"):
    """Sorted addresses and their names, of lines as nm prints them; of several names the first."""
    found = {}
    for line in lines:
        word = line.split()
        if len(word) == 3 and word[1] in kinds:
            found.setdefault(int(word[0], 16), word[2])
    addresses = sorted(found)
    return addresses, [found[a] for a in addresses]


def name_of(addr, kernel, shim, xen):
    """(layer, function) of a virtual address; the map of the upper half is xen-shim/mem/layout.h's and Xen's."""
    if addr < 1 << 47:
        return USER, USER
    if addr >= 0xFFFFFFFF80000000:
        layer, table = KERNEL, kernel
    elif 0xFFFF808000000000 <= addr < 0xFFFF808040000000:
        layer, table = SHIM, shim
    elif 0xFFFF808040000000 <= addr < 0xFFFF8080C0000000:
        return SHIM, "system call stub"
    elif 0xFFFF800000000000 <= addr < 0xFFFF880000000000:
        layer, table = L0, xen
    else:
        return "other", "other"
    at = bisect.bisect_right(table[0], addr) - 1
    return layer, table[1][at] if at >= 0 else "?"


def read_profile(path, tables, sections):
    """[guest][operation] -> {(layer, function): instructions of the sample}."""
    guests = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    with open(path, encoding="ascii") as lines:
        for line in lines:
            section, addr, insns = line.split()
            guest, op = divmod(int(section), sections)
            guests[guest][op][name_of(int(addr, 16), *tables)] += int(insns)
    return guests


def read_bench(path):
    """[(operation, fewest instructions)] in the order they ran."""
    with open(path, encoding="ascii", errors="replace") as lines:
        words = [line.split() for line in lines if line.startswith("BENCH ")]
    return [(w[1], int(w[3])) for w in words if len(w) == 5]


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |")


def main(directory, symbol_files, image, top, wheres):
    with open(f"{symbol_files}/kallsyms", encoding="ascii") as f:
        kernel = symbols(f)
    with open(f"{symbol_files}/xensyms", encoding="ascii") as f:
        xen = symbols(f)
    nm = subprocess.run(["nm", image], check=True, capture_output=True, text=True)
    # the image is linked at its virtual address, or low in 32 bits: both end in the physical one
    addresses, names = symbols(nm.stdout.splitlines())
    shim = [a & 0x3FFFFFFF | 0xFFFF808000000000 for a in addresses], names
    bench = [read_bench(f"{directory}/{w}.txt") for w in wheres]
    guests = read_profile(f"{directory}/profile", (kernel, shim, xen), len(bench[0]) + 1)

    for op, (name, _) in enumerate(bench[0]):
        spent = []
        for guest in range(len(wheres)):
            raw, fewest = guests[guest][op], bench[guest][op][1]
            whole = sum(raw.values()) or 1
            spent.append({k: v * fewest / whole for k, v in raw.items()})
        print(f"\n### {name}\n")
        row("where", *[TITLES[w] for w in wheres])
        row("---", *["---:"] * len(wheres))
        row("**all**", *[f"**{round(sum(s.values()))}**" for s in spent])
        for layer in USER, KERNEL, SHIM, L0:
            sums = [round(sum(v for k, v in s.items() if k[0] == layer)) for s in spent]
            if any(sums):
                row(f"*{layer}*", *[f"*{n}*" for n in sums])
        functions = {k for s in spent for k in s if k[0] in (KERNEL, SHIM, L0)}
        most = sorted(functions, key=lambda k: -max(s.get(k, 0) for s in spent))
        for key in most[:top]:
            row(("" if key[0] == KERNEL else key[0] + ": ") + f"`{key[1]}`", *[round(s.get(key, 0)) for s in spent])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
