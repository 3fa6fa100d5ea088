/* polynomial.c: expressions as polynomials of degree <= 2.
 *
 * The operands of an expression in postfix order lie one behind the other on a stack of terms, and so a sum of two
 * polynomials is where they stand; a constant takes no terms until it is added to some. Like terms are brought together
 * at the end, and before a product: cost O(n log n) for n terms. What a stranger can ask for is bounded: terms of one
 * polynomial, terms on the stack, and terms written in all. */
#include "assembly/polynomial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/expression.h"

#define MAX_TERMS       ((size_t)1 << 16)
#define MAX_STACK_TERMS ((size_t)1 << 22)
#define MAX_WORK        ((uint64_t)1000000000)

void qsti_polynomials_clear(qsti_polynomials *pool)
{
    qsti_free(pool->ctx, pool->terms);
    qsti_free(pool->ctx, pool->operands);
    qsti_free(pool->ctx, pool->ranked);
    *pool = (qsti_polynomials){.ctx = pool->ctx};
}

static qsti_value number_value(double number)
{
    return (qsti_value){.is_number = true, .number = number};
}

/* Room for n more terms on top. */
static qst_status reserve(qsti_polynomials *pool, size_t n)
{
    pool->work += n;
    if (n > MAX_STACK_TERMS - pool->n_terms || pool->work > MAX_WORK)
        return qsti_fail(pool->ctx, QST_ERR_LIMIT, "its polynomials in the parameters have too many terms");
    size_t needed = pool->n_terms + n;
    if (needed <= pool->capacity)
        return QST_OK;
    size_t capacity = needed + needed / 2 + 16;
    qst_status status = QSTI_GROW(pool->ctx, capacity, &pool->terms);
    if (status == QST_OK)
        pool->capacity = capacity;
    return status;
}

static qst_status push_term(qsti_polynomials *pool, double coefficient, qst_variable a, qst_variable b)
{
    qst_status status = reserve(pool, 1);
    if (status == QST_OK)
        pool->terms[pool->n_terms++] = (qst_term){coefficient, a, b};
    return status;
}

/* --- like terms --------------------------------------------------------------------------------------------------- */

struct qsti_ranked_term {
    qst_term term;
    size_t rank; /* where it stood */
};

static qst_variable larger_of(const qst_term *term)
{
    return term->a > term->b ? term->a : term->b;
}

static qst_variable smaller_of(const qst_term *term)
{
    return term->a > term->b ? term->b : term->a;
}

static bool are_like(const qst_term *a, const qst_term *b)
{
    return larger_of(a) == larger_of(b) && smaller_of(a) == smaller_of(b);
}

