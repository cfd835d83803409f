/* SPDX-License-Identifier: MIT
 * The intermediate form between the two configs: what a PV config says, checked, in our terms.
 * guest_load() is the only reader of the PV config's meaning; hvmcfg.c and sidecar.c the only
 * writers.
 */
#ifndef SIDECAR_GUEST_H
#define SIDECAR_GUEST_H

#include "kernel.h"
#include "xlcfg.h"

/* Bytes of start_info.cmd_line without its NUL: the longest command line of a PV guest. */
#define GUEST_CMDLINE_MAX 1023

/* Where the guest's kernel comes from. */
enum boot_kind {
    BOOT_FILES,     /* kernel= and ramdisk=, on the host */
    BOOT_DISK,      /* bootloader="pygrub": read from the guest's disk now, see bootdisk.h */
    BOOT_UNIVERSAL, /* PV GRUB in the sidecar reads it from the guest's disk at each start */
};

struct guest_disk {
    const char *spec; /* the item of disk=[...], unchanged */
    char *hvm_spec;   /* the same disk for the HVM config: no emulated twin */
    char *vdev;       /* "xvda", "sda1", ... */
    bool cdrom, writable;
    char *target;       /* file or device on the host, or NULL */
    const char *format; /* of the target: "raw", "qcow2", ...; NULL if the config doesn't say */
};

struct guest {
    struct cfg cfg;
    /* Wishes of the user, set before guest_load(): */
    bool universal;    /* --universal */
    const char *entry; /* --entry, or NULL */
    enum boot_kind boot;
    const char *name;
    const char *kernel_path, *ramdisk_path; /* ramdisk_path may be NULL */
    char *cmdline;                          /* never NULL */
    long memory, maxmem;                    /* MiB */
    long vcpus, maxvcpus;
    struct guest_disk *disks;
    size_t n_disks;
    struct kernel kernel;
    struct buf ramdisk;
};

/* Fill *g from a parsed config: meaning of the keys, and the kernel and ramdisk they name. Anything
 * that can't be converted ends the process with EXIT_GUEST and a line naming file, line and key. */
void guest_load(struct guest *g);

/* kernel= and ramdisk= of the config in the guest's terms; every boot kind but BOOT_UNIVERSAL ends
 * here. `what` names the ramdisk in messages. */
void guest_check_ramdisk(struct guest *g, const struct cfg_key *k, const char *what);

/* xl's rule for the command line: cmdline= alone, else "root=ROOT EXTRA". malloc'ed, never NULL. */
char *guest_cmdline(const struct cfg *cfg);

/* Fill g->disks from disk=[...]. */
void guest_disks(struct guest *g);

#endif
