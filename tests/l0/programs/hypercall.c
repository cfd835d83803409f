// SPDX-License-Identifier: MIT
/* In the guest: `hypercall NUMBER ARGUMENT` executes one, through Linux's /proc/xen/privcmd or
 * /dev/xen/privcmd. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

struct call {
    uint64_t op, arg[5];
};

int main(int argc, char **argv)
{
    struct call c = {0};
    int fd = open("/dev/xen/privcmd", O_RDWR);

    if (argc < 2 || fd < 0) {
        fprintf(stderr, "hypercall: needs a number and /dev/xen/privcmd\n");
        return 2;
    }
    c.op = strtoull(argv[1], NULL, 0);
    for (int i = 0; i < 5 && i + 2 < argc; i++)
        c.arg[i] = strtoull(argv[i + 2], NULL, 0);
    int rc = ioctl(fd, _IOC(_IOC_NONE, 'P', 0, sizeof(c)), &c);
    if (rc < 0)
        perror("hypercall");
    else
        printf("%d\n", rc);
    return rc < 0;
}
