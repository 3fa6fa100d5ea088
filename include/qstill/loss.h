/* qstill/loss.h: the losses, on plain arrays.
 *
 * Scores are (N, C): logits, but for expectation_mse expectation values and for distribution_... probabilities. Sums
 * run over outputs, means over samples. Softmax is shifted by the maximum; terms with p_T = 0 are 0. Papers and
 * equations: docs/losses.md.
 */
#ifndef QSTILL_LOSS_H
#define QSTILL_LOSS_H

#include <qstill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_loss {
#define QST_LOSS(name, level, takes, needs_teacher, needs_labels, uses, about) QST_LOSS_##name,
#include <qstill/losses.def>
#undef QST_LOSS
    QST_LOSS_COUNT
} qst_loss;

/* The numbers of losses besides temperature and alpha: loss_parameters.def. */
typedef enum qst_loss_parameter {
#define QST_LOSS_PARAMETER(name, ...) QST_LOSS_PARAMETER_##name,
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
    QST_LOSS_PARAMETER_COUNT
} qst_loss_parameter;

typedef struct qst_loss_parameters {
#define QST_LOSS_PARAMETER(name, ...) double name;
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
} qst_loss_parameters;

/* Which numbers a loss reads, as bits. */
typedef enum qst_loss_use {
    QST_USES_temperature = 1 << QST_LOSS_PARAMETER_COUNT,
    QST_USES_alpha = 2 << QST_LOSS_PARAMETER_COUNT,
#define QST_LOSS_PARAMETER(name, ...) QST_USES_##name = 1 << QST_LOSS_PARAMETER_##name,
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
} qst_loss_use;

/* Temperatures are > 0 and at most this: T^2 KL keeps all its digits and is finite for every one of them. */
#define QST_TEMPERATURE_MAX 1e6

typedef enum qst_reduction { QST_REDUCE_MEAN, QST_REDUCE_SUM } qst_reduction;

/* What a loss is a function of: each sample alone, all samples of a batch, all pairs of them (O(N^2) memory). */
typedef enum qst_loss_level { QST_LEVEL_SAMPLE, QST_LEVEL_BATCH, QST_LEVEL_PAIRS } qst_loss_level;

/* What it takes. In training, scores are turned into it by their kind; SCORES: as they are. */
typedef enum qst_loss_takes {
    QST_TAKES_LOGITS,
    QST_TAKES_EXPECTATIONS,
    QST_TAKES_PROBABILITIES,
    QST_TAKES_SCORES,
    QST_TAKES_STATES /* of circuits: Re and Im of each amplitude by turns; of teacher and student as many as each has */
} qst_loss_takes;

typedef struct qst_loss_info {
    const char *name;
    qst_loss_level level;
    qst_loss_takes takes;
    bool needs_teacher;
    bool needs_labels; /* with a teacher and alpha only where alpha < 1 */
    unsigned uses;     /* qst_loss_use; with alpha it is (1 - alpha) CE + alpha (the rest) */
    const char *about;
} qst_loss_info;

QST_API const qst_loss_info *qst_loss_describe(qst_loss loss);
QST_API bool qst_loss_find(const char *name, qst_loss *out);

typedef struct qst_loss_parameter_info {
    const char *name;
    double low, high;
    bool low_open, high_open; /* the bound itself is outside */
    double fallback;
    const char *about;
} qst_loss_parameter_info;

QST_API const qst_loss_parameter_info *qst_loss_parameter_describe(qst_loss_parameter parameter);
QST_API qst_loss_parameters qst_loss_parameters_default(void);
/* The field of that number. */
QST_API double *qst_loss_parameter_at(qst_loss_parameters *parameters, qst_loss_parameter parameter);

typedef struct qst_loss_input {
    qst_const_matrix student; /* (N, C) */
    qst_const_matrix teacher; /* (N, C); data NULL where the loss needs none; of STATES any even number of columns */
    const int64_t *labels; /* (N), 0..C-1, or -1: this row has no label (its hard term is left out, and the hard term is
                              the mean over the rows that have one); NULL: none has */
    double temperature;    /* where the loss uses it: > 0, at most QST_TEMPERATURE_MAX */
    double alpha;          /* where the loss uses it: 0..1 */
    qst_reduction reduction;               /* over samples; SUM of a loss of batches or pairs is N times its value */
    const qst_loss_parameters *parameters; /* NULL: the defaults */
} qst_loss_input;

typedef struct qst_loss_terms {
    double loss; /* what is minimised */
    double hard; /* what stands on labels alone: cross-entropy, unweighted; NaN when not part of the loss */
    double
        soft; /* the other part, unweighted and without T^2 (KL at T, the squared error, ...); NaN when there is none */
    size_t n_skipped; /* rows or columns without a direction: their part of the soft term is 0 */
} qst_loss_terms;

/* Value and gradient dL/dstudent (N, C); gradient.data may be NULL. Allocates nothing for ce, kd and the squared
 * errors. kd per sample: (1-alpha)(softmax(z) - onehot) + alpha T (p_S - p_T);  mse: 2 (student - teacher) [hinton2015]
 * Errors: ERR_MISMATCH (shapes, a number of columns that the loss cannot take), ERR_USAGE (temperature, alpha, a
 * parameter, a missing part), ERR_INPUT (label out of range, value not finite, rows that are no distributions, a loss
 * too large for a number), ERR_LIMIT (more than 4096 columns), ERR_MEMORY. Cost O(N C); of pairs O(N^2 C), rkd_angle
 * O(N^3 C). */
QST_API qst_status qst_loss_evaluate(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, qst_loss_terms *out,
                                     qst_matrix gradient);

#ifdef __cplusplus
}
#endif
#endif
