/* SPDX-License-Identifier: MIT
 * The intermediate form between the two configs: what a PV config says, checked, in our terms.
 * guest_load() is the only reader of the PV config's meaning; hvmcfg.c and convert.c the only
 * writers.
 */
#ifndef SIDECAR_GUEST_H
#define SIDECAR_GUEST_H

#include "hash.h"
#include "kernel.h"
#include "vdev.h"
#include "xlcfg.h"

/* Bytes of start_info.cmd_line without its NUL: the longest command line of a PV guest. */
#define GUEST_CMDLINE_MAX 1023

/* Where the guest's kernel comes from. */
enum boot_kind {
    BOOT_FILES,     /* kernel= and ramdisk=, on the host */
    BOOT_DISK,      /* bootloader="pygrub": read from the guest's disk now, see bootdisk.h */
    BOOT_UNIVERSAL, /* PV GRUB in the sidecar reads it from the guest's disk at each start */
};

/* Whose HVM config is written. */
/* in the order of options.c's words */
enum toolstack { TOOLSTACK_XL, TOOLSTACK_XM, TOOLSTACK_LIBVIRT };

struct guest_disk {
    const char *spec; /* the item of disk=[...], unchanged */
    char *hvm_spec;   /* the same disk for the HVM config: xl: no emulated twin */
    char *vdev;       /* "xvda", "sda1", "51712", ... */
    bool cdrom, writable;
    char *target;        /* file or device on the host, or NULL */
    const char *format;  /* of the target: "raw", "qcow2", ...; NULL if the config doesn't say */
    const char *backend; /* "phy", "qdisk", "tap"; NULL if the config doesn't say */
    char *domain;        /* the driver domain, or NULL */
    char *script;        /* that attaches it, or NULL */
    bool plain;          /* nothing but the above is asked for: no discard, no direct-io-safe */
};

struct guest {
    struct cfg cfg;
    /* Wishes of the user, set before guest_load(): */
    bool universal;    /* --universal */
    const char *entry; /* --entry, or NULL */
    enum toolstack toolstack;
    bool old_xl;        /* of Xen 4.2 to 4.4, which can't leave out the display */
    const char *origin; /* the config's path, for the HVM config */
    enum boot_kind boot;
    /* BOOT_UNIVERSAL: menu.lst is looked for before grub.cfg; the one menu to try before all
     * others, as GRUB 2 names it, or NULL. */
    bool narrow; /* universal: the PV GRUB for 32-bit guests */
    bool legacy_first;
    char *menu;
    const char *name;
    char *uuid;                             /* with its dashes, or NULL */
    const char *kernel_path, *ramdisk_path; /* ramdisk_path may be NULL */
    char *cmdline;                          /* never NULL */
    long memory, maxmem;                    /* MiB */
    long vcpus, maxvcpus;
    struct guest_disk *disks;
    size_t n_disks;
    /* The files as they are: after guest_read(). */
    struct buf kernel_file, ramdisk;
    struct hash kernel_hash, ramdisk_hash;
    struct kernel kernel; /* after guest_check_kernel() */
};

/* Fill *g from a parsed config: the meaning of the keys. BOOT_DISK: also the files from the guest's
 * disk. Anything that can't be converted ends the process with EXIT_GUEST and a line naming file,
 * line and key; so do the next two. */
void guest_load(struct guest *g);

/* Read the kernel and ramdisk that the config names, if guest_load() hasn't. */
void guest_read(struct guest *g);

/* Unpack and check what was read: a kernel that the shim can run; a ramdisk that isn't damaged, if
 * there is one. For BOOT_UNIVERSAL nothing. */
void guest_check_kernel(struct guest *g);
void guest_check_ramdisk(struct guest *g);

/* Fill g->disks from disk=[...]. */
void guest_disks(struct guest *g);

#endif
