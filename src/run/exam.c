/* exam.c: see exam.h. Scores become probabilities at T = 1 by their kind; everything is in double. */
#include "run/exam.h"

#include <math.h>
#include <string.h>

#include "learn/softmax.h"
#include "learn/temperature.h"
#include "run/device_exam.h"

qst_status qsti_exam_create(const qst_dataset *dataset, const qst_knowledge *knowledge, qsti_exam *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_exam exam = {.dataset = dataset, .knowledge = knowledge};
    QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    for (int split = 0; split < 3; split++) {
        QSTI_TRY(qsti_part_create(dataset, (qst_split)split, &exam.parts[split]));
        QSTI_TRY(qsti_part_gather(ctx, &exam.parts[split], qst_knowledge_scores(knowledge), &exam.teacher_p[split]));
        qst_matrix p = {exam.teacher_p[split], exam.parts[split].n, knowledge->n_scores};
        QSTI_TRY(qst_scores_to_probabilities(ctx, knowledge->kind, qst_const_view(p), 1.0, p));
    }
    *out = exam;
    return QST_OK;
done:
    qsti_exam_clear(&exam);
    return status;
}

void qsti_exam_clear(qsti_exam *exam)
{
    if (exam->dataset == NULL)
        return;
    for (int split = 0; split < 3; split++) {
        qsti_part_clear(exam->dataset->ctx, &exam->parts[split]);
        qsti_free(exam->dataset->ctx, exam->teacher_p[split]);
    }
    *exam = (qsti_exam){0};
}

void qsti_role_result_clear(qst_ctx *ctx, qsti_role_result *result)
{
    qsti_free(ctx, result->right);
    qsti_device_result_free(ctx, result->device);
    *result = (qsti_role_result){0};
}

qst_status qsti_role_result_copy(qst_ctx *ctx, const qsti_role_result *result, qsti_role_result *out)
{
    uint8_t *right = NULL;
    qst_status status = QSTI_NEW(ctx, result->test.n, &right);
    if (status != QST_OK)
        return status;
    memcpy(right, result->right, result->test.n);
    *out = *result;
    out->right = right;
    out->device = NULL;
    return QST_OK;
}

static qsti_size size_of(qst_model_size size)
{
    return (qsti_size){
        .has_circuit = size.has_circuit,
        .qubits = size.circuit.qubits,
        .depth = size.circuit.depth,
        .gates = size.circuit.gates,
        .two_qubit_gates = size.circuit.two_qubit_gates,
        .quantum_parameters = size.quantum_parameters,
        .classical_parameters = size.classical_parameters,
    };
}

qsti_size qsti_exam_size(const qst_model *model)
{
    qst_model_size size;
    qst_model_measure(model, &size);
    return size_of(size);
}

qsti_size qsti_exam_teacher_size(const qsti_exam *exam)
{
    return size_of(exam->knowledge->teacher_size);
}

/* --- measuring probabilities -------------------------------------------------------------------------------------- */

static double accuracy_of(const double *p, const qsti_part *part, size_t n_classes)
{
    size_t n_right = 0;
    for (size_t i = 0; i < part->n; i++)
        n_right += qsti_argmax(p + i * n_classes, n_classes) == (size_t)part->labels[i];
    return part->n ? (double)n_right / (double)part->n : NAN;
}

/* The labelled validation rows' probabilities and labels, gathered at the front of fresh arrays. */
static qst_status labelled_validation(const qsti_exam *exam, const double *p, double label_fraction, double **out_p,
                                      int64_t **out_labels, size_t *out_n)
{
    qst_status status = QST_OK;
    const qst_dataset *dataset = exam->dataset;
    const qsti_part *part = &exam->parts[QST_VALIDATION];
    size_t n_classes = dataset->n_classes, n = 0;
    QSTI_TRY(QSTI_NEW(dataset->ctx, part->n * n_classes, out_p));
    QSTI_TRY(QSTI_NEW(dataset->ctx, part->n, out_labels));
    memcpy(*out_labels, part->labels, part->n * sizeof **out_labels);
    QSTI_TRY(qsti_labels_mask(dataset->ctx, *out_labels, part->n, n_classes, label_fraction, dataset->seed,
                              QST_VALIDATION, NULL));
    QSTI_TRY(qsti_labels_disturb(dataset->ctx, *out_labels, part->n, n_classes, exam->label_noise, dataset->seed,
                                 QST_VALIDATION));
    for (size_t i = 0; i < part->n; i++) {
        if ((*out_labels)[i] < 0)
            continue;
        memcpy(*out_p + n * n_classes, p + i * n_classes, n_classes * sizeof **out_p);
        (*out_labels)[n++] = (*out_labels)[i];
    }
    *out_n = n;
done:
    return status;
}

/* Test ECE after a temperature fitted on the validation rows whose labels may be known. */
static qst_status scaled_ece(const qsti_exam *exam, double *const p[3], double label_fraction, double *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = exam->dataset->ctx;
    const qsti_part *test = &exam->parts[QST_TEST];
    size_t n_classes = exam->dataset->n_classes, n = 0;
    double *scaled = NULL, *validation = NULL;
    int64_t *labels = NULL;
    qsti_quality quality;
    *out = NAN;
    QSTI_TRY(labelled_validation(exam, p[QST_VALIDATION], label_fraction, &validation, &labels, &n));
    if (n == 0)
        goto done;
    double temperature = qsti_temperature_fit(validation, labels, n, n_classes);
    QSTI_TRY(QSTI_NEW(ctx, test->n * n_classes, &scaled));
    qsti_temperature_apply(p[QST_TEST], test->n, n_classes, temperature, scaled);
    QSTI_TRY(qsti_quality_measure(ctx, scaled, test->labels, test->n, n_classes, &quality));
    *out = quality.ece;
done:
    qsti_free(ctx, scaled);
    qsti_free(ctx, validation);
    qsti_free(ctx, labels);
    return status;
}

