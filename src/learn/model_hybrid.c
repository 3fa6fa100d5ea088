/* model_hybrid.c: a network in front of a circuit, behind it, or both, as one model, trained jointly:
 *
 *   x -> before -> features of the circuit -> its outputs -> its head, or `after` in place of it -> scores
 *
 * weights = [circuit and head | before | after | running statistics of before | of after]. Gradients go through all
 * parts: after's dL/dx are the circuit's cotangents, the circuit's dL/dx are before's.
 */
#include <string.h>

#include "kernels/lines.h"
#include "learn/circuit_parts.h"
#include "learn/model_network.h"

typedef struct hybrid_model {
    qst_model *core;               /* of kind circuit; with `after` its head is none */
    qsti_network *before, *after;  /* NULL: none */
    double *features, *d_features; /* (capacity, features of the core); NULL without before */
    double *values;                /* (capacity, outputs of the core); NULL without after */
    size_t capacity;               /* rows */
} hybrid_model;

/* The parts of an array of weights, or of gradients. */
typedef struct parts {
    double *core, *before, *after, *before_buffers, *after_buffers;
} parts;

static parts parts_of(const hybrid_model *inside, double *weights)
{
    parts p = {.core = weights};
    size_t before = inside->before != NULL ? qsti_network_trained(inside->before) : 0;
    size_t after = inside->after != NULL ? qsti_network_trained(inside->after) : 0;
    p.before = weights + inside->core->n_weights;
    p.after = p.before + before;
    p.before_buffers = p.after + after;
    p.after_buffers = p.before_buffers + (inside->before != NULL ? qsti_network_buffers(inside->before) : 0);
    return p;
}

static qsti_network_weights before_of(const parts *p)
{
    return (qsti_network_weights){p->before, p->before_buffers};
}

static qsti_network_weights after_of(const parts *p)
{
    return (qsti_network_weights){p->after, p->after_buffers};
}

/* --- room --------------------------------------------------------------------------------------------------------- */

