/* match.c: see match.h.
 *
 *   observables  the readout's values through the best linear map (match_observables.c)
 *   gradients    E_u |u . dz_T/dx - (z_S(x + h u) - z_S(x - h u)) / 2h|^2, u normal: Sobolev training with one
 * direction a row and step [czarnecki2017]; over u it is |dz_T/dx - dz_S/dx|^2, to h^2 states       1 -
 * |<psi_T(x)|psi_S(x)>|^2, by one circuit behind the inverse of the other (circuit/overlap.h) processes    1 - |Tr
 * U_T(x)^+ U_S(x)|^2 / 4^n, the same on Bell pairs                              [khatri2019]
 *
 * means over the rows. Above LOCAL_QUBITS qubits states and processes are compared qubit by qubit.
 */
#include "learn/match.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "circuit/circuit_copy.h"
#include "circuit/overlap.h"

#define LOCAL_QUBITS 6

/* A term that is a function of a circuit's values: the circuit's weights are the first of the student's. */
typedef struct side {
    qst_model *model; /* head none; NULL: the term is left out */
    double weight;
    double *gradient; /* (its weights) */
    bool local;
    double offset; /* local: what an output falls short of the likeness by */
} side;

struct qsti_match {
    qst_ctx *ctx;
    qst_model *model;
    qsti_match_data data;
    qst_const_matrix x;
    uint64_t seed;
    double step_width;
    side observables, states, processes;
    size_t *rows;       /* (batch): those of the batch that have knowledge */
    double *batch_x;    /* (2 batch, d) */
    double *targets;    /* (batch, K) observables; (batch, C) directional derivatives */
    double *directions; /* (batch, d) */
    double *work;       /* of the linear map */
    double *gradient;   /* (n_trained), of the gradients' term */
    size_t n_rows;      /* of this call */
    double value;       /* of the pass under way */
};

bool qsti_match_data_any(const qsti_match_data *data)
{
    return data->observables_weight > 0 || data->gradients_weight > 0 || data->states_weight > 0 ||
           data->processes_weight > 0;
}

/* --- making one --------------------------------------------------------------------------------------------------- */

/* Takes circuit and readout on success. */
static qst_status side_init(qst_ctx *ctx, qst_circuit **circuit, qst_readout **readout, qst_precision precision,
                            double weight, side *out)
{
    qst_status status = qst_model_from_circuit(ctx, *circuit, *readout, QST_HEAD_none, qst_readout_outputs(*readout),
                                               precision, &out->model);
    if (status != QST_OK)
        return status;
    *circuit = NULL;
    *readout = NULL;
    out->weight = weight;
    return QSTI_NEW(ctx, out->model->n_weights, &out->gradient);
}

/* The student's own circuit and readout, without its head. */
static qst_status make_observables(qsti_match *m, qst_precision precision, size_t batch)
{
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    size_t q = qst_readout_outputs(qst_model_readout(m->model)) + 1;
    if (batch < 2 * q) {
        QSTI_TRY(
            qsti_fail(m->ctx, QST_ERR_USAGE,
                      "match.observables: batch: %zu rows are too few to fit a linear map of %zu rows: at least %zu "
                      "are needed",
                      batch, q, 2 * q));
    }
    QSTI_TRY(qsti_circuit_copy(m->ctx, qst_model_circuit(m->model), &circuit));
    QSTI_TRY(qsti_readout_copy(m->ctx, qst_model_readout(m->model), &readout));
    QSTI_TRY(side_init(m->ctx, &circuit, &readout, precision, m->data.observables_weight, &m->observables));
    QSTI_TRY(QSTI_NEW(m->ctx, qsti_linear_map_work(batch, q - 1, m->data.observables.n_cols), &m->work));
done:
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    return status;
}

static qst_status make_overlap(qsti_match *m, qst_precision precision, qsti_overlap_kind kind, double weight, side *out)
{
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    const qst_circuit *own = qst_model_circuit(m->model);
    out->local = own->n_qubits > LOCAL_QUBITS;
    out->offset = kind == QSTI_OVERLAP_STATES ? 0.5 : 0.25;
    QSTI_TRY(qsti_circuit_overlap(m->ctx, own, m->data.circuit, m->data.circuit_weights, kind, out->local, &circuit,
                                  &readout));
    QSTI_TRY(side_init(m->ctx, &circuit, &readout, precision, weight, out));
done:
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    return status;
}

static qst_status check(const qst_model *model, const qsti_match_data *data)
{
    qst_ctx *ctx = model->ctx;
    bool needs_circuit = data->observables_weight > 0 || data->states_weight > 0 || data->processes_weight > 0;
    qsti_weight_source source;
    if (needs_circuit && !qsti_model_weight_source(model, &source))
        return qsti_fail(ctx, QST_ERR_MISMATCH, "match: the student is no circuit: it has no observables or states");
    if (data->gradients_weight > 0 && model->is_random)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "match.gradients: the student draws random masks or uses batch statistics: its scores are no "
                         "function of a row");
    if (data->gradients_weight > 0 && data->kind != model->score_kind)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "match.gradients: the teacher's scores are of kind %s, the student's %s",
                         qst_score_kind_name(data->kind), qst_score_kind_name(model->score_kind));
    if (data->gradients_weight > 0 && data->gradients.n_cols != model->n_scores * model->n_features)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "match.gradients: %zu numbers a row for %zu scores of %zu features",
                         data->gradients.n_cols, model->n_scores, model->n_features);
    return QST_OK;
}

