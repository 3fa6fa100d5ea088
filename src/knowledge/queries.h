/* queries.h: rows beyond the dataset that the teacher has answered. */
#ifndef QSTI_KNOWLEDGE_QUERIES_H
#define QSTI_KNOWLEDGE_QUERIES_H

#include <qstill/knowledge.h>

#include "base/memory.h"

/* Where a query comes from, in the order in which they stand. */
typedef enum qsti_query_origin {
    QSTI_QUERY_FILE,  /* a row of the user's file */
    QSTI_QUERY_MIXUP, /* between two training rows */
    QSTI_QUERY_NOISE, /* beside a training row */
    QSTI_QUERY_ORIGINS
} qsti_query_origin;
const char *qsti_query_origin_name(qsti_query_origin origin); /* "file", "mixup", "noise" */

typedef struct qsti_queries {
    size_t n; /* 0: none, and no memory */
    size_t n_features, n_scores;
    double *x;                                                    /* (n, n_features), preprocessed */
    double *scores;                                               /* (n, n_scores), of the knowledge's kind */
    size_t wanted[QSTI_QUERY_ORIGINS], asked[QSTI_QUERY_ORIGINS]; /* before and after the budget */
} qsti_queries;

void qsti_queries_clear(qst_ctx *ctx, qsti_queries *queries);

/* Whether any are asked for. */
bool qsti_query_opts_any(const qst_query_opts *opts);

/* How many of each origin are asked within the budget (0: no limit): all of them, or shares of the budget in the ratio
 * of what is wanted, the rows that are left over to the first origins. */
void qsti_query_shares(const size_t wanted[QSTI_QUERY_ORIGINS], size_t budget, size_t out[QSTI_QUERY_ORIGINS]);

#endif
