#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The messages in the sources: every string literal that reads like words, adjacent ones joined.

messages.py FILE...         one a line, escapes and %-formats as they stand
messages.py --check DOC,DOC... OWN FILE...
    says which message a user is left alone with. It is either in a DOC (its longest part between
    formats is looked for), or says what to do itself behind a semicolon, or is listed in OWN.
messages.py --stale DOC FILE...
    the other way round: says which message in DOC's tables no source has. The tables are those whose
    first column is headed so: TABLES below; what others say stands there as "words" and not as code.
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


TABLES = ("message (", "line on the console", "rest of the line")


def unsaid(doc, files):
    """Code spans of the tables' first column, each part between '…' looked for in all literals."""
    have = []
    for f in files:
        text = open(f).read()
        have += re.findall(r'\bfail "(.*)"', text) if f.endswith(".sh") else [s for _, s in literals(text)]
    have = [squeeze(FORMAT.sub("\0", s.replace('\\"', '"').replace("\\n", " ").replace("\\`", "`"))) for s in have]
    on, bad, n = False, [], 0
    for line in open(doc):
        if not line.startswith("|"):
            on = False
            continue
        # (a bar in a code span is written with a backslash)
        cell = re.split(r"(?<!\\)\|", line)[1].strip()
        if cell.startswith(TABLES):
            on = True
        elif on and not cell.startswith("---"):
            for span in re.findall(r"`([^`]+)`", cell):
                n += 1
                for part in re.split("…|\\bFILE\\b|\\bN\\b", span):
                    part = squeeze(part).strip(" :")
                    if len(part) > 2 and not any(part in h for h in have):
                        bad.append(f"{doc}: `{span}`: no source says '{part}'")
    print("\n".join(bad + [f"{n} messages in tables"]))
    return 1 if bad or n < 80 else 0


def main():
    args = sys.argv[1:]
    if args[:1] == ["--stale"]:
        return unsaid(args[1], args[2:])
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