static qst_status make_terms(qsti_match *m, qst_precision precision, size_t batch)
{
    qst_status status = QST_OK;
    const qsti_match_data *data = &m->data;
    if (data->observables_weight > 0)
        QSTI_TRY(make_observables(m, precision, batch));
    if (data->states_weight > 0)
        QSTI_TRY(make_overlap(m, precision, QSTI_OVERLAP_STATES, data->states_weight, &m->states));
    if (data->processes_weight > 0)
        QSTI_TRY(make_overlap(m, precision, QSTI_OVERLAP_PROCESSES, data->processes_weight, &m->processes));
done:
    return status;
}

qst_status qsti_match_create(qst_model *model, qst_precision precision, qst_const_matrix x, size_t batch, uint64_t seed,
                             const qsti_match_data *data, qsti_match **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    qsti_match *m = NULL;
    size_t n_targets = data->observables.n_cols > model->n_scores ? data->observables.n_cols : model->n_scores;
    QSTI_TRY(check(model, data));
    QSTI_TRY(QSTI_NEW(ctx, 1, &m));
    m->ctx = ctx;
    m->model = model;
    m->data = *data;
    m->x = x;
    m->seed = seed;
    m->step_width = precision == QST_SINGLE ? 1e-2 : 1e-3;
    QSTI_TRY(QSTI_NEW(ctx, batch, &m->rows));
    QSTI_TRY(qsti_alloc(ctx, 2 * batch, x.n_cols * sizeof *m->batch_x, (void **)&m->batch_x));
    QSTI_TRY(qsti_alloc(ctx, batch, x.n_cols * sizeof *m->directions, (void **)&m->directions));
    QSTI_TRY(qsti_alloc(ctx, batch, n_targets * sizeof *m->targets, (void **)&m->targets));
    QSTI_TRY(QSTI_NEW(ctx, model->n_trained, &m->gradient));
    QSTI_TRY(make_terms(m, precision, batch));
    *out = m;
    m = NULL;
done:
    qsti_match_free(m);
    return status;
}

static void side_clear(qst_ctx *ctx, side *s)
{
    qst_model_free(s->model);
    qsti_free(ctx, s->gradient);
}

void qsti_match_free(qsti_match *match)
{
    if (match == NULL)
        return;
    qst_ctx *ctx = match->ctx;
    side_clear(ctx, &match->observables);
    side_clear(ctx, &match->states);
    side_clear(ctx, &match->processes);
    qsti_free(ctx, match->rows);
    qsti_free(ctx, match->batch_x);
    qsti_free(ctx, match->directions);
    qsti_free(ctx, match->targets);
    qsti_free(ctx, match->work);
    qsti_free(ctx, match->gradient);
    qsti_free(ctx, match);
}

void qsti_match_hash(const qsti_match *match, qsti_hasher *hasher)
{
    const qsti_match_data *data = &match->data;
    const double numbers[] = {data->observables_weight, data->gradients_weight, data->states_weight,
                              data->processes_weight};
    qsti_hasher_add(hasher, numbers, sizeof numbers);
    if (data->observables_weight > 0)
        qsti_hasher_add(hasher, data->observables.data, data->n_rows * data->observables.n_cols * sizeof(double));
    if (data->gradients_weight > 0)
        qsti_hasher_add(hasher, data->gradients.data, data->n_rows * data->gradients.n_cols * sizeof(double));
    if (data->states_weight > 0 || data->processes_weight > 0)
        qsti_hasher_add(hasher, data->circuit_weights, data->circuit->n_weights * sizeof(double));
}

/* --- circuits' values --------------------------------------------------------------------------------------------- */

static qst_status observables_batch(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    qsti_match *m = user;
    m->value = qsti_linear_map_loss(scores, m->targets, m->data.observables.n_cols, m->observables.weight, m->work,
                                    cotangents);
    return QST_OK;
}

/* 1 - likeness, the mean over rows; of local forms over qubits too. */
static void overlap_batch(qsti_match *m, const side *s, qst_const_matrix values, qst_matrix cotangents)
{
    size_t n_used = s->local ? values.n_cols : 1;
    double share = 1 / (double)(values.n_rows * n_used), sum = 0;
    memset(cotangents.data, 0, cotangents.n_rows * cotangents.n_cols * sizeof *cotangents.data);
    for (size_t i = 0; i < values.n_rows; i++) {
        for (size_t k = 0; k < n_used; k++) {
            sum += 1 - values.data[i * values.n_cols + k] - (s->local ? s->offset : 0);
            cotangents.data[i * values.n_cols + k] = -s->weight * share;
        }
    }
    m->value = share * sum;
}

