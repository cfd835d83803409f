// SPDX-License-Identifier: MIT
/* In dom0: gives an HVM domain that hasn't run yet other event channels for xenstore and the
 * console, with the numbers that Xen before 4.5 would have given, or any.
 *   ports DOMID new            opens one to dom0 and prints its number
 *   ports DOMID console PORT   tells the domain; xenconsoled is told by console/port in xenstore
 *   ports DOMID store PORT     tells the domain and xenstored, which lets go of the one it had */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/xs_wire.h>

static int privcmd;
static uint16_t domid;

static int call(uint64_t nr, uint64_t op, void *arg)
{
    uint64_t c[6] = {nr, op, (uintptr_t)arg};
    int rc = ioctl(privcmd, _IOC(_IOC_NONE, 'P', 0, sizeof(c)), c);

    if (rc < 0) {
        perror("ports");
        exit(1);
    }
    return rc;
}

static uint64_t param(int op, uint32_t index, uint64_t value)
{
    struct xen_hvm_param p = {.domid = domid, .index = index, .value = value};

    call(__HYPERVISOR_hvm_op, op, &p);
    return p.value;
}

static void introduce(unsigned int port)
{
    struct sockaddr_un to = {AF_UNIX, "/run/xenstored/socket"};
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    char body[64], answer[64] = "";
    unsigned long gfn = param(HVMOP_get_param, HVM_PARAM_STORE_PFN, 0);
    int len = snprintf(body, sizeof(body), "%u%c%lu%c%u", domid, 0, gfn, 0, port) + 1;
    struct xsd_sockmsg h = {.type = XS_INTRODUCE, .len = len};

    if (connect(s, (void *)&to, sizeof(to)) || write(s, &h, sizeof(h)) != sizeof(h) ||
        write(s, body, len) != len || read(s, &h, sizeof(h)) != sizeof(h) ||
        read(s, answer, sizeof(answer) - 1) < 0 || h.type != XS_INTRODUCE) {
        fprintf(stderr, "ports: xenstored: %s\n", answer);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    unsigned int port = argc > 3 ? (unsigned int)atoi(argv[3]) : 0;

    privcmd = open("/dev/xen/privcmd", O_RDWR);
    if (argc < 3 || privcmd < 0 || (argc > 3) != !!strcmp(argv[2], "new")) {
        fprintf(stderr, "ports: see the source\n");
        return 2;
    }
    domid = (uint16_t)atoi(argv[1]);
    if (!strcmp(argv[2], "new")) {
        struct evtchn_alloc_unbound op = {.dom = domid};
        call(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &op);
        printf("%u\n", op.port);
    } else if (!strcmp(argv[2], "console")) {
        param(HVMOP_set_param, HVM_PARAM_CONSOLE_EVTCHN, port);
    } else {
        introduce(port);
        param(HVMOP_set_param, HVM_PARAM_STORE_EVTCHN, port);
    }
    return 0;
}
