#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""equal.py XL DIR CONFIG...: what xl itself makes of a PV config and of the HVM config of that name in
DIR, as JSON of `xl create -n`, must differ only in what the conversion means to change. XL may have
words before it. Prints a line for each: alike, other (xl doesn't take the original), or the
differences; exit status 1 if there are any."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

# The machine of every HVM config.
HVM = {
    "bios": None, "pae": None, "apic": None,
    "boot": "d", "serial": "pty", "nographic": "True", "usb": "False", "vkb_device": "False", "xen_platform_pci": "True",
    "vga": {"kind": "none"}, "vnc": {"enable": "False"},
}
# What an HVM domain gets its kernel by is the sidecar; what a PV domain's own device model was told
# is lost, and said.
BOOT = ["kernel", "ramdisk", "cmdline", "bootloader", "bootloader_args", "extra", "extra_pv", "extra_hvm", "type.pv", "type.hvm"]
# xl reads these for any guest, and they do something to HVM guests only.
HVM_ONLY = ["acpi", "apic", "video_memkb", "altp2m", "nested_hvm", "vmtrace_buf_kb", "dm_restrict", "device_model",
            "device_model_user", "device_model_stubdomain", "device_model_ssid_label", "device_tree", "tee", "timer_mode",
            "stubdomain_kernel", "stubdomain_cmdline", "stubdomain_ramdisk", "stubdomain_memkb", "arch_arm"]


def load(xl, path):
    p = subprocess.run(xl.split() + ["create", "-n", path], capture_output=True, text=True)
    return (json.loads(p.stdout) if p.returncode == 0 else None), p.stderr


def compare(xl, pv, hvm):
    a, _ = load(xl, pv)
    b, said = load(xl, hvm)
    if b is None:
        return ["xl doesn't take ours: " + said]
    if a is None:
        return None
    more = int(re.search(r"for the guest, (\d+) for the shim", open(hvm).read()).group(1)) * 1024
    text = open(pv).read()
    bad = []

    def same(what, x, y):
        if x != y:
            bad.append(f"{what}: {x!r} became {y!r}")

    same("type", (a["c_info"].pop("type"), b["c_info"].pop("type")), ("pv", "hvm"))
    if not re.search(r"^\s*uuid", text, re.M):
        a["c_info"].pop("uuid"), b["c_info"].pop("uuid")  # made up anew each time
    # about the event channel by which xend's PV guests suspend; and what is the default
    a["c_info"].pop("xend_suspend_evtchn_compat", None)
    if a["c_info"].get("passthrough") == "disabled":
        del a["c_info"]["passthrough"]
    x, y = a["b_info"], b["b_info"]
    for k in ("max_memkb", "target_memkb"):
        same(k, x.pop(k) + more, y.pop(k))
    machine = y.get("type.hvm", {})
    for k, v in HVM.items():
        if v is not None:
            same("type.hvm." + k, v, machine.pop(k, None))
    same("type.hvm", {}, {k: v for k, v in machine.items() if v and k != "rdm"})
    same("device_model_version", "qemu_xen", y.pop("device_model_version", None))
    x.pop("device_model_version", None)
    args = " ".join(y.get("extra_hvm", []))
    if not re.search(r"^-d\w+.*file=.+\.iso,.*media=cdrom,readonly=on", args.replace(" ", "")):
        bad.append("no sidecar: " + args)
    for k in BOOT + HVM_ONLY:
        x.pop(k, None), y.pop(k, None)
    x.get("arch_x86", {}).pop("msr_relaxed", None)
    # A backend that is named has no emulated twin.
    for d in a.get("disks", []):
        d.setdefault("backend_domname", "0")
    for n in a.get("nics", []):
        n.pop("model", None)
        n["nictype"] = "vif"
    a.pop("vfbs", None), a.pop("vkbs", None)
    for k in sorted(set(a) | set(b)):
        if isinstance(a.get(k), dict) and isinstance(b.get(k), dict):
            for j in sorted(set(a[k]) | set(b[k])):
                same(f"{k}.{j}", a[k].get(j), b[k].get(j))
        else:
            same(k, a.get(k), b.get(k))
    return bad


def main():
    xl, out = sys.argv[1:3]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda f: compare(xl, f, os.path.join(out, f)), sys.argv[3:]))
    for name, bad in zip(sys.argv[3:], found):
        print(f"{name}: " + ("other" if bad is None else "; ".join(bad) or "alike"))
    return 1 if any(found) else 0


sys.exit(main())
