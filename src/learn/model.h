/* model.h: what every kind of model implements, and what all share.
 *
 * Weights are one flat array; a kind says how it lies. Scores come in blocks of rows, in lanes, to a function of the
 * caller's, from any thread and in any order; what that function adds to a block's sums is summed by a tree of fixed
 * shape, so results have the same bits for any number of threads. After the largest batch has been seen once, nothing
 * is allocated.
 */
#ifndef QSTI_LEARN_MODEL_H
#define QSTI_LEARN_MODEL_H

#include <qstill/model.h>

#include <qstill/simulate.h>

#include "base/artefact.h"
#include "learn/preprocess.h"

typedef struct qsti_model_type {
    const char *kind;
    void (*initialize)(qst_model *model, uint64_t seed);
    /* Scores in double: fn sees each block of rows once, values = scores (C, lanes), cotangents NULL. out_sums
     * (n_sums) = the sum over blocks. */
    qst_status (*evaluate)(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                           size_t n_sums, double *out_sums);
    /* The same in the model's precision, with a gradient: fn fills cotangents (C, lanes) = dL/dscores, finite, and
     * out_weights (n_weights) = sum_b cotangent_b . dscores_b/dweights. Errors: ERR_INPUT for rows that the model does
     * not take at these weights. */
    qst_status (*gradient)(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                           size_t n_sums, double *out_sums, double *out_weights);
    void (*measure)(const qst_model *model, qst_model_size *out);
    /* Adds the kind's own keys to the JSON of the artefact. */
    qst_status (*describe)(const qst_model *model, json_t *json);
    void (*release)(qst_model *model);
} qsti_model_type;

struct qst_model {
    qst_ctx *ctx;
    const qsti_model_type *type;
    size_t n_features, n_scores, n_weights;
    qst_score_kind score_kind;
    double *weights; /* (n_weights) */

    char **class_names;          /* (n_scores), or NULL */
    qsti_preprocess *preprocess; /* NULL: inputs are features */
    uint64_t seed;               /* of its initial weights */
    char data_hash[65];          /* of the dataset it was trained on; "" : none */

    void *inside; /* of the kind */
};

/* model_file.c: refuses a model of n weights when its JSON says otherwise: ERR_DAMAGED. For the kinds, before they
 * allocate. */
qst_status qsti_model_check_weights(qst_ctx *ctx, const char *where, const json_t *json, size_t n);

/* The kinds: built empty, then given their inside. Used by model_file.c. */
qst_status qsti_model_circuit_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);
qst_status qsti_model_logistic_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);
qst_status qsti_model_logistic_create(qst_ctx *ctx, size_t n_features, size_t n_scores, qst_model **out);

/* Allocates a model with zeroed weights. */
qst_status qsti_model_allocate(qst_ctx *ctx, const qsti_model_type *type, size_t n_features, size_t n_scores,
                               size_t n_weights, qst_score_kind kind, qst_model **out);

/* Says what a model belongs to; copies. */
qst_status qsti_model_set_classes(qst_model *model, const char *const *names, size_t n);
qst_status qsti_model_set_preprocess(qst_model *model, const qsti_preprocess *preprocess);

/* Weights that one model can give another: its circuit and head with their values. */
typedef struct qsti_weight_source {
    const qst_circuit *circuit;
    qst_head head;
    size_t n_values, n_scores; /* of the head */
    const double *weights;     /* circuit, then head */
} qsti_weight_source;

/* What a circuit model can give; false for other kinds. Borrowed. */
bool qsti_model_weight_source(const qst_model *model, qsti_weight_source *out);

/* Copies the weights that fit: those of the circuit when the source's circuit begins with the model's (the same gates,
 * qubits and angles in the same order), those of the head when its shape is the same. Gives the number copied. */
size_t qsti_model_adopt(qst_model *model, const qsti_weight_source *source);

/* How many weights a head has, for K values and C scores. */
size_t qsti_head_weights(qst_head head, size_t n_values, size_t n_scores);

/* The names of heads, as in recipes and files. */
const char *qsti_head_name(qst_head head);
bool qsti_head_find(const char *name, qst_head *out);

/* Below this a probability counts as this: never the logarithm of 0. */
#define QSTI_PROBABILITY_FLOOR 1e-12

/* out = ln of the probabilities that scores of this kind mean, up to a constant a row: what ce and kd take as logits.
 * out may be the scores. */
void qsti_scores_to_logits(qst_score_kind kind, const double *scores, size_t n, double *out);

#endif
