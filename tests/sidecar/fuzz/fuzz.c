// SPDX-License-Identifier: MIT
/* libFuzzer's entry for one reader, chosen when it's built: -DREADER=CONFIG, GRUB, NOTES or
 * BZIMAGE. The readers may refuse, by die() or a reason; they may not crash, hang, or read what
 * isn't theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../sidecar/bootmenu.h"
#include "../../../sidecar/cfgfile.h"
#include "../../../sidecar/cfgkeys.h"
#include "../../../sidecar/cmdline.h"
#include "../../../sidecar/hvmcfg.h"
#include "../../../sidecar/libvirtxml.h"
#include "../../../sidecar/loader.h"

#define CONFIG  1
#define GRUB    2
#define NOTES   3
#define BZIMAGE 4

static jmp_buf out;

/* Instead of util.c's, by the linker's --wrap: the process must go on. */
_Noreturn void __wrap_die(int code, const char *fmt, ...);
void __wrap_warn(const char *fmt, ...);
_Noreturn void __wrap_die(int code, const char *fmt, ...)
{
    (void)code, (void)fmt;
    longjmp(out, 1);
}
void __wrap_warn(const char *fmt, ...)
{
    (void)fmt;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf b = {0};

    buf_adds(&b, "");
    buf_add(&b, data, size);
    static int first; /* the first free file descriptor */

    if (!first)
        close(first = dup(0));
    if (setjmp(out)) {                        /* b stays allocated then: leaks aren't looked for */
        close_range((unsigned)first, ~0u, 0); /* what die would have closed by ending */
        return 0;
    }
#if READER == CONFIG
    {
        struct guest g = {0};
        struct buf hvm = {0};

        free(cfgfile_look("fuzz.cfg", &b).name);
        cfg_parse("fuzz.cfg", &b, &g.cfg);
        for (size_t i = 0; i < g.cfg.n; i++) {
            buf_addf(&hvm, "k = ");
            cfg_write_value(&hvm, &g.cfg.keys[i].value);
            buf_adds(&hvm, "\n");
        }
        buf_free(&hvm);
        free(guest_cmdline(&g.cfg, TOOLSTACK_XL));
        free(guest_cmdline(&g.cfg, TOOLSTACK_XM));
        /* the writers of all toolstacks, whatever the keys say; xend's is the strictest */
        g.name = g.origin = "fuzz", g.kernel_path = "/k", g.cmdline = (char *)"";
        g.memory = g.maxmem = 256, g.vcpus = 1, g.maxvcpus = 4;
        guest_disks(&g);
        hvmcfg_write(&hvm, &g, "/i.iso", MEDIUM_AHCI);
        g.toolstack = TOOLSTACK_LIBVIRT;
        libvirtxml_write(&hvm, &g, "/i.iso", MEDIUM_CD);
        g.toolstack = TOOLSTACK_XM;
        guest_disks(&g);
        hvmcfg_write(&hvm, &g, "/i.iso", MEDIUM_CD);
        buf_free(&hvm);
        for (int t = 0; t < 3; t++)
            cfgkeys_check(&g.cfg, (enum toolstack)t);
        loader_args(&g);
        loader_of(&g, NULL);
    }
#elif READER == GRUB
    {
        struct boot_menu m = {0};
        size_t n = strlen((char *)b.data);
        const char *env = n < size ? (char *)b.data + n + 1 : NULL;

        /* the same text for the files beside it, by the words that it begins with */
        struct bls_file bls[] = {{xasprintf("%.20s-1.conf", env ? env : "a"), (char *)b.data},
                                 {xasprintf("%.20s.conf", (char *)b.data), (char *)b.data},
                                 {0}};

        bls_sort(bls, 2);
        bootmenu_grub2(&m, (char *)b.data, env, bls);
        bootmenu_find(&m, m.def);
        pygrub_choice(&m, NULL);
        pygrub_choice(&m, m.def);
        bootmenu_legacy(&m, (char *)b.data);
        bootmenu_find(&m, m.def);
    }
#elif READER == NOTES
    {
        struct xen_kernel k = {0};

        free(xen_kernel_check(b.data, b.len, &k));
    }
#else
    {
        struct kernel k;

        free(kernel_load(&b, &k));
        buf_free(&k.elf);
    }
#endif
    buf_free(&b);
    return 0;
}
