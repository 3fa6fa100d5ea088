/* qasm_angles.c: angles while they are read: tokens in postfix order on one stack, and on another where each expression
 * that still waits begins. What has no variable is one number at any time, so that a constant costs one token. */
#include <math.h>
#include <string.h>

#include "assembly/expression.h"
#include "base/text.h"
#include "qasm/reading.h"

#define FIRST_CAPACITY 64

/* A sum of a million variables is a file of megabytes; what is beyond is an attack. */
#define MAX_TOKENS 100000000

static qst_status make_room(qsti_qasm_reading *reading)
{
    qst_status status = QST_OK;
    if (reading->n_tokens == reading->tokens_capacity) {
        size_t capacity = reading->tokens_capacity ? reading->tokens_capacity * 2 : FIRST_CAPACITY;
        status = capacity > MAX_TOKENS ? qsti_fail(reading->ctx, QST_ERR_LIMIT, "an angle of too many terms")
                                       : QSTI_GROW(reading->ctx, capacity, &reading->tokens);
        reading->tokens_capacity = status == QST_OK ? capacity : reading->tokens_capacity;
    }
    if (status == QST_OK && reading->n_angles == reading->angles_capacity) {
        size_t capacity = reading->angles_capacity ? reading->angles_capacity * 2 : FIRST_CAPACITY;
        status = QSTI_GROW(reading->ctx, capacity, &reading->angles);
        reading->angles_capacity = status == QST_OK ? capacity : reading->angles_capacity;
    }
    return status;
}

/* A token that is an expression of its own. */
static qst_status push(qsti_qasm_reading *reading, qsti_qasm_at at, qst_token token)
{
    qst_status status = make_room(reading);
    if (status != QST_OK) {
        return qsti_qasm_placed(reading, status, at);
    }
    reading->angles[reading->n_angles].token = (uint32_t)reading->n_tokens;
    reading->angles[reading->n_angles++].at = at;
    reading->tokens[reading->n_tokens++] = token;
    return QST_OK;
}

qst_status qsti_qasm_number(qsti_qasm_reading *reading, qsti_qasm_at at, double value)
{
    if (!isfinite(value)) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the value is not finite");
    }
    return push(reading, at, (qst_token){.kind = QST_OPERATOR_NUMBER, .number = value});
}

qst_status qsti_qasm_literal(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word)
{
    double value;
    if (!qsti_parse_double(word.bytes, word.n_bytes, &value)) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is too large for a number",
                              qsti_qasm_spell(reading, at, word, spelled));
    }
    return push(reading, at, (qst_token){.kind = QST_OPERATOR_NUMBER, .number = value});
}

qst_status qsti_qasm_variable(qsti_qasm_reading *reading, qsti_qasm_at at, uint32_t variable)
{
    return push(reading, at, (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = variable});
}

static qst_status fail_value(qsti_qasm_reading *reading, qsti_qasm_at at, qst_operator kind, double a, double b)
{
    const char *problem = "the value is not finite";
    if (kind == QST_OPERATOR_DIVIDE && b == 0) {
        problem = "a division by zero";
    } else if (kind == QST_OPERATOR_POWER && a == 0) {
        problem = "zero to a negative power";
    } else if (kind == QST_OPERATOR_POWER && a < 0 && b != floor(b)) {
        problem = "a broken power of a negative number";
    } else if (kind == QST_OPERATOR_LN) {
        problem = "the logarithm of a number that is not > 0";
    } else if (kind == QST_OPERATOR_SQRT) {
        problem = "the square root of a negative number";
    } else if (kind == QST_OPERATOR_ARCSIN || kind == QST_OPERATOR_ARCCOS) {
        problem = "the arc of a number that is not within -1..1";
    } else {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s", problem);
    }
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s: the value is not finite", problem);
}

static bool is_number(const qsti_qasm_reading *reading, size_t first, size_t end)
{
    return end == first + 1 && reading->tokens[first].kind == QST_OPERATOR_NUMBER;
}

qst_status qsti_qasm_operator(qsti_qasm_reading *reading, qsti_qasm_at at, qst_operator kind)
{
    bool is_binary = kind >= QST_OPERATOR_ADD && kind <= QST_OPERATOR_POWER;
    size_t second = reading->angles[reading->n_angles - 1].token; /* the only one of a function */
    size_t first = is_binary ? reading->angles[reading->n_angles - 2].token : second;
    size_t end = reading->n_tokens;
    reading->n_angles -= is_binary;
    if (is_number(reading, second, end) && (!is_binary || is_number(reading, first, second))) {
        double a = reading->tokens[first].number, b = reading->tokens[second].number;
        double value = qsti_operator_apply(kind, a, b);
        if (!isfinite(value)) {
            return fail_value(reading, at, kind, a, b);
        }
        reading->tokens[first].number = value;
        reading->n_tokens = first + 1;
        return QST_OK;
    }
    qst_status status = make_room(reading);
    if (status != QST_OK) {
        return qsti_qasm_placed(reading, status, at);
    }
    reading->tokens[reading->n_tokens++] = (qst_token){.kind = kind};
    return QST_OK;
}

qst_status qsti_qasm_take_constant(qsti_qasm_reading *reading, double *out)
{
    struct qsti_qasm_angle_start start = reading->angles[reading->n_angles - 1];
    if (!is_number(reading, start.token, reading->n_tokens)) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, start.at, "this is not constant");
    }
    *out = reading->tokens[start.token].number;
    reading->n_angles--;
    reading->n_tokens = start.token;
    return QST_OK;
}

qst_status qsti_qasm_integer(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word, uint64_t *out)
{
    if (!qsti_parse_u64(word.bytes, word.n_bytes, out)) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is too large for a whole number",
                              qsti_qasm_spell(reading, at, word, spelled));
    }
    return QST_OK;
}
