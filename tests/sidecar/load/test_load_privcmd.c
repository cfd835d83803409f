// SPDX-License-Identifier: MIT
/* Frames are mapped by what the kernel has: the newer call, or the older one, whose faults lie in
 * the list of frames; and what Xen says of a guest that runs.  The kernel is this file, by the
 * linker's --wrap. */
#include "../unit/test.h"

#include <errno.h>
#include <sys/mman.h>

#include "../../../sidecar/load/domain.h"
#include "../../../sidecar/load/image.h"
#include "../../../sidecar/load/running.h"

static struct {
    bool proc, v2;         /* it has the file of old kernels, the newer call */
    unsigned int calls[2]; /* of the older and the newer */
    unsigned int mappings; /* that there are now */
    uint64_t bad;          /* a frame that can't be mapped */
    uint32_t version;      /* of Xen's domctls; 0: it lets nobody call it */
    bool leaves;           /* Xen tells a domain's CPUID */
    unsigned int asked;
} kernel;

int __wrap_open64(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, void *arg);
void *__wrap_mmap64(void *at, size_t n, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *p, size_t n);
void *__real_mmap64(void *at, size_t n, int prot, int flags, int fd, off_t offset);
int __real_munmap(void *p, size_t n);

int __wrap_open64(const char *path, int flags, ...)
{
    (void)flags;
    if (!strcmp(path, kernel.proc ? "/proc/xen/privcmd" : "/dev/xen/privcmd"))
        return 77;
    errno = ENOENT;
    return -1;
}

/* As the header of the interface has them, for 64 bits. */
struct batch {
    unsigned int num;
    uint16_t dom;
    uint64_t addr;
    unsigned long *arr;
    int *err;
};

/* struct xen_domctl, as the header has it. */
struct domctl {
    uint32_t cmd, version;
    uint16_t domain, pad[3];
    uint32_t n[2];
    uint64_t leaves;
};

/* Xen's answer, by its rules: its own version first, then what it can. */
static int domctl(const uint64_t *call)
{
    struct domctl *op = (void *)(uintptr_t)call[1];

    kernel.asked++;
    assert_int_equal(call[0], 36);
    if (!kernel.version || op->version != kernel.version) {
        errno = kernel.version ? EACCES : EPERM;
        return -1;
    }
    assert_int_equal(op->domain, 3);
    if (op->cmd == 36) {
        op->n[0] = 32;
        return 0;
    }
    assert_int_equal(op->cmd, 82);
    if (!kernel.leaves) {
        errno = ENOSYS;
        return -1;
    }
    assert_int_equal(op->n[0], RUNNING_LEAVES);
    memcpy((void *)(uintptr_t)op->leaves, (uint32_t[6]){1, ~0u, 2, 3, 4, 5}, 24);
    op->n[0] = 1;
    return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
    if (fd == 77 && (unsigned int)request == 0x305000)
        return domctl(arg);
    struct batch *b = arg;
    bool v2 = (unsigned int)request == 0x205004;

    assert_int_equal(fd, 77);
    assert_true(v2 || (unsigned int)request == 0x185003);
    if (v2 && !kernel.v2) {
        errno = ENOTTY;
        return -1;
    }
    kernel.calls[v2]++;
    assert_int_equal(b->dom, 5);
    assert_true(b->addr);
    for (unsigned int i = 0; i < b->num; i++) {
        assert_int_equal(b->arr[i], 300 + i);
        if (v2)
            b->err[i] = b->arr[i] == kernel.bad ? -EINVAL : 0;
        else if (b->arr[i] == kernel.bad)
            b->arr[i] |= 0xf0000000;
    }
    return 0;
}

void *__wrap_mmap64(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
    if (fd != 77)
        return __real_mmap64(at, n, prot, flags, fd, offset);
    assert_int_equal(flags, MAP_SHARED);
    assert_int_equal(prot, PROT_READ | PROT_WRITE);
    kernel.mappings++;
    return __real_mmap64(NULL, n, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int __wrap_munmap(void *p, size_t n)
{
    kernel.mappings--;
    return __real_munmap(p, n);
}

static struct domain d;

static void *map(size_t n)
{
    uint64_t gfn[MAP_PAGES];

    for (size_t i = 0; i < n; i++)
        gfn[i] = 300 + i;
    return d.map(&d, gfn, n);
}

static void maps_and_tells_faults(unsigned int call)
{
    void *p;

    assert_null(domain_open(&d, 5));
    p = map(MAP_PAGES);
    assert_non_null(p);
    assert_int_equal(kernel.mappings, 1);
    memset(p, 1, MAP_PAGES * PAGE);
    d.unmap(&d, p, MAP_PAGES);
    assert_int_equal(kernel.mappings, 0);
    kernel.bad = 303;
    assert_null(map(4));
    assert_true(errno == EINVAL || errno == EFAULT);
    assert_int_equal(kernel.mappings, 0);
    p = map(3);
    assert_non_null(p);
    d.unmap(&d, p, 3);
    assert_int_equal(kernel.calls[call], 3);
    assert_int_equal(kernel.calls[!call], 0);
}

static void a_new_kernel(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof(kernel));
    kernel.v2 = true;
    maps_and_tells_faults(1);
}

static void an_old_kernel(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof(kernel));
    kernel.proc = true;
    maps_and_tells_faults(0);
}

static struct running r;

static void a_host_that_says_nothing(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof(kernel));
    assert_null(domain_open(&d, 5));
    assert_false(running_read(&d, 3, &r));
    assert_int_equal(kernel.asked, 1);
}

static void a_xen_of_any_version(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof(kernel));
    kernel.version = 7;
    assert_null(domain_open(&d, 5));
    assert_true(running_read(&d, 3, &r));
    assert_int_equal(r.width, 4);
    assert_int_equal(r.nr_leaves, 0);
    kernel.leaves = true;
    kernel.asked = 0;
    assert_true(running_read(&d, 3, &r));
    assert_int_equal(kernel.asked, 2); /* the version is known */
    assert_int_equal(r.nr_leaves, 1);
    assert_int_equal(r.leaf[0].word[2], 2);
    assert_int_equal(r.leaf[0].word[5], 5);
}

int main(void)
{
    /* (that a kernel is old is kept, so it is the last) */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_says_nothing),
        cmocka_unit_test(a_xen_of_any_version),
        cmocka_unit_test(a_new_kernel),
        cmocka_unit_test(an_old_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
