// SPDX-License-Identifier: MIT
#include "marks.h"

#include <stdlib.h>
#include <string.h>

bool marks_ours(const char *text)
{
    return strstr(text, "\n" MARK "key: ");
}

char *mark_value(const char *line, const char *word)
{
    size_t n = strlen(MARK), m = strlen(word);

    if (strncmp(line, MARK, n) || strncmp(line + n, word, m) || strncmp(line + n + m, ": ", 2))
        return NULL;
    return xasprintf("%.*s", (int)strcspn(line + n + m + 2, "\n"), line + n + m + 2);
}

char *marks_options(const char *text)
{
    struct buf b = {0};

    buf_adds(&b, "");
    while ((text = strstr(text, "\n" MARK "with: "))) {
        char *option = mark_value(++text, "with");

        buf_addf(&b, " %s", option);
        free(option);
    }
    return (char *)b.data;
}
