/* model_circuit.c: a circuit as a model: features -> state -> readout values M (B, K) -> head -> scores (B, C).
 *
 * weights = [circuit (P)] [head]. Head linear: W (C, K), b (C), z = W M + b; scale: s, b (K), z_k = exp(s) M_k + b_k;
 * none: z = M. Two programs where training is single: scores are always double.
 */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "circuit/circuit.h"
#include "learn/model.h"
#include "net/dense.h"
#include "sim/keep.h"

typedef struct circuit_model {
    qst_circuit *circuit;
    qst_readout *readout;
    qst_program *scoring;  /* double */
    qst_program *training; /* the same object unless training is single */
    qst_precision precision;
    qst_head head;
    size_t n_values;             /* K */
    double *values, *cotangents; /* (capacity, K) */
    double *transposed;          /* (K, C) */
    size_t capacity;             /* rows */
} circuit_model;

size_t qsti_head_weights(qst_head head, size_t n_values, size_t n_scores)
{
    switch (head) {
    case QST_HEAD_linear:
        return qsti_dense_weights((qsti_dense){n_values, n_scores});
    case QST_HEAD_scale:
        return 1 + n_values;
    case QST_HEAD_none:
    case QST_HEAD_COUNT:
        break;
    }
    return 0;
}

/* --- initial weights ---------------------------------------------------------------------------------------------- */

static void circuit_initialize(qst_model *model, uint64_t seed)
{
    const circuit_model *inside = model->inside;
    const qst_circuit *circuit = inside->circuit;
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_WEIGHTS, 0, 0);
    for (size_t i = 0; i < circuit->n_weights; i++) {
        double uniform = qsti_rng_uniform(&rng);
        switch ((qst_weight_role)circuit->roles[i]) {
        case QST_WEIGHT_ANGLE:
            model->weights[i] = 2 * M_PI * uniform;
            break;
        case QST_WEIGHT_SCALE:
            model->weights[i] = 1;
            break;
        case QST_WEIGHT_SHIFT:
            model->weights[i] = 0;
            break;
        }
    }
    double *head = model->weights + circuit->n_weights;
    size_t n_head = qsti_head_weights(inside->head, inside->n_values, model->n_scores);
    memset(head, 0, n_head * sizeof *head);
    if (inside->head != QST_HEAD_linear)
        return;
    rng = qsti_rng_init(seed, QSTI_PURPOSE_HEAD, 0, 0);
    double width = 1 / sqrt((double)inside->n_values);
    for (size_t i = 0; i < inside->n_values * model->n_scores; i++)
        head[i] = width * (2 * qsti_rng_uniform(&rng) - 1);
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

static void head_forward(const qst_model *model, const double *weights, const double *values, size_t n_rows,
                         double *out)
{
    const circuit_model *inside = model->inside;
    size_t n_values = inside->n_values;
    const double *head = weights + inside->circuit->n_weights;
    if (inside->head == QST_HEAD_linear) {
        qsti_dense_forward((qsti_dense){n_values, model->n_scores}, head, values, n_rows, inside->transposed, out);
        return;
    }
    double scale = inside->head == QST_HEAD_scale ? exp(head[0]) : 1;
    for (size_t i = 0; i < n_rows * n_values; i++)
        out[i] = scale * values[i] + (inside->head == QST_HEAD_scale ? head[1 + i % n_values] : 0);
}

/* dL/dhead into out_weights' tail, dL/dvalues into inside->cotangents. */
static void head_backward(const qst_model *model, const double *weights, qst_const_matrix cotangent,
                          double *out_weights)
{
    const circuit_model *inside = model->inside;
    size_t n_circuit = inside->circuit->n_weights, n_values = inside->n_values, n_rows = cotangent.n_rows;
    double *out_head = out_weights + n_circuit;
    memset(out_head, 0, qsti_head_weights(inside->head, n_values, model->n_scores) * sizeof *out_head);
    if (inside->head == QST_HEAD_linear) {
        qsti_dense_backward((qsti_dense){n_values, model->n_scores}, weights + n_circuit, inside->values,
                            cotangent.data, n_rows, out_head, inside->cotangents);
        return;
    }
    double scale = inside->head == QST_HEAD_scale ? exp(weights[n_circuit]) : 1;
    for (size_t i = 0; i < n_rows * n_values; i++) {
        inside->cotangents[i] = scale * cotangent.data[i];
        if (inside->head == QST_HEAD_none)
            continue;
        out_head[0] += cotangent.data[i] * scale * inside->values[i];
        out_head[1 + i % n_values] += cotangent.data[i];
    }
}

/* --- forward and backward ----------------------------------------------------------------------------------------- */

