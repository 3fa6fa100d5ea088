/* split.c: which row goes to training, validation and test.
 *
 * Within each class the rows are shuffled by a stream of their own, (seed, SPLIT, 0, class); the first ones go to the
 * test, the next ones to validation, the rest is for training. How many: the largest remainder method, which gives the
 * exact total. */
#include "data/split.h"

#include <math.h>
#include <string.h>

#include <qstill/data.h>

#include "base/rng.h"

void qsti_split_apportion(const size_t *sizes, size_t n_classes, size_t total, size_t kept, size_t *counts)
{
    size_t all = 0, sum = 0;
    for (size_t c = 0; c < n_classes; c++) {
        all += sizes[c];
    }
    double share = (double)total / (double)all;
    for (size_t c = 0; c < n_classes; c++) {
        size_t most = sizes[c] - kept, floored = (size_t)((double)sizes[c] * share);
        counts[c] = floored < 1 ? 1 : floored > most ? most : floored;
        sum += counts[c];
    }
    while (sum != total) {
        bool add = sum < total;
        size_t chosen = n_classes;
        double best = 0;
        for (size_t c = 0; c < n_classes; c++) {
            double missing = (double)sizes[c] * share - (double)counts[c], worth = add ? missing : -missing;
            bool possible = add ? counts[c] < sizes[c] - kept : counts[c] > 1;
            if (possible && (chosen == n_classes || worth > best)) {
                chosen = c;
                best = worth;
            }
        }
        if (chosen == n_classes) {
            return;
        }
        counts[chosen] = add ? counts[chosen] + 1 : counts[chosen] - 1;
        sum = add ? sum + 1 : sum - 1;
    }
}

/* What is not yet drawn: of class c the rows[first[c]] .. rows[first[c] + sizes[c] - 1]. */
typedef struct pool {
    size_t *rows;                   /* (n_rows), class by class */
    size_t *first, *sizes, *counts; /* (n_classes) */
} pool;

static qst_status fill_pool(qst_ctx *ctx, const qsti_split_plan *plan, pool *left)
{
    qst_status status = QST_OK;
    size_t n_classes = plan->n_classes;
    QSTI_TRY(QSTI_NEW(ctx, plan->n_rows, &left->rows));
    QSTI_TRY(QSTI_NEW(ctx, n_classes, &left->first));
    QSTI_TRY(QSTI_NEW(ctx, n_classes, &left->sizes));
    QSTI_TRY(QSTI_NEW(ctx, n_classes, &left->counts));
    for (size_t row = 0; row < plan->n_rows; row++) {
        left->counts[plan->labels[row]] += plan->official == NULL || plan->official[row] != QST_TEST;
    }
    for (size_t c = 1; c < n_classes; c++) {
        left->first[c] = left->first[c - 1] + left->counts[c - 1];
    }
    for (size_t row = 0; row < plan->n_rows; row++) {
        size_t c = (size_t)plan->labels[row];
        if (plan->official == NULL || plan->official[row] != QST_TEST) {
            left->rows[left->first[c] + left->sizes[c]++] = row;
        }
    }
    for (size_t c = 0; c < n_classes; c++) {
        qsti_rng rng = qsti_rng_init(plan->seed, QSTI_PURPOSE_SPLIT, 0, (uint32_t)c);
        qsti_rng_shuffle(&rng, left->rows + left->first[c], left->sizes[c]);
    }
done:
    return status;
}

static size_t n_left(const qsti_split_plan *plan, const pool *left)
{
    size_t n = 0;
    for (size_t c = 0; c < plan->n_classes; c++) {
        n += left->sizes[c];
    }
    return n;
}

/* Draws round(share * what is left) rows into a part; `kept` of every class stay. */
static void draw_part(const qsti_split_plan *plan, pool *left, double share, size_t kept, qst_split part, uint8_t *out)
{
    size_t total = (size_t)llround(share * (double)n_left(plan, left));
    qsti_split_apportion(left->sizes, plan->n_classes, total, kept, left->counts);
    for (size_t c = 0; c < plan->n_classes; c++) {
        for (size_t i = 0; i < left->counts[c]; i++) {
            out[left->rows[left->first[c] + i]] = (uint8_t)part;
        }
        left->first[c] += left->counts[c];
        left->sizes[c] -= left->counts[c];
    }
}

/* Every part gets a row of every class, or there is no split. */
static qst_status check_classes(qst_ctx *ctx, const qsti_split_plan *plan, const pool *left)
{
    size_t n_parts = 1U + (plan->official == NULL) + (plan->validation > 0);
    memset(left->counts, 0, plan->n_classes * sizeof left->counts[0]);
    for (size_t row = 0; plan->official && row < plan->n_rows; row++) {
        left->counts[plan->labels[row]] += plan->official[row] == QST_TEST;
    }
    for (size_t c = 0; c < plan->n_classes; c++) {
        if (left->sizes[c] < n_parts) {
            return qsti_fail(ctx, QST_ERR_INPUT, "class \"%s\" has %zu row%s%s: too few for one in each of %zu parts",
                             plan->names[c], left->sizes[c], left->sizes[c] == 1 ? "" : "s",
                             plan->official ? " outside the official test part" : "", n_parts);
        }
        if (plan->official && left->counts[c] == 0) {
            return qsti_fail(ctx, QST_ERR_INPUT, "class \"%s\" has no row in the official test part", plan->names[c]);
        }
    }
    return QST_OK;
}

qst_status qsti_split_draw(qst_ctx *ctx, const qsti_split_plan *plan, uint8_t *out)
{
    qst_status status = QST_OK;
    pool left = {NULL, NULL, NULL, NULL};
    QSTI_TRY(fill_pool(ctx, plan, &left));
    QSTI_TRY(check_classes(ctx, plan, &left));
    for (size_t row = 0; row < plan->n_rows; row++) {
        out[row] = plan->official ? plan->official[row] : QST_TRAIN;
    }
    if (plan->official == NULL) {
        draw_part(plan, &left, plan->test, plan->validation > 0 ? 2 : 1, QST_TEST, out);
    }
    if (plan->validation > 0) {
        draw_part(plan, &left, plan->validation, 1, QST_VALIDATION, out);
    }
done:
    qsti_free(ctx, left.rows);
    qsti_free(ctx, left.first);
    qsti_free(ctx, left.sizes);
    qsti_free(ctx, left.counts);
    return status;
}
