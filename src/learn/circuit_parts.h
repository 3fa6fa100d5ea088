/* circuit_parts.h: what a model with a circuit is made of, for those who write it down elsewhere:
 *
 *   features -> before -> circuit -> readout -> head, or after in its place -> scores
 */
#ifndef QSTI_LEARN_CIRCUIT_PARTS_H
#define QSTI_LEARN_CIRCUIT_PARTS_H

#include "learn/model.h"

/* All of it borrowed from the model. */
typedef struct qsti_circuit_parts {
    const qst_circuit *circuit;
    const qst_readout *readout;
    const double *weights; /* of the circuit */
    qst_head head;
    const double *head_weights;              /* as qsti_head_weights() has them */
    const qsti_network_spec *before, *after; /* NULL: none */
    qsti_network_weights before_weights, after_weights;
} qsti_circuit_parts;

/* Of a circuit, of a hybrid and of a probe of a circuit; false for models without a circuit. */
bool qsti_model_circuit_parts(const qst_model *model, qsti_circuit_parts *out);

/* model_hybrid.c: the same for hybrids only. */
bool qsti_model_hybrid_parts(const qst_model *model, qsti_circuit_parts *out);
/* model_hybrid.c: features of the circuit (N, circuit's) from features of the model (N, d): what `before` gives, where
 * there is one. */
qst_status qsti_model_circuit_features(qst_model *model, qst_const_matrix x, qst_matrix out);

/* The model of kind circuit inside: a circuit itself, a hybrid's, a probe's; NULL: there is none. */
qst_model *qsti_model_circuit_core(qst_model *model);
/* model_hybrid.c: the same of a hybrid; NULL for other kinds. */
qst_model *qsti_model_hybrid_core(const qst_model *model);
/* model_circuit.c: in which its circuit is trained. */
qst_precision qsti_model_circuit_precision(const qst_model *core);

/* measured.c: qst_model_measured_scores(), and with them the circuit's outputs and their variances (N, outputs) where
 * there is room for them. */
qst_status qsti_model_measured(qst_model *model, qst_measurement *measurement, qst_const_matrix x, uint64_t seed,
                               uint64_t first_row, qst_matrix out, qst_matrix outputs, qst_matrix variances);

/* Which trained weights act on the circuit's outputs, 1, and which behind them, 0: out (n_trained). */
void qsti_model_ahead_of_outputs(const qst_model *model, double *out);
/* model_hybrid.c: the weights of `before`, [first, first + n); n 0 where there is none. */
void qsti_model_hybrid_before(const qst_model *model, size_t *out_first, size_t *out_n);

#endif
