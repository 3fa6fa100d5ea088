/* openqasm3_expression.c: expressions of OpenQASM 3 [cross2022]: literals, names, operators and functions, typed while
 * they are constant.
 *
 * A constant integer is kept in 64 bits beside its place on the reading's stack of angles, because +, -, *, / and % of
 * integers are integers and decide about 3/2 as well as about q[2*3]. The quotient is rounded down, as Qiskit's; one
 * with a remainder is worth a warning, since most who write 1/2 mean 0.5. Everything else is a real number.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "qasm/openqasm3.h"

#define LONGEST_NUMBER 4096

static const double constants[] = {3.14159265358979323846, 6.28318530717958647693, 2.71828182845904523536};

qst_status qsti_qasm3_take_integer(qsti_qasm_reading *reading, const qsti_qasm3_value *value, const char *what,
                                   int64_t *out)
{
    double ignored = 0;
    if (!value->is_constant || !value->is_integer) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, value->at, "%s is no constant integer", what);
    }
    qst_status status = qsti_qasm_take_constant(reading, &ignored);
    if (status == QST_OK) {
        *out = value->integer;
    }
    return status;
}

qst_status qsti_qasm3_take_width(qsti_qasm_reading *reading, const qsti_qasm3_value *value)
{
    int64_t width = 0;
    qst_status status = qsti_qasm3_take_integer(reading, value, "the width of a type", &width);
    return status == QST_OK && width < 1
               ? qsti_qasm_fail(reading, QST_ERR_INPUT, value->at, "a type of %lld bits", (long long)width)
               : status;
}

static qst_status put_integer(qsti_qasm_reading *reading, qsti_qasm_at at, int64_t integer, qsti_qasm3_value *out)
{
    *out = (qsti_qasm3_value){at, true, true, integer};
    return qsti_qasm_number(reading, at, (double)integer);
}

static qst_status put_real(qsti_qasm_reading *reading, qsti_qasm_at at, double value, qsti_qasm3_value *out)
{
    *out = (qsti_qasm3_value){.at = at, .is_constant = true};
    return qsti_qasm_number(reading, at, value);
}

/* --- literals ----------------------------------------------------------------------------------------------------- */

static qst_status read_integer(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word, int base,
                               qsti_qasm3_value *out)
{
    int64_t value = 0;
    for (uint32_t i = base == 10 ? 0 : 2; i < word.n_bytes; i++) {
        char byte = word.bytes[i];
        if (byte == '_') {
            continue;
        }
        int digit = byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10;
        if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value)) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the integer does not fit into 64 bits");
        }
    }
    return put_integer(reading, at, value, out);
}

qst_status qsti_qasm3_number(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word, int base,
                             qsti_qasm3_value *out)
{
    if (base != 0) {
        return read_integer(reading, at, word, base, out);
    }
    *out = (qsti_qasm3_value){.at = at, .is_constant = true};
    if (memchr(word.bytes, '_', word.n_bytes) == NULL) {
        return qsti_qasm_literal(reading, at, word);
    }
    char digits[LONGEST_NUMBER];
    uint32_t n = 0;
    if (word.n_bytes > sizeof digits) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the number has more than %zu characters", sizeof digits);
    }
    for (uint32_t i = 0; i < word.n_bytes; i++) {
        if (word.bytes[i] != '_')
            digits[n++] = word.bytes[i];
    }
    return qsti_qasm_literal(reading, at, (qsti_qasm_word){digits, n});
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static const qsti_qasm_symbol *find(const qsti_qasm_reading *reading, qsti_qasm_word name)
{
    const qsti_qasm_symbol *local =
        reading->in_definition ? qsti_qasm_names_find(reading->locals, name.bytes, name.n_bytes) : NULL;
    return local ? local : qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
}

qst_status qsti_qasm3_name(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, qsti_qasm3_value *out)
{
    char spelled[QSTI_QASM_SPELLED];
    qsti_qasm_spell(reading, at, name, spelled);
    const qsti_qasm_symbol *symbol = find(reading, name);
    if (symbol == NULL) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not declared: not a constant, an input or a parameter",
                              spelled);
    }
    *out = (qsti_qasm3_value){.at = at};
    switch (symbol->kind) {
    case QSTI_QASM_OTHER:
        if (symbol->index < sizeof constants / sizeof constants[0]) {
            return put_real(reading, at, constants[symbol->index], out);
        }
        break;
    case QSTI_QASM_ANGLE:
        return qsti_qasm_variable(reading, at, symbol->index);
    case QSTI_QASM_PARAMETER:
        if (reading->in_definition) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the body of a gate does not see the input %s", spelled);
        }
        return qsti_qasm_variable(reading, at, symbol->index);
    case QSTI_QASM_QUBITS:
    case QSTI_QASM_QUBIT:
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is a qubit, not a number", spelled);
    case QSTI_QASM_BITS:
        return qsti_qasm3_unsupported(reading, at, "a bit in an expression");
    default:
        break;
    }
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is a gate, not a number", spelled);
}

