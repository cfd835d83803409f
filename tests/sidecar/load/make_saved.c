// SPDX-License-Identifier: MIT
/* Writes a small saved guest in each format to the directory that is named: seeds of fuzz-saved,
 * and files for the tests of the program. */
#include <stdio.h>
#include <stdlib.h>

#include "stream.h"

static void write_one(const char *dir, const char *name, unsigned int width, const struct how *how)
{
    struct model m;
    struct stream s;
    char path[4096];
    FILE *f;

    model_make(&m, width, true);
    stream_make(&s, &m, how);
    snprintf(path, sizeof(path), "%s/%s-%u", dir, name, width * 8);
    f = fopen(path, "w");
    if (!f || fwrite(s.p, 1, s.n, f) != s.n || fclose(f)) {
        perror(path);
        exit(1);
    }
    stream_free(&s);
    model_free(&m);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        struct how how;
    } kinds[] = {
        {"xl-v3", {.version = 3, .wrapper = XL, .extended = true}},
        {"xl-v2", {.version = 2, .wrapper = XL}},
        {"libvirt-v3", {.version = 3, .wrapper = VIRSH, .empty = true}},
        {"bare-v2-live", {.version = 2, .wrapper = BARE, .live = true, .verify = true}},
        {"converted", {.version = 2, .wrapper = XL, .converted = true}},
        {"xl-v1", {.version = 1, .wrapper = XL_OLD, .longs = 8, .extended = true}},
        {"xend-v1", {.version = 1, .wrapper = XEND, .longs = 4}},
        {"bare-v1-live", {.version = 1, .wrapper = BARE, .longs = 4, .live = true}},
    };

    if (argc != 2)
        return 2;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (unsigned int width = 4; width <= 8; width += 4)
            write_one(argv[1], kinds[i].name, width, &kinds[i].how);
    return 0;
}