static qst_status grow(qst_ctx *ctx, size_t n_rows, size_t n_cols, double **array)
{
    size_t n = 0;
    if (!qsti_mul(n_rows, n_cols, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", n_rows);
    return QSTI_GROW(ctx, n, array);
}

static qst_status reserve(qst_model *model, size_t n_rows)
{
    qst_status status = QST_OK;
    hybrid_model *inside = model->inside;
    if (n_rows <= inside->capacity)
        return QST_OK;
    inside->capacity = 0;
    if (inside->before != NULL) {
        QSTI_TRY(grow(model->ctx, n_rows, inside->core->n_features, &inside->features));
        QSTI_TRY(grow(model->ctx, n_rows, inside->core->n_features, &inside->d_features));
    }
    if (inside->after != NULL)
        QSTI_TRY(grow(model->ctx, n_rows, inside->core->n_scores, &inside->values));
    inside->capacity = n_rows;
done:
    return status;
}

static void store_rows(void *user, const qst_block *block)
{
    const qst_matrix *out = user;
    qsti_lines_to_rows(block->values, out->n_rows, out->n_cols, block->first_row, block->lanes, out->data);
}

/* --- inference ---------------------------------------------------------------------------------------------------- */

static qst_status hybrid_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                  void *user, size_t n_sums, double *out_sums)
{
    qst_status status = QST_OK;
    hybrid_model *inside = model->inside;
    qst_model *core = inside->core;
    QSTI_TRY(reserve(model, x.n_rows));
    const parts p = parts_of(inside, (double *)weights);
    qst_matrix features = {inside->features, x.n_rows, core->n_features};
    qst_matrix values = {inside->values, x.n_rows, core->n_scores};
    if (inside->before != NULL)
        QSTI_TRY(qsti_network_infer(inside->before, before_of(&p), x, store_rows, &features, 0, NULL));
    qst_const_matrix in = inside->before != NULL ? qst_const_view(features) : x;
    if (inside->after == NULL) {
        QSTI_TRY(core->type->evaluate(core, p.core, in, fn, user, n_sums, out_sums));
        goto done;
    }
    QSTI_TRY(core->type->evaluate(core, p.core, in, store_rows, &values, 0, NULL));
    QSTI_TRY(qsti_network_infer(inside->after, after_of(&p), qst_const_view(values), fn, user, n_sums, out_sums));
done:
    return status;
}

static qst_status hybrid_evaluate_values(qst_model *model, const double *weights, qst_const_matrix values,
                                         qst_block_fn *fn, void *user)
{
    hybrid_model *inside = model->inside;
    const parts p = parts_of(inside, (double *)weights);
    if (inside->after != NULL)
        return qsti_network_infer(inside->after, after_of(&p), values, fn, user, 0, NULL);
    return inside->core->type->evaluate_values(inside->core, p.core, values, fn, user);
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

/* A pass under way: of blocks, or of the whole batch. */
typedef struct joint {
    qst_model *model;
    const qsti_pass *pass; /* NULL: whole */
    qsti_batch_fn *fn;
    void *user;
    parts weights, gradients;
} joint;

/* Behind the core, in the middle of its pass: values (B, K) -> scores -> dL/dvalues. */
static qst_status run_after(void *user, qst_const_matrix values, qst_matrix cotangents)
{
    qst_status status = QST_OK;
    const joint *work = user;
    const hybrid_model *inside = work->model->inside;
    qst_matrix scores, d_scores;
    qsti_network_weights weights = after_of(&work->weights);
    if (work->pass != NULL)
        return qsti_network_step(inside->after, weights, values, work->pass->fn, work->pass->user, work->pass->n_sums,
                                 work->pass->out_sums, work->gradients.after, cotangents);
    QSTI_TRY(qsti_model_reserve_whole(work->model, values.n_rows, &scores, &d_scores));
    QSTI_TRY(qsti_network_forward(inside->after, weights, values, scores));
    QSTI_TRY(work->fn(work->user, qst_const_view(scores), d_scores));
    QSTI_TRY(qsti_network_backward(inside->after, weights, values, qst_const_view(d_scores), work->gradients.after,
                                   cotangents));
done:
    return status;
}

static qst_status run_core(joint *work, qst_const_matrix in, qst_matrix out_x)
{
    const hybrid_model *inside = work->model->inside;
    qst_model *core = inside->core;
    if (inside->after != NULL)
        return core->type->gradient_whole(core, work->weights.core, in, run_after, work, work->gradients.core, out_x);
    if (work->pass == NULL)
        return core->type->gradient_whole(core, work->weights.core, in, work->fn, work->user, work->gradients.core,
                                          out_x);
    qsti_pass pass = *work->pass;
    pass.weights = work->weights.core;
    pass.x = in;
    pass.out_weights = work->gradients.core;
    pass.out_x = out_x;
    return core->type->gradient(core, &pass);
}

static qst_status run_joint(joint *work, qst_const_matrix x, qst_matrix out_x)
{
    qst_status status = QST_OK;
    hybrid_model *inside = work->model->inside;
    QSTI_TRY(reserve(work->model, x.n_rows));
    if (inside->before == NULL) {
        QSTI_TRY(run_core(work, x, out_x));
        goto done;
    }
    qst_matrix features = {inside->features, x.n_rows, inside->core->n_features};
    qst_matrix d_features = {inside->d_features, x.n_rows, inside->core->n_features};
    qsti_network_weights weights = before_of(&work->weights);
    QSTI_TRY(qsti_network_forward(inside->before, weights, x, features));
    QSTI_TRY(run_core(work, qst_const_view(features), d_features));
    QSTI_TRY(
        qsti_network_backward(inside->before, weights, x, qst_const_view(d_features), work->gradients.before, out_x));
done:
    return status;
}

static qst_status hybrid_gradient(qst_model *model, const qsti_pass *pass)
{
    joint work = {
        .model = model,
        .pass = pass,
        .weights = parts_of(model->inside, (double *)pass->weights),
        .gradients = parts_of(model->inside, pass->out_weights),
    };
    return run_joint(&work, pass->x, pass->out_x);
}

static qst_status hybrid_gradient_whole(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                        void *user, double *out_weights, qst_matrix out_x)
{
    joint work = {
        .model = model,
        .fn = fn,
        .user = user,
        .weights = parts_of(model->inside, (double *)weights),
        .gradients = parts_of(model->inside, out_weights),
    };
    return run_joint(&work, x, out_x);
}

/* --- the rest of the interface ------------------------------------------------------------------------------------ */

static void hybrid_initialize(qst_model *model, uint64_t seed)
{
    hybrid_model *inside = model->inside;
    const parts p = parts_of(inside, model->weights);
    qst_model_initialize(inside->core, seed);
    memcpy(p.core, inside->core->weights, inside->core->n_weights * sizeof *p.core);
    if (inside->before != NULL)
        qsti_network_initialize(inside->before, seed, p.before, p.before_buffers);
    if (inside->after != NULL)
        qsti_network_initialize(inside->after, ~seed, p.after, p.after_buffers); /* not those of before */
}

static void hybrid_begin_step(qst_model *model, uint64_t seed, uint64_t step)
{
    hybrid_model *inside = model->inside;
    qsti_model_begin_step(inside->core, seed, step);
    if (inside->before != NULL)
        qsti_network_begin_step(inside->before, seed, step);
    if (inside->after != NULL)
        qsti_network_begin_step(inside->after, ~seed, step);
}

static void hybrid_end_step(qst_model *model, double *weights)
{
    hybrid_model *inside = model->inside;
    const parts p = parts_of(inside, weights);
    if (inside->before != NULL)
        qsti_network_settle(inside->before, p.before_buffers);
    if (inside->after != NULL)
        qsti_network_settle(inside->after, p.after_buffers);
}

static void hybrid_measure(const qst_model *model, qst_model_size *out)
{
    const hybrid_model *inside = model->inside;
    inside->core->type->measure(inside->core, out);
    out->classical_parameters += model->n_trained - inside->core->n_weights;
}

static qst_status put_network(const qst_model *model, json_t *json, const char *key, const qsti_network *network)
{
    json_t *described = NULL;
    qst_status status = QST_OK;
    if (network == NULL)
        return QST_OK;
    status = qsti_network_to_json(model->ctx, qsti_network_spec_of(network), &described);
    if (status == QST_OK && !qsti_json_put(json, key, described))
        return qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory");
    return status;
}

static qst_status hybrid_describe(const qst_model *model, json_t *json)
{
    qst_status status = QST_OK;
    const hybrid_model *inside = model->inside;
    const qst_model *core = inside->core;
    json_t *described =
        json_pack("{s: I, s: I}", "n_scores", (json_int_t)core->n_scores, "n_weights", (json_int_t)core->n_weights);
    if (described == NULL)
        return qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory");
    QSTI_TRY(core->type->describe(core, described));
    QSTI_TRY(put_network(model, json, "before", inside->before));
    QSTI_TRY(put_network(model, json, "after", inside->after));
    if (!qsti_json_put(json, "core", json_incref(described)))
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory"));
done:
    json_decref(described);
    return status;
}

static void hybrid_release(qst_model *model)
{
    hybrid_model *inside = model->inside;
    qst_model_free(inside->core);
    qsti_network_free(inside->before);
    qsti_network_free(inside->after);
    qsti_free(model->ctx, inside->features);
    qsti_free(model->ctx, inside->d_features);
    qsti_free(model->ctx, inside->values);
    qsti_free(model->ctx, inside);
}

static const qsti_model_type hybrid_type = {
    .kind = "hybrid",
    .initialize = hybrid_initialize,
    .evaluate = hybrid_evaluate,
    .evaluate_values = hybrid_evaluate_values,
    .gradient = hybrid_gradient,
    .gradient_whole = hybrid_gradient_whole,
    .begin_step = hybrid_begin_step,
    .end_step = hybrid_end_step,
    .measure = hybrid_measure,
    .describe = hybrid_describe,
    .release = hybrid_release,
};

/* --- what it is made of ------------------------------------------------------------------------------------------- */

bool qsti_model_hybrid_parts(const qst_model *model, qsti_circuit_parts *out)
{
    if (model->type != &hybrid_type)
        return false;
    const hybrid_model *inside = model->inside;
    const parts p = parts_of(inside, model->weights);
    if (!qsti_model_circuit_parts(inside->core, out))
        return false;
    out->head_weights = p.core + (out->head_weights - out->weights);
    out->weights = p.core;
    if (inside->before != NULL) {
        out->before = qsti_network_spec_of(inside->before);
        out->before_weights = before_of(&p);
    }
    if (inside->after != NULL) {
        out->after = qsti_network_spec_of(inside->after);
        out->after_weights = after_of(&p);
    }
    return true;
}

qst_model *qsti_model_hybrid_core(const qst_model *model)
{
    return model->type == &hybrid_type ? ((const hybrid_model *)model->inside)->core : NULL;
}

void qsti_model_hybrid_before(const qst_model *model, size_t *out_first, size_t *out_n)
{
    const hybrid_model *inside = model->type == &hybrid_type ? model->inside : NULL;
    bool any = inside != NULL && inside->before != NULL;
    *out_first = any ? inside->core->n_weights : 0;
    *out_n = any ? qsti_network_trained(inside->before) : 0;
}

qst_status qsti_model_circuit_features(qst_model *model, qst_const_matrix x, qst_matrix out)
{
    hybrid_model *inside = model->type == &hybrid_type ? model->inside : NULL;
    if (inside == NULL || inside->before == NULL) {
        memcpy(out.data, x.data, x.n_rows * x.n_cols * sizeof *out.data);
        return QST_OK;
    }
    const parts p = parts_of(inside, model->weights);
    return qsti_network_infer(inside->before, before_of(&p), x, store_rows, &out, 0, NULL);
}

/* --- making one --------------------------------------------------------------------------------------------------- */

static qst_status check_fit(qst_ctx *ctx, const qst_model *core, const qsti_network *before, const qsti_network *after)
{
    if (before != NULL && qsti_network_outputs(before) != core->n_features)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "before: the network gives %zu values, the circuit takes %zu features",
                         qsti_network_outputs(before), core->n_features);
    if (after != NULL && qsti_network_inputs(after) != core->n_scores)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "after: the network takes %zu values, the circuit gives %zu",
                         qsti_network_inputs(after), core->n_scores);
    return QST_OK;
}

