/* polynomial.h: expressions as polynomials of degree <= 2 in the parameters of an assembly. */
#ifndef QSTI_ASSEMBLY_POLYNOMIAL_H
#define QSTI_ASSEMBLY_POLYNOMIAL_H

#include <qstill/assembly.h>

#include "base/memory.h"

/* A number, or terms[first .. first + n_terms) of the pool: no two with the same variables, none of them zero, of the
 * two variables the constant second. */
typedef struct qsti_value {
    bool is_number;
    double number;
    size_t first, n_terms;
} qsti_value;

/* A stack of terms; what is on top may be dropped by setting n_terms. Zero it to begin, but for ctx. */
typedef struct qsti_polynomials {
    qst_ctx *ctx;
    qst_term *terms;
    size_t n_terms, capacity;
    qsti_value *operands;
    size_t n_operands, operands_capacity;
    struct qsti_ranked_term *ranked; /* for sorting */
    size_t ranked_capacity;
    uint64_t work; /* terms written so far */
} qsti_polynomials;

void qsti_polynomials_clear(qsti_polynomials *pool);

/* What VARIABLE i stands for: values[i]; without them numbers[i]; without these parameter i itself. */
typedef struct qsti_scope {
    const qsti_value *values;
    const double *numbers;
} qsti_scope;

/* What a checked expression is; its terms are new ones on top of the pool, or those of the variable that it names and
 * nothing else. Errors: ERR_UNSUPPORTED for what is no polynomial of degree <= 2, ERR_INPUT for what is not finite,
 * ERR_LIMIT for one of more than 65,536 terms, or too much work in all. */
qst_status qsti_polynomial_of(qsti_polynomials *pool, const qst_expression *expression, qsti_scope scope,
                              qsti_value *out);

/* Pushes sum_i coefficient[i] * values[i] + constant; number values stay exact when they are alone and the coefficient
 * is 1 or -1. */
qst_status qsti_polynomial_combine(qsti_polynomials *pool, const qsti_value *values, const double *coefficients,
                                   size_t n, double constant, qsti_value *out);

#endif
