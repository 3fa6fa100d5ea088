/* outcomes.h: what executions of an assembly gave: a table of keys, filled in any order and then sorted. */
#ifndef QSTI_SIM_OUTCOMES_H
#define QSTI_SIM_OUTCOMES_H

#include <qstill/execute.h>

struct qst_outcomes {
    qst_ctx *ctx;
    size_t n_bits, n_words; /* of a key: words of 64 bits, bit 0 in the first */
    uint64_t *keys;         /* (n, n_words) */
    uint64_t *counts;       /* (n); with shots */
    double *probabilities;  /* (n) */
    size_t n, n_reserved;
    uint64_t n_shots; /* 0: exact */
    double *expectations;
    size_t *ends; /* ascending: a blank stands between bits ends[i]-1 and ends[i] of a key */
    size_t n_ends;
    bool branched;
};

/* Empty, for keys of the assembly's bits, or of its qubits. */
qst_status qsti_outcomes_create(qst_ctx *ctx, const qst_assembly *assembly, bool of_qubits, uint64_t n_shots,
                                qst_outcomes **out);
/* Adds to the table; the same key may come again. */
qst_status qsti_outcomes_add(qst_outcomes *outcomes, const uint64_t *key, uint64_t count, double probability);
/* Sorts, and makes one of equal keys. */
qst_status qsti_outcomes_finish(qst_outcomes *outcomes);

#endif
