// SPDX-License-Identifier: MIT
#include "cfgkeys.h"

#include <stdio.h>
#include <string.h>

#define HVM_ONLY "for HVM guests only: xl ignored it here, so it is left out"
#define PVH_ONLY "for PVH guests only: xl ignored it here, so it is left out"
#define ARM_ONLY "for Arm only: left out"
#define NO_PASSTHROUGH                                                                             \
    "devices of the host can't be passed through the shim; remove it, or leave this guest PV"

const struct key_rule key_rules[] = {
    /* Kept as they are. */
    {"name", KEY_KEPT, "also names the two output files"},
    {"uuid", KEY_KEPT, ""},
    {"pool", KEY_KEPT, ""},
    {"vcpus", KEY_KEPT, ""},
    {"maxvcpus", KEY_KEPT, ""},
    {"cpus", KEY_KEPT, ""},
    {"cpus_soft", KEY_KEPT, ""},
    {"cpu_weight", KEY_KEPT, ""},
    {"cap", KEY_KEPT, ""},
    {"period", KEY_KEPT, ""},
    {"slice", KEY_KEPT, ""},
    {"latency", KEY_KEPT, ""},
    {"extratime", KEY_KEPT, ""},
    {"budget", KEY_KEPT, ""},
    {"cpuid", KEY_KEPT, "the shim shows the guest what it gets itself"},
    {"on_poweroff", KEY_KEPT, ""},
    {"on_reboot", KEY_KEPT, ""},
    {"on_watchdog", KEY_KEPT, ""},
    {"on_crash", KEY_KEPT, ""},
    {"on_soft_reset", KEY_KEPT, ""},
    {"rtc_timeoffset", KEY_KEPT, ""},
    {"localtime", KEY_KEPT, ""},
    {"tsc_mode", KEY_KEPT, ""},
    {"claim_mode", KEY_KEPT, ""},
    {"max_grant_frames", KEY_KEPT, ""},
    {"max_maptrack_frames", KEY_KEPT, ""},
    {"max_grant_version", KEY_KEPT, ""},
    {"max_event_channels", KEY_KEPT, ""},
    {"nomigrate", KEY_KEPT, ""},
    {"seclabel", KEY_KEPT, ""},
    {"init_seclabel", KEY_KEPT, ""},
    {"driver_domain", KEY_KEPT, ""},
    {"hap", KEY_KEPT, "of no use to a PV guest, so its presence is meant for the HVM domain"},
    {"shadow_memory", KEY_KEPT, "as hap="},
    {"vpmu", KEY_KEPT, ""},
    {"vif", KEY_TRANSLATED, "same interfaces, `type=vif` (no emulated twin); `model=` is dropped"},

    /* Written anew by hvmcfg.c. */
    {"type", KEY_TRANSLATED, "becomes `type=\"hvm\"`"},
    {"builder", KEY_TRANSLATED, "becomes `type=\"hvm\"`"},
    {"kernel", KEY_TRANSLATED, "unpacked, checked, put in the sidecar"},
    {"bootloader", KEY_TRANSLATED,
     "kernel and initrd are read from the guest's disk; see the section on boot kinds"},
    {"bootloader_args", KEY_TRANSLATED,
     "`--entry` is followed, `-q` needs nothing, others are refused"},
    {"bootargs", KEY_TRANSLATED, "xm's and libvirt's word for bootloader_args"},
    {"bootentry", KEY_TRANSLATED, "SUSE's xm: the entry in bootargs"},
    {"firmware", KEY_TRANSLATED, "`pvgrub64`: as `--universal`; any other is refused"},
    {"ramdisk", KEY_TRANSLATED, "put in the sidecar, byte for byte"},
    {"cmdline", KEY_TRANSLATED, "put in the sidecar; wins over root= and extra=, as with xl"},
    {"root", KEY_TRANSLATED, "first word of the command line, `root=...`"},
    {"extra", KEY_TRANSLATED, "rest of the command line"},
    {"memory", KEY_TRANSLATED, "plus what the shim keeps; the guest gets the MiB it had"},
    {"maxmem", KEY_TRANSLATED, "plus as much; the guest can grow to it, as before"},
    {"disk", KEY_TRANSLATED, "same disks and names; see the section on disks"},
    {"vfb", KEY_TRANSLATED, "left out with a warning: the console stays, the frame buffer doesn't"},
    {"serial", KEY_TRANSLATED, "becomes `serial=\"pty\"`"},
    {"boot", KEY_TRANSLATED, "becomes `boot=\"d\"`: the sidecar"},
    {"vga", KEY_TRANSLATED, "becomes `vga=\"none\"`"},
    {"stdvga", KEY_TRANSLATED, "becomes `vga=\"none\"`"},
    {"nographic", KEY_TRANSLATED, "becomes 1"},
    {"vnc", KEY_TRANSLATED, "becomes 0"},
    {"sdl", KEY_TRANSLATED, "becomes 0"},
    {"spice", KEY_TRANSLATED, "becomes 0"},
    {"vkb_device", KEY_TRANSLATED, "becomes 0"},
    {"usb", KEY_TRANSLATED, "becomes 0"},
    {"usbdevice", KEY_TRANSLATED, "left out"},
    {"xen_platform_pci", KEY_TRANSLATED, "becomes 1: the shim unplugs the emulated disks with it"},
    {"device_model_args", KEY_TRANSLATED, "left out"},
    {"device_model_args_pv", KEY_TRANSLATED,
     "left out: it was for the PV guest's own device model"},
    {"device_model_args_hvm", KEY_TRANSLATED, "becomes the arguments that attach the sidecar"},
    {"e820_host", KEY_TRANSLATED, "left out: of use with pci= only"},
    {"xend_suspend_evtchn_compat", KEY_TRANSLATED, "left out: PV only"},

    /* Nothing to do with a PV guest. */
    {"acpi", KEY_IGNORED, HVM_ONLY},
    {"acpi_s3", KEY_IGNORED, HVM_ONLY},
    {"acpi_s4", KEY_IGNORED, HVM_ONLY},
    {"acpi_laptop_slate", KEY_IGNORED, HVM_ONLY},
    {"acpi_firmware", KEY_IGNORED, HVM_ONLY},
    {"smbios", KEY_IGNORED, HVM_ONLY},
    {"smbios_firmware", KEY_IGNORED, HVM_ONLY},
    {"altp2m", KEY_IGNORED, HVM_ONLY},
    {"altp2mhvm", KEY_IGNORED, HVM_ONLY},
    {"apic", KEY_IGNORED, HVM_ONLY},
    {"assisted_xapic", KEY_IGNORED, HVM_ONLY},
    {"assisted_x2apic", KEY_IGNORED, HVM_ONLY},
    {"bios", KEY_IGNORED, HVM_ONLY},
    {"bios_path_override", KEY_IGNORED, HVM_ONLY},
    {"firmware_override", KEY_IGNORED, HVM_ONLY},
    {"gfx_passthru", KEY_IGNORED, HVM_ONLY},
    {"hdtype", KEY_IGNORED, HVM_ONLY},
    {"hpet", KEY_IGNORED, HVM_ONLY},
    {"hvm", KEY_IGNORED, HVM_ONLY},
    {"keymap", KEY_IGNORED, HVM_ONLY},
    {"mca_caps", KEY_IGNORED, HVM_ONLY},
    {"mmio_hole", KEY_IGNORED, HVM_ONLY},
    {"ms_vm_genid", KEY_IGNORED, HVM_ONLY},
    {"msr_relaxed", KEY_IGNORED, HVM_ONLY},
    {"nestedhvm", KEY_IGNORED, HVM_ONLY},
    {"nx", KEY_IGNORED, HVM_ONLY},
    {"opengl", KEY_IGNORED, HVM_ONLY},
    {"pae", KEY_IGNORED, HVM_ONLY},
    {"rdm", KEY_IGNORED, HVM_ONLY},
    {"rdm_mem_boundary", KEY_IGNORED, HVM_ONLY},
    {"soundhw", KEY_IGNORED, HVM_ONLY},
    {"spicehost", KEY_IGNORED, HVM_ONLY},
    {"spiceport", KEY_IGNORED, HVM_ONLY},
    {"spicetls_port", KEY_IGNORED, HVM_ONLY},
    {"spicedisable_ticketing", KEY_IGNORED, HVM_ONLY},
    {"spicepasswd", KEY_IGNORED, HVM_ONLY},
    {"spiceagent_mouse", KEY_IGNORED, HVM_ONLY},
    {"spicevdagent", KEY_IGNORED, HVM_ONLY},
    {"spice_clipboard_sharing", KEY_IGNORED, HVM_ONLY},
    {"spiceusbredirection", KEY_IGNORED, HVM_ONLY},
    {"spice_image_compression", KEY_IGNORED, HVM_ONLY},
    {"spice_streaming_video", KEY_IGNORED, HVM_ONLY},
    {"timer_mode", KEY_IGNORED, HVM_ONLY},
    {"usbversion", KEY_IGNORED, HVM_ONLY},
    {"vendor_device", KEY_IGNORED, HVM_ONLY},
    {"videoram", KEY_IGNORED, HVM_ONLY},
    {"viridian", KEY_IGNORED, HVM_ONLY},
    {"vmtrace_buf_kb", KEY_IGNORED, HVM_ONLY},
    {"vncdisplay", KEY_IGNORED, HVM_ONLY},
    {"vnclisten", KEY_IGNORED, HVM_ONLY},
    {"vncpasswd", KEY_IGNORED, HVM_ONLY},
    {"vncunused", KEY_IGNORED, HVM_ONLY},
    {"vncviewer", KEY_IGNORED, HVM_ONLY},
    {"vpt_align", KEY_IGNORED, HVM_ONLY},
    {"xauthority", KEY_IGNORED, HVM_ONLY},
    {"display", KEY_IGNORED, HVM_ONLY},
    {"device_model_version", KEY_IGNORED, HVM_ONLY},
    {"device_model_override", KEY_IGNORED, HVM_ONLY},
    {"device_model_user", KEY_IGNORED, HVM_ONLY},
    {"device_model_stubdomain_override", KEY_IGNORED, HVM_ONLY},
    {"device_model_stubdomain_seclabel", KEY_IGNORED, HVM_ONLY},
    {"dm_restrict", KEY_IGNORED, HVM_ONLY},
    {"stubdomain_kernel", KEY_IGNORED, HVM_ONLY},
    {"stubdomain_cmdline", KEY_IGNORED, HVM_ONLY},
    {"stubdomain_ramdisk", KEY_IGNORED, HVM_ONLY},
    {"stubdomain_memory", KEY_IGNORED, HVM_ONLY},
    {"pvh", KEY_IGNORED, PVH_ONLY},
    {"pvshim", KEY_IGNORED, PVH_ONLY},
    {"pvshim_path", KEY_IGNORED, PVH_ONLY},
    {"pvshim_cmdline", KEY_IGNORED, PVH_ONLY},
    {"pvshim_extra", KEY_IGNORED, PVH_ONLY},
    {"device_tree", KEY_IGNORED, ARM_ONLY},
    {"dtdev", KEY_IGNORED, ARM_ONLY},
    {"gic_version", KEY_IGNORED, ARM_ONLY},
    {"tee", KEY_IGNORED, ARM_ONLY},
    {"vuart", KEY_IGNORED, ARM_ONLY},
    {"sve", KEY_IGNORED, ARM_ONLY},

    /* What stands in the way. */
    {"pci", KEY_REFUSED, NO_PASSTHROUGH},
    {"pci_msitranslate", KEY_REFUSED, NO_PASSTHROUGH},
    {"pci_permissive", KEY_REFUSED, NO_PASSTHROUGH},
    {"pci_power_mgmt", KEY_REFUSED, NO_PASSTHROUGH},
    {"pci_seize", KEY_REFUSED, NO_PASSTHROUGH},
    {"passthrough", KEY_REFUSED, NO_PASSTHROUGH},
    {"ioports", KEY_REFUSED, NO_PASSTHROUGH},
    {"iomem", KEY_REFUSED, NO_PASSTHROUGH},
    {"irqs", KEY_REFUSED, NO_PASSTHROUGH},
    {"usbctrl", KEY_REFUSED, "PV USB isn't supported yet; remove it"},
    {"usbdev", KEY_REFUSED, "PV USB isn't supported yet; remove it"},
    {"vtpm", KEY_REFUSED, "a virtual TPM isn't supported yet; remove it"},
    {"vscsi", KEY_REFUSED, "PV SCSI isn't supported yet; remove it"},
    {"vnuma", KEY_REFUSED, "virtual NUMA isn't supported yet; remove it"},
    {"channel", KEY_REFUSED, "channels aren't supported yet; remove it"},
    {"p9", KEY_REFUSED, "9p shares aren't supported yet; remove it"},
    {"pvcalls", KEY_REFUSED, "PV calls aren't supported yet; remove it"},
    {"vdispl", KEY_REFUSED, "PV displays aren't supported yet; remove it"},
    {"vsnd", KEY_REFUSED, "PV sound isn't supported yet; remove it"},
    {"vkb", KEY_REFUSED, "PV keyboards aren't supported yet; remove it"},
    {"virtio", KEY_REFUSED, "virtio devices aren't PV devices; remove it"},
    {"tmem", KEY_REFUSED, "transcendent memory is gone from Xen; remove it"},
};
const size_t key_rules_n = sizeof(key_rules) / sizeof(key_rules[0]);

