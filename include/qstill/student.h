/* qstill/student.h: stage 4: a small model trained on the teacher's knowledge, and its controls. */
#ifndef QSTILL_STUDENT_H
#define QSTILL_STUDENT_H

#include <qstill/data.h>
#include <qstill/knowledge.h>
#include <qstill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the student is matched to beside the scores; each a further term of its loss, 0 leaves it out. Means over the
 * rows of a batch that belong to the dataset; docs/knowledge.md has the equations. */
typedef struct qst_match_opts {
    const char *const *observables; /* words of qst_readout_parse() on the teacher's circuit; NULL: none */
    size_t n_observables;
    double observables_weight; /* of the squared error of the student's outputs through the best linear map */
    double gradients;          /* of the squared error of input gradients */
    double states;             /* of 1 - fidelity of the states; both circuits, equal qubits */
    double processes;          /* of 1 - fidelity of the processes */
} qst_match_opts;

typedef struct qst_distill_opts {
    qst_loss loss;
    const double *temperatures; /* searched on validation together with alphas; of losses that have one */
    size_t n_temperatures;
    const double *alphas;
    size_t n_alphas;
    const qst_loss_plan *plan; /* further terms, schedules, parameters; NULL: none */
    double
        label_fraction; /* share of training (and validation) labels that are used, drawn stratified by seed; (0, 1] */
    double label_noise; /* share of those labels, in each class, that are replaced by another class, drawn by seed; [0,
                           1) */
    bool initial_weights; /* start from the teacher's weights where names and shapes allow */
    qst_match_opts match;
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

/* What is trained beside a student, so that a gain can be put down to the teacher: controls.def, docs/verify.md. */
typedef enum qst_control {
#define QST_CONTROL(name, label, about, excludes) QST_CONTROL_##name,
#include <qstill/controls.def>
#undef QST_CONTROL
    QST_CONTROL_COUNT
} qst_control;

typedef struct qst_control_info {
    const char *name;     /* "no_teacher", as in recipes and reports */
    const char *about;    /* "same student, labels only" */
    const char *excludes; /* "the student alone would do it" */
} qst_control_info;
QST_API const qst_control_info *qst_control_describe(qst_control control);

/* A set of controls: bit c for control c. */
typedef unsigned qst_controls;
#define QST_CONTROL_BIT(control) (1U << (control))
#define QST_CONTROLS_ALL         (QST_CONTROL_BIT(QST_CONTROL_COUNT) - 1)

/* The control no_teacher: the same student with the same data, initial weights, order, steps and selection, trained on
 * labels alone. `knowledge` gives the initial weights where opts->initial_weights asks for them and is used for nothing
 * else; NULL: none. */
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