static qst_status states_batch(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    qsti_match *m = user;
    overlap_batch(m, &m->states, scores, cotangents);
    return QST_OK;
}

static qst_status processes_batch(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    qsti_match *m = user;
    overlap_batch(m, &m->processes, scores, cotangents);
    return QST_OK;
}

static qst_status add_side(qsti_match *m, const side *s, qsti_batch_fn *fn, const double *weights, double *loss,
                           double *gradient)
{
    if (s->model == NULL)
        return QST_OK;
    const qst_const_matrix x = {m->batch_x, m->n_rows, m->x.n_cols};
    qst_status status = s->model->type->gradient_whole(s->model, weights, x, fn, m, s->gradient, (qst_matrix){0});
    if (status != QST_OK)
        return status;
    *loss += s->weight * m->value;
    for (size_t i = 0; i < s->model->n_weights; i++)
        gradient[i] += s->gradient[i];
    return QST_OK;
}

/* --- input gradients ---------------------------------------------------------------------------------------------- */

/* Rows x + h u, then x - h u; and what the teacher's scores do along u. */
static void prepare_directions(qsti_match *m, uint64_t step)
{
    size_t d = m->x.n_cols, c = m->model->n_scores, n = m->n_rows;
    for (size_t i = 0; i < n; i++) {
        const double *x = m->x.data + m->rows[i] * d, *slopes = m->data.gradients.data + m->rows[i] * c * d;
        double *u = m->directions + i * d;
        qsti_rng rng = qsti_rng_init(m->seed, QSTI_PURPOSE_DIRECTION, (uint32_t)step, (uint32_t)m->rows[i]);
        for (size_t j = 0; j < d; j++) {
            u[j] = qsti_rng_normal(&rng);
            m->batch_x[i * d + j] = x[j] + m->step_width * u[j];
            m->batch_x[(n + i) * d + j] = x[j] - m->step_width * u[j];
        }
        for (size_t s = 0; s < c; s++) {
            double sum = 0;
            for (size_t j = 0; j < d; j++)
                sum += slopes[s * d + j] * u[j];
            m->targets[i * c + s] = sum;
        }
    }
}

static qst_status gradients_batch(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    qsti_match *m = user;
    size_t n = m->n_rows * scores.n_cols;
    double per_row = 1 / (double)m->n_rows, sum = 0;
    for (size_t i = 0; i < n; i++) {
        double slope = (scores.data[i] - scores.data[n + i]) / (2 * m->step_width), miss = slope - m->targets[i];
        double back = m->data.gradients_weight * per_row * miss / m->step_width;
        sum += per_row * miss * miss;
        cotangents.data[i] = back;
        cotangents.data[n + i] = -back;
    }
    m->value = sum;
    return QST_OK;
}

static qst_status add_gradients(qsti_match *m, const double *weights, uint64_t step, double *loss, double *gradient)
{
    qst_model *model = m->model;
    if (!(m->data.gradients_weight > 0))
        return QST_OK;
    prepare_directions(m, step);
    const qst_const_matrix x = {m->batch_x, 2 * m->n_rows, m->x.n_cols};
    qst_status status =
        model->type->gradient_whole(model, weights, x, gradients_batch, m, m->gradient, (qst_matrix){0});
    if (status != QST_OK)
        return status;
    *loss += m->data.gradients_weight * m->value;
    for (size_t i = 0; i < model->n_trained; i++)
        gradient[i] += m->gradient[i];
    return QST_OK;
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

qst_status qsti_match_add(qsti_match *match, const double *weights, const size_t *rows, size_t n_rows, uint64_t step,
                          double *loss, double *gradient)
{
    qst_status status = QST_OK;
    qsti_match *m = match;
    size_t d = m->x.n_cols, k = m->data.observables.n_cols;
    m->n_rows = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (rows[i] < m->data.n_rows)
            m->rows[m->n_rows++] = rows[i];
    if (m->n_rows == 0)
        return QST_OK;
    QSTI_TRY(add_gradients(m, weights, step, loss, gradient));
    for (size_t i = 0; i < m->n_rows; i++) {
        memcpy(m->batch_x + i * d, m->x.data + m->rows[i] * d, d * sizeof *m->batch_x);
        if (m->observables.model != NULL)
            memcpy(m->targets + i * k, m->data.observables.data + m->rows[i] * k, k * sizeof *m->targets);
    }
    bool fits_map = m->observables.model != NULL && m->n_rows >= 2 * (m->observables.model->n_scores + 1);
    if (fits_map)
        QSTI_TRY(add_side(m, &m->observables, observables_batch, weights, loss, gradient));
    QSTI_TRY(add_side(m, &m->states, states_batch, weights, loss, gradient));
    QSTI_TRY(add_side(m, &m->processes, processes_batch, weights, loss, gradient));
done:
    return status;
}
