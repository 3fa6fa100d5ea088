/* final_outcomes.h: outcomes of measurements at the end, from the probabilities of basis states, bits being misread. */
#ifndef QSTI_SIM_FINAL_OUTCOMES_H
#define QSTI_SIM_FINAL_OUTCOMES_H

#include <qstill/execute.h>

#define QSTI_FINAL_PLACES 30
#define QSTI_NO_PLACE     UINT8_MAX /* a qubit that no gate touches: a |0> */

/* A qubit measured into a bit, which is read by confusion[2 * true + read]. Each bit and each qubit at most once. */
typedef struct qsti_misread_final {
    uint8_t place;
    uint32_t bit;
    double confusion[4];
} qsti_misread_final;

typedef struct qsti_final_source {
    qst_ctx *ctx;
    const qst_assembly *assembly;
    const double *probabilities; /* (2^n_places) */
    size_t n_places;
    const uint8_t *qubit_places; /* (n_qubits) of the assembly's qubits */
    size_t n_qubits;
    const qsti_misread_final *finals;
    size_t n_finals;
    bool measures; /* the assembly does; else the outcomes are of the finals */
} qsti_final_source;

/* n_shots 0: exact. Errors: ERR_LIMIT for more than 2^24 outcomes with exact probabilities, ERR_MEMORY. */
qst_status qsti_final_outcomes(const qsti_final_source *from, size_t n_shots, uint64_t seed, qst_outcomes **out);

#endif
