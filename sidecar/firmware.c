// SPDX-License-Identifier: MIT
#include "firmware.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#include "elfimage.h"
#include "unpack.h"

#define PAGE 4096u
#define MIB  ((size_t)1 << 20)

/* What is read of the shim's image: the one segment, and its note for us (boot/container.S). */
struct image {
    struct buf file;
    Elf32_Phdr load;
    uint32_t entry, info; /* physical: where it is entered, where it looks for its start info */
};

/* Takes entry and info out of the note "xen-shim", type 1, if that is what begins at `at`. */
static bool take_note(struct image *im, const struct elf_image *e, uint64_t at)
{
    static const char name[12] = "xen-shim";
    Elf32_Nhdr n;
    uint32_t desc[2];

    if (!elf_within(e, at, sizeof(n) + sizeof(name) + sizeof(desc)))
        return false;
    memcpy(&n, e->data + at, sizeof(n));
    if (n.n_namesz != 9 || n.n_descsz != sizeof(desc) || n.n_type != 1 ||
        memcmp(e->data + at + sizeof(n), name, sizeof(name)))
        return false;
    memcpy(desc, e->data + at + sizeof(n) + sizeof(name), sizeof(desc));
    im->entry = desc[0];
    im->info = desc[1];
    return true;
}

static bool read_headers(struct image *im)
{
    struct elf_image e;
    struct elf_part part;
    char *bad = elf_open(&e, im->file.data, im->file.len);
    /* the first segment, and the one to load */
    bool loads = !bad && e.narrow && elf_segment(&e, 0, &part) && part.type == PT_LOAD &&
                 elf_within(&e, part.offset, part.filesz);
    bool note = false;

    free(bad);
    if (!loads)
        return false;
    memcpy(&im->load, e.data + e.phoff, sizeof(im->load));
    for (unsigned i = 0; !note && elf_section(&e, i, &part); i++)
        note = part.type == SHT_NOTE && take_note(im, &e, part.offset);
    return note && im->load.p_paddr % PAGE == 0 && im->info % PAGE == 0 &&
           im->load.p_paddr + im->load.p_memsz <= im->info;
}

static void read_image(struct image *im, const char *path)
{
    int err = read_file(path, &im->file);

    if (err)
        die(EXIT_ENVIRONMENT, "%s: %s", path, strerror(err));
    if (!read_headers(im))
        die(EXIT_ENVIRONMENT,
            "%s: this image of the shim can't be started in the firmware's place; use a newer one, "
            "or --medium cd",
            path);
}

void firmware_check_shim(const char *path)
{
    struct image im = {0};

    read_image(&im, path);
    buf_free(&im.file);
}

/* libxc unpacks no more (since about 4.7). */
#define LIBXC_MAX_MIB 1024
/* Below the modules: what is lower than the image, the image, its start info. */
#define BELOW_MIB 3

long firmware_mib(size_t kernel, size_t ramdisk)
{
    return (long)(BELOW_MIB + (kernel + ramdisk + 2 * PAGE + MIB - 1) / MIB);
}

void firmware_check_size(const char *name, long mib, long memory)
{
    if (mib > LIBXC_MAX_MIB)
        die(EXIT_GUEST,
            "%s: kernel and initrd have %ld MiB, more than the toolstack loads in the firmware's "
            "place; make the initrd smaller, or use --medium cd",
            name, mib);
    if (mib > memory)
        die(EXIT_GUEST,
            "%s: memory=%ld MiB doesn't hold the sidecar, which takes %ld MiB until the guest "
            "starts; give it more",
            name, memory, mib);
}

static void pad(struct buf *b)
{
    static const uint8_t zeros[PAGE];

    buf_add(b, zeros, -b->len % PAGE);
}

/* What the shim's pvh.c reads: the structure, the list of modules, the strings. The modules follow
 * it, each on a page of its own. Version 0 has no map of memory: the toolstack gives another. */
static void start_info(struct buf *out, uint32_t at, const struct firmware *f)
{
    struct hvm_modlist_entry mods[2] = {0};
    struct hvm_start_info si = {
        .magic = XEN_HVM_START_MAGIC_VALUE,
        .nr_modules = f->ramdisk.data ? 2 : 1,
        .modlist_paddr = at + sizeof(si),
        .cmdline_paddr = at + sizeof(si) + sizeof(mods),
    };
    size_t words = strlen(f->shim_cmdline) + 1, guest = strlen(f->cmdline) + 1;
    size_t end = sizeof(si) + sizeof(mods) + words + guest;

    end += -end % PAGE;
    mods[0].paddr = at + end;
    mods[0].size = f->kernel.len;
    mods[0].cmdline_paddr = si.cmdline_paddr + words;
    mods[1].paddr = mods[0].paddr + f->kernel.len;
    mods[1].paddr += -mods[1].paddr % PAGE;
    mods[1].size = f->ramdisk.len;
    buf_add(out, &si, sizeof(si));
    buf_add(out, mods, sizeof(mods));
    buf_add(out, f->shim_cmdline, words);
    buf_add(out, f->cmdline, guest);
    pad(out);
}

static void write_elf(struct buf *out, const struct image *im, const struct firmware *f)
{
    Elf32_Phdr ph[2] = {im->load, im->load};
    Elf32_Ehdr h = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_version = EV_CURRENT,
        .e_entry = im->entry,
        .e_phoff = sizeof(h),
        .e_ehsize = sizeof(h),
        .e_phentsize = sizeof(*ph),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf32_Shdr),
    };
    size_t info;

    buf_reserve(out, im->load.p_filesz + f->kernel.len + f->ramdisk.len + 16 * PAGE);
    buf_add(out, &h, sizeof(h));
    buf_add(out, ph, sizeof(ph)); /* once more when they are known */
    pad(out);
    ph[0].p_offset = out->len;
    buf_add(out, im->file.data + im->load.p_offset, im->load.p_filesz);
    pad(out);
    info = out->len;
    start_info(out, im->info, f);
    buf_add(out, f->kernel.data, f->kernel.len);
    pad(out);
    if (f->ramdisk.data)
        buf_add(out, f->ramdisk.data, f->ramdisk.len);
    ph[1].p_offset = info;
    ph[1].p_vaddr = ph[1].p_paddr = im->info;
    ph[1].p_filesz = ph[1].p_memsz = out->len - info;
    for (unsigned i = 0; i < 2; i++) {
        ph[i].p_flags = PF_R | PF_W | PF_X; /* what is only to be read, libxc leaves out */
        ph[i].p_align = PAGE;
    }
    memcpy(out->data + sizeof(h), ph, sizeof(ph));
}

void firmware_make(const struct output *o, const char *out, const struct firmware *f)
{
    struct image im = {0};
    struct buf elf = {0}, packed = {0};

    read_image(&im, f->shim);
    write_elf(&elf, &im, f);
    if (f->gzip)
        pack_gzip(elf.data, elf.len, &packed);
    output_write(o, out, f->gzip ? packed.data : elf.data, f->gzip ? packed.len : elf.len);
    buf_free(&packed);
    buf_free(&elf);
    buf_free(&im.file);
}
