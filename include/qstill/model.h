/* qstill/model.h: the one interface of teachers and students, and the one training loop.
 *
 * A model maps preprocessed features (B, d) to scores (B, C). Teacher and student are roles, not types. Kinds:
 * `circuit` (a parametrised circuit, its readout, a classical head; with networks in front of it or behind it a
 * hybrid), `logistic` (a linear layer on the features), `network` with its short forms `mlp` and `cnn` (network.h), and
 * `linear_probe` (one of these, of which only the last linear layer is trained). `fourier` and `random_fourier` (sums
 * of cosines and sines) are students that are fitted to a teacher's answers.
 */
#ifndef QSTILL_MODEL_H
#define QSTILL_MODEL_H

#include <qstill/circuit.h>
#include <qstill/loss.h>
#include <qstill/measure.h>
#include <qstill/network.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What scores are, which decides how they become probabilities. */
typedef enum qst_score_kind {
#define QST_SCORE(name, about) QST_SCORE_##name,
#include <qstill/scores.def>
#undef QST_SCORE
    QST_SCORE_COUNT
} qst_score_kind;
QST_API const char *qst_score_kind_name(qst_score_kind kind);
QST_API bool qst_score_kind_find(const char *name, qst_score_kind *out);

/* How a readout's K values become C scores: heads.def. */
typedef enum qst_head {
#define QST_HEAD(name, about) QST_HEAD_##name,
#include <qstill/heads.def>
#undef QST_HEAD
    QST_HEAD_COUNT
} qst_head;

typedef struct qst_model qst_model;

typedef struct qst_model_opts {
    const char *kind;           /* "circuit" (NULL too), "logistic", "network", "mlp", "cnn", "linear_probe"; students
                                   also "fourier", "random_fourier" */
    qst_circuit_opts circuit;   /* features is set by the call */
    const char *const *outputs; /* words of qst_readout_parse(); NULL: {"z"} */
    size_t n_outputs;
    qst_head head;
    const qst_layer *before; /* circuit: a network in front of it, whose outputs are its features */
    size_t n_before;
    const qst_layer *after; /* circuit: a network behind its outputs, in place of the head; a dense layer to the scores
                               is added */
    size_t n_after;
    qst_network_opts network; /* the other kinds; its image also says what `before` takes */
    const char *inner;        /* linear_probe: the kind of the model inside; NULL: "circuit" */
    size_t frequencies;       /* random_fourier: how many; 0: 200 */
    double frequency_scale;   /* random_fourier: standard deviation of Gaussian ones */
    double ridge;             /* random_fourier: minimise 1/N |error|^2 + ridge |W|^2 */
    qst_precision precision;  /* of training; scores and verification are always double */
} qst_model_opts;

/* A model with the weights of qst_model_initialize(seed 0). n_scores: the number of classes, or of the teacher's
 * values. Errors: those of the circuit; ERR_USAGE for a layer that does not fit the one before it; ERR_MISMATCH when
 * the head cannot give n_scores, or features are no image. */
QST_API qst_status qst_model_create(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                                    qst_model **out);
/* A model from any circuit; on success it takes both. */
QST_API qst_status qst_model_from_circuit(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, qst_head head,
                                          size_t n_scores, qst_precision precision, qst_model **out);
QST_API void qst_model_free(qst_model *model);

/* Draws new weights: circuit angles uniform in [0, 2 pi), scales 1, shifts 0; head: W uniform in +-1/sqrt(K), b 0,
 * s = 0; logistic: 0; networks: W uniform in +-sqrt(6 / inputs) before relu, leaky_relu and gelu [he2015], else in
 * +-1/sqrt(inputs), b uniform in +-1/sqrt(inputs), scales 1, shifts 0. */
QST_API void qst_model_initialize(qst_model *model, uint64_t seed);

