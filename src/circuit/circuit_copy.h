/* circuit_copy.h: copies of circuits and readouts, for those that must outlive what they were made from. */
#ifndef QSTI_CIRCUIT_CIRCUIT_COPY_H
#define QSTI_CIRCUIT_CIRCUIT_COPY_H

#include "circuit/circuit.h"

/* All is made in `ctx`, which need not be that of the original. Errors: ERR_MEMORY. */
qst_status qsti_circuit_copy(qst_ctx *ctx, const qst_circuit *circuit, qst_circuit **out);
qst_status qsti_readout_copy(qst_ctx *ctx, const qst_readout *readout, qst_readout **out);

/* Adds the weights of another circuit, in their order and with their roles. Errors: those of the builder. */
qst_status qsti_circuit_add_weights_of(qst_circuit_builder *builder, const qst_circuit *circuit);
/* The same with its operations. */
qst_status qsti_circuit_add_operations_of(qst_circuit_builder *builder, const qst_circuit *circuit);

/* Begins a circuit with the qubits, features, preparation and weights of another, and `n_more` weights behind them. */
qst_status qsti_circuit_begin_like(qst_ctx *ctx, const qst_circuit *circuit, size_t n_more, qst_circuit_builder **out);

#endif
