/* random_assembly.c: see random_assembly.h. */
#include "random_assembly.h"

#include "support/assembly_text.h"
#include "support/support.h"

#define MAX_DEFINITIONS 3
#define MAX_TOKENS      12
#define PI              3.14159265358979323846

typedef struct making {
    qst_ctx *ctx;
    ref_rng *rng;
    const random_assembly_opts *opts;
    qst_assembly_builder *builder;
    qst_definition definitions[MAX_DEFINITIONS];
    size_t n_definitions, n_bit_registers, n_bits;
} making;

static uint32_t below(const making *m, size_t bound)
{
    return (uint32_t)ref_below(m->rng, bound);
}

/* --- angles ------------------------------------------------------------------------------------------------------- */

static double usual_number(const making *m)
{
    static const double round[] = {0, PI, -PI, PI / 2, 2 * PI, 4 * PI, -0.0, 1e-7, -1e-16};
    return below(m, 3) ? ref_uniform(m->rng, -4 * PI, 4 * PI) : round[below(m, sizeof round / sizeof *round)];
}

/* Any finite number, as angle `index` of a plain gate. Where a matrix adds two angles, its sum of huge ones is not
 * exact.
 */
static double any_number(const making *m, qst_gate gate, size_t index)
{
    static const double odd[] = {5e-324, -1e-300, 1e6, -123456.789, 1e17, -1e300, 12.566370614359174, 99.5};
    return index == 0 && gate != QST_GATE_u2 && below(m, 5) == 0 ? odd[below(m, sizeof odd / sizeof *odd)]
                                                                 : usual_number(m);
}

static qst_token number_token(double number)
{
    return (qst_token){.kind = QST_OPERATOR_NUMBER, .number = number};
}

/* Linear in the variables, so that nesting keeps degrees below 2, and small, as 1e-14 is absolute: one number, or
 * (number op v), (number op v) - v/3. */
static qst_expression linear_angle(const making *m, qst_token tokens[MAX_TOKENS], size_t n_variables)
{
    size_t n = 0;
    tokens[n++] = number_token(n_variables > 0 ? ref_uniform(m->rng, -2, 2) : usual_number(m));
    if (n_variables > 0 && below(m, 4) > 0) {
        tokens[n++] = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = below(m, n_variables)};
        tokens[n++] = (qst_token){
            .kind = (qst_operator[]){QST_OPERATOR_ADD, QST_OPERATOR_SUBTRACT, QST_OPERATOR_MULTIPLY}[below(m, 3)]};
        if (below(m, 2)) {
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = below(m, n_variables)};
            tokens[n++] = number_token(3);
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_DIVIDE};
            tokens[n++] = (qst_token){.kind = below(m, 2) ? QST_OPERATOR_ADD : QST_OPERATOR_SUBTRACT};
        }
        if (below(m, 3) == 0)
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_NEGATE};
    }
    return (qst_expression){tokens, n};
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

static void choose_qubits(const making *m, uint32_t *out, size_t n_qubits)
{
    for (uint32_t i = 0; i < n_qubits; i++)
        out[i] = i;
    for (size_t i = n_qubits; i > 1; i--) {
        size_t other = below(m, i);
        uint32_t kept = out[i - 1];
        out[i - 1] = out[other];
        out[other] = kept;
    }
}

static void maybe_condition(const making *m, qst_instruction *it)
{
    it->condition = QST_NO_CONDITION;
    if (m->opts->conditions && m->n_bit_registers > 0 && below(m, 3) == 0) {
        it->condition = below(m, m->n_bit_registers);
        it->condition_value = below(m, 2);
    }
}

/* A gate or a call on n_qubits, with n_variables in its angles; false when the one drawn is too large. */
static bool add_gate(making *m, size_t n_qubits, size_t n_variables, bool at_top)
{
    qst_token tokens[QST_MAX_GATE_ANGLES][MAX_TOKENS];
    qst_expression angles[QST_MAX_GATE_ANGLES];
    uint32_t qubits[RANDOM_MAX_QUBITS];
    qst_instruction it = {.qubits = qubits, .angles = angles, .condition = QST_NO_CONDITION};
    size_t width;
    if (m->n_definitions > 0 && below(m, 3) == 0) {
        it.kind = QST_INSTRUCTION_CALL;
        it.definition = below(m, m->n_definitions);
        width = m->definitions[it.definition].n_qubits;
        it.n_angles = m->definitions[it.definition].n_angles;
    } else {
        it.kind = QST_INSTRUCTION_GATE;
        it.gate = (qst_gate)below(m, QST_GATE_COUNT);
        width = (size_t)qst_gate_describe(it.gate)->n_qubits;
        it.n_angles = (size_t)qst_gate_describe(it.gate)->n_angles;
    }
    if (width > n_qubits)
        return false;
    if (!m->opts->plain) {
        it.inverse = below(m, 4) == 0;
        it.n_controls = below(m, 4) == 0 ? below(m, n_qubits - width + 1) : 0;
    }
    it.n_qubits = it.n_controls + width;
    choose_qubits(m, qubits, n_qubits);
    for (size_t i = 0; i < it.n_angles; i++) {
        angles[i] = linear_angle(m, tokens[i], n_variables);
        if (m->opts->plain && angles[i].n_tokens == 1)
            tokens[i][0].number = any_number(m, it.gate, i);
    }
    if (at_top)
        maybe_condition(m, &it);
    assert_ok(m->ctx, qst_assembly_add(m->builder, &it));
    return true;
}

