// SPDX-License-Identifier: MIT
#include "vdev.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"xvd", "sd", "hd"};

#define MAX_DISK 0xfffff /* what a number of a disk has bits for */

static bool from_number(unsigned long n, struct vdev *v)
{
    unsigned minor = n & 0xff;

    if (n >> 28 == 1)
        *v = (struct vdev){"xvd", n >> 8 & MAX_DISK, minor};
    else if (n >> 8 == 202)
        *v = (struct vdev){"xvd", minor >> 4, minor & 15};
    else if (n >> 8 == 8)
        *v = (struct vdev){"sd", minor >> 4, minor & 15};
    else if (n >> 8 == 3 || n >> 8 == 22)
        *v = (struct vdev){"hd", (n >> 8 == 22 ? 2 : 0) + (minor >> 6), minor & 63};
    else
        return false;
    return true;
}

/* "1" behind the letters of a disk's name; nothing is the whole disk. */
static bool partition(const char *s, struct vdev *v)
{
    char *end;
    unsigned long n;

    v->part = 0;
    if (!*s)
        return true;
    n = strtoul(s, &end, 10);
    v->part = (unsigned)n;
    return isdigit((unsigned char)*s) && *s != '0' && !*end && n < 256;
}

static bool from_letters(const char *s, struct vdev *v)
{
    unsigned n = 0;

    if (!islower((unsigned char)*s))
        return false;
    for (; islower((unsigned char)*s); s++) {
        n = n * 26 + (unsigned)(*s - 'a') + 1;
        if (n > MAX_DISK)
            return false;
    }
    v->disk = n - 1;
    return partition(s, v);
}

bool vdev_parse(const char *s, size_t len, struct vdev *v)
{
    char text[32], *end;
    unsigned long n;
    int used = 0;

    if (!len || len >= sizeof(text))
        return false;
    memcpy(text, s, len);
    text[len] = 0;
    s = text + (strncmp(text, "/dev/", 5) ? 0 : 5);
    if (isdigit((unsigned char)*s)) {
        n = strtoul(s, &end, 0);
        return !*end && from_number(n, v);
    }
    *v = (struct vdev){.kind = "xvd"};
    if (sscanf(s, "d%up%u%n", &v->disk, &v->part, &used) == 2 && !s[used])
        return v->disk <= MAX_DISK && v->part < 256;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        v->kind = kinds[i];
        if (!strncmp(s, kinds[i], strlen(kinds[i])))
            return from_letters(s + strlen(kinds[i]), v);
    }
    return false;
}

char *vdev_name(const struct vdev *v)
{
    char letters[8], *s = letters + sizeof(letters) - 1;

    *s = 0;
    for (unsigned n = v->disk + 1; n; n = (n - 1) / 26)
        *--s = (char)('a' + (n - 1) % 26);
    return v->part ? xasprintf("%s%s%u", v->kind, s, v->part) : xasprintf("%s%s", v->kind, s);
}
