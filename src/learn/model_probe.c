/* model_probe.c: see model_probe.h.
 *
 * The last layer stands at `first` in the weights of the inner model, n_head of them: the linear head of a circuit, the
 * last dense layer of a network. A pass is one of the inner model with both put together; of its gradient the last
 * layer's is kept, the rest is not asked for by anybody.
 */
#include "learn/model_probe.h"

#include <string.h>

#include "circuit/circuit.h"

typedef struct probe_model {
    qst_model *inner;
    size_t first, n_head;
    double *whole;    /* (inner n_weights): put together */
    double *gradient; /* (inner n_trained) */
} probe_model;

/* --- where the last layer is -------------------------------------------------------------------------------------- */

static qst_status find_head(const qst_model *inner, size_t *out_first, size_t *out_n)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = inner->ctx;
    qsti_weight_source source;
    const qsti_network_spec *network = qsti_model_network(inner);
    qsti_layer_place *places = NULL;
    size_t n_trained = 0, n_buffers = 0;
    if (qsti_model_weight_source(inner, &source)) {
        if (source.head != QST_HEAD_linear)
            return qsti_fail(ctx, QST_ERR_USAGE, "linear_probe: head %s has no linear layer to train: head linear",
                             qsti_head_name(source.head));
        *out_first = source.circuit->n_weights;
        *out_n = qsti_head_weights(source.head, source.n_values, source.n_scores);
        return QST_OK;
    }
    if (network == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "linear_probe: a model of kind %s has no inner weights",
                         inner->type->kind);
    if (inner->is_random)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "linear_probe: a frozen network has neither dropout nor batch_norm: leave them out");
    QSTI_TRY(qsti_network_places(ctx, network, &places, &n_trained, &n_buffers));
    const qsti_layer_place *last = &places[network->n_layers - 1];
    if (last->n_weights == 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "linear_probe: the last layer has no weights"));
    *out_first = last->weights;
    *out_n = last->n_weights;
done:
    qsti_free(ctx, places);
    return status;
}

/* --- passes ------------------------------------------------------------------------------------------------------- */

static const double *put_together(const qst_model *model, const double *weights)
{
    const probe_model *inside = model->inside;
    memcpy(inside->whole, weights + inside->n_head, inside->inner->n_weights * sizeof *inside->whole);
    memcpy(inside->whole + inside->first, weights, inside->n_head * sizeof *inside->whole);
    return inside->whole;
}

static qst_status probe_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                 void *user, size_t n_sums, double *out_sums)
{
    const probe_model *inside = model->inside;
    return inside->inner->type->evaluate(inside->inner, put_together(model, weights), x, fn, user, n_sums, out_sums);
}

static qst_status probe_evaluate_values(qst_model *model, const double *weights, qst_const_matrix values,
                                        qst_block_fn *fn, void *user)
{
    const probe_model *inside = model->inside;
    return inside->inner->type->evaluate_values(inside->inner, put_together(model, weights), values, fn, user);
}

static qst_status probe_gradient(qst_model *model, const qsti_pass *of)
{
    const probe_model *inside = model->inside;
    qsti_pass pass = *of;
    pass.weights = put_together(model, of->weights);
    pass.out_weights = inside->gradient;
    qst_status status = inside->inner->type->gradient(inside->inner, &pass);
    if (status == QST_OK)
        memcpy(of->out_weights, inside->gradient + inside->first, inside->n_head * sizeof *of->out_weights);
    return status;
}

static qst_status probe_gradient_whole(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                       void *user, double *out_weights, qst_matrix out_x)
{
    const probe_model *inside = model->inside;
    qst_status status = inside->inner->type->gradient_whole(inside->inner, put_together(model, weights), x, fn, user,
                                                            inside->gradient, out_x);
    if (status == QST_OK)
        memcpy(out_weights, inside->gradient + inside->first, inside->n_head * sizeof *out_weights);
    return status;
}

/* --- the rest of the interface ------------------------------------------------------------------------------------ */

void qsti_model_probe_refresh(qst_model *model)
{
    const probe_model *inside = model->inside;
    const double *weights = inside->inner->weights;
    memcpy(model->weights, weights + inside->first, inside->n_head * sizeof *model->weights);
    memcpy(model->weights + inside->n_head, weights, inside->inner->n_weights * sizeof *model->weights);
}

