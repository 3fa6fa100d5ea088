/* device_exam.c: see device_exam.h.
 *
 * The columns of one role share nothing but the model; the points of a curve share the shots' seeds with the column
 * "device", so that the one of strength 1 is that column, and the difference between two is not that of their draws.
 */
#include "run/device_exam.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "circuit/circuit.h"
#include "learn/circuit_parts.h"
#include "learn/softmax.h"

typedef struct job {
    qst_ctx *ctx;
    const qsti_exam *exam;
    const qsti_device_plan *plan;
    qst_device view; /* of the plan's device, if it has one, for ctx */
    qsti_role role;
    qst_model *model;
    size_t n_classes;
    qsti_device_outputs *outputs; /* of the test rows, where columns are measured; else NULL */
} job;

/* A role that is none: asking the teacher for what it knows. */
#define ASKING QSTI_ROLE_COUNT

static job job_of(qst_ctx *ctx, const qsti_device_plan *plan, qsti_role role, qst_model *model)
{
    job j = {.ctx = ctx, .plan = plan, .role = role, .model = model};
    if (plan->device != NULL)
        j.view = qsti_device_view(plan->device, ctx);
    return j;
}

static bool is_teacher(const job *j)
{
    return j->role == QSTI_TEACHER || j->role == ASKING;
}

/* A column or a point begins: it may take a while, so that this is where a run stops when it is asked to. */
static qst_status begin(const job *j, qsti_column column, double strength, qst_measurement **out)
{
    qst_status status = qsti_check_interrupt(j->ctx);
    if (status != QST_OK)
        return status;
    const qst_measure_opts opts = qsti_device_plan_measure(j->plan, &j->view, column, is_teacher(j), strength);
    return qst_model_measurement(j->model, &opts, out);
}

static uint64_t seed_of(const job *j, uint64_t seed, qsti_column column, qst_split split)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_DEVICE, (uint32_t)j->role, (uint32_t)column * 3 + (uint32_t)split);
    return qsti_rng_u64(&rng);
}

