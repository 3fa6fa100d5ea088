/* match.h: what a student is matched to beside its scores: a teacher's observables, input gradients, states, processes.
 *
 * Each is a term of its own that a training step adds to the objective's loss and gradient, computed by passes of its
 * own over the batch. Terms look at the training rows that have such knowledge, which are the first ones; where a batch
 * has none of them they are 0.
 */
#ifndef QSTI_LEARN_MATCH_H
#define QSTI_LEARN_MATCH_H

#include "learn/model.h"

/* Knowledge of the first n_rows training rows, and the weight of each term; 0: left out. All is borrowed. */
typedef struct qsti_match_data {
    size_t n_rows;
    qst_const_matrix observables; /* (n_rows, K) expectation values */
    double observables_weight;
    qst_const_matrix gradients; /* (n_rows, C d) dscore/dfeature of scores of kind `kind` */
    qst_score_kind kind;
    double gradients_weight;
    const qst_circuit *circuit; /* the teacher's, with its weights */
    const double *circuit_weights;
    double states_weight, processes_weight;
} qsti_match_data;

bool qsti_match_data_any(const qsti_match_data *data);

typedef struct qsti_match qsti_match;

/* For a student that is trained on rows x in batches of at most `batch`, with directions drawn by `seed`. Errors:
 * ERR_MISMATCH (a student that cannot be matched so, saying why), ERR_USAGE (batches too small for the linear map),
 * those of qsti_circuit_overlap(). */
qst_status qsti_match_create(qst_model *model, qst_precision precision, qst_const_matrix x, size_t batch, uint64_t seed,
                             const qsti_match_data *data, qsti_match **out);
void qsti_match_free(qsti_match *match);

/* Adds the terms of these rows at `weights` to loss and gradient (n_trained). `step`: which directions are drawn. */
qst_status qsti_match_add(qsti_match *match, const double *weights, const size_t *rows, size_t n_rows, uint64_t step,
                          double *loss, double *gradient);

/* Adds all that decides the terms to a hash. */
void qsti_match_hash(const qsti_match *match, qsti_hasher *hasher);

/* --- the terms, each in a file of its own: value and cotangents of a batch ---------------------------------------- */

/* match_observables.c: the values (B, q) of a readout, mapped by the best linear map with a constant, against targets
 * (B, K): mean over rows of |[v 1] A - t|^2 + ridge |A|^2 at its minimum over A. work: qsti_linear_map_work(). */
size_t qsti_linear_map_work(size_t n_rows, size_t n_values, size_t n_targets);
double qsti_linear_map_loss(qst_const_matrix values, const double *targets, size_t n_targets, double weight,
                            double *work, qst_matrix cotangents);

#endif
