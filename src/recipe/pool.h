/* pool.h: memory that is freed at one time (struct qsti_pool stands in recipe.h). */
#ifndef QSTI_RECIPE_POOL_H
#define QSTI_RECIPE_POOL_H

#include <string.h>

#include "recipe/recipe.h"

/* Zeroed memory that lives as long as the pool. Errors: ERR_MEMORY. */
qst_status qsti_pool_alloc(qsti_pool *pool, size_t count, size_t item_bytes, void **out);
qst_status qsti_pool_strdup(qsti_pool *pool, const char *text, const char **out);
void qsti_pool_clear(qsti_pool *pool);

#define QSTI_POOL_NEW(pool, count, out) qsti_pool_alloc((pool), (count), sizeof **(out), (void **)(out))

#endif
