/* generators.h: tables made by formula. For table.c. */
#ifndef QSTI_DATA_GENERATORS_H
#define QSTI_DATA_GENERATORS_H

#include "data/dataset.h"

bool qsti_generator_is_known(const char *name);

/* Fills features, labels and classes of a table. ERR_USAGE for samples or noise out of range. */
qst_status qsti_generator_load(qst_ctx *ctx, const qst_table_opts *opts, qst_table *table);

#endif