/* --- operators ---------------------------------------------------------------------------------------------------- */

static int64_t floored(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* base ** exponent for exponent >= 0. False on overflow. */
static bool integer_power(int64_t base, int64_t exponent, int64_t *out)
{
    int64_t result = 1;
    while (exponent > 0) {
        if (exponent % 2 != 0 && __builtin_mul_overflow(result, base, &result)) {
            return false;
        }
        exponent /= 2;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
            return false;
        }
    }
    *out = result;
    return true;
}

/* The first few: a place is found by counting lines. */
static void warn_of_quotient(const qsti_qasm_reading *reading, qsti_qasm_at at, int64_t a, int64_t b)
{
    const qsti_qasm_text *text = NULL;
    size_t line = 0, column = 0;
    if (++qsti_qasm3_of(reading)->n_quotients > QSTI_QASM3_MAX_WARNINGS) {
        return;
    }
    qsti_qasm_locate(reading, at, &text, &line, &column);
    qsti_warn(reading->ctx,
              "%s:%zu:%zu: %lld/%lld divides integers and is worth %lld; %lld.0/%lld is the real quotient", text->name,
              line, column, (long long)a, (long long)b, (long long)floored(a, b), (long long)a, (long long)b);
}

/* Whether the operator of two integers is an integer, which is then in *out. */
static qst_status integer_result(qsti_qasm_reading *reading, qsti_qasm_at at, char sign, int64_t a, int64_t b,
                                 bool *out_is_integer, int64_t *out)
{
    bool overflows = false;
    *out_is_integer = true;
    switch (sign) {
    case '+':
        overflows = __builtin_add_overflow(a, b, out);
        break;
    case '-':
        overflows = __builtin_sub_overflow(a, b, out);
        break;
    case '*':
        overflows = __builtin_mul_overflow(a, b, out);
        break;
    case 'p':
        *out_is_integer = b >= 0;
        overflows = b >= 0 && !integer_power(a, b, out);
        break;
    default: /* / and % */
        if (b == 0) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "division by zero");
        }
        overflows = a == INT64_MIN && b == -1;
        if (!overflows) {
            *out = sign == '/' ? floored(a, b) : a - b * floored(a, b);
        }
        if (!overflows && sign == '/' && a % b != 0) {
            warn_of_quotient(reading, at, a, b);
        }
        break;
    }
    return overflows ? qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the integer does not fit into 64 bits") : QST_OK;
}

/* Takes the two numbers that were put last. */
static qst_status take_two(qsti_qasm_reading *reading, double *out_a, double *out_b)
{
    qst_status status = qsti_qasm_take_constant(reading, out_b);
    return status == QST_OK ? qsti_qasm_take_constant(reading, out_a) : status;
}

/* The remainder has the sign of the divisor, for reals as for integers. */
static qst_status real_remainder(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm3_value *left,
                                 const qsti_qasm3_value *right, qsti_qasm3_value *out)
{
    double a = 0, b = 0;
    if (!left->is_constant || !right->is_constant) {
        return qsti_qasm3_unsupported(reading, at, "the remainder of what is not constant");
    }
    qst_status status = take_two(reading, &a, &b);
    if (status == QST_OK && b == 0) {
        status = qsti_qasm_fail(reading, QST_ERR_INPUT, at, "division by zero");
    }
    return status == QST_OK ? put_real(reading, left->at, a - b * floor(a / b), out) : status;
}

qst_status qsti_qasm3_binary(qsti_qasm_reading *reading, qsti_qasm_at at, char sign, const qsti_qasm3_value *left,
                             const qsti_qasm3_value *right, qsti_qasm3_value *out)
{
    qsti_qasm_at start = left->at;
    if (left->is_integer && right->is_integer) {
        bool is_integer = false;
        int64_t integer = 0;
        double a = 0, b = 0;
        qst_status status = integer_result(reading, at, sign, left->integer, right->integer, &is_integer, &integer);
        if (status == QST_OK && is_integer) {
            status = take_two(reading, &a, &b);
            return status == QST_OK ? put_integer(reading, start, integer, out) : status;
        }
        if (status != QST_OK) {
            return status;
        }
    }
    if (sign == '%') {
        return real_remainder(reading, at, left, right, out);
    }
    qst_operator kind = sign == '+'   ? QST_OPERATOR_ADD
                        : sign == '-' ? QST_OPERATOR_SUBTRACT
                        : sign == '*' ? QST_OPERATOR_MULTIPLY
                        : sign == '/' ? QST_OPERATOR_DIVIDE
                                      : QST_OPERATOR_POWER;
    *out = (qsti_qasm3_value){.at = start, .is_constant = left->is_constant && right->is_constant};
    return qsti_qasm_operator(reading, at, kind);
}

