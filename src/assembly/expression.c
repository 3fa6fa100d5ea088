/* expression.c: real expressions in postfix order: what they are worth, and whether they are well-formed.
 *
 * A stack of operands, as deep as the expression is nested: bounded, so that no allocation is needed.
 *
 * Not here: expressions as polynomials (polynomial.c) and as text (the languages'). */
#include "assembly/expression.h"

#include <math.h>

#include "base/status.h"

static const struct {
    int n_operands;
    const char *name;
} operators[] = {
    [QST_OPERATOR_NUMBER] = {0, "number"}, [QST_OPERATOR_VARIABLE] = {0, "variable"},
    [QST_OPERATOR_ADD] = {2, "+"},         [QST_OPERATOR_SUBTRACT] = {2, "-"},
    [QST_OPERATOR_MULTIPLY] = {2, "*"},    [QST_OPERATOR_DIVIDE] = {2, "/"},
    [QST_OPERATOR_POWER] = {2, "^"},       [QST_OPERATOR_NEGATE] = {1, "neg"},
    [QST_OPERATOR_SIN] = {1, "sin"},       [QST_OPERATOR_COS] = {1, "cos"},
    [QST_OPERATOR_TAN] = {1, "tan"},       [QST_OPERATOR_EXP] = {1, "exp"},
    [QST_OPERATOR_LN] = {1, "ln"},         [QST_OPERATOR_SQRT] = {1, "sqrt"},
    [QST_OPERATOR_ARCSIN] = {1, "arcsin"}, [QST_OPERATOR_ARCCOS] = {1, "arccos"},
    [QST_OPERATOR_ARCTAN] = {1, "arctan"},
};

int qsti_operator_operands(qst_operator kind)
{
    return (size_t)kind < sizeof operators / sizeof *operators ? operators[kind].n_operands : -1;
}

const char *qsti_operator_name(qst_operator kind)
{
    return (size_t)kind < sizeof operators / sizeof *operators ? operators[kind].name : NULL;
}

double qsti_operator_apply(qst_operator kind, double a, double b)
{
    switch (kind) {
    case QST_OPERATOR_ADD:
        return a + b;
    case QST_OPERATOR_SUBTRACT:
        return a - b;
    case QST_OPERATOR_MULTIPLY:
        return a * b;
    case QST_OPERATOR_DIVIDE:
        return a / b;
    case QST_OPERATOR_POWER:
        return pow(a, b);
    case QST_OPERATOR_NEGATE:
        return -a;
    case QST_OPERATOR_SIN:
        return sin(a);
    case QST_OPERATOR_COS:
        return cos(a);
    case QST_OPERATOR_TAN:
        return tan(a);
    case QST_OPERATOR_EXP:
        return exp(a);
    case QST_OPERATOR_LN:
        return log(a);
    case QST_OPERATOR_SQRT:
        return sqrt(a);
    case QST_OPERATOR_ARCSIN:
        return asin(a);
    case QST_OPERATOR_ARCCOS:
        return acos(a);
    case QST_OPERATOR_ARCTAN:
        return atan(a);
    case QST_OPERATOR_NUMBER:
    case QST_OPERATOR_VARIABLE:
        break;
    }
    return NAN;
}

double qst_expression_value(const qst_expression *expression, const double *variables)
{
    double stack[QST_EXPRESSION_MAX_DEPTH];
    size_t depth = 0;

    for (size_t i = 0; i < expression->n_tokens; i++) {
        const qst_token *token = &expression->tokens[i];
        int n_operands = qsti_operator_operands(token->kind);
        if (n_operands == 0) {
            if (depth == QST_EXPRESSION_MAX_DEPTH)
                return NAN;
            stack[depth++] = token->kind == QST_OPERATOR_NUMBER ? token->number : variables[token->variable];
            continue;
        }
        if (n_operands < 0 || depth < (size_t)n_operands)
            return NAN;
        if (n_operands == 2)
            depth--;
        stack[depth - 1] = qsti_operator_apply(token->kind, stack[depth - 1], n_operands == 2 ? stack[depth] : 0);
    }
    return depth == 1 ? stack[0] : NAN;
}

static qst_status check_operand(qst_ctx *ctx, const char *what, const qst_token *token, size_t n_variables)
{
    if (token->kind == QST_OPERATOR_NUMBER && !isfinite(token->number))
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: the number %g is not finite", what, token->number);
    if (token->kind == QST_OPERATOR_VARIABLE && token->variable >= n_variables)
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: parameter %u: there %s %zu", what, token->variable,
                         n_variables == 1 ? "is" : "are", n_variables);
    return QST_OK;
}

qst_status qsti_expression_check(qst_ctx *ctx, const char *what, const qst_expression *expression, size_t n_variables,
                                 bool *out_free)
{
    size_t depth = 0;
    bool is_free = false;

    for (size_t i = 0; i < expression->n_tokens; i++) {
        const qst_token *token = &expression->tokens[i];
        int n_operands = qsti_operator_operands(token->kind);
        if (n_operands < 0)
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: token %zu: there is no operator %d", what, i, (int)token->kind);
        if (depth < (size_t)n_operands)
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: token %zu: %s needs %d operand%s, and there %s %zu", what, i,
                             operators[token->kind].name, n_operands, n_operands == 1 ? "" : "s",
                             depth == 1 ? "is" : "are", depth);
        if (n_operands == 0) {
            qst_status status = check_operand(ctx, what, token, n_variables);
            if (status != QST_OK)
                return status;
        }
        is_free |= token->kind == QST_OPERATOR_VARIABLE;
        depth = depth + 1 - (size_t)n_operands;
        if (depth > QST_EXPRESSION_MAX_DEPTH)
            return qsti_fail(ctx, QST_ERR_LIMIT, "%s: an expression of more than %d operands at a time", what,
                             QST_EXPRESSION_MAX_DEPTH);
    }
    if (depth != 1)
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: an expression must leave one value, and this one leaves %zu", what,
                         depth);
    *out_free = is_free;
    return QST_OK;
}