static qst_status reserve(qst_model *model, size_t n_rows)
{
    circuit_model *inside = model->inside;
    qst_status status = QST_OK;
    size_t n = 0;
    if (n_rows <= inside->capacity)
        return QST_OK;
    if (!qsti_mul(n_rows, inside->n_values, &n))
        return qsti_fail(model->ctx, QST_ERR_LIMIT, "%zu rows are too many", n_rows);
    inside->capacity = 0;
    QSTI_TRY(QSTI_GROW(model->ctx, n, &inside->values));
    QSTI_TRY(QSTI_GROW(model->ctx, n, &inside->cotangents));
    inside->capacity = n_rows;
done:
    return status;
}

static qst_status circuit_scores(qst_model *model, const double *weights, qst_const_matrix x, qst_matrix out)
{
    circuit_model *inside = model->inside;
    qst_status status = reserve(model, x.n_rows);
    if (status == QST_OK)
        status =
            qst_program_forward(inside->scoring, weights, x, (qst_matrix){inside->values, x.n_rows, inside->n_values});
    if (status == QST_OK)
        head_forward(model, weights, inside->values, x.n_rows, out.data);
    return status;
}

static qst_status circuit_forward(qst_model *model, const double *weights, qst_const_matrix x, qst_matrix out)
{
    circuit_model *inside = model->inside;
    qst_status status = reserve(model, x.n_rows);
    if (status == QST_OK)
        status = qsti_program_forward_keep(inside->training, weights, x,
                                           (qst_matrix){inside->values, x.n_rows, inside->n_values});
    if (status == QST_OK)
        head_forward(model, weights, inside->values, x.n_rows, out.data);
    return status;
}

static qst_status circuit_backward(qst_model *model, const double *weights, qst_const_matrix x,
                                   qst_const_matrix cotangent, double *out_weights)
{
    const circuit_model *inside = model->inside;
    head_backward(model, weights, cotangent, out_weights);
    qst_const_matrix values = {inside->cotangents, x.n_rows, inside->n_values};
    return qsti_program_backward_kept(inside->training, weights, x, values, out_weights, (qst_matrix){0});
}

/* --- the rest of the interface ------------------------------------------------------------------------------------ */

static void circuit_measure(const qst_model *model, qst_model_size *out)
{
    const circuit_model *inside = model->inside;
    out->has_circuit = true;
    qst_circuit_count(inside->circuit, &out->circuit);
    out->quantum_parameters = inside->circuit->n_weights;
    out->classical_parameters = model->n_weights - inside->circuit->n_weights;
}

static qst_status circuit_describe(const qst_model *model, json_t *json)
{
    const circuit_model *inside = model->inside;
    qst_status status = QST_OK;
    json_t *circuit = NULL, *readout = NULL;
    QSTI_TRY(qsti_circuit_to_json(inside->circuit, &circuit));
    QSTI_TRY(qsti_readout_to_json(inside->readout, &readout));
    if (!qsti_json_put(json, "head", json_string(qsti_head_name(inside->head))) ||
        !qsti_json_put(json, "precision", json_string(inside->precision == QST_SINGLE ? "single" : "double")) ||
        !qsti_json_put(json, "circuit", json_incref(circuit)) || !qsti_json_put(json, "readout", json_incref(readout)))
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory"));
done:
    json_decref(circuit);
    json_decref(readout);
    return status;
}

static void circuit_release(qst_model *model)
{
    circuit_model *inside = model->inside;
    if (inside->training != inside->scoring)
        qst_program_free(inside->training);
    qst_program_free(inside->scoring);
    qst_circuit_free(inside->circuit);
    qst_readout_free(inside->readout);
    qsti_free(model->ctx, inside->values);
    qsti_free(model->ctx, inside->cotangents);
    qsti_free(model->ctx, inside->transposed);
    qsti_free(model->ctx, inside);
}

static const qsti_model_type circuit_type = {
    .kind = "circuit",
    .initialize = circuit_initialize,
    .scores = circuit_scores,
    .forward = circuit_forward,
    .backward = circuit_backward,
    .measure = circuit_measure,
    .describe = circuit_describe,
    .release = circuit_release,
};

/* --- weights from another model ----------------------------------------------------------------------------------- */

bool qsti_model_weight_source(const qst_model *model, qsti_weight_source *out)
{
    if (model->type != &circuit_type)
        return false;
    const circuit_model *inside = model->inside;
    *out = (qsti_weight_source){inside->circuit, inside->head, inside->n_values, model->n_scores, model->weights};
    return true;
}

static bool same_angle(const qst_circuit *a, qsti_span span_a, const qst_circuit *b, qsti_span span_b)
{
    if (span_a.count != span_b.count)
        return false;
    for (size_t i = 0; i < span_a.count; i++) {
        qst_term s = a->terms[span_a.first + i], t = b->terms[span_b.first + i];
        if (s.coefficient != t.coefficient || s.a != t.a || s.b != t.b)
            return false;
    }
    return true;
}