static void add_other(making *m)
{
    uint32_t qubits[RANDOM_MAX_QUBITS];
    static const qst_instruction_kind kinds[] = {QST_INSTRUCTION_MEASURE, QST_INSTRUCTION_RESET,
                                                 QST_INSTRUCTION_BARRIER};
    qst_instruction it = {.kind = kinds[below(m, 3)], .qubits = qubits, .n_qubits = 1};
    if (it.kind == QST_INSTRUCTION_MEASURE && m->n_bits == 0)
        it.kind = QST_INSTRUCTION_RESET;
    if (it.kind == QST_INSTRUCTION_BARRIER)
        it.n_qubits = 1 + below(m, m->opts->n_qubits);
    it.bit = it.kind == QST_INSTRUCTION_MEASURE ? below(m, m->n_bits) : QST_NO_BIT;
    choose_qubits(m, qubits, m->opts->n_qubits);
    maybe_condition(m, &it);
    if (it.kind == QST_INSTRUCTION_BARRIER)
        it.condition = QST_NO_CONDITION;
    assert_ok(m->ctx, qst_assembly_add(m->builder, &it));
}

/* --- the assembly ------------------------------------------------------------------------------------------------- */

/* Names that tools differ about are among them. */
static void declare(making *m)
{
    static const char *const qubits[] = {"q", "Reg", "θ"}, *const bits[] = {"c", "q0", "Out"},
                             *const parameters[] = {"w[0]", "θ[0]", "sin"};
    size_t left = m->opts->n_qubits;
    for (size_t r = 0; left > 0; r++) {
        size_t size = r == 2 ? left : 1 + below(m, left);
        assert_ok(m->ctx, qst_assembly_add_qubits(m->builder, qubits[r], size));
        left -= size;
    }
    m->n_bit_registers = m->opts->measures || m->opts->conditions ? below(m, 4) : 0;
    for (size_t r = 0; r < m->n_bit_registers; r++) {
        size_t size = 1 + below(m, 3);
        assert_ok(m->ctx, qst_assembly_add_bits(m->builder, bits[r], size));
        m->n_bits += size;
    }
    for (size_t p = 0; p < m->opts->n_parameters; p++)
        assert_ok(m->ctx, qst_assembly_add_parameter(m->builder, parameters[p]));
}

static void define(making *m)
{
    static const char *const qubit_names[] = {"a", "b", "c", "d", "e"}, *const angle_names[] = {"s", "t"},
                             *const names[] = {"my gate", "sx'", "H"};
    qst_definition *definition = &m->definitions[m->n_definitions];
    size_t most = m->opts->n_qubits < 3 ? m->opts->n_qubits : 3;
    *definition = (qst_definition){.name = names[m->n_definitions],
                                   .n_qubits = 1 + below(m, most),
                                   .n_angles = below(m, 3),
                                   .qubit_names = qubit_names,
                                   .angle_names = angle_names};
    assert_ok(m->ctx, qst_assembly_begin_definition(m->builder, definition));
    for (size_t left = below(m, 4); left > 0;)
        left -= add_gate(m, definition->n_qubits, definition->n_angles, false);
    assert_ok(m->ctx, qst_assembly_end_definition(m->builder));
    m->n_definitions++;
}

qst_assembly *random_assembly(qst_ctx *ctx, ref_rng *rng, const random_assembly_opts *opts)
{
    making m = {.ctx = ctx, .rng = rng, .opts = opts};
    qst_assembly *out = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &m.builder));
    declare(&m);
    for (size_t n = opts->plain ? 0 : below(&m, MAX_DEFINITIONS + 1); n > 0; n--)
        define(&m);
    for (size_t left = opts->n_instructions; left > 0;) {
        if (opts->measures && below(&m, 4) == 0) {
            add_other(&m);
            left--;
        } else {
            left -= add_gate(&m, opts->n_qubits, opts->n_parameters, true);
        }
    }
    assert_ok(ctx, qst_assembly_finish(m.builder, &out));
    return out;
}

/* --- the matrix --------------------------------------------------------------------------------------------------- */

static void identity(ref_complex *out, size_t n_states)
{
    for (size_t i = 0; i < n_states * n_states; i++)
        out[i] = i / n_states == i % n_states;
}

static void apply(ref_complex *columns, size_t n, const ref_complex *matrix, size_t k, const size_t *qubits)
{
    for (size_t column = 0; column < (size_t)1 << n; column++)
        ref_apply(columns + (column << n), n, matrix, k, qubits);
}

static void apply_instruction(const qst_assembly *assembly, const qst_instruction *it, const double *variables,
                              const size_t *places, ref_complex *columns, size_t n);