/* "circuit", "logistic", "network", or "hybrid": a circuit with networks. */
QST_API const char *qst_model_kind(const qst_model *model);
QST_API size_t qst_model_features(const qst_model *model);
QST_API size_t qst_model_scores_count(const qst_model *model);
QST_API qst_score_kind qst_model_score_kind(const qst_model *model);
/* Of all numbers that are saved, running statistics of batch_norm included; those come last. */
QST_API size_t qst_model_weights_count(const qst_model *model);
QST_API const double *qst_model_weights(const qst_model *model);
QST_API qst_status qst_model_set_weights(qst_model *model, const double *weights, size_t n);
QST_API const char *qst_model_class_name(const qst_model *model, size_t class_index); /* NULL when it has none */

/* Scores (B, C) of preprocessed features (B, d), in double. */
QST_API qst_status qst_model_scores(qst_model *model, qst_const_matrix x, qst_matrix out);
/* The same for raw inputs, as the data source has them: the stored preprocessing is applied first. */
QST_API qst_status qst_model_predict(qst_model *model, qst_const_matrix raw, qst_matrix out);
/* Scores to probabilities by their kind: softmax of logits and of expectations; exp; as they are. Rows sum to 1. */
QST_API qst_status qst_scores_to_probabilities(qst_ctx *ctx, qst_score_kind kind, qst_const_matrix scores,
                                               double temperature, qst_matrix out);

/* A model with a circuit, under conditions: its circuit's outputs measured, everything else as it is. The measurement
 * belongs to this model's circuit; it can be used with other weights. Errors: ERR_UNSUPPORTED for models without a
 * circuit, those of qst_measurement_create(). */
QST_API qst_status qst_model_measurement(const qst_model *model, const qst_measure_opts *opts, qst_measurement **out);
/* Scores (B, C) under these conditions, rows' shots as in qst_measurement_values(). */
QST_API qst_status qst_model_measured_scores(qst_model *model, qst_measurement *measurement, qst_const_matrix x,
                                             uint64_t seed, uint64_t first_row, qst_matrix out);
/* Scores (C) of one row from counts that came back: features (d) preprocessed. */
QST_API qst_status qst_model_scores_from_values(qst_model *model, const double *values, double *out_scores);

/* Scores of raw inputs as a device gives them: the stored preprocessing and all networks are exact, the circuit is
 * measured. */
typedef struct qst_predictor_opts {
    qst_measure_opts measure; /* what it borrows must outlive the predictor */
    uint64_t seed;            /* of shots and trajectories */
    size_t n_looks; /* adaptive shots: each row in so many portions, left as soon as qst_decided_by_margin() holds of
                     * its scores; 0: all shots */
    double alpha;   /* adaptive shots: the chance to leave a row at a wrong class */
} qst_predictor_opts;

typedef struct qst_predictor qst_predictor;

/* The model, whose weights may not change, must outlive it. Errors: ERR_UNSUPPORTED for models without a circuit, and
 * for adaptive shots without variances; ERR_USAGE (looks, alpha); those of qst_measurement_create(). */
QST_API qst_status qst_predictor_create(qst_model *model, const qst_predictor_opts *opts, qst_predictor **out);
QST_API void qst_predictor_free(qst_predictor *predictor);
/* What is run, for qst_measurement_describe(); borrowed. */
QST_API const qst_measurement *qst_predictor_measurement(const qst_predictor *predictor);
/* Whether scores have variances: they have none behind a network, and where a score is a sum of several outputs with
 * chosen scales, exponential extrapolation, or probabilities that are mitigated. */
QST_API bool qst_predictor_has_variances(const qst_predictor *predictor);
/* Scores (B, C) of raw inputs, and the variances (B, C) that their shots leave, covariances of the outputs included;
 * variances' data may be NULL. out_shots (B) = those used, of all circuits; may be NULL. Shots of row i are those of
 * (seed, first_row + i). Errors: ERR_MISMATCH on shapes; ERR_UNSUPPORTED for variances that there are not; those of
 * qst_measurement_values(). Cost: that of qst_measurement_values(); variances of sums take C outputs more. */
QST_API qst_status qst_predictor_scores(qst_predictor *predictor, qst_const_matrix raw, uint64_t first_row,
                                        qst_matrix out, qst_matrix variances, uint64_t *out_shots);

