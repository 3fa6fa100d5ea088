/* names.h: a word of the user looked up in a list of names. */
#ifndef QSTI_CIRCUIT_NAMES_H
#define QSTI_CIRCUIT_NAMES_H

#include "base/status.h"

/* *out = the place of `name` in names[0..n). Errors: ERR_USAGE with the name, the nearest one, and all there are. */
qst_status qsti_name_find(qst_ctx *ctx, const char *what, const char *name, const char *const *names, size_t n,
                          size_t *out);

#endif