bool qsti_device_has_circuit(const qst_model *model)
{
    qsti_circuit_parts parts;
    return qsti_model_circuit_parts(model, &parts);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* *out (n, C) = the scores of a split's rows; freed by the caller. Outputs of test rows go to `outputs`, if there is
 * one. */
static qst_status scores_of(const job *j, qst_measurement *measurement, qsti_column column, qst_split split,
                            qsti_device_outputs *outputs, double **out)
{
    qst_status status = QST_OK;
    const qsti_part *part = &j->exam->parts[split];
    qst_matrix values = {0}, variances = {0};
    qst_matrix scores = {NULL, part->n, j->n_classes};
    uint64_t seed = seed_of(j, j->exam->dataset->seed, column, split);
    QSTI_TRY(QSTI_NEW(j->ctx, scores.n_rows * scores.n_cols, &scores.data));
    if (outputs != NULL) {
        QSTI_TRY(QSTI_NEW(j->ctx, part->n * outputs->n_outputs, &outputs->values[column]));
        QSTI_TRY(QSTI_NEW(j->ctx, part->n * outputs->n_outputs, &outputs->variances[column]));
        values = (qst_matrix){outputs->values[column], part->n, outputs->n_outputs};
        variances = (qst_matrix){outputs->variances[column], part->n, outputs->n_outputs};
    }
    QSTI_TRY(qsti_model_measured(j->model, measurement, qsti_part_x(part), seed, 0, scores, values, variances));
    *out = scores.data;
    scores.data = NULL;
done:
    qsti_free(j->ctx, scores.data);
    return status;
}

/* Which rows are right, and how many decided as the teacher without noise does. */
typedef struct tally {
    size_t n_right, n_agreeing;
} tally;

static tally count(const job *j, const double *values, uint8_t *right)
{
    const qsti_part *test = &j->exam->parts[QST_TEST];
    tally result = {0};
    for (size_t i = 0; i < test->n; i++) {
        size_t decided = qsti_argmax(values + i * j->n_classes, j->n_classes);
        bool is_right = decided == (size_t)test->labels[i];
        result.n_right += is_right;
        result.n_agreeing += decided == qsti_argmax(j->exam->teacher_p[QST_TEST] + i * j->n_classes, j->n_classes);
        if (right != NULL)
            right[i] = is_right;
    }
    return result;
}

/* Scores become probabilities as everywhere, so that ties are broken alike. */
static qst_status judge(const job *j, double *scores, uint8_t *right, tally *out)
{
    qst_matrix p = {scores, j->exam->parts[QST_TEST].n, j->n_classes};
    qst_status status = qst_scores_to_probabilities(j->ctx, qst_model_score_kind(j->model), qst_const_view(p), 1.0, p);
    if (status == QST_OK)
        *out = count(j, scores, right);
    return status;
}

/* --- the correction ----------------------------------------------------------------------------------------------- */

/* Each score through the line that brings it nearest to the teacher's on validation rows. */
static qst_status correct(const job *j, qst_measurement *measurement, qsti_column column, const double *test_scores,
                          qsti_column_result *out)
{
    qst_status status = QST_OK;
    const qst_knowledge *knowledge = j->exam->knowledge;
    const qsti_part *validation = &j->exam->parts[QST_VALIDATION];
    size_t n_test = j->exam->parts[QST_TEST].n, n_classes = j->n_classes;
    double *wanted = NULL, *found = NULL, *lines = NULL, *corrected = NULL;
    if (validation->n == 0 || knowledge->kind != qst_model_score_kind(j->model) || knowledge->n_scores != n_classes)
        return QST_OK;
    QSTI_TRY(qsti_part_gather(j->ctx, validation, qst_knowledge_scores(knowledge), &wanted));
    QSTI_TRY(scores_of(j, measurement, column, QST_VALIDATION, NULL, &found));
    QSTI_TRY(QSTI_NEW(j->ctx, 2 * n_classes, &lines));
    QSTI_TRY(QSTI_NEW(j->ctx, n_test * n_classes, &corrected));
    QSTI_TRY(qst_affine_fit(j->ctx, (qst_const_matrix){wanted, validation->n, n_classes},
                            (qst_const_matrix){found, validation->n, n_classes}, lines, lines + n_classes));
    for (size_t i = 0; i < n_test * n_classes; i++)
        corrected[i] = lines[i % n_classes] * test_scores[i] + lines[n_classes + i % n_classes];
    const tally result = count(j, corrected, NULL);
    out->corrected_accuracy = (double)result.n_right / (double)n_test;
    out->corrected_agreement = (double)result.n_agreeing / (double)n_test;
done:
    qsti_free(j->ctx, corrected);
    qsti_free(j->ctx, lines);
    qsti_free(j->ctx, found);
    qsti_free(j->ctx, wanted);
    return status;
}

/* --- one column --------------------------------------------------------------------------------------------------- */

static qst_status copy_placement(qst_ctx *ctx, const qst_placed *placed, qsti_placement *out)
{
    qst_status status = QST_OK;
    qst_placed_info info;
    size_t *qubits = NULL;
    size_t(*edges)[2] = NULL;
    qst_placed_describe(placed, &info);
    QSTI_TRY(QSTI_NEW(ctx, info.n_qubits, &qubits));
    QSTI_TRY(QSTI_NEW(ctx, info.n_edges, &edges));
    memcpy(qubits, info.qubits, info.n_qubits * sizeof *qubits);
    if (info.n_edges > 0)
        memcpy(edges, info.edges, info.n_edges * sizeof *edges);
    *out = (qsti_placement){.qubits = qubits,
                            .n_qubits = info.n_qubits,
                            .edges = (const size_t(*)[2])edges,
                            .n_edges = info.n_edges,
                            .gates = info.gates,
                            .two_qubit_gates = info.two_qubit_gates,
                            .depth = info.depth,
                            .exchanges = info.exchanges,
                            .n_scored = info.n_scored,
                            .complete = info.complete,
                            .duration_ns = info.duration_ns,
                            .fidelity = info.fidelity};
    return QST_OK;
done:
    qsti_free(ctx, qubits);
    qsti_free(ctx, edges);
    return status;
}

static qst_status describe(const job *j, const qst_measurement *measurement, qsti_device_result *out)
{
    qst_measurement_info info;
    qst_measurement_describe(measurement, &info);
    out->shots = info.shots;
    out->placed = info.placed != NULL;
    return out->placed ? copy_placement(j->ctx, info.placed, &out->placement) : QST_OK;
}

static qst_status measure_column(const job *j, qsti_column column, qsti_device_result *out)
{
    qst_status status = QST_OK;
    qsti_column_result *result = &out->columns[column];
    qst_measurement *measurement = NULL;
    double *scores = NULL;
    uint8_t *right = NULL;
    tally counted = {0};
    QSTI_TRY(QSTI_NEW(j->ctx, out->n, &right));
    result->right = right;
    result->corrected_accuracy = result->corrected_agreement = NAN;
    QSTI_TRY(begin(j, column, 1, &measurement));
    QSTI_TRY(scores_of(j, measurement, column, QST_TEST, j->outputs, &scores));
    if (column != QSTI_SHOTS)
        QSTI_TRY(correct(j, measurement, column, scores, result));
    if (column == QSTI_DEVICE)
        QSTI_TRY(describe(j, measurement, out));
    QSTI_TRY(judge(j, scores, right, &counted));
    result->n_correct = counted.n_right;
    result->agreement = (double)counted.n_agreeing / (double)out->n;
done:
    qsti_free(j->ctx, scores);
    qst_measurement_free(measurement);
    return status;
}

static qst_status take_ideal(const job *j, const qsti_role_result *exact, qsti_device_result *out)
{
    qst_status status = QST_OK;
    qsti_column_result *result = &out->columns[QSTI_IDEAL];
    qst_measurement *measurement = NULL;
    double *scores = NULL;
    uint8_t *right = NULL;
    QSTI_TRY(begin(j, QSTI_IDEAL, 1, &measurement));
    QSTI_TRY(scores_of(j, measurement, QSTI_IDEAL, QST_TEST, j->outputs, &scores));
    QSTI_TRY(QSTI_NEW(j->ctx, out->n, &right));
    memcpy(right, exact->right, out->n);
    *result = (qsti_column_result){.n_correct = exact->test.n_correct,
                                   .agreement = j->role == QSTI_TEACHER ? 1 : exact->fidelity.agreement,
                                   .corrected_accuracy = NAN,
                                   .corrected_agreement = NAN,
                                   .right = right};
done:
    qsti_free(j->ctx, scores);
    qst_measurement_free(measurement);
    return status;
}

/* --- outputs beside the teacher's --------------------------------------------------------------------------------- */

/* Paulis on the same qubits are the same readout, however many qubits there are besides. */
static qst_status hash_readout(qst_ctx *ctx, const qst_readout *readout, char out[QSTI_HASH_CHARS])
{
    qsti_hasher *hasher = NULL;
    size_t n_qubits = readout->n_terms > 0 ? 0 : readout->n_qubits;
    const size_t sizes[] = {(size_t)readout->kind, n_qubits, readout->n_outputs, readout->n_terms};
    qst_status status = qsti_hasher_create(ctx, &hasher);
    if (status != QST_OK)
        return status;
    qsti_hasher_add(hasher, sizes, sizeof sizes);
    if (readout->n_terms > 0) {
        qsti_hasher_add(hasher, readout->paulis, readout->n_terms * sizeof *readout->paulis);
        qsti_hasher_add(hasher, readout->coefficients, readout->n_terms * sizeof *readout->coefficients);
        qsti_hasher_add(hasher, readout->outputs, readout->n_terms * sizeof *readout->outputs);
    }
    qsti_hasher_finish(ctx, hasher, out);
    return QST_OK;
}

static void free_outputs(qst_ctx *ctx, qsti_device_outputs *outputs)
{
    for (int c = 0; outputs != NULL && c < QSTI_COLUMN_COUNT; c++) {
        qsti_free(ctx, outputs->values[c]);
        qsti_free(ctx, outputs->variances[c]);
    }
    qsti_free(ctx, outputs);
}

static qst_status make_outputs(qst_ctx *ctx, const qst_model *model, qsti_device_outputs **out)
{
    qsti_circuit_parts parts;
    if (!qsti_model_circuit_parts(model, &parts))
        return QST_OK;
    qst_status status = QSTI_NEW(ctx, 1, out);
    if (status != QST_OK)
        return status;
    (*out)->n_outputs = parts.readout->n_outputs;
    return hash_readout(ctx, parts.readout, (*out)->readout);
}

static void compare(const qsti_device_result *teacher, const qsti_device_outputs *outputs, qsti_device_result *result)
{
    const qsti_device_outputs *wanted = teacher != NULL ? teacher->outputs : NULL;
    bool alike =
        wanted != NULL && outputs != NULL && teacher->n == result->n && strcmp(wanted->readout, outputs->readout) == 0;
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++) {
        qsti_column_result *column = &result->columns[c];
        column->distance = column->distance_corrected = NAN;
        if (!alike)
            continue;
        size_t n = result->n, k = outputs->n_outputs;
        qst_squared_distance(
            (qst_const_matrix){wanted->values[c], n, k}, (qst_const_matrix){wanted->variances[c], n, k},
            (qst_const_matrix){outputs->values[c], n, k}, (qst_const_matrix){outputs->variances[c], n, k},
            &column->distance, &column->distance_corrected);
        column->distance /= (double)n;
        column->distance_corrected /= (double)n;
    }
}

