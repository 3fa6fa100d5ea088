/* model_circuit.c: a circuit as a model: features -> state -> readout values M (B, K) -> head -> scores (B, C).
 *
 * weights = [circuit (P)] [head]. Head linear: W (C, K), b (C), z = W M + b; scale: s, b (K), z_k = exp(s) M_k + b_k;
 * none: z = M. Two programs where training is single: scores are always double.
 *
 * A training step is one parallel section: a block's values become scores, the caller turns scores into cotangents, and
 * these go back through the head while the block's state waits. dL/dhead is the first part of the block's sums.
 */
#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/rng.h"
#include "circuit/circuit.h"
#include "kernels/kernels.h"
#include "kernels/lines.h"
#include "learn/circuit_parts.h"
#include "learn/conditions.h"
#include "learn/row_blocks.h"
#include "net/dense.h"

typedef struct circuit_model {
    qst_circuit *circuit;
    qst_readout *readout;
    qst_program *scoring;        /* double */
    qst_program *training;       /* the same object unless training is single */
    qsti_conditions *conditions; /* in whose place these run while it is trained; NULL: none, borrowed */
    qst_precision precision;
    qst_head head;
    size_t n_values, n_scores, n_head; /* K, C, weights of the head */
    qsti_dense dense;                  /* of a linear head */
    double *values;                    /* (capacity, K) */
    size_t capacity;                   /* rows */
    double *cotangents;                /* (capacity, K): under conditions */
    double *lines; /* (threads, 2 K + 2 C, QSTI_MAX_LANES): a block's values, scores and cotangents of both */
    double *sums;  /* (n_head + n_sums) of a step */
    size_t n_sums;
    qsti_row_blocks blocks;
} circuit_model;

