/* shift_rules.h: which angles of a circuit have weights, and by which shifted circuits their gradients come. */
#ifndef QSTI_MEASURE_SHIFT_RULES_H
#define QSTI_MEASURE_SHIFT_RULES_H

#include "circuit/circuit.h"

/* Terms of the derivative by one angle: sum over i of factor[i] f(angle + shift[i]). */
typedef struct qsti_shift_rule {
    size_t n;
    double shift[4], factor[4];
} qsti_shift_rule;

/* n = 0: the gate's angle has no effect on any value. */
const qsti_shift_rule *qsti_shift_rule_of(qst_gate gate, size_t angle);

/* One angle with a weight in it. */
typedef struct qsti_shift_place {
    size_t operation, angle;
    const qsti_shift_rule *rule;
} qsti_shift_place;

typedef struct qsti_shifts {
    qsti_shift_place *places; /* (n) */
    size_t n;
    size_t n_circuits; /* sum of the rules' terms */
} qsti_shifts;

/* Errors: ERR_MEMORY. */
qst_status qsti_shifts_find(qst_ctx *ctx, const qst_circuit *circuit, qsti_shifts *out);
void qsti_shifts_clear(qst_ctx *ctx, qsti_shifts *shifts);

/* The circuit with one more weight for each place, added to its angle. */
qst_status qsti_circuit_with_shifts(qst_ctx *ctx, const qst_circuit *circuit, const qsti_shifts *shifts,
                                    qst_circuit **out);

/* out_weights (P) += slope * d angle / d weight at a place. x: the row's features. */
void qsti_shift_chain(const qst_circuit *circuit, const qsti_shift_place *place, const double *weights, const double *x,
                      double slope, double *out_weights);

#endif
