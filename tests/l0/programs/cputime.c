// SPDX-License-Identifier: MIT
/* `cputime DOMID`: how long the domain's vCPUs have run, all together, in nanoseconds; `xl list`
 * has tenths of a second. */
#include <stdio.h>
#include <stdlib.h>

#include <xenctrl.h>

int main(int argc, char **argv)
{
    xc_interface *xch = xc_interface_open(NULL, NULL, 0);
    uint32_t domid = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    xc_dominfo_t info;

    if (!xch || xc_domain_getinfo(xch, domid, 1, &info) != 1 || info.domid != domid) {
        fprintf(stderr, "cputime: nothing known of domain %u\n", domid);
        return 1;
    }
    printf("%llu\n", (unsigned long long)info.cpu_time);
    return 0;
}