qst_status qsti_model_hybrid_create(qst_ctx *ctx, qst_model *core, qsti_network *before, qsti_network *after,
                                    qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    hybrid_model *inside = NULL;
    size_t n_trained = core->n_weights, n_buffers = 0;
    bool is_random = false;
    qsti_network *const networks[] = {before, after};
    QSTI_TRY(check_fit(ctx, core, before, after));
    for (size_t i = 0; i < 2; i++) {
        n_trained += networks[i] != NULL ? qsti_network_trained(networks[i]) : 0;
        n_buffers += networks[i] != NULL ? qsti_network_buffers(networks[i]) : 0;
        is_random = is_random || (networks[i] != NULL && qsti_network_is_random(networks[i]));
    }
    QSTI_TRY(qsti_model_allocate(ctx, &hybrid_type, before != NULL ? qsti_network_inputs(before) : core->n_features,
                                 after != NULL ? qsti_network_outputs(after) : core->n_scores, n_trained + n_buffers,
                                 after != NULL ? QST_SCORE_logit : core->score_kind, &model));
    model->n_trained = n_trained;
    model->is_random = is_random;
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    *inside = (hybrid_model){.core = core, .before = before, .after = after};
    model->inside = inside;
    qst_model_initialize(model, 0);
    *out = model;
    return QST_OK;
done:
    qst_model_free(model);
    return status;
}