/* --- curves ------------------------------------------------------------------------------------------------------- */

static qst_status measure_point(const job *j, double strength, double *out)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = NULL;
    double *scores = NULL;
    tally counted = {0};
    /* No noise but the readout's: options of strength 0 mean 1. */
    QSTI_TRY(begin(j, QSTI_DEVICE, strength > 0 ? strength : DBL_MIN, &measurement));
    QSTI_TRY(scores_of(j, measurement, QSTI_DEVICE, QST_TEST, NULL, &scores));
    QSTI_TRY(judge(j, scores, NULL, &counted));
    *out = (double)counted.n_right / (double)j->exam->parts[QST_TEST].n;
done:
    qsti_free(j->ctx, scores);
    qst_measurement_free(measurement);
    return status;
}

static qst_status measure_curve(const job *j, qsti_device_result *out)
{
    qst_status status = QST_OK;
    const qsti_recipe_device *recipe = j->plan->recipe;
    double *curve = NULL;
    QSTI_TRY(QSTI_NEW(j->ctx, recipe->n_strengths, &curve));
    out->curve = curve;
    out->n_strengths = recipe->n_strengths;
    for (size_t i = 0; i < recipe->n_strengths; i++) {
        if (recipe->strengths[i] == 1)
            curve[i] = (double)out->columns[QSTI_DEVICE].n_correct / (double)out->n;
        else
            QSTI_TRY(measure_point(j, recipe->strengths[i], &curve[i]));
    }
done:
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void clear(qst_ctx *ctx, const qsti_device_result *result)
{
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++)
        qsti_free(ctx, (void *)result->columns[c].right);
    qsti_free(ctx, (void *)result->curve);
    qsti_free(ctx, (void *)result->placement.qubits);
    qsti_free(ctx, (void *)result->placement.edges);
    free_outputs(ctx, result->outputs);
}