/* The correction of each output of a noisy student that is nearest to the teacher's: a_k, b_k at the least sum over
 * rows of (a_k student_k + b_k - teacher_k)^2; both (N, C). A student's column that does not vary has a = 1, b the
 * difference of the means. To be fitted on rows that nothing else is judged by. Errors: ERR_MISMATCH (shapes, no rows),
 * ERR_INPUT (a value that is not finite). */
QST_API qst_status qst_affine_fit(qst_ctx *ctx, qst_const_matrix teacher, qst_const_matrix student, double *out_a,
                                  double *out_b);

/* What a `circuit` model runs, borrowed; NULL for other kinds. */
QST_API const qst_circuit *qst_model_circuit(const qst_model *model);
QST_API const qst_readout *qst_model_readout(const qst_model *model);

/* Size: the circuit's counts (has_circuit false without one), parameters quantum (gate angles) and classical (head,
 * linear) apart. */
typedef struct qst_model_size {
    bool has_circuit;
    qst_circuit_counts circuit;
    size_t quantum_parameters, classical_parameters;
} qst_model_size;
QST_API void qst_model_measure(const qst_model *model, qst_model_size *out);

/* The artefact: FOLDER/model.json and FOLDER/model.safetensors (docs/formats.md); of a model with a circuit also
 * FOLDER/circuit.qasm for other tools, which is never read. */
QST_API qst_status qst_model_save(const qst_model *model, const char *folder);
QST_API qst_status qst_model_load(qst_ctx *ctx, const char *folder, qst_model **out);
/* SHA-256 over everything that decides its scores. */
QST_API qst_status qst_model_hash(const qst_model *model, char out[65]);

/* --- training ----------------------------------------------------------------------------------------------------- */

typedef enum qst_optimizer {
#define QST_OPTIMIZER(name, about) QST_OPTIMIZER_##name,
#include <qstill/optimizers.def>
#undef QST_OPTIMIZER
    QST_OPTIMIZER_COUNT
} qst_optimizer;

typedef enum qst_schedule {
#define QST_SCHEDULE(name, about) QST_SCHEDULE_##name,
#include <qstill/schedules.def>
#undef QST_SCHEDULE
    QST_SCHEDULE_COUNT
} qst_schedule;

typedef enum qst_selection {
    QST_SELECT_LAST, /* the weights after the last epoch */
    QST_SELECT_BEST  /* of the epoch with the best validation accuracy (ties: lower validation loss, then earlier) */
} qst_selection;

/* One more term of what is minimised: weight times a loss; of one with alpha the part that alpha multiplies. */
typedef struct qst_loss_term {
    qst_loss loss;
    double weight;                  /* > 0 */
    size_t first_epoch, last_epoch; /* when it counts, from 1, both included; last 0: to the end */
    double temperature;             /* where the loss uses it */
    qst_loss_parameters parameters;
} qst_loss_term;

/* What is minimised besides a loss at one temperature and alpha. Epochs as in qst_loss_term. */
typedef struct qst_loss_plan {
    qst_loss_parameters parameters; /* of the loss */
    size_t first_epoch, last_epoch; /* when the teacher's part of the loss counts; before and after it is ce */
    /* From temperature and alpha in the first epoch to the ends in the last. */
    qst_schedule temperature_schedule;
    double temperature_end;
    qst_schedule alpha_schedule;
    double alpha_end;
    const qst_loss_term *terms;
    size_t n_terms;
} qst_loss_plan;
/* Default parameters, all epochs, no schedules, no terms. */
QST_API qst_loss_plan qst_loss_plan_default(void);

/* How gradients are found where a circuit is trained from shots. */
typedef enum qst_shot_gradient {
    QST_SHOT_GRADIENT_SHIFT, /* the parameter-shift rule */
    QST_SHOT_GRADIENT_SPSA   /* two evaluations a step along a random direction [spall1992] */
} qst_shot_gradient;

