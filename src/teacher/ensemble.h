/* ensemble.h: several teachers as one: the mean of their probabilities. */
#ifndef QSTI_TEACHER_ENSEMBLE_H
#define QSTI_TEACHER_ENSEMBLE_H

#include "learn/oracle.h"

/* Of n >= 1 members, which must take the same inputs and give as many scores; on success it takes them (members[] is
 * the caller's). Its scores are probabilities at T = 1; its size is the sum of the members' but for qubits and depth,
 * the largest of them. Errors: ERR_MISMATCH (inputs or scores differ). */
qst_status qsti_ensemble_create(qst_ctx *ctx, qsti_oracle *const *members, size_t n, qsti_oracle **out);

#endif
