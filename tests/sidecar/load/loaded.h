/* SPDX-License-Identifier: MIT
 * Whether a model is in a fake domain, whole, and nothing else was touched.
 */
#ifndef LOAD_LOADED_H
#define LOAD_LOADED_H

#include "fake.h"
#include "stream.h"

/* Fails the test that runs where it isn't. */
void assert_loaded(const struct model *m, const struct how *how, const struct fake *f);

#endif