/* How a model's circuit runs while it is trained. Without shots: through the noise, by gradients of EXACT or of
 * TRAJECTORIES, each step with errors of its own. With shots: every value and gradient from shots; what stands behind
 * the outputs has its exact gradient at the sampled values. Validation goes the same way, at strength 1. Mitigation is
 * for measuring: with shots its readout part, else none. What is drawn is that of (seed, step): a resumed training has
 * the bits of an uninterrupted one. */
typedef struct qst_training_conditions {
    qst_measure_opts measure;
    double strength_low, strength_high; /* of each step's noise, uniform, times measure's; both 0: 1 */
    qst_shot_gradient gradient;
    double spsa_step;            /* SPSA: half the distance of the two evaluations, in radians; 0: 0.1 */
    qst_schedule shots_schedule; /* from measure.shots in the first epoch to shots_end in the last */
    size_t shots_end;
    uint64_t budget_shots; /* training stops before the step that would go beyond; 0: no limit */
} qst_training_conditions;

typedef struct qst_train_opts {
    qst_loss loss;
    double temperature, alpha; /* where the loss uses them, see qst_loss_input */
    const qst_loss_plan *plan; /* NULL: qst_loss_plan_default(); lbfgs takes neither schedules nor epochs of its own */
    qst_optimizer optimizer;
    double learning_rate;
    qst_schedule schedule;
    double momentum;     /* sgd */
    double weight_decay; /* adam, adamw, sgd */
    double clip_norm;    /* 0: off; else the gradient's norm is cut to this */
    size_t batch, epochs;
    size_t patience; /* early stopping: epochs without a better validation loss; 0, or no validation: off */
    qst_selection select;
    size_t restarts; /* further trainings from other initial weights; the best on validation is kept, without validation
                        the one with the lowest training loss */
    uint64_t seed;
    const qst_training_conditions *conditions; /* NULL: exact, without noise. Models with a circuit only */
    const char *checkpoint;                    /* file to write; NULL: none */
    double checkpoint_every_s;
    bool resume;
} qst_train_opts;

/* Rows to learn from. `teacher` (N, C) scores of kind `teacher_kind`, NULL data: none. labels as in qst_loss_input. */
typedef struct qst_train_data {
    qst_const_matrix x;
    const int64_t *labels;
    qst_const_matrix teacher;
    qst_score_kind teacher_kind;
    qst_const_matrix teacher_states; /* (N, 2 2^n) of its circuit, Re and Im by turns; NULL data: none */
} qst_train_data;

typedef struct qst_train_result {
    size_t epochs, selected_epoch; /* 1-based */
    size_t steps;
    double train_loss, validation_loss, validation_accuracy; /* at the selected epoch; NaN without validation */
    double seconds;
    size_t divergences; /* steps taken back because of a non-finite value */
    uint64_t shots;     /* used, validation included; 0 without */
    bool out_of_shots;  /* budget_shots ended it; the last epoch may be of the batches before that alone */
} qst_train_result;

/* Shots that a training takes: for the given numbers of rows, all epochs and restarts, validation included; patience,
 * a budget and divergences aside. 0 where it takes none. Errors: those of qst_model_train() for its conditions. */
QST_API qst_status qst_train_shots(const qst_model *model, size_t n_train, size_t n_validation,
                                   const qst_train_opts *opts, uint64_t *out);

/* Trains from the model's present weights; leaves the selected ones in it. validation.x.data may be NULL (then the last
 * epoch is selected). Errors: ERR_MISMATCH, ERR_USAGE; ERR_UNSUPPORTED (conditions that the model, the optimizer or a
 * term cannot be trained under) and those of qst_place(), qst_program_compile() and qst_measurement_create(); ERR_INPUT
 * (a sample or a teacher's score that is not finite, a label out of range, a row the circuit cannot take); ERR_DIVERGED
 * after 5 halvings of the learning rate (the last good weights are in the model); ERR_INTERRUPTED (the checkpoint is
 * written); those of the checkpoint file. But for ERR_DIVERGED a failure leaves the model as it was. */
QST_API qst_status qst_model_train(qst_model *model, const qst_train_data *train, const qst_train_data *validation,
                                   const qst_train_opts *opts, qst_train_result *out);

#ifdef __cplusplus
}
#endif
#endif
