// SPDX-License-Identifier: MIT
/* sidecar-load: a saved PV guest into a shim that waits for it (xen-shim/boot/handover.h).  A
 * static program that needs no library of Xen's and no new kernel. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "directory.h"
#include "features.h"
#include "handoff.h"
#include "running.h"

/* Exit codes, documented in sidecar-load(8). */
enum { DONE = 0, FAILED = 1, USAGE = 2 };

static const char usage[] = "usage: sidecar-load [--timeout S] DOMID GFN FILE\n"
                            "       sidecar-load --check FILE\n"
                            "       sidecar-load --fits PV-DOMID DOMID GFN\n"
                            "       sidecar-load --help | --version\n";

static _Noreturn void wrong_usage(void)
{
    fputs(usage, stderr);
    exit(USAGE);
}

static uint64_t number(const char *s, uint64_t max)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(s, &end, 10);
    if (errno || *end || *s < '0' || *s > '9' || n > max)
        wrong_usage();
    return n;
}

static void describe(const struct image *img)
{
    printf("format=%s stream=v%u width=%u nr_pages=%" PRIu64 " populated=%" PRIu64
           " frames=%" PRIu64 " vcpus=%u highest_vcpu=%u events=%s\n",
           img->wrapper, img->version, img->width * 8, img->nr_pages, img->populated,
           img->populated + directory_pages(img), img->nr_vcpus, img->highest_vcpu,
           img->fifo ? "fifo" : "2l");
}

static int failed(const char *name, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "sidecar-load: %s: %s\n", name, why);
    return FAILED;
}

/* Reads and checks `file`; 0 or an exit code. */
static int look(struct image *img, struct source *src, const char *file)
{
    const char *why = source_open(src, file);

    if (why)
        return failed(file, why);
    img->src = src;
    return image_read(img) && image_check(img) ? DONE : failed(file, img->why);
}

static int load(struct image *img, char **args, unsigned int timeout)
{
    uint64_t domid = number(args[0], 0x7fef), gfn = number(args[1], 1ULL << 40);
    const char *file = args[2], *why;
    struct handoff times;
    struct source src;
    struct domain d;
    int code = look(img, &src, file);

    if (code)
        return code;
    if ((why = domain_open(&d, (unsigned int)domid)))
        return failed("privcmd", why);
    if (!handoff(img, &d, gfn, timeout, &times))
        return failed(file, img->why);
    printf("populated=%" PRIu64 " fill_ms=%" PRIu64 " wait_ms=%" PRIu64 "\n", img->populated,
           times.fill_ms, times.wait_ms);
    return DONE;
}

static int check(struct image *img, const char *file)
{
    struct source src;
    int code = look(img, &src, file);

    if (!code)
        describe(img);
    return code;
}

/* Before it is saved: could the shim take the guest that runs?  What the host doesn't tell is found
 * in the image, if at all. */
static int fits(struct image *img, char **args)
{
    static struct running r;
    static struct source src; /* the image's, as long as it is there */
    uint64_t pv = number(args[0], 0x7fef), domid = number(args[1], 0x7fef);
    uint64_t gfn = number(args[2], 1ULL << 40);
    struct domain d;
    const char *why = domain_open(&d, (unsigned int)domid);

    if (why)
        return failed("privcmd", why);
    if (!running_read(&d, (unsigned int)pv, &r)) {
        puts("fits=unknown");
        return DONE;
    }
    source_memory(&src, r.leaf, r.nr_leaves * sizeof(r.leaf[0]));
    img->src = &src;
    img->width = r.width;
    img->cpuid.len = (uint32_t)src.size;
    if (!features_read(img) || !handoff_fits(img, &d, gfn))
        return failed("the guest that runs", img->why);
    printf("fits=yes width=%u cpuid=%s\n", 8 * r.width, r.nr_leaves ? "compared" : "unknown");
    return DONE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"check", no_argument, NULL, 'c'},         {"fits", no_argument, NULL, 'f'},
        {"timeout", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0}};
    struct image img = {0};
    unsigned int timeout = 300;
    bool only_check = false, only_fits = false;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (c) {
        case 'c':
            only_check = true;
            break;
        case 'f':
            only_fits = true;
            break;
        case 't':
            timeout = (unsigned int)number(optarg, 1000000);
            break;
        case 'h':
            fputs(usage, stdout);
            return DONE;
        case 'v':
            puts("sidecar-load " VERSION);
            return DONE;
        default:
            wrong_usage();
        }
    argv += optind, argc -= optind;
    if (argc != (only_check ? 1 : 3) || (only_check && only_fits))
        wrong_usage();
    c = only_fits    ? fits(&img, argv)
        : only_check ? check(&img, argv[0])
                     : load(&img, argv, timeout);
    image_free(&img);
    return c;
}
