#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The messages in the sources: every string literal that reads like words, adjacent ones joined.

messages.py FILE...         one a line, escapes and %-formats as they stand
messages.py --check DOC,DOC... OWN FILE...
    says which message a user is left alone with. It is either in a DOC (its longest part between
    formats is looked for), or says what to do itself behind a semicolon, or is listed in OWN.
"""
import re
import sys

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|(?P<str>"(?:[^"\\\n]|\\.)*")|\'(?:[^\'\\\n]|\\.)+\'|(?P<inc>^[ \t]*#[ \t]*include[^\n]*)'
    r"|(?P<pri>PRI\w+)|(?P<space>\s+)|(?P<other>.)",
    re.S | re.M,
)


def literals(text):
    """String literals with what is adjacent joined, as C does; what stands before each comes too."""
    out, parts, before = [], [], ""
    for m in TOKEN.finditer(text):
        if m.group("str"):
            parts.append(m.group("str")[1:-1])
        elif m.group("pri") and parts:
            parts.append("u")
        elif m.group("other"):
            if parts:
                out.append((before, "".join(parts)))
                parts, before = [], ""
            before = (before + m.group("other"))[-40:]
    return out


def is_message(before, s):
    """Words for a human: two words of letters with a space between, and no table, script, XML or template."""
    if re.search(r"(__asm__|asm|section|alias)\W*(volatile)?\W*\($", before):
        return False
    if re.search(r"\\n.|\\t", s) or s.lstrip().startswith(("#", "stat ", "| ", "xen-shim %", "<")) or re.search(r"%0?16lx", s):
        return False  # scripts, texts of files, numbers and registers
    return bool(re.search(r"[A-Za-z']{2,},? (%|'|\\\"|[A-Za-z]{1,})", s))


def messages(path):
    text = open(path).read()
    if path.endswith(".sh"):
        yield from re.findall(r'\bfail "(.*)"', text)
        return
    for before, s in literals(text):
        # what a script of ours for GRUB says
        yield from (e for e in re.findall(r"echo '(sidecar: [^']*)'", s))
        if is_message(before, s):
            yield s.replace('\\"', '"').replace("\\n", "").replace("\\r", "").strip()


FORMAT = re.compile(r"%[-0-9.*]*(?:ll|l|z|h)?[a-zA-Z]|\$\w+|\n")


REMEDY = re.compile(
    r"[;,] (or )?(use|add|install|make|choose|copy|remove|write|see|name|give|wait|rename|try|build|begin|set) "
)


def squeeze(s):
    return re.sub(r"\s+", " ", s.replace("`", "").replace("\\|", "|"))


def longest(s):
    """What of a message must stand in the document: its longest run of words between formats."""
    parts = [squeeze(p).strip(" :;,()'\"") for p in FORMAT.split(s)]
    return max(parts, key=len)


def main():
    args = sys.argv[1:]
    check = args[:1] == ["--check"]
    doc = own = None
    if check:
        doc, own = args[1:3]
        args = args[3:]
    seen = dict.fromkeys(m for f in args for m in messages(f))
    if not check:
        print("\n".join(seen))
        return 0
    text = squeeze("".join(open(d).read() for d in doc.split(",")))
    listed = [l for l in open(own).read().splitlines() if l and not l.startswith("# ")]
    lost = [m for m in seen if not REMEDY.search(m) and longest(m) not in text and m not in listed]
    for m in lost:
        print(f"neither in {doc} nor in {own}: {m}")
    # (a file alone isn't all sources)
    stale = [m for m in listed if m not in seen] if len(args) > 20 else []
    for m in stale:
        print(f"{own} has what no source says: {m}")
    if len(seen) < 100:
        print(f"only {len(seen)} messages found: is the search still right?")
        return 1
    print(f"{len(seen)} messages, {len(listed)} explain themselves")
    return 1 if lost or stale else 0


sys.exit(main())
