/* matching.c: the further knowledge of the training rows, gathered for the terms of learn/match.h. Queries have none:
 * they stand behind the rows that have. */
#include "student/matching.h"

#include <string.h>

#include "knowledge/knowledge.h"
#include "student/controls.h"

bool qsti_match_opts_any(const qst_match_opts *opts)
{
    return opts->n_observables > 0 || opts->gradients > 0 || opts->states > 0 || opts->processes > 0;
}

static qst_status check_knowledge(qst_ctx *ctx, const qsti_matching_plan *plan)
{
    const qst_knowledge *knowledge = plan->knowledge;
    const qst_match_opts *opts = plan->opts;
    const struct {
        bool missing;
        const char *key, *what;
    } parts[] = {
        {opts->n_observables > 0 && knowledge->observables.values == NULL, "observables", "observables"},
        {opts->gradients > 0 && knowledge->input_gradients.values == NULL, "gradients", "input gradients"},
        {opts->states > 0 && knowledge->circuit == NULL, "states", "circuit"},
        {opts->processes > 0 && knowledge->circuit == NULL, "processes", "circuit"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].missing)
            return qsti_fail(ctx, QST_ERR_MISMATCH, "match.%s: the knowledge holds no %s", parts[i].key, parts[i].what);
    return QST_OK;
}

/* The first n training rows' values out of (rows of the dataset, n_cols); source: whose values a row gets, NULL: its
 * own. */
static qst_status gather(qst_ctx *ctx, const qsti_lesson *lesson, const size_t *source, qst_const_matrix all,
                         size_t n_rows, double **out)
{
    qst_status status = qsti_alloc(ctx, n_rows, all.n_cols * sizeof **out, (void **)out);
    for (size_t i = 0; status == QST_OK && i < n_rows; i++) {
        size_t row = lesson->train.rows[source != NULL ? source[i] : i];
        memcpy(*out + i * all.n_cols, all.data + row * all.n_cols, all.n_cols * sizeof **out);
    }
    return status;
}

qst_status qsti_matching_create(qst_model *model, const qsti_matching_plan *plan, qsti_matching *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    const qst_knowledge *knowledge = plan->knowledge;
    const qst_match_opts *opts = plan->opts;
    const qsti_observables *observables = &knowledge->observables;
    qsti_matching matching = {0};
    qsti_match_data data = {.n_rows = plan->lesson->train.n - knowledge->queries.n,
                            .kind = knowledge->kind,
                            .observables_weight = opts->n_observables > 0 ? opts->observables_weight : 0,
                            .gradients_weight = opts->gradients,
                            .circuit = knowledge->circuit,
                            .circuit_weights = knowledge->weights,
                            .states_weight = opts->states,
                            .processes_weight = opts->processes};
    size_t *source = NULL, n_slopes = knowledge->n_scores * knowledge->input_gradients.n_features;
    QSTI_TRY(check_knowledge(ctx, plan));
    if (plan->permuted) {
        QSTI_TRY(QSTI_NEW(ctx, data.n_rows, &source));
        qsti_permute_rows(plan->train->seed, QST_TRAIN, data.n_rows, source);
    }
    if (opts->n_observables > 0) {
        qst_const_matrix all = {observables->values, knowledge->n_rows, observables->n_values};
        QSTI_TRY(gather(ctx, plan->lesson, source, all, data.n_rows, &matching.observables));
        data.observables = (qst_const_matrix){matching.observables, data.n_rows, all.n_cols};
    }
    if (opts->gradients > 0) {
        qst_const_matrix all = {knowledge->input_gradients.values, knowledge->n_rows, n_slopes};
        QSTI_TRY(gather(ctx, plan->lesson, source, all, data.n_rows, &matching.gradients));
        data.gradients = (qst_const_matrix){matching.gradients, data.n_rows, n_slopes};
    }
    size_t batch = plan->train->optimizer == QST_OPTIMIZER_lbfgs ? plan->lesson->train.n : plan->train->batch;
    QSTI_TRY(qsti_match_create(model, plan->precision, qsti_part_x(&plan->lesson->train), batch, plan->train->seed,
                               &data, &matching.match));
    *out = matching;
    matching = (qsti_matching){0};
done:
    qsti_free(ctx, source);
    qsti_matching_clear(ctx, &matching);
    return status;
}

void qsti_matching_clear(qst_ctx *ctx, qsti_matching *matching)
{
    qsti_match_free(matching->match);
    qsti_free(ctx, matching->observables);
    qsti_free(ctx, matching->gradients);
    *matching = (qsti_matching){0};
}