/* Whether `whole` begins with `part`. */
static bool begins_with(const qst_circuit *whole, const qst_circuit *part)
{
    if (whole->n_qubits != part->n_qubits || whole->n_features != part->n_features ||
        whole->preparation != part->preparation || whole->n_operations < part->n_operations ||
        whole->n_weights < part->n_weights)
        return false;
    for (size_t o = 0; o < part->n_operations; o++) {
        const qsti_operation *a = &whole->operations[o], *b = &part->operations[o];
        const qst_gate_info *info = qst_gate_describe((qst_gate)b->gate);
        if (a->gate != b->gate || memcmp(a->qubits, b->qubits, (size_t)info->n_qubits) != 0)
            return false;
        for (int i = 0; i < info->n_angles; i++)
            if (!same_angle(whole, a->angle[i], part, b->angle[i]))
                return false;
    }
    return true;
}

size_t qsti_model_adopt(qst_model *model, const qsti_weight_source *source)
{
    qsti_weight_source own;
    size_t n_copied = 0;
    if (!qsti_model_weight_source(model, &own))
        return 0;
    if (begins_with(source->circuit, own.circuit)) {
        memcpy(model->weights, source->weights, own.circuit->n_weights * sizeof *model->weights);
        n_copied += own.circuit->n_weights;
    }
    size_t n_head = qsti_head_weights(own.head, own.n_values, own.n_scores);
    if (own.head == source->head && own.n_values == source->n_values && own.n_scores == source->n_scores) {
        memcpy(model->weights + own.circuit->n_weights, source->weights + source->circuit->n_weights,
               n_head * sizeof *model->weights);
        n_copied += n_head;
    }
    return n_copied;
}

/* --- making one --------------------------------------------------------------------------------------------------- */

static qst_score_kind kind_of_scores(qst_head head, qst_readout_kind readout)
{
    if (head != QST_HEAD_none)
        return QST_SCORE_logit;
    return readout == QST_READOUT_EXPECTATIONS ? QST_SCORE_expectation : QST_SCORE_probability;
}

qst_status qst_model_from_circuit(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, qst_head head,
                                  size_t n_scores, qst_precision precision, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    circuit_model *inside = NULL;
    size_t n_values = qst_readout_outputs(readout);
    if (head != QST_HEAD_linear && n_values != n_scores) {
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "head %s: the circuit has %zu outputs for %zu scores: head linear takes "
                         "any number",
                         qsti_head_name(head), n_values, n_scores);
    }
    size_t n_weights = circuit->n_weights + qsti_head_weights(head, n_values, n_scores);
    qst_score_kind kind = kind_of_scores(head, readout->kind);
    QSTI_TRY(qsti_model_allocate(ctx, &circuit_type, circuit->n_features, n_scores, n_weights, kind, &model));
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    model->inside = inside;
    inside->head = head;
    inside->precision = precision;
    inside->n_values = n_values;
    QSTI_TRY(QSTI_NEW(ctx, n_values * n_scores, &inside->transposed));
    QSTI_TRY(qst_program_compile(ctx, circuit, readout, QST_DOUBLE, &inside->scoring));
    inside->training = inside->scoring;
    if (precision == QST_SINGLE) {
        inside->training = NULL;
        QSTI_TRY(qst_program_compile(ctx, circuit, readout, QST_SINGLE, &inside->training));
    }
    inside->circuit = circuit;
    inside->readout = readout;
    qst_model_initialize(model, 0);
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

qst_status qsti_model_circuit_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out)
{
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    const char *head_name = NULL, *precision = NULL;
    qst_head head = QST_HEAD_none;
    int64_t n_scores = 0;
    QSTI_TRY(qsti_circuit_from_json(ctx, where, json_object_get(json, "circuit"), QST_ERR_DAMAGED, &circuit));
    QSTI_TRY(qsti_readout_from_json(ctx, where, json_object_get(json, "readout"), QST_ERR_DAMAGED, &readout));
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "head", &head_name));
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "precision", &precision));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_scores", 1, 1 << 30, &n_scores));
    if (!qsti_head_find(head_name, &head))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: head: \"%s\" is not a head", where, head_name));
    if (strcmp(precision, "single") != 0 && strcmp(precision, "double") != 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: precision: \"%s\" is not single or double", where, precision));
    size_t n_head = qsti_head_weights(head, qst_readout_outputs(readout), (size_t)n_scores);
    QSTI_TRY(qsti_model_check_weights(ctx, where, json, circuit->n_weights + n_head));
    QSTI_TRY(qst_model_from_circuit(ctx, circuit, readout, head, (size_t)n_scores,
                                    strcmp(precision, "single") == 0 ? QST_SINGLE : QST_DOUBLE, out));
    circuit = NULL;
    readout = NULL;
done:
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    return status;
}
