// SPDX-License-Identifier: MIT
/* The builder: PV configs in, sidecar ISOs and HVM configs out. scripts/mk-sidecar.sh runs it. */
#include "convert.h"
#include "fleet.h"
#include "inventory.h"
#include "kernelout.h"
#include "shimfile.h"

int main(int argc, char **argv)
{
    struct options opt = {.out_dir = ".", .packing = PACK_DEFAULT, .shim_cmdline = ""};
    struct report rep = {0};

    options_parse(argc, argv, &opt);
    if (opt.action == ACT_LIST)
        return inventory_list(&opt);
    if (opt.action == ACT_PRUNE)
        return inventory_prune(&opt);
    if (opt.action == ACT_UNPACK) {
        kernel_out(opt.unpack, opt.args[0]);
        return EXIT_DONE;
    }
    if (!opt.print)
        shim_find(&opt.shim);
    if (opt.action == ACT_VERIFY)
        return inventory_verify(&opt);
    if (opt.all)
        return fleet_convert(&opt);
    opt.wait = true;
    convert(opt.args[0], &opt, &rep);
    return EXIT_DONE;
}
