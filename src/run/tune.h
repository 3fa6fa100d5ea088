/* tune.h: what the files of a search share: its space, its trials, and what became of them. */
#ifndef QSTI_RUN_TUNE_H
#define QSTI_RUN_TUNE_H

#include "recipe/pool.h"
#include "run/run.h"

/* A key that is searched, with the levels that it takes: the values of a list, or the steps of a range in a grid. A
 * range that is drawn from has none. */
typedef struct qsti_tune_key {
    const qsti_tune_axis *axis;
    const qsti_yaml *levels;
    size_t n_levels;
    bool may_drop; /* left out where the recipe refuses it */
    bool is_whole; /* takes integers */
} qsti_tune_key;

/* Combinations of values, each once, and the recipe's values with them. All memory is the pool's. */
typedef struct qsti_tune_space {
    qst_ctx *ctx;
    qsti_pool *pool;
    const qst_recipe *recipe;
    qsti_search search;
    qsti_tune_key *keys;
    size_t n_keys;
    const qsti_yaml **points; /* (n_trials, n_keys); NULL: left out */
    qsti_recipe_values *values;
    size_t n_trials;
} qsti_tune_space;

/* The space of a recipe's `tune` section. Errors: ERR_USAGE for combinations that the recipe refuses, naming them;
 * ERR_LIMIT above 10,000 combinations. */
qst_status qsti_tune_space_create(const qst_recipe *recipe, qsti_pool *pool, qsti_tune_space *out);

static inline const qsti_yaml *qsti_tune_value(const qsti_tune_space *space, size_t trial, size_t key)
{
    return space->points[trial * space->n_keys + key];
}

/* One combination: how far it went, and its scores by seed at the end of that. */
typedef struct qsti_tune_trial {
    size_t rounds, epochs;     /* rounds it took part in; epochs of the last */
    qsti_search_score *scores; /* (n_seeds) */
    double accuracy, loss;     /* means over the seeds */
    size_t rank;               /* 0: the best */
} qsti_tune_trial;

typedef struct qsti_tuning {
    qsti_tune_space *space;
    qsti_tune_trial *trials; /* (n_trials) */
    size_t *order;           /* (n_trials), best first: later rounds before earlier ones */
    size_t n_seeds, n_rounds;
    size_t n_validation; /* rows, of the first seed */
} qsti_tuning;

/* tune_result.c: the result as a document (qstill-tune/1), and every trial and seed as CSV. */
qst_status qsti_tune_result(const qsti_tuning *tuning, json_t **out);
qst_status qsti_tune_csv(const qsti_tuning *tuning, qsti_text *out);

/* tune_page.c: the document for people; tune_plot.c: its heat map as a script for gnuplot, which writes heatmap.svg
 * beside it. Both work from the document alone. */
qst_status qsti_tune_page(qst_ctx *ctx, const json_t *result, const char *folder, char **out_text);
qst_status qsti_tune_plot(const json_t *result, qsti_text *out);

#endif