static void probe_initialize(qst_model *model, uint64_t seed)
{
    const probe_model *inside = model->inside;
    qst_model_initialize(inside->inner, seed);
    qsti_model_probe_refresh(model);
}

static void probe_begin_step(qst_model *model, uint64_t seed, uint64_t step)
{
    const probe_model *inside = model->inside;
    qsti_model_begin_step(inside->inner, seed, step);
}

/* What is trained counts. */
static void probe_measure(const qst_model *model, qst_model_size *out)
{
    const probe_model *inside = model->inside;
    inside->inner->type->measure(inside->inner, out);
    out->quantum_parameters = 0;
    out->classical_parameters = inside->n_head;
}

static qst_status probe_describe(const qst_model *model, json_t *json)
{
    qst_status status = QST_OK;
    const probe_model *inside = model->inside;
    const qst_model *inner = inside->inner;
    json_t *own = json_object();
    bool ok = own != NULL && qsti_json_put(own, "kind", json_string(inner->type->kind)) &&
              qsti_json_put(own, "n_features", json_integer((json_int_t)inner->n_features)) &&
              qsti_json_put(own, "n_scores", json_integer((json_int_t)inner->n_scores)) &&
              qsti_json_put(own, "n_weights", json_integer((json_int_t)inner->n_weights));
    if (ok)
        QSTI_TRY(inner->type->describe(inner, own));
    if (!ok || !qsti_json_put(json, "inner", json_incref(own)))
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory"));
done:
    json_decref(own);
    return status;
}

static void probe_release(qst_model *model)
{
    probe_model *inside = model->inside;
    qst_model_free(inside->inner);
    qsti_free(model->ctx, inside->whole);
    qsti_free(model->ctx, inside->gradient);
    qsti_free(model->ctx, inside);
}

static const qsti_model_type probe_type = {
    .kind = "linear_probe",
    .initialize = probe_initialize,
    .evaluate = probe_evaluate,
    .evaluate_values = probe_evaluate_values,
    .gradient = probe_gradient,
    .gradient_whole = probe_gradient_whole,
    .begin_step = probe_begin_step,
    .measure = probe_measure,
    .describe = probe_describe,
    .release = probe_release,
};

qst_model *qsti_model_probe_inner(const qst_model *model)
{
    return model->type == &probe_type ? ((const probe_model *)model->inside)->inner : NULL;
}

/* --- making one --------------------------------------------------------------------------------------------------- */

qst_status qsti_model_probe_create(qst_model *inner, qst_model **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = inner->ctx;
    qst_model *model = NULL;
    probe_model *inside = NULL;
    size_t first = 0, n_head = 0;
    QSTI_TRY(find_head(inner, &first, &n_head));
    QSTI_TRY(qsti_model_allocate(ctx, &probe_type, inner->n_features, inner->n_scores, n_head + inner->n_weights,
                                 inner->score_kind, &model));
    model->n_trained = n_head;
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    model->inside = inside;
    inside->first = first;
    inside->n_head = n_head;
    QSTI_TRY(QSTI_NEW(ctx, inner->n_weights, &inside->whole));
    QSTI_TRY(QSTI_NEW(ctx, inner->n_trained, &inside->gradient));
    inside->inner = inner;
    qsti_model_probe_refresh(model);
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

qst_status qsti_model_probe_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *inner = NULL;
    json_t *own = NULL;
    const char *kind = NULL;
    QSTI_TRY(qsti_json_get_object(ctx, where, json, "inner", &own));
    QSTI_TRY(qsti_json_get_string(ctx, where, own, "kind", &kind));
    if (strcmp(kind, "circuit") == 0)
        QSTI_TRY(qsti_model_circuit_from_json(ctx, where, own, &inner));
    else if (strcmp(kind, "network") == 0)
        QSTI_TRY(qsti_model_network_from_json(ctx, where, own, &inner));
    else
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: inner: a probe has no model of kind \"%s\" inside", where, kind));
    QSTI_TRY(qsti_model_probe_create(inner, out));
    inner = NULL;
    if (qsti_model_check_weights(ctx, where, json, (*out)->n_weights) != QST_OK) {
        qst_model_free(*out);
        *out = NULL;
        QSTI_TRY(QST_ERR_DAMAGED);
    }
done:
    qst_model_free(inner);
    return status;
}