/* All that follows from probabilities on the three splits. */
static qst_status measure(const qsti_exam *exam, double *const p[3], bool is_teacher, double label_fraction,
                          qsti_role_result *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = exam->dataset->ctx;
    const qsti_part *test = &exam->parts[QST_TEST];
    size_t n_classes = exam->dataset->n_classes;
    qsti_role_result result = {.present = true, .last_epoch_accuracy = NAN, .knowledge_loss = NAN};
    QSTI_TRY(qsti_quality_measure(ctx, p[QST_TEST], test->labels, test->n, n_classes, &result.test));
    if (!is_teacher)
        QSTI_TRY(qsti_fidelity_measure(ctx, exam->teacher_p[QST_TEST], p[QST_TEST], test->labels, test->n, n_classes,
                                       &result.fidelity));
    result.train_accuracy = accuracy_of(p[QST_TRAIN], &exam->parts[QST_TRAIN], n_classes);
    result.validation_accuracy = accuracy_of(p[QST_VALIDATION], &exam->parts[QST_VALIDATION], n_classes);
    QSTI_TRY(scaled_ece(exam, p, label_fraction, &result.ece_scaled));
    QSTI_TRY(QSTI_NEW(ctx, test->n, &result.right));
    for (size_t i = 0; i < test->n; i++)
        result.right[i] = qsti_argmax(p[QST_TEST] + i * n_classes, n_classes) == (size_t)test->labels[i] ? 1 : 0;
    *out = result;
    return QST_OK;
done:
    qsti_role_result_clear(ctx, &result);
    return status;
}

qst_status qsti_exam_teacher(const qsti_exam *exam, qsti_role_result *out)
{
    return measure(exam, exam->teacher_p, true, 1.0, out);
}

/* --- measuring models --------------------------------------------------------------------------------------------- */

static qst_status probabilities_of(const qsti_exam *exam, qst_model *model, qst_split split, double **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = exam->dataset->ctx;
    const qsti_part *part = &exam->parts[split];
    qst_matrix p = {NULL, part->n, exam->dataset->n_classes};
    QSTI_TRY(QSTI_NEW(ctx, p.n_rows * p.n_cols, &p.data));
    if (part->n > 0) {
        QSTI_TRY(qst_model_scores(model, qsti_part_x(part), p));
        QSTI_TRY(qst_scores_to_probabilities(ctx, qst_model_score_kind(model), qst_const_view(p), 1.0, p));
    }
    *out = p.data;
    p.data = NULL;
done:
    qsti_free(ctx, p.data);
    return status;
}

/* Test accuracy with the weights after the last epoch. */
static qst_status last_epoch(const qsti_exam *exam, qst_model *model, const double *last, double *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = exam->dataset->ctx;
    double *p = NULL, *selected = NULL;
    size_t n = model->n_weights;
    QSTI_TRY(QSTI_NEW(ctx, n, &selected));
    memcpy(selected, model->weights, n * sizeof *selected);
    memcpy(model->weights, last, n * sizeof *last);
    status = probabilities_of(exam, model, QST_TEST, &p);
    memcpy(model->weights, selected, n * sizeof *selected);
    if (status == QST_OK)
        *out = accuracy_of(p, &exam->parts[QST_TEST], exam->dataset->n_classes);
done:
    qsti_free(ctx, p);
    qsti_free(ctx, selected);
    return status;
}

static qst_status loss_on_test(const qsti_exam *exam, qst_model *model, const qst_train_opts *loss, double *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = exam->dataset->ctx;
    const qsti_part *test = &exam->parts[QST_TEST];
    qsti_objective objective = {0};
    qsti_judgement judgement;
    double *scores = NULL;
    QSTI_TRY(qsti_part_gather(ctx, test, qst_knowledge_scores(exam->knowledge), &scores));
    qst_train_data data = {.x = qsti_part_x(test),
                           .labels = test->labels,
                           .teacher = {scores, test->n, exam->knowledge->n_scores},
                           .teacher_kind = exam->knowledge->kind};
    QSTI_TRY(qsti_objective_init(model, &data, loss, test->n, &objective));
    QSTI_TRY(qsti_objective_judge(&objective, model->weights, &judgement));
    *out = judgement.loss;
done:
    qsti_objective_clear(&objective);
    qsti_free(ctx, scores);
    return status;
}

qst_status qsti_exam_model(const qsti_exam *exam, qst_model *model, double label_fraction,
                           const qsti_train_outcome *outcome, const qst_train_opts *loss, qsti_role_result *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = exam->dataset->ctx;
    double *p[3] = {NULL, NULL, NULL};
    qsti_role_result result = {0};
    for (int split = 0; split < 3; split++)
        QSTI_TRY(probabilities_of(exam, model, (qst_split)split, &p[split]));
    QSTI_TRY(measure(exam, p, false, label_fraction, &result));
    if (outcome != NULL) {
        result.epochs = outcome->result.epochs;
        result.selected_epoch = outcome->result.selected_epoch;
        QSTI_TRY(last_epoch(exam, model, outcome->last, &result.last_epoch_accuracy));
    }
    if (loss != NULL)
        QSTI_TRY(loss_on_test(exam, model, loss, &result.knowledge_loss));
    *out = result;
    result.right = NULL;
done:
    qsti_role_result_clear(ctx, &result);
    for (int split = 0; split < 3; split++)
        qsti_free(ctx, p[split]);
    return status;
}
