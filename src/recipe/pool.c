/* pool.c: memory that is freed at one time. items[] grows when its length is a power of two. */
#include "recipe/pool.h"

qst_status qsti_pool_alloc(qsti_pool *pool, size_t count, size_t item_bytes, void **out)
{
    size_t n = pool->n_items;
    if ((n & (n - 1)) == 0) {
        qst_status status = QSTI_GROW(pool->ctx, n ? 2 * n : 1, &pool->items);
        if (status != QST_OK)
            return status;
    }
    void *memory = NULL;
    qst_status status = qsti_alloc(pool->ctx, count, item_bytes, &memory);
    if (status != QST_OK)
        return status;
    pool->items[pool->n_items++] = memory;
    *out = memory;
    return QST_OK;
}

qst_status qsti_pool_strdup(qsti_pool *pool, const char *text, const char **out)
{
    size_t n_bytes = strlen(text) + 1;
    char *copy = NULL;
    qst_status status = QSTI_POOL_NEW(pool, n_bytes, &copy);
    if (status == QST_OK) {
        memcpy(copy, text, n_bytes);
        *out = copy;
    }
    return status;
}

void qsti_pool_clear(qsti_pool *pool)
{
    for (size_t i = 0; i < pool->n_items; i++)
        qsti_free(pool->ctx, pool->items[i]);
    qsti_free(pool->ctx, pool->items);
    pool->items = NULL;
    pool->n_items = 0;
}
