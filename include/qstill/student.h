/* qstill/student.h: stage 4: a small model trained on the teacher's knowledge, and its control. */
#ifndef QSTILL_STUDENT_H
#define QSTILL_STUDENT_H

#include <qstill/data.h>
#include <qstill/knowledge.h>
#include <qstill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct qst_distill_opts {
    qst_loss loss;
    const double *temperatures; /* searched on validation together with alphas; of losses that have one */
    size_t n_temperatures;
    const double *alphas;
    size_t n_alphas;
    const qst_loss_plan *plan; /* further terms, schedules, parameters; NULL: none */
    double
        label_fraction; /* share of training (and validation) labels that are used, drawn stratified by seed; (0, 1] */
    bool initial_weights; /* start from the teacher's weights where names and shapes allow */
} qst_distill_opts;

/* One trained cell of the grid, as judged on the labelled validation rows. */
typedef struct qst_distill_cell {
    double temperature, alpha;
    double validation_accuracy, validation_loss;
    bool chosen;
} qst_distill_cell;

typedef struct qst_distill_result {
    qst_train_result train; /* of the chosen cell */
    double temperature, alpha;
    size_t n_labelled;       /* training rows with a label */
    qst_distill_cell *cells; /* temperatures x alphas; freed by qst_distill_result_clear() */
    size_t n_cells;
} qst_distill_result;
QST_API void qst_distill_result_clear(qst_ctx *ctx, qst_distill_result *result);

/* Trains the student once for every (temperature, alpha), from the same initial weights, with the same batches and
 * number of steps; the cell with the best validation accuracy is kept (ties: lower cross-entropy on validation, then
 * the earlier cell). The knowledge must belong to the dataset. The trainings go on side by side, as many as the
 * dataset's context has threads. train->checkpoint gets ".<cell>" behind it. */
QST_API qst_status qst_student_distill(const qst_dataset *dataset, const qst_knowledge *knowledge,
                                       const qst_model_opts *model, const qst_train_opts *train,
                                       const qst_distill_opts *opts, qst_model **out, qst_distill_result *out_result);

/* The control: the same student with the same data, initial weights, order, steps and selection, trained on labels
 * alone. `knowledge` gives the initial weights where opts->initial_weights asks for them and is used for nothing else;
 * NULL: none. */
QST_API qst_status qst_student_control(const qst_dataset *dataset, const qst_knowledge *knowledge,
                                       const qst_model_opts *model, const qst_train_opts *train,
                                       const qst_distill_opts *opts, qst_model **out, qst_train_result *out_result);

/* The floor: logistic regression (L2, C = 1, standardised inputs, L-BFGS), on the same labels. */
QST_API qst_status qst_student_floor(const qst_dataset *dataset, const qst_distill_opts *opts, uint64_t seed,
                                     qst_model **out);

#ifdef __cplusplus
}
#endif
#endif