size_t qsti_head_weights(qst_head head, size_t n_values, size_t n_scores)
{
    switch (head) {
    case QST_HEAD_linear:
        return qsti_dense_weights(n_values, n_scores);
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
    memset(head, 0, inside->n_head * sizeof *head);
    if (inside->head != QST_HEAD_linear)
        return;
    rng = qsti_rng_init(seed, QSTI_PURPOSE_HEAD, 0, 0);
    double width = 1 / sqrt((double)inside->n_values);
    for (size_t i = 0; i < inside->n_values * model->n_scores; i++)
        head[i] = width * (2 * qsti_rng_uniform(&rng) - 1);
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

/* scores (C, lanes) from values (K, lanes); head: its weights. */
static void head_forward(const circuit_model *inside, const double *head, const double *values, size_t lanes,
                         double *scores)
{
    if (inside->head == QST_HEAD_linear) {
        qsti_dense_forward(&inside->dense, head, values, lanes, scores);
        return;
    }
    double scale = inside->head == QST_HEAD_scale ? exp(head[0]) : 1;
    for (size_t k = 0; k < inside->n_values; k++) {
        double shift = inside->head == QST_HEAD_scale ? head[1 + k] : 0;
        for (size_t lane = 0; lane < lanes; lane++)
            scores[k * lanes + lane] = scale * values[k * lanes + lane] + shift;
    }
}

/* out_values = dL/dvalues; adds dL/dhead. */
static void head_backward(const circuit_model *inside, const double *head, const double *values,
                          const double *cotangent, size_t lanes, double *out_head, double *out_values)
{
    if (inside->head == QST_HEAD_linear) {
        qsti_dense_backward(&inside->dense, head, values, cotangent, lanes, out_head, out_values);
        return;
    }
    double scale = inside->head == QST_HEAD_scale ? exp(head[0]) : 1;
    for (size_t k = 0; k < inside->n_values; k++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            size_t i = k * lanes + lane;
            out_values[i] = scale * cotangent[i];
            if (inside->head == QST_HEAD_none)
                continue;
            out_head[0] += out_values[i] * values[i];
            out_head[1 + k] += cotangent[i];
        }
    }
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* One pass over a batch. */
typedef struct pass {
    const circuit_model *inside;
    const double *head;
    qst_const_matrix values; /* of all rows, where they are all there at once */
    qst_matrix cotangents;   /* of these, to be filled */
    qst_block_fn *fn;
    void *user;
} pass;

static double *lines_of(const circuit_model *inside, int worker)
{
    return inside->lines + (size_t)worker * 2 * (inside->n_values + inside->n_scores) * QSTI_MAX_LANES;
}

static void evaluate_block(void *arg, const qsti_row_block *block)
{
    const pass *work = arg;
    const circuit_model *inside = work->inside;
    double *values = lines_of(inside, block->worker), *scores = values + inside->n_values * QSTI_BLOCK_ROWS;
    qsti_rows_to_lines(work->values.data, work->values.n_rows, work->values.n_cols, block->first_row, QSTI_BLOCK_ROWS,
                       values);
    head_forward(inside, work->head, values, QSTI_BLOCK_ROWS, scores);
    qst_block scored = {block->first_row, block->n_rows, QSTI_BLOCK_ROWS, scores, NULL, block->sums, block->worker};
    work->fn(work->user, &scored);
}

/* A gradient that is no number must be seen as such, and only there: the sweep back gets numbers. */
static void keep_finite(const circuit_model *inside, const qst_block *block)
{
    size_t n = inside->n_values * block->lanes;
    if (qsti_all_finite(block->cotangents, n))
        return;
    memset(block->cotangents, 0, n * sizeof *block->cotangents);
    block->sums[0] = NAN;
}

static void gradient_block(void *user, const qst_block *block)
{
    const pass *work = user;
    const circuit_model *inside = work->inside;
    double *scores = lines_of(inside, block->worker), *cotangents = scores + inside->n_scores * block->lanes;
    if (inside->head == QST_HEAD_none) {
        work->fn(work->user, block);
        return;
    }
    qst_block scored = *block;
    scored.values = scores;
    scored.cotangents = cotangents;
    scored.sums = block->sums + inside->n_head;
    head_forward(inside, work->head, block->values, block->lanes, scores);
    work->fn(work->user, &scored);
    head_backward(inside, work->head, block->values, cotangents, block->lanes, block->sums, block->cotangents);
    keep_finite(inside, block);
}

/* The same where all values are there at once. */
static void gradient_rows(void *arg, const qsti_row_block *rows)
{
    const pass *work = arg;
    const circuit_model *inside = work->inside;
    size_t lanes = QSTI_BLOCK_ROWS;
    double *values = lines_of(inside, rows->worker) + 2 * inside->n_scores * lanes;
    double *cotangents = values + inside->n_values * lanes;
    qst_block block = {rows->first_row, rows->n_rows, lanes, values, cotangents, rows->sums, rows->worker};
    qsti_rows_to_lines(work->values.data, work->values.n_rows, work->values.n_cols, rows->first_row, lanes, values);
    memset(cotangents, 0, inside->n_values * lanes * sizeof *cotangents);
    gradient_block(arg, &block);
    qsti_lines_to_rows(cotangents, work->cotangents.n_rows, work->cotangents.n_cols, rows->first_row, lanes,
                       work->cotangents.data);
}

/* --- evaluate and gradient ---------------------------------------------------------------------------------------- */

static qst_status reserve_rows(const qst_model *model, size_t n_rows)
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
    if (inside->conditions != NULL)
        QSTI_TRY(QSTI_GROW(model->ctx, n, &inside->cotangents));
    inside->capacity = n_rows;
done:
    return status;
}

/* Scores from values, block by block. */
static qst_status run_head(circuit_model *inside, const double *weights, qst_const_matrix values, qst_block_fn *fn,
                           void *user, size_t n_sums, double *out_sums)
{
    pass work = {
        .inside = inside, .head = weights + inside->circuit->n_weights, .values = values, .fn = fn, .user = user};
    return qsti_row_blocks_run(&inside->blocks, values.n_rows, evaluate_block, &work, n_sums, out_sums);
}

static qst_status run_forward(qst_model *model, bool training, const double *weights, qst_const_matrix x,
                              qst_block_fn *fn, void *user, size_t n_sums, double *out_sums)
{
    circuit_model *inside = model->inside;
    qst_status status = reserve_rows(model, x.n_rows);
    qst_matrix values = {inside->values, x.n_rows, inside->n_values};
    if (status == QST_OK && inside->conditions != NULL)
        status = qsti_conditions_values(inside->conditions, !training, weights, x, values);
    else if (status == QST_OK)
        status = qst_program_forward(training ? inside->training : inside->scoring, weights, x, values);
    if (status == QST_OK)
        status = run_head(inside, weights, qst_const_view(values), fn, user, n_sums, out_sums);
    return status;
}

static qst_status circuit_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                   void *user, size_t n_sums, double *out_sums)
{
    return run_forward(model, false, weights, x, fn, user, n_sums, out_sums);
}