const struct key_rule *cfgkeys_find(const char *name)
{
    for (size_t i = 0; i < key_rules_n; i++)
        if (!strcmp(key_rules[i].name, name))
            return &key_rules[i];
    return NULL;
}

/* An empty list or string asks for nothing: `pci=[]` is no reason to refuse. */
static bool empty(const struct cfg_value *v)
{
    return v->str ? !*v->str : !v->n;
}

void cfgkeys_check(const struct cfg *cfg)
{
    for (size_t i = 0; i < cfg->n; i++) {
        const struct cfg_key *k = &cfg->keys[i];
        const struct key_rule *r = cfgkeys_find(k->name);

        if (!r)
            warn("%s:%u: %s: not a key of xl.cfg(5); left out", cfg->path, k->line, k->name);
        else if (r->fate == KEY_REFUSED && !empty(&k->value))
            cfg_die(cfg, k, "%s", r->note);
        else if (!strcmp(k->name, "vfb") && !empty(&k->value))
            warn("%s:%u: vfb: left out; the guest keeps its console but has no frame buffer",
                 cfg->path, k->line);
    }
}

void cfgkeys_print(void)
{
    static const char *const fates[] = {"kept", "translated", "ignored", "refused"};

    puts("| key | fate | what becomes of it |\n|---|---|---|");
    for (size_t i = 0; i < key_rules_n; i++)
        printf("| `%s` | %s | %s |\n", key_rules[i].name, fates[key_rules[i].fate],
               key_rules[i].note);
}
