/* model.h: what every kind of model implements, and what all share.
 *
 * Weights are one flat array, [trained | buffers]; a kind says how each part lies. Optimisers move the trained part;
 * buffers (running statistics of batch_norm) are moved by the model after a step, kept and saved with the rest, and
 * are no parameters. Scores come in blocks of rows, in lanes, to a function of the
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
#include "learn/softmax.h"
#include "net/network.h"

/* A training pass over rows x (B, d) at `weights`, in the model's precision: fn sees each block of rows once and fills
 * its cotangents (C, lanes) = dL/dscores, finite. */
typedef struct qsti_pass {
    const double *weights; /* (n_weights) */
    qst_const_matrix x;
    qst_block_fn *fn;
    void *user;
    size_t n_sums;
    double *out_sums;    /* (n_sums): the sum over blocks of what fn leaves */
    double *out_weights; /* (n_trained) = sum_b cotangent_b . dscores_b/dweights */
    qst_matrix out_x;    /* (B, d) = dL/dx; data NULL: not wanted */
} qsti_pass;

/* Between forward and backward: scores (B, C) of all rows, cotangents (B, C) to be filled with dL/dscores. Called once,
 * on the caller's thread; a failure ends the pass. */
typedef qst_status qsti_batch_fn(void *user, qst_const_matrix scores, qst_matrix cotangents);

typedef struct qsti_model_type {
    const char *kind;
    void (*initialize)(qst_model *model, uint64_t seed);
    /* Scores in double, as inference: fn sees each block of rows once, values = scores (C, lanes), cotangents NULL.
     * out_sums (n_sums) = the sum over blocks. */
    qst_status (*evaluate)(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                           size_t n_sums, double *out_sums);
    /* The same from the outputs (B, K) of the model's circuit, without sums. NULL: without a circuit. */
    qst_status (*evaluate_values)(qst_model *model, const double *weights, qst_const_matrix values, qst_block_fn *fn,
                                  void *user);
    /* Errors: ERR_INPUT for rows that the model does not take at these weights. */
    qst_status (*gradient)(qst_model *model, const qsti_pass *pass);
    /* The same for losses that need all rows at once. out_weights and out_x as in qsti_pass. */
    qst_status (*gradient_whole)(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                 void *user, double *out_weights, qst_matrix out_x);
    /* NULL where nothing is ever drawn and there are no buffers; see qsti_model_begin_step() and qsti_model_end_step().
     */
    void (*begin_step)(qst_model *model, uint64_t seed, uint64_t step);
    void (*end_step)(qst_model *model, double *weights);
    void (*measure)(const qst_model *model, qst_model_size *out);
    /* Adds the kind's own keys to the JSON of the artefact. */
    qst_status (*describe)(const qst_model *model, json_t *json);
    void (*release)(qst_model *model);
} qsti_model_type;

struct qst_model {
    qst_ctx *ctx;
    const qsti_model_type *type;
    size_t n_features, n_scores;
    size_t n_trained, n_weights; /* n_trained <= n_weights: [trained | buffers] */
    qst_score_kind score_kind;
    bool is_random;  /* a training pass depends on more than rows and weights: dropout, batch statistics */
    double *weights; /* (n_weights) */

    char **class_names;          /* (n_scores), or NULL */
    qsti_preprocess *preprocess; /* NULL: inputs are features */
    uint64_t seed;               /* of its initial weights */
    char data_hash[65];          /* of the dataset it was trained on; "" : none */

    double *whole;  /* (2, rows, n_scores): scores and cotangents, see qsti_model_reserve_whole() */
    size_t n_whole; /* numbers allocated */

    void *inside; /* of the kind */
};

/* Before a training pass: what it draws (masks of dropout) is that of (seed, step, position in the batch, unit),
 * whatever was drawn before. */
void qsti_model_begin_step(qst_model *model, uint64_t seed, uint64_t step);
/* After a step: moves the buffers of `weights` by what the last training pass has seen. */
void qsti_model_end_step(qst_model *model, double *weights);

/* What a block is given for all rows at once: its scores go into a matrix (B, C); its cotangents come from one. user:
 * the qst_matrix. */
void qsti_model_store_scores(void *user, const qst_block *block);
void qsti_model_give_cotangents(void *user, const qst_block *block);

/* Room for the scores and cotangents of so many rows, kept from pass to pass. */
qst_status qsti_model_reserve_whole(qst_model *model, size_t n_rows, qst_matrix *out_scores,
                                    qst_matrix *out_cotangents);

/* gradient_whole() for kinds whose forward pass is cheap: scores of all rows by `forward`, fn, then a pass of
 * gradient() with fn's cotangents. forward is of evaluate()'s form, in the precision of training. */
typedef qst_status qsti_forward_fn(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                   void *user, size_t n_sums, double *out_sums);
qst_status qsti_model_two_passes(qst_model *model, qsti_forward_fn *forward, const double *weights, qst_const_matrix x,
                                 qsti_batch_fn *fn, void *user, double *out_weights, qst_matrix out_x);

/* model_file.c: refuses a model of n weights when its JSON says otherwise: ERR_DAMAGED. For the kinds, before they
 * allocate. */
qst_status qsti_model_check_weights(qst_ctx *ctx, const char *where, const json_t *json, size_t n);

/* The kinds: built empty, then given their inside. Used by model_file.c. */
qst_status qsti_model_circuit_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);
qst_status qsti_model_logistic_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);
qst_status qsti_model_logistic_create(qst_ctx *ctx, size_t n_features, size_t n_scores, qst_model **out);

qst_status qsti_model_network_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);
qst_status qsti_model_network_create(qst_ctx *ctx, const qsti_network_spec *spec, qst_precision precision,
                                     qst_model **out);

/* Takes core (of kind circuit) and networks, NULL: none, on success. Errors: ERR_MISMATCH where their sizes differ. */
qst_status qsti_model_hybrid_create(qst_ctx *ctx, qst_model *core, qsti_network *before, qsti_network *after,
                                    qst_model **out);
qst_status qsti_model_hybrid_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);

/* The network of a `network` model, borrowed; NULL for other kinds. */
const qsti_network_spec *qsti_model_network(const qst_model *model);

/* Allocates a model with zeroed weights, all of them trained. */
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

/* out = ln of the probabilities that scores of this kind mean, up to a constant a row: what ce and kd take as logits.
 * out may be the scores. */
void qsti_scores_to_logits(qst_score_kind kind, const double *scores, size_t n, double *out);

#endif