void qsti_device_result_free(qst_ctx *ctx, const qsti_device_result *result)
{
    if (result == NULL)
        return;
    clear(ctx, result);
    qsti_free(ctx, (void *)result);
}

qst_status qsti_device_exam(qst_ctx *ctx, const qsti_exam *exam, const qsti_device_plan *plan, qsti_role role,
                            qst_model *model, const qsti_role_result *exact, const qsti_device_result *teacher,
                            const qsti_device_result **out)
{
    qst_status status = QST_OK;
    qsti_device_result *result = NULL;
    job j = job_of(ctx, plan, role, model);
    j.exam = exam;
    j.n_classes = exam->dataset->n_classes;
    QSTI_TRY(QSTI_NEW(ctx, 1, &result));
    result->n = exam->parts[QST_TEST].n;
    QSTI_TRY(make_outputs(ctx, model, &j.outputs));
    QSTI_TRY(take_ideal(&j, exact, result));
    for (int c = QSTI_SHOTS; c < QSTI_COLUMN_COUNT; c++)
        QSTI_TRY(measure_column(&j, (qsti_column)c, result));
    if (role == QSTI_TEACHER || role == QSTI_STUDENT)
        QSTI_TRY(measure_curve(&j, result));
    compare(teacher, j.outputs, result);
    if (role == QSTI_TEACHER) {
        result->outputs = j.outputs;
        j.outputs = NULL;
    }
    *out = result;
    result = NULL;
done:
    free_outputs(ctx, j.outputs);
    qsti_device_result_free(ctx, result);
    return status;
}