static qst_status circuit_train_forward(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                        void *user, size_t n_sums, double *out_sums)
{
    return run_forward(model, true, weights, x, fn, user, n_sums, out_sums);
}

static qst_status circuit_evaluate_values(qst_model *model, const double *weights, qst_const_matrix values,
                                          qst_block_fn *fn, void *user)
{
    return run_head(model->inside, weights, values, fn, user, 0, NULL);
}

static qst_status reserve_sums(const qst_model *model, size_t n_sums)
{
    circuit_model *inside = model->inside;
    qst_status status = QST_OK;
    if (inside->sums != NULL && inside->n_sums >= n_sums)
        return QST_OK;
    inside->n_sums = 0;
    QSTI_TRY(QSTI_GROW(model->ctx, inside->n_head + n_sums, &inside->sums));
    inside->n_sums = n_sums;
done:
    return status;
}

/* Under conditions: from values and the pass' cotangents back through head and circuit. */
static qst_status back_by_rows(circuit_model *inside, const qsti_pass *of, pass *work)
{
    qst_status status = QST_OK;
    size_t n_rows = of->x.n_rows;
    work->values = (qst_const_matrix){inside->values, n_rows, inside->n_values};
    work->cotangents = (qst_matrix){inside->cotangents, n_rows, inside->n_values};
    QSTI_TRY(
        qsti_row_blocks_run(&inside->blocks, n_rows, gradient_rows, work, inside->n_head + of->n_sums, inside->sums));
    QSTI_TRY(qsti_conditions_vjp(inside->conditions, of->weights, of->x, qst_const_view(work->cotangents),
                                 of->out_weights, of->out_x));
done:
    return status;
}

/* Under conditions: the values of a step. */
static qst_status step_values(qst_model *model, const double *weights, qst_const_matrix x)
{
    circuit_model *inside = model->inside;
    qst_status status = reserve_rows(model, x.n_rows);
    if (status == QST_OK)
        status = qsti_conditions_values(inside->conditions, false, weights, x,
                                        (qst_matrix){inside->values, x.n_rows, inside->n_values});
    return status;
}

static qst_status circuit_gradient(qst_model *model, const qsti_pass *of)
{
    circuit_model *inside = model->inside;
    qst_status status = QST_OK;
    size_t n_circuit = inside->circuit->n_weights, n_sums = of->n_sums;
    pass work = {.inside = inside, .head = of->weights + n_circuit, .fn = of->fn, .user = of->user};
    qst_program *program = inside->training;
    QSTI_TRY(reserve_sums(model, n_sums));
    if (inside->conditions != NULL)
        QSTI_TRY(qsti_conditions_program(inside->conditions, &program));
    if (program != NULL) {
        QSTI_TRY(qst_program_step(program, of->weights, of->x, gradient_block, &work, inside->n_head + n_sums,
                                  inside->sums, of->out_weights, of->out_x));
    } else {
        QSTI_TRY(step_values(model, of->weights, of->x));
        QSTI_TRY(back_by_rows(inside, of, &work));
    }
    memcpy(of->out_weights + n_circuit, inside->sums, inside->n_head * sizeof *of->out_weights);
    if (n_sums > 0)
        memcpy(of->out_sums, inside->sums + inside->n_head, n_sums * sizeof *of->out_sums);
done:
    return status;
}

