/* kinds.h: what knowledge may hold beside scores, for every row of its dataset. */
#ifndef QSTI_KNOWLEDGE_KINDS_H
#define QSTI_KNOWLEDGE_KINDS_H

#include "base/memory.h"

/* Expectation values of the teacher's circuit: K values of the words of a readout. */
typedef struct qsti_observables {
    char **words; /* (n_words) of qst_readout_parse() */
    size_t n_words, n_values;
    double *values; /* (rows, n_values); NULL: none */
} qsti_observables;

/* States of the teacher's circuit, global phase included. */
typedef struct qsti_states {
    size_t n_qubits;
    double *amplitudes; /* (rows, 2^n, 2) real and imaginary parts, qubit 0 the lowest bit; NULL: none */
} qsti_states;

/* What the teacher's scores are to its features. */
typedef struct qsti_input_gradients {
    size_t n_features;
    double *values; /* (rows, scores, n_features) dscore/dfeature, preprocessed; NULL: none */
} qsti_input_gradients;

void qsti_observables_clear(qst_ctx *ctx, qsti_observables *observables);

#endif