/* n items of a type copied into a fresh array; nothing of nothing. */
static qst_status copy_items(qst_ctx *ctx, const void *items, size_t n, size_t item_bytes, const void **out)
{
    void *copy = NULL;
    *out = NULL;
    if (items == NULL)
        return QST_OK;
    qst_status status = qsti_alloc(ctx, n, item_bytes, &copy);
    if (status == QST_OK && n > 0)
        memcpy(copy, items, n * item_bytes);
    *out = copy;
    return status;
}

qst_status qsti_device_result_copy(qst_ctx *ctx, const qsti_device_result *result, const qsti_device_result **out)
{
    qst_status status = QST_OK;
    qsti_device_result *copy = NULL;
    const qsti_placement *from = &result->placement;
    QSTI_TRY(QSTI_NEW(ctx, 1, &copy));
    *copy = *result;
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++)
        copy->columns[c].right = NULL;
    copy->curve = NULL;
    copy->outputs = NULL;
    copy->placement.qubits = NULL;
    copy->placement.edges = NULL;
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++)
        QSTI_TRY(copy_items(ctx, result->columns[c].right, result->n, 1, (const void **)&copy->columns[c].right));
    QSTI_TRY(copy_items(ctx, result->curve, result->n_strengths, sizeof *copy->curve, (const void **)&copy->curve));
    QSTI_TRY(
        copy_items(ctx, from->qubits, from->n_qubits, sizeof *from->qubits, (const void **)&copy->placement.qubits));
    QSTI_TRY(copy_items(ctx, from->edges, from->n_edges, sizeof *from->edges, (const void **)&copy->placement.edges));
    *out = copy;
    copy = NULL;
done:
    qsti_device_result_free(ctx, copy);
    return status;
}

qst_status qsti_device_ask(qst_ctx *ctx, const qst_dataset *dataset, const qsti_device_plan *plan, qst_model *teacher,
                           qst_matrix out)
{
    qst_status status = QST_OK;
    const job j = job_of(ctx, plan, ASKING, teacher);
    bool mitigated = plan->recipe->teacher == QSTI_DEVICE_TEACHER_MITIGATED;
    qsti_column column = mitigated ? QSTI_MITIGATED : QSTI_DEVICE;
    const qst_const_matrix x = {dataset->features, dataset->n_rows, dataset->n_features};
    qst_measurement *measurement = NULL;
    QSTI_TRY(begin(&j, column, 1, &measurement));
    QSTI_TRY(qst_model_measured_scores(teacher, measurement, x, seed_of(&j, dataset->seed, column, QST_TRAIN), 0, out));
done:
    qst_measurement_free(measurement);
    return status;
}

qst_status qsti_device_try(qst_ctx *ctx, const qsti_device_plan *plan, const qst_model *model, bool teacher,
                           qsti_column column, qst_noise_info *out)
{
    const job j = job_of(ctx, plan, teacher ? QSTI_TEACHER : QSTI_STUDENT, (qst_model *)model);
    qst_measurement *measurement = NULL;
    qst_measurement_info info;
    qst_status status = begin(&j, column, 1, &measurement);
    if (status != QST_OK)
        return status;
    qst_measurement_describe(measurement, &info);
    *out = info.noise;
    qst_measurement_free(measurement);
    return QST_OK;
}