/* Under conditions, where another run would be other shots: values once, for the scores and for the way back. */
static qst_status whole_by_rows(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                void *user, double *out_weights, qst_matrix out_x)
{
    circuit_model *inside = model->inside;
    qst_status status = QST_OK;
    qst_matrix scores, cotangents;
    size_t n_circuit = inside->circuit->n_weights;
    QSTI_TRY(reserve_sums(model, 0));
    QSTI_TRY(qsti_model_reserve_whole(model, x.n_rows, &scores, &cotangents));
    QSTI_TRY(step_values(model, weights, x));
    QSTI_TRY(run_head(inside, weights, (qst_const_matrix){inside->values, x.n_rows, inside->n_values},
                      qsti_model_store_scores, &scores, 0, NULL));
    QSTI_TRY(fn(user, qst_const_view(scores), cotangents));
    const qsti_pass of = {.weights = weights, .x = x, .out_weights = out_weights, .out_x = out_x};
    pass work = {.inside = inside, .head = weights + n_circuit, .fn = qsti_model_give_cotangents, .user = &cotangents};
    QSTI_TRY(back_by_rows(inside, &of, &work));
    memcpy(out_weights + n_circuit, inside->sums, inside->n_head * sizeof *out_weights);
done:
    return status;
}

static qst_status circuit_gradient_whole(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                         void *user, double *out_weights, qst_matrix out_x)
{
    if (((const circuit_model *)model->inside)->conditions != NULL)
        return whole_by_rows(model, weights, x, fn, user, out_weights, out_x);
    return qsti_model_two_passes(model, circuit_train_forward, weights, x, fn, user, out_weights, out_x);
}

/* --- the rest of the interface ------------------------------------------------------------------------------------ */

static void circuit_begin_step(qst_model *model, uint64_t seed, uint64_t step)
{
    const circuit_model *inside = model->inside;
    if (inside->conditions != NULL)
        qsti_conditions_begin_step(inside->conditions, seed, step);
}

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
    qsti_free(model->ctx, inside->sums);
    qsti_free_lines(model->ctx, inside->lines);
    qsti_row_blocks_clear(&inside->blocks);
    qsti_free(model->ctx, inside);
}

static const qsti_model_type circuit_type = {
    .kind = "circuit",
    .initialize = circuit_initialize,
    .evaluate = circuit_evaluate,
    .evaluate_values = circuit_evaluate_values,
    .gradient = circuit_gradient,
    .gradient_whole = circuit_gradient_whole,
    .begin_step = circuit_begin_step,
    .measure = circuit_measure,
    .describe = circuit_describe,
    .release = circuit_release,
};

const qst_circuit *qst_model_circuit(const qst_model *model)
{
    return model->type == &circuit_type ? ((const circuit_model *)model->inside)->circuit : NULL;
}

const qst_readout *qst_model_readout(const qst_model *model)
{
    return model->type == &circuit_type ? ((const circuit_model *)model->inside)->readout : NULL;
}

qst_precision qsti_model_circuit_precision(const qst_model *core)
{
    return ((const circuit_model *)core->inside)->precision;
}

void qsti_model_circuit_set_conditions(qst_model *model, qsti_conditions *conditions)
{
    circuit_model *inside = model->inside;
    inside->conditions = conditions;
    inside->capacity = 0;
}

/* --- weights from another model ----------------------------------------------------------------------------------- */

bool qsti_model_weight_source(const qst_model *model, qsti_weight_source *out)
{
    if (model->type != &circuit_type)
        return false;
    const circuit_model *inside = model->inside;
    *out = (qsti_weight_source){inside->circuit, inside->head, inside->n_values, model->n_scores, model->weights};
    return true;
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
    if (readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(ctx, QST_ERR_USAGE, "amplitudes are no outputs of a model: their phase is not fixed");
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
    inside->n_scores = n_scores;
    inside->n_head = qsti_head_weights(head, n_values, n_scores);
    inside->dense = qsti_dense_make(n_values, n_scores);
    inside->blocks.ctx = ctx;
    QSTI_TRY(qsti_alloc_lines(ctx, (size_t)qst_ctx_threads(ctx) * 2 * (n_values + n_scores),
                              QSTI_MAX_LANES * sizeof *inside->lines, (void **)&inside->lines));
    QSTI_TRY(qst_program_compile(ctx, circuit, readout, NULL, &inside->scoring));
    inside->training = inside->scoring;
    if (precision == QST_SINGLE) {
        inside->training = NULL;
        QSTI_TRY(qst_program_compile(ctx, circuit, readout, &(qst_compile_opts){.precision = QST_SINGLE},
                                     &inside->training));
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
