// SPDX-License-Identifier: MIT
#include "iso.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where distributions put GRUB's BIOS parts, and what they call its tool. */
static const char *const grub_dirs[] = {"/usr/lib/grub/i386-pc", "/usr/lib/grub2/i386-pc",
                                        "/usr/share/grub2/i386-pc"};
static const char *const grub_tools[] = {"grub-mkimage", "grub2-mkimage"};

static const char *grub_dir, *grub_mkimage;

/* All that a sidecar's script uses; dependencies follow by themselves. */
static const char *const modules[] = {"normal", "iso9660", "biosdisk", "multiboot2", "gzio",
                                      "xzio",   "serial",  "echo",     "sleep",      "halt"};

static bool in_path(const char *tool)
{
    const char *path = getenv("PATH");

    for (const char *s = path ? path : ""; *s;) {
        size_t n = strcspn(s, ":");
        char *file = xasprintf("%.*s/%s", (int)n, s, tool);
        bool found = !access(file, X_OK);

        free(file);
        if (found)
            return true;
        s += n + (s[n] == ':');
    }
    return false;
}

void iso_check_tools(void)
{
    const char *wanted = getenv("MK_SIDECAR_GRUB_DIR"); /* for tests and unusual hosts */

    if (wanted)
        grub_dir = wanted;
    for (size_t i = 0; !grub_dir && i < sizeof(grub_dirs) / sizeof(grub_dirs[0]); i++)
        if (!access(grub_dirs[i], R_OK))
            grub_dir = grub_dirs[i];
    for (size_t i = 0; !grub_mkimage && i < sizeof(grub_tools) / sizeof(grub_tools[0]); i++)
        if (in_path(grub_tools[i]))
            grub_mkimage = grub_tools[i];
    if (!grub_mkimage)
        die(EXIT_ENVIRONMENT, "grub-mkimage not found; install grub-common (or grub2-tools)");
    if (!grub_dir)
        die(EXIT_ENVIRONMENT,
            "GRUB's i386-pc files not found; install grub-pc-bin (or grub2-pc-modules)");
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        char *file = xasprintf("%s/%s.mod", grub_dir, modules[i]);

        if (access(file, R_OK))
            die(EXIT_ENVIRONMENT, "%s: %s; install grub-pc-bin again", file, strerror(errno));
        free(file);
    }
    if (!in_path("xorriso"))
        die(EXIT_ENVIRONMENT, "xorriso not found; install xorriso");
}

struct args {
    const char **v;
    size_t n;
};

static void arg(struct args *a, const char *s)
{
    a->v = xrealloc(a->v, (a->n + 2) * sizeof(*a->v));
    a->v[a->n++] = s;
    a->v[a->n] = NULL;
}

/* Run a tool; its output is shown only if it fails, after our own line. */
static void run(const struct output *o, struct args *a)
{
    char *log = output_path(o, "log");
    struct buf said = {0};
    pid_t pid;
    int status;

    fflush(NULL);
    pid = fork();
    if (pid < 0)
        die(EXIT_ENVIRONMENT, "can't start %s: %s", a->v[0], strerror(errno));
    if (!pid) {
        if (!freopen("/dev/null", "r", stdin) || !freopen(log, "w", stdout) ||
            dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
            _exit(126);
        execvp(a->v[0], (char *const *)a->v);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        read_file(log, &said);
        fprintf(stderr, "%s", said.data ? (char *)said.data : "");
        die(EXIT_ENVIRONMENT, "%s failed (see above); is the disk of %s full?", a->v[0], o->dir);
    }
    free(log);
    free(a->v);
}

static void make_core(const struct output *o, const char *core)
{
    struct args a = {0};

    arg(&a, grub_mkimage);
    arg(&a, "-d");
    arg(&a, grub_dir);
    arg(&a, "-O");
    arg(&a, "i386-pc-eltorito");
    arg(&a, "-p");
    arg(&a, "/boot/grub");
    arg(&a, "-o");
    arg(&a, core);
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        arg(&a, modules[i]);
    run(o, &a);
}

void iso_make(const struct output *o, const char *out, const struct iso_file *files, size_t n)
{
    char *core = output_path(o, "eltorito.img"), *iso = output_path(o, out);
    struct args a = {0};

    /* xorriso takes the dates and the identity of the ISO from this variable; those of the files in
     * it want an option besides. */
    setenv("SOURCE_DATE_EPOCH", "1514764800", 0);
    make_core(o, core);
    arg(&a, "xorriso");
    arg(&a, "-as");
    arg(&a, "mkisofs");
    arg(&a, "-quiet");
    arg(&a, "-r"); /* no owners and no umask of the host */
    arg(&a, "--set_all_file_dates");
    arg(&a, xasprintf("=%s", getenv("SOURCE_DATE_EPOCH")));
    arg(&a, "-V");
    arg(&a, "SIDECAR");
    arg(&a, "-o");
    arg(&a, iso);
    arg(&a, "-b");
    arg(&a, "boot/grub/eltorito.img");
    arg(&a, "-no-emul-boot");
    arg(&a, "-boot-load-size");
    arg(&a, "4");
    arg(&a, "-boot-info-table");
    arg(&a, "--grub2-boot-info");
    /* The same image boots as a hard disk too. */
    arg(&a, "--grub2-mbr");
    arg(&a, xasprintf("%s/boot_hybrid.img", grub_dir));
    arg(&a, "-graft-points");
    arg(&a, xasprintf("/boot/grub/eltorito.img=%s", core));
    for (size_t i = 0; i < n; i++) {
        struct buf path = {0};

        /* In a graft point '=' and '\' of a path are escaped. */
        for (const char *s = files[i].path; *s; s++) {
            if (*s == '=' || *s == '\\')
                buf_adds(&path, "\\");
            buf_add(&path, s, 1);
        }
        arg(&a, xasprintf("/%s=%s", files[i].name, path.data));
    }
    run(o, &a);
    /* Tools of this kind have been seen to fail with status 0. */
    if (access(iso, R_OK))
        die(EXIT_ENVIRONMENT, "xorriso made no ISO and said nothing; install xorriso again");
}
