/* workers.h: the threads of a context. For threads.c and context.c alone. */
#ifndef QSTI_BASE_WORKERS_H
#define QSTI_BASE_WORKERS_H

#include "base/threads.h"

typedef struct qsti_workers qsti_workers;

/* Memory only; threads start with the first loop that can use them. */
qst_status qsti_workers_create(qst_ctx *ctx, int n_threads, qsti_workers **out);
void qsti_workers_free(qst_ctx *ctx, qsti_workers *workers);

/* Runs all items; the caller works too. In a forked child, and from inside an item, it works alone. */
void qsti_workers_run(qsti_workers *workers, size_t n_items, qsti_work_fn *fn, void *arg);

/* The processors that this process may use. */
int qsti_processors(void);

#endif
