/* expression.h: angles in postfix order, looked at token by token. */
#ifndef QSTI_ASSEMBLY_EXPRESSION_H
#define QSTI_ASSEMBLY_EXPRESSION_H

#include <qstill/assembly.h>

/* How many operands an operator takes: 0, 1 or 2; -1 for what is none. */
int qsti_operator_operands(qst_operator kind);
/* What it is called in OpenQASM: "sin", "+"; "number", "variable". */
const char *qsti_operator_name(qst_operator kind);
/* The value of an operator at its operands; b is not looked at when it takes one. */
double qsti_operator_apply(qst_operator kind, double a, double b);

/* Whether it is well-formed, with at most n_variables variables and finite numbers; else what is wrong. A failure is
 * "WHAT: ..." ERR_INPUT, or ERR_LIMIT for one that is nested too deep. *out_free: it names a variable. */
qst_status qsti_expression_check(qst_ctx *ctx, const char *what, const qst_expression *expression, size_t n_variables,
                                 bool *out_free);

#endif
