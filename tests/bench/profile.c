// SPDX-License-Identifier: MIT
/*
 * QEMU plugin (API 1): which code the bench program's samples spend their instructions in, in all
 * layers at once.  The program marks its samples by NOPs (bench.c).  Of each section the sample
 * with the fewest instructions is kept, so that no timer tick is in it, and written as
 *
 *     section address instructions
 *
 * one line for each translated block.  A block that an exception leaves early counts whole.
 *
 * Arguments: out=FILE.  Run by tests/bench/profile.  QEMU's package has no header for plugins, so
 * the functions used are declared here as its documentation has them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*exec_cb)(unsigned int vcpu, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_cb cb, int flags,
                                          void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_cb cb, int flags,
                                            void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

struct block {
    uint64_t addr, insns;
    uint64_t spent;     /* in the sample that runs */
    struct block *next; /* of those that the sample has been in */
};

struct spent {
    uint64_t addr, insns;
};

static FILE *out;
static int section = -1, sampling;
static struct block *touched;
static struct spent *best; /* of the section */
static size_t best_blocks;
static uint64_t best_sum;

static void on_block(unsigned int vcpu, void *data)
{
    struct block *b = data;

    (void)vcpu;
    if (!sampling)
        return;
    if (!b->spent) {
        b->next = touched;
        touched = b;
    }
    b->spent += b->insns;
}

static void end_sample(void)
{
    uint64_t sum = 0;
    size_t n = 0;

    for (struct block *b = touched; b; b = b->next, n++)
        sum += b->spent;
    if (!best || sum < best_sum) {
        free(best);
        best = calloc(n + 1, sizeof(*best));
        if (!best)
            abort();
        best_blocks = 0;
        for (struct block *b = touched; b; b = b->next)
            best[best_blocks++] = (struct spent){b->addr, b->spent};
        best_sum = sum;
    }
    for (; touched; touched = touched->next)
        touched->spent = 0;
}

static void on_sample(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    sampling = !sampling;
    if (!sampling)
        end_sample();
}

static void on_section(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    for (size_t i = 0; i < best_blocks; i++)
        fprintf(out, "%d %lx %lu\n", section, best[i].addr, best[i].insns);
    fflush(out);
    free(best);
    best = NULL;
    best_blocks = 0;
    sampling = 0;
    section++;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
    static const uint8_t sample[] = {MARK_BYTES(MARK_SAMPLE)};
    static const uint8_t next[] = {MARK_BYTES(MARK_SECTION)};
    struct block *b = calloc(1, sizeof(*b));

    (void)id;
    if (!b)
        abort();
    b->addr = qemu_plugin_tb_vaddr(tb);
    b->insns = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, 0, b);
    for (size_t i = 0; i < b->insns; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        if (qemu_plugin_insn_size(insn) != sizeof(sample))
            continue;
        if (!memcmp(qemu_plugin_insn_data(insn), sample, sizeof(sample)))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_sample, 0, NULL);
        else if (!memcmp(qemu_plugin_insn_data(insn), next, sizeof(next)))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_section, 0, NULL);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) || !(out = fopen(argv[0] + 4, "w"))) {
        fprintf(stderr, "profile: needs out=FILE, a file that can be written\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
