/* preprocess_parts.h: what is inside a chain of preprocessing. For the files preprocess*.c, and for those who write a
 * chain down as a program. */
#ifndef QSTI_LEARN_PREPROCESS_PARTS_H
#define QSTI_LEARN_PREPROCESS_PARTS_H

#include "learn/preprocess.h"

#define QSTI_MAX_STEPS        64
#define QSTI_MAX_STEP_TENSORS 2
#define QSTI_STEP_PREFIX      "preprocess."

/* A kind of step: its label in recipes, and the names of its fitted tensors. */
typedef struct qsti_step_info {
    const char *label;
    size_t n_arguments, n_tensors;
    const char *tensors[QSTI_MAX_STEP_TENSORS];
} qsti_step_info;
const qsti_step_info *qsti_step_describe(qst_step_kind kind);

typedef struct qsti_step {
    qst_step_kind kind;
    double arguments[2];
    size_t n_in, n_out;
    /* pca: mean (n_in), components (n_out, n_in); standardize: mean, deviation (n_in); range: minimum, maximum (n_in).
     */
    double *tensors[QSTI_MAX_STEP_TENSORS];
    char names[QSTI_MAX_STEP_TENSORS][48]; /* "preprocess.0.mean" */
    double *by_input;                      /* pca: (n_in, n_out), its components transposed */
} qsti_step;

struct qsti_preprocess {
    qst_ctx *ctx;
    size_t n_in, n_steps;
    qsti_step *steps;
};

qst_status qsti_preprocess_create(qst_ctx *ctx, size_t n_in, size_t n_steps, qsti_preprocess **out);

/* Checks kind and arguments and finds n_out for s->n_in. Errors: ERR_USAGE (arguments), ERR_MISMATCH (the step does not
 * fit n_in columns), ERR_LIMIT (a matrix that cannot be addressed). */
qst_status qsti_step_check(qst_ctx *ctx, qsti_step *s);

/* Memory for what a step fits, and the names, for place `index` of a chain. */
qst_status qsti_step_allocate(qst_ctx *ctx, size_t index, qsti_step *s);
size_t qsti_step_tensor_size(const qsti_step *s, size_t tensor);

/* To be called once the tensors are filled. */
void qsti_step_finish(qsti_step *s);

/* out (N, n_out of the last step) from in (N, n_in of the first); ERR_INPUT when a result is not finite. */
qst_status qsti_steps_apply(qst_ctx *ctx, const qsti_step *steps, size_t n_steps, qst_const_matrix in, qst_matrix out);

/* Fits a step whose memory is there to the rows of x. */
qst_status qsti_step_fit(qst_ctx *ctx, qsti_step *s, qst_const_matrix x);

#endif