static qst_status read_network(qst_ctx *ctx, const char *where, const json_t *json, const char *key,
                               qst_precision precision, qsti_network **out)
{
    qst_status status = QST_OK;
    qsti_network_spec spec = {0};
    qst_layer *layers = NULL;
    const json_t *network = json_object_get(json, key);
    if (network == NULL)
        return QST_OK;
    QSTI_TRY(qsti_network_from_json(ctx, where, network, &spec, &layers));
    status = qsti_network_create(ctx, &spec, precision, out);
    if (status == QST_ERR_USAGE || status == QST_ERR_LIMIT)
        status = qsti_fail_within(ctx, QST_ERR_DAMAGED, "%s: %s", where, key);
done:
    qsti_free(ctx, layers);
    return status;
}

qst_status qsti_model_hybrid_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *core = NULL, *model = NULL;
    qsti_network *before = NULL, *after = NULL;
    json_t *described = NULL;
    const char *precision = NULL;
    QSTI_TRY(qsti_json_get_object(ctx, where, json, "core", &described));
    QSTI_TRY(qsti_model_circuit_from_json(ctx, where, described, &core));
    QSTI_TRY(qsti_json_get_string(ctx, where, described, "precision", &precision));
    qst_precision of_networks = strcmp(precision, "single") == 0 ? QST_SINGLE : QST_DOUBLE;
    QSTI_TRY(read_network(ctx, where, json, "before", of_networks, &before));
    QSTI_TRY(read_network(ctx, where, json, "after", of_networks, &after));
    QSTI_TRY(qsti_model_hybrid_create(ctx, core, before, after, &model));
    core = NULL;
    before = after = NULL;
    QSTI_TRY(qsti_model_check_weights(ctx, where, json, model->n_weights));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    qst_model_free(core);
    qsti_network_free(before);
    qsti_network_free(after);
    return status;
}