static int by_variables(const void *left, const void *right)
{
    const struct qsti_ranked_term *a = left, *b = right;
    qst_variable larger = larger_of(&a->term), smaller = smaller_of(&a->term);
    if (larger != larger_of(&b->term))
        return larger < larger_of(&b->term) ? -1 : 1;
    if (smaller != smaller_of(&b->term))
        return smaller < smaller_of(&b->term) ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static int by_rank(const void *left, const void *right)
{
    const struct qsti_ranked_term *a = left, *b = right;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Adds up like terms, in the order in which they first occur; gives how many are left. */
static size_t merge(struct qsti_ranked_term *ranked, size_t n)
{
    size_t kept = 0;

    qsort(ranked, n, sizeof *ranked, by_variables);
    for (size_t i = 0, end; i < n; i = end) {
        struct qsti_ranked_term sum = ranked[i];
        for (end = i + 1; end < n && are_like(&ranked[end].term, &sum.term); end++)
            sum.term.coefficient += ranked[end].term.coefficient;
        if (sum.term.coefficient != 0)
            ranked[kept++] = sum;
    }
    qsort(ranked, kept, sizeof *ranked, by_rank);
    return kept;
}

/* Whether there are like terms, or zeros. */
static bool needs_merge(const qst_term *terms, size_t n)
{
    if (n > 8)
        return true;
    for (size_t i = 0; i < n; i++) {
        if (terms[i].coefficient == 0)
            return true;
        for (size_t j = 0; j < i; j++) {
            if (are_like(&terms[i], &terms[j]))
                return true;
        }
    }
    return false;
}

/* Brings a polynomial that is on top, or one below `above` terms, into normal form. */
static qst_status normalise(qsti_polynomials *pool, qsti_value *value, size_t above)
{
    if (value->is_number)
        return QST_OK;
    qst_term *terms = pool->terms + value->first;
    size_t n = value->n_terms, kept = n;

    if (needs_merge(terms, n)) {
        if (pool->ranked_capacity < n) {
            qst_status status = QSTI_GROW(pool->ctx, 2 * n, &pool->ranked);
            if (status != QST_OK)
                return status;
            pool->ranked_capacity = 2 * n;
        }
        for (size_t i = 0; i < n; i++)
            pool->ranked[i] = (struct qsti_ranked_term){terms[i], i};
        kept = merge(pool->ranked, n);
        for (size_t i = 0; i < kept; i++)
            terms[i] = pool->ranked[i].term;
    }
    pool->work += n;
    value->n_terms = kept;
    if (kept == 0 || (kept == 1 && terms[0].a == QST_ONE)) {
        *value = (qsti_value){.is_number = true, .number = kept ? terms[0].coefficient : 0, .first = value->first};
        kept = 0;
    }
    memmove(terms + kept, terms + n, above * sizeof *terms);
    pool->n_terms -= n - kept;
    return QST_OK;
}

/* --- operators ---------------------------------------------------------------------------------------------------- */

static qst_status no_polynomial(const qsti_polynomials *pool)
{
    return qsti_fail(pool->ctx, QST_ERR_UNSUPPORTED,
                     "not a polynomial of degree <= 2 in the parameters; give the parameters' values");
}

static void negate(qsti_polynomials *pool, qsti_value *value)
{
    value->number = -value->number;
    for (size_t i = 0; !value->is_number && i < value->n_terms; i++)
        pool->terms[value->first + i].coefficient = -pool->terms[value->first + i].coefficient;
    pool->work += value->is_number ? 0 : value->n_terms;
}

/* a + b, b on top. */
static qst_status add(qsti_polynomials *pool, qsti_value *a, const qsti_value *b)
{
    if (a->is_number && b->is_number) {
        a->number += b->number;
        return QST_OK;
    }
    if (a->is_number || b->is_number) {
        double number = a->is_number ? a->number : b->number;
        if (a->is_number)
            *a = *b;
        a->n_terms++;
        return push_term(pool, number, QST_ONE, QST_ONE);
    }
    a->n_terms += b->n_terms;
    return QST_OK;
}

static void scale(qsti_polynomials *pool, qsti_value *value, double factor, bool divide)
{
    for (size_t i = 0; i < value->n_terms; i++) {
        double *coefficient = &pool->terms[value->first + i].coefficient;
        *coefficient = divide ? *coefficient / factor : *coefficient * factor;
    }
    pool->work += value->n_terms;
}

/* The product of two terms; false when its degree is above 2. */
static bool product_of(const qst_term *a, const qst_term *b, qst_term *out)
{
    qst_variable variables[4] = {a->a, a->b, b->a, b->b}, kept[2] = {QST_ONE, QST_ONE};
    size_t n = 0;

    for (size_t i = 0; i < 4; i++) {
        if (variables[i] != QST_ONE) {
            if (n == 2)
                return false;
            kept[n++] = variables[i];
        }
    }
    *out = (qst_term){a->coefficient * b->coefficient, kept[0], kept[1]};
    return true;
}

/* a * b of normalised polynomials, b on top. */
static qst_status multiply(qsti_polynomials *pool, qsti_value *a, const qsti_value *b)
{
    if (a->is_number && b->is_number) {
        a->number *= b->number;
        return QST_OK;
    }
    if (a->is_number || b->is_number) {
        double factor = a->is_number ? a->number : b->number;
        if (a->is_number)
            *a = *b;
        scale(pool, a, factor, false);
        return QST_OK;
    }
    size_t n = a->n_terms * b->n_terms, first = a->first; /* each below 2^17 */
    if (n > MAX_TERMS)
        return qsti_fail(pool->ctx, QST_ERR_LIMIT, "a polynomial of more than %zu terms in the parameters", MAX_TERMS);
    qst_status status = reserve(pool, n);
    if (status != QST_OK)
        return status;
    qst_term *out = pool->terms + pool->n_terms;
    for (size_t i = 0; i < a->n_terms; i++) {
        for (size_t j = 0; j < b->n_terms; j++) {
            if (!product_of(&pool->terms[first + i], &pool->terms[b->first + j], out++))
                return no_polynomial(pool);
        }
    }
    memmove(pool->terms + first, pool->terms + pool->n_terms, n * sizeof *out);
    pool->n_terms = first + n;
    a->n_terms = n;
    return QST_OK;
}

/* a^b: of numbers, and b = 0, 1, 2. */
static qst_status raise_to(qsti_polynomials *pool, qsti_value *a, const qsti_value *b)
{
    if (a->is_number && b->is_number) {
        a->number = pow(a->number, b->number);
        return QST_OK;
    }
    if (a->is_number || (b->number != 0 && b->number != 1 && b->number != 2) || !b->is_number)
        return no_polynomial(pool);
    if (b->number == 0) {
        pool->n_terms = a->first;
        *a = (qsti_value){.is_number = true, .number = 1, .first = a->first};
        return QST_OK;
    }
    if (b->number == 1)
        return QST_OK;
    qst_status status = reserve(pool, a->n_terms);
    if (status != QST_OK)
        return status;
    qsti_value copy = *a;
    copy.first = pool->n_terms;
    memcpy(pool->terms + copy.first, pool->terms + a->first, a->n_terms * sizeof *pool->terms);
    pool->n_terms += a->n_terms;
    return multiply(pool, a, &copy);
}

static qst_status divide(qsti_polynomials *pool, qsti_value *a, const qsti_value *b)
{
    if (!b->is_number)
        return no_polynomial(pool);
    if (a->is_number)
        a->number /= b->number;
    else
        scale(pool, a, b->number, true);
    return QST_OK;
}

static qst_status apply_two(qsti_polynomials *pool, qst_operator kind, qsti_value *a, qsti_value *b)
{
    qst_status status;

    if (kind == QST_OPERATOR_SUBTRACT)
        negate(pool, b);
    if (kind == QST_OPERATOR_ADD || kind == QST_OPERATOR_SUBTRACT)
        return add(pool, a, b);
    QSTI_TRY(normalise(pool, b, 0));
    size_t above = b->is_number ? 0 : b->n_terms;
    QSTI_TRY(normalise(pool, a, above));
    if (above > 0)
        b->first = pool->n_terms - above;
    switch (kind) {
    case QST_OPERATOR_MULTIPLY:
        return multiply(pool, a, b);
    case QST_OPERATOR_DIVIDE:
        return divide(pool, a, b);
    default:
        return raise_to(pool, a, b);
    }
done:
    return status;
}

static qst_status apply_one(qsti_polynomials *pool, qst_operator kind, qsti_value *a)
{
    if (kind == QST_OPERATOR_NEGATE) {
        negate(pool, a);
        return QST_OK;
    }
    qst_status status = normalise(pool, a, 0);
    if (status != QST_OK)
        return status;
    if (!a->is_number)
        return no_polynomial(pool);
    a->number = qsti_operator_apply(kind, a->number, 0);
    return QST_OK;
}

/* --- expressions -------------------------------------------------------------------------------------------------- */

static qst_status push_operand(qsti_polynomials *pool, qsti_value value)
{
    if (pool->n_operands == pool->operands_capacity) {
        size_t capacity = 2 * pool->operands_capacity + 16;
        qst_status status = QSTI_GROW(pool->ctx, capacity, &pool->operands);
        if (status != QST_OK)
            return status;
        pool->operands_capacity = capacity;
    }
    pool->operands[pool->n_operands++] = value;
    return QST_OK;
}

/* A variable as an operand, its terms copied to the top. */
static qst_status push_variable(qsti_polynomials *pool, uint32_t variable, qsti_scope scope)
{
    qsti_value value = {.first = pool->n_terms, .n_terms = 1};
    qst_status status;

    if (!scope.values && scope.numbers)
        return push_operand(pool, number_value(scope.numbers[variable]));
    if (!scope.values) {
        QSTI_TRY(push_term(pool, 1, QST_WEIGHT(variable), QST_ONE));
        return push_operand(pool, value);
    }
    const qsti_value *known = &scope.values[variable];
    if (known->is_number)
        return push_operand(pool, *known);
    QSTI_TRY(reserve(pool, known->n_terms));
    memcpy(pool->terms + pool->n_terms, pool->terms + known->first, known->n_terms * sizeof *pool->terms);
    pool->n_terms += known->n_terms;
    value.n_terms = known->n_terms;
    status = push_operand(pool, value);
done:
    return status;
}

static qst_status check_finite(const qsti_polynomials *pool, const qsti_value *value)
{
    bool finite = !value->is_number || isfinite(value->number);

    for (size_t i = 0; !value->is_number && finite && i < value->n_terms; i++)
        finite = isfinite(pool->terms[value->first + i].coefficient);
    if (!finite)
        return qsti_fail(pool->ctx, QST_ERR_INPUT, "it is not finite");
    return QST_OK;
}

static qst_status push_token(qsti_polynomials *pool, const qst_token *token, qsti_scope scope)
{
    qsti_value *top;

    switch (qsti_operator_operands(token->kind)) {
    case 0:
        return token->kind == QST_OPERATOR_NUMBER ? push_operand(pool, number_value(token->number))
                                                  : push_variable(pool, token->variable, scope);
    case 1:
        return apply_one(pool, token->kind, &pool->operands[pool->n_operands - 1]);
    default:
        top = &pool->operands[--pool->n_operands];
        return apply_two(pool, token->kind, top - 1, top);
    }
}

/* Gives a value that is alone on top; what is no longer needed goes. */
static qst_status settle(qsti_polynomials *pool, qsti_value value, qsti_value *out)
{
    qst_status status;

    QSTI_TRY(normalise(pool, &value, 0));
    QSTI_TRY(check_finite(pool, &value));
    if (!value.is_number && value.n_terms > MAX_TERMS)
        return qsti_fail(pool->ctx, QST_ERR_LIMIT, "a polynomial of more than %zu terms in the parameters", MAX_TERMS);
    *out = value;
done:
    return status;
}

qst_status qsti_polynomial_of(qsti_polynomials *pool, const qst_expression *expression, qsti_scope scope,
                              qsti_value *out)
{
    const qst_token *tokens = expression->tokens;
    qst_status status;

    if (expression->n_tokens == 1 && tokens[0].kind == QST_OPERATOR_NUMBER) {
        *out = number_value(tokens[0].number);
        return QST_OK;
    }
    if (expression->n_tokens == 1 && scope.values) {
        *out = scope.values[tokens[0].variable];
        return QST_OK;
    }
    pool->n_operands = 0;
    for (size_t i = 0; i < expression->n_tokens; i++)
        QSTI_TRY(push_token(pool, &tokens[i], scope));
    status = settle(pool, pool->operands[0], out);
done:
    return status;
}

qst_status qsti_polynomial_combine(qsti_polynomials *pool, const qsti_value *values, const double *coefficients,
                                   size_t n, double constant, qsti_value *out)
{
    qsti_value sum = {.first = pool->n_terms};
    double number = constant;
    qst_status status;

    for (size_t i = 0; i < n; i++) {
        if (coefficients[i] == 0)
            continue;
        if (values[i].is_number) {
            number = number == 0 ? coefficients[i] * values[i].number : number + coefficients[i] * values[i].number;
            continue;
        }
        QSTI_TRY(reserve(pool, values[i].n_terms));
        for (size_t j = 0; j < values[i].n_terms; j++) {
            qst_term term = pool->terms[values[i].first + j];
            term.coefficient *= coefficients[i];
            pool->terms[pool->n_terms++] = term;
        }
        sum.n_terms += values[i].n_terms;
    }
    if (sum.n_terms == 0)
        sum = number_value(number);
    else if (number != 0)
        QSTI_TRY(add(pool, &sum, &(qsti_value){.is_number = true, .number = number}));
    status = settle(pool, sum, out);
done:
    return status;
}
