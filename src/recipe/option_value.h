/* option_value.h: one value of a recipe, from YAML to its field and back. */
#ifndef QSTI_RECIPE_OPTION_VALUE_H
#define QSTI_RECIPE_OPTION_VALUE_H

#include "recipe/option_table.h"

/* Reads `node` as a value of `option` into its field of `base`; what lies behind pointers goes into the pool. Errors:
 * ERR_USAGE with place, key, value and what would be right; ERR_LIMIT for too many qubits; ERR_MEMORY. */
qst_status qsti_option_read(qsti_pool *pool, const qsti_option *option, const qsti_yaml *node, void *base);

/* The same with the option's fallback, which must not be "". */
qst_status qsti_option_read_fallback(qsti_pool *pool, const qsti_option *option, void *base);

/* Makes *out the value as YAML, its insides in the pool; *out_shown is false when there is none. Reading it gives the
 * same value. */
qst_status qsti_option_show(qsti_pool *pool, const qsti_option *option, const void *base, qsti_yaml *out,
                            bool *out_shown);

/* Whether two shown values are the same. */
bool qsti_yaml_same(const qsti_yaml *left, const qsti_yaml *right);

/* As qsti_fail_at(), "PLACE: KEY: ..."; KEY is left out where the place ends with it ("--set distill.alpha"). */
qst_status qsti_fail_key(qst_ctx *ctx, qst_status status, qsti_place place, const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* See base/status.h. */
#ifdef __clang_analyzer__
#define qsti_fail_key(...) ((void)qsti_fail_key(__VA_ARGS__), QST_ERR_INTERNAL)
#endif

#endif
