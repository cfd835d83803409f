// SPDX-License-Identifier: MIT
/* The small printf that the shim's few messages need: d u x c s p, l, width, leading 0 and '-'. */
#include "shim.h"

struct out {
    char *buf;
    size_t size, len;
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->buf[o->len] = c;
    o->len++;
}

static void pad(struct out *o, int n, char c)
{
    while (n-- > 0)
        put(o, c);
}

static void put_number(struct out *o, u64 v, unsigned int base, bool neg, int width, char fill,
                       bool left)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    if (neg && fill == '0')
        put(o, '-');
    int blanks = width - n - neg;
    if (!left)
        pad(o, blanks, fill);
    if (neg && fill != '0')
        put(o, '-');
    while (n)
        put(o, digits[--n]);
    if (left)
        pad(o, blanks, ' ');
}

static void put_string(struct out *o, const char *s, int width, bool left)
{
    int n = (int)strlen(s);

    if (!left)
        pad(o, width - n, ' ');
    while (*s)
        put(o, *s++);
    if (left)
        pad(o, width - n, ' ');
}

int vsnprintf(char *buf, size_t size, const char *fmt, __builtin_va_list ap)
{
    struct out o = {buf, size, 0};

    for (; *fmt; fmt++) {
        if (*fmt != '%') {
            put(&o, *fmt);
            continue;
        }
        bool left = false, is_long = false;
        char fill = ' ';
        int width = 0;

        if (*++fmt == '-') {
            left = true;
            fmt++;
        }
        if (*fmt == '0') {
            fill = '0';
            fmt++;
        }
        while (*fmt >= '0' && *fmt <= '9')
            width = width * 10 + *fmt++ - '0';
        while (*fmt == 'l' || *fmt == 'z') {
            is_long = true;
            fmt++;
        }
        switch (*fmt) {
        case 'd': {
            s64 v = is_long ? __builtin_va_arg(ap, s64) : __builtin_va_arg(ap, int);
            put_number(&o, v < 0 ? -(u64)v : (u64)v, 10, v < 0, width, fill, left);
            break;
        }
        case 'u':
            put_number(&o, is_long ? __builtin_va_arg(ap, u64) : __builtin_va_arg(ap, u32), 10,
                       false, width, fill, left);
            break;
        case 'x':
            put_number(&o, is_long ? __builtin_va_arg(ap, u64) : __builtin_va_arg(ap, u32), 16,
                       false, width, fill, left);
            break;
        case 'p':
            put_number(&o, (u64) __builtin_va_arg(ap, void *), 16, false, 16, '0', false);
            break;
        case 'c':
            put(&o, (char)__builtin_va_arg(ap, int));
            break;
        case 's':
            put_string(&o, __builtin_va_arg(ap, const char *), width, left);
            break;
        case '%':
            put(&o, '%');
            break;
        default: /* a mistake in the format shows itself */
            put(&o, '%');
            if (!*fmt)
                fmt--;
            else
                put(&o, *fmt);
        }
    }
    if (size)
        buf[min_t(size_t, o.len, size - 1)] = 0;
    return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    __builtin_va_list ap;

    __builtin_va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    __builtin_va_end(ap);
    return n;
}