/* The body of a call on qubits `places` of n. */
static void apply_body(const qst_assembly *assembly, const qst_instruction *it, const double *values,
                       const size_t *places, ref_complex *columns, size_t n)
{
    qst_definition about;
    qst_assembly_definition(assembly, it->definition, &about);
    for (size_t i = 0; i < about.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(assembly, it->definition, i, &inner);
        apply_instruction(assembly, &inner, values, places, columns, n);
    }
}

/* The matrix, row-major, of what an instruction does to its targets. Returns their number. */
static size_t plain_matrix(const qst_assembly *assembly, const qst_instruction *it, const double *values,
                           ref_complex *out)
{
    static const size_t own[] = {0, 1, 2, 3, 4};
    ref_complex columns[RANDOM_MAX_STATES * RANDOM_MAX_STATES];
    if (it->kind == QST_INSTRUCTION_GATE)
        return (size_t)ref_gate_matrix(qst_gate_describe(it->gate)->name, values, out);
    size_t n = it->n_qubits - it->n_controls, n_states = (size_t)1 << n;
    identity(columns, n_states);
    apply_body(assembly, it, values, own, columns, n);
    for (size_t row = 0; row < n_states; row++) {
        for (size_t column = 0; column < n_states; column++)
            out[row * n_states + column] = columns[column * n_states + row];
    }
    return n;
}

static void apply_with_modifiers(const qst_assembly *assembly, const qst_instruction *it, const double *values,
                                 const size_t *qubits, ref_complex *columns, size_t n)
{
    ref_complex plain[RANDOM_MAX_STATES * RANDOM_MAX_STATES], full[RANDOM_MAX_STATES * RANDOM_MAX_STATES];
    size_t k = plain_matrix(assembly, it, values, plain), small = (size_t)1 << k, c = it->n_controls;
    size_t n_states = (size_t)1 << (k + c), on = ((size_t)1 << c) - 1;
    identity(full, n_states);
    for (size_t i = 0; i < small; i++) {
        for (size_t j = 0; j < small; j++)
            full[(i << c | on) * n_states + (j << c | on)] =
                it->inverse ? conj(plain[j * small + i]) : plain[i * small + j];
    }
    apply(columns, n, full, k + c, qubits);
}

static void apply_instruction(const qst_assembly *assembly, const qst_instruction *it, const double *variables,
                              const size_t *places, ref_complex *columns, size_t n)
{
    double values[QST_MAX_GATE_ANGLES];
    size_t qubits[RANDOM_MAX_QUBITS];
    assert_true(it->n_angles <= QST_MAX_GATE_ANGLES && it->n_qubits <= RANDOM_MAX_QUBITS);
    for (size_t i = 0; i < it->n_angles; i++)
        values[i] = qst_expression_value(&it->angles[i], variables);
    for (size_t i = 0; i < it->n_qubits; i++)
        qubits[i] = places[it->qubits[i]];
    if (it->kind == QST_INSTRUCTION_CALL && it->n_controls == 0 && !it->inverse)
        apply_body(assembly, it, values, qubits, columns, n);
    else
        apply_with_modifiers(assembly, it, values, qubits, columns, n);
}

/* A mark for what is not unitary: u of angles that no two kinds or bits share. */
static void apply_mark(const qst_instruction *it, ref_complex *columns, size_t n)
{
    double bit = it->bit == QST_NO_BIT ? 0 : 1 + it->bit;
    double values[] = {0.7 + 0.3 * bit, 0.2 * bit - 1.1, it->kind == QST_INSTRUCTION_RESET ? 2.5 : 0.9};
    ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    size_t qubit = it->qubits[0];
    ref_gate_matrix("u3", values, matrix);
    apply(columns, n, matrix, 1, &qubit);
}

void assembly_matrix(const qst_assembly *assembly, const double *parameters, ref_complex *columns)
{
    static const size_t own[] = {0, 1, 2, 3, 4};
    size_t n = qst_assembly_qubits(assembly);
    identity(columns, (size_t)1 << n);
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction it;
        qst_assembly_instruction(assembly, i, &it);
        if (it.condition != QST_NO_CONDITION && (it.condition_value + it.condition) % 2 == 0)
            continue;
        if (it.kind == QST_INSTRUCTION_MEASURE || it.kind == QST_INSTRUCTION_RESET)
            apply_mark(&it, columns, n);
        else if (it.kind != QST_INSTRUCTION_BARRIER)
            apply_instruction(assembly, &it, parameters, own, columns, n);
    }
}

double matrix_distance(const ref_complex *a, const ref_complex *b, size_t n, bool exact_phase)
{
    ref_complex overlap = 0, phase = 1;
    double most = 0;
    for (size_t i = 0; i < n * n; i++)
        overlap += conj(b[i]) * a[i];
    if (!exact_phase && cabs(overlap) > 0)
        phase = overlap / cabs(overlap);
    for (size_t i = 0; i < n * n; i++)
        most = fmax(most, cabs(a[i] - phase * b[i]));
    return most;
}