qst_status qsti_qasm3_negate(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm3_value *value,
                             qsti_qasm3_value *out)
{
    qsti_qasm3_value result = *value;
    result.at = at;
    if (value->is_integer && __builtin_sub_overflow(0, value->integer, &result.integer)) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the integer does not fit into 64 bits");
    }
    *out = result;
    return qsti_qasm_operator(reading, at, QST_OPERATOR_NEGATE);
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

typedef enum function_kind { ONE_REAL, REMAINDER, POWER, CEILING, FLOOR, REFUSED } function_kind;

static const struct {
    const char *name;
    function_kind kind;
    qst_operator operator;
} functions[] = {
    {"arccos", ONE_REAL, QST_OPERATOR_ARCCOS}, {"arcsin", ONE_REAL, QST_OPERATOR_ARCSIN},
    {"arctan", ONE_REAL, QST_OPERATOR_ARCTAN}, {"ceiling", CEILING, QST_OPERATOR_NUMBER},
    {"cos", ONE_REAL, QST_OPERATOR_COS},       {"exp", ONE_REAL, QST_OPERATOR_EXP},
    {"floor", FLOOR, QST_OPERATOR_NUMBER},     {"log", ONE_REAL, QST_OPERATOR_LN},
    {"mod", REMAINDER, QST_OPERATOR_NUMBER},   {"popcount", REFUSED, QST_OPERATOR_NUMBER},
    {"pow", POWER, QST_OPERATOR_POWER},        {"rotl", REFUSED, QST_OPERATOR_NUMBER},
    {"rotr", REFUSED, QST_OPERATOR_NUMBER},    {"sin", ONE_REAL, QST_OPERATOR_SIN},
    {"sqrt", ONE_REAL, QST_OPERATOR_SQRT},     {"tan", ONE_REAL, QST_OPERATOR_TAN},
};
#define N_FUNCTIONS (sizeof functions / sizeof functions[0])

/* What other languages call them. */
static const char *const other_names[][2] = {
    {"ln", "log"}, {"acos", "arccos"}, {"asin", "arcsin"}, {"atan", "arctan"}, {"ceil", "ceiling"}};

static qst_status unknown_function(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name)
{
    const char *names[N_FUNCTIONS], *nearest = NULL;
    char word[QSTI_QASM_SPELLED], spelled[QSTI_QASM_SPELLED];
    size_t n = name.n_bytes < sizeof word ? name.n_bytes : sizeof word - 1;
    memcpy(word, name.bytes, n);
    word[n] = '\0';
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (strcmp(word, other_names[i][0]) == 0)
            nearest = other_names[i][1];
    }
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        names[i] = functions[i].name;
    nearest = nearest ? nearest : qsti_nearest(word, names, N_FUNCTIONS);
    qsti_qasm_spell(reading, at, name, spelled);
    return nearest ? qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not a function; did you mean '%s'?", spelled,
                                    nearest)
                   : qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not a function", spelled);
}

static qst_status rounded(qsti_qasm_reading *reading, qsti_qasm_at at, bool up, const qsti_qasm3_value *argument,
                          qsti_qasm3_value *out)
{
    double value = 0;
    if (!argument->is_constant) {
        return qsti_qasm3_unsupported(reading, at, "rounding what is not constant");
    }
    qst_status status = qsti_qasm_take_constant(reading, &value);
    return status == QST_OK ? put_real(reading, at, up ? ceil(value) : floor(value), out) : status;
}

qst_status qsti_qasm3_function(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                               const qsti_qasm3_arguments *arguments, qsti_qasm3_value *out)
{
    size_t i = 0;
    while (i < N_FUNCTIONS &&
           (strlen(functions[i].name) != name.n_bytes || memcmp(functions[i].name, name.bytes, name.n_bytes) != 0)) {
        i++;
    }
    if (i == N_FUNCTIONS) {
        return unknown_function(reading, at, name);
    }
    function_kind kind = functions[i].kind;
    uint32_t wanted = kind == POWER || kind == REMAINDER ? 2 : 1;
    if (kind == REFUSED) {
        char what[32];
        snprintf(what, sizeof what, "'%s'", functions[i].name);
        return qsti_qasm3_unsupported(reading, at, what);
    }
    if (arguments->n != wanted) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s takes %u argument%s, not %u", functions[i].name, wanted,
                              wanted == 1 ? "" : "s", arguments->n);
    }
    qst_status status = QST_OK;
    switch (kind) {
    case REMAINDER:
    case POWER:
        status = qsti_qasm3_binary(reading, at, kind == POWER ? 'p' : '%', &arguments->values[0], &arguments->values[1],
                                   out);
        break;
    case CEILING:
    case FLOOR:
        status = rounded(reading, at, kind == CEILING, &arguments->values[0], out);
        break;
    default:
        *out = (qsti_qasm3_value){.is_constant = arguments->values[0].is_constant};
        status = qsti_qasm_operator(reading, at, functions[i].operator);
        break;
    }
    out->at = at;
    return status;
}
