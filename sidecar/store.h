/* SPDX-License-Identifier: MIT
 * The store of an output directory, DIR/.sidecars: every distinct sidecar once, named by the hash
 * of all that it is made of. A guest's NAME-sidecar.iso is a hard link to it.
 *   KEY.iso      the sidecar, or KEY.elf if it's one for the firmware's place
 *   KEY.txt      what it's made of, and its own hash; written last: it says that KEY.iso is whole
 *   KEY.tmp/     one is being made
 *   hashes       see hash.h
 * Owns these names and their locks; doesn't know how a sidecar is made.
 */
#ifndef SIDECAR_STORE_H
#define SIDECAR_STORE_H

#include "hash.h"
#include "output.h"

struct store {
    char *dir; /* DIR/.sidecars, absolute */
};

/* All that decides over the bytes of a sidecar, as lines "word value", and its hash. */
struct recipe {
    struct buf text;
    struct hash key;
    const char *ext; /* of the file's name: ".iso" or ".elf" */
};

/* Open the store of the output directory `dir`. With `write` make it, hold it against store_prune()
 * for the life of the process, and end the process if that can't be. */
void store_open(struct store *s, const char *dir, bool write);

/* Add a line to a recipe; recipe_done() when all are there. */
void recipe_add(struct recipe *r, const char *word, const char *value);
void recipe_done(struct recipe *r);

/* Path of KEY.iso, or of KEY.elf if that is there; malloc'ed. */
char *store_path(const struct store *s, const struct hash *key);

/* Whether the store has the sidecar, whole by its size. */
bool store_has(const struct store *s, const struct hash *key);

/* The value of `word` in a KEY.txt; malloc'ed, or NULL. */
char *store_says(const struct store *s, const struct hash *key, const char *word);

/* A whole sidecar whose KEY.txt has each of these lines ("kernel 12ab..."), up to a NULL. False if
 * there is none. */
bool store_find(const struct store *s, const char *const *lines, struct hash *key);

/* Begin to make a sidecar: a work directory of its own. With `wait` wait for another process that
 * makes the same one; without, end with EXIT_BUSY. */
void store_begin(const struct store *s, const struct hash *key, bool wait, struct output *o);

/* The work directory's file `iso` becomes the recipe's KEY.iso or KEY.elf. `facts` are more lines
 * for KEY.txt. */
void store_commit(const struct store *s, const struct recipe *r, struct output *o,
                  const struct buf *facts);

/* Make `file` of the work directory *o the sidecar of the store: a hard link, or a copy on file
 * systems without. */
void store_link(const struct store *s, const struct hash *key, const struct output *o,
                const char *file);

/* Remove what no guest uses, and what killed runs left here and in the output directory. In use is
 * a sidecar with another link, and one whose key is among the `n` of `used`. Returns how many
 * sidecars are not, and their bytes. `dry`: only count them. Ends the process if others are at
 * work, but for `dry`. */
size_t store_prune(const struct store *s, const struct hash *used, size_t n, bool dry,
                   uint64_t *bytes);

#endif
