/* test_assembly_walk.c: random assemblies of nested definitions with inverses and controls, walked and multiplied as
 * dense matrices; and what a stranger could ask a walk to do. */
#include "ref/ref.h"
#include "support/assembly_text.h"
#include "support/support.h"

#define N_QUBITS     4
#define N_STATES     (1 << N_QUBITS)
#define N_PARAMETERS 2
#define TOLERANCE    1e-13

typedef ref_complex square[N_STATES * N_STATES];

static const double parameters[N_PARAMETERS] = {0.61, -1.13};

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* --- random assemblies -------------------------------------------------------------------------------------------- */

static uint32_t random_state = 12345;

static uint32_t below(uint32_t n)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)(random_state >> 8) * n) >> 24);
}

static void shuffle(uint32_t *qubits, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        qubits[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t other = below(i), kept = qubits[i - 1];
        qubits[i - 1] = qubits[other];
        qubits[other] = kept;
    }
}

/* A linear expression of n_variables variables: degrees stay at most 1 however deep calls are nested. */
static qst_expression random_angle(qst_token tokens[8], uint32_t n_variables)
{
    static const double numbers[] = {0.5, -2, 3.25, 0.125};
    qst_token number = {.kind = QST_OPERATOR_NUMBER, .number = numbers[below(4)]};
    size_t n = 0;
    tokens[n++] = number;
    if (n_variables > 0 && below(4) > 0) {
        tokens[n++] = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = below(n_variables)};
        tokens[n++] = (qst_token){.kind = below(2) ? QST_OPERATOR_ADD : QST_OPERATOR_SUBTRACT};
        if (below(2)) {
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = below(n_variables)};
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = 3};
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_DIVIDE};
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_ADD};
        }
    }
    return (qst_expression){tokens, n};
}

/* Adds an instruction on n qubits with n_variables to name; false when the first gate drawn is too large. */
static bool add_random(qst_ctx *ctx, qst_assembly_builder *builder, uint32_t n, uint32_t n_variables,
                       uint32_t n_definitions, const qst_definition *definitions)
{
    qst_token tokens[QST_MAX_GATE_ANGLES][8];
    qst_expression angles[QST_MAX_GATE_ANGLES];
    uint32_t qubits[N_QUBITS];
    qst_instruction it = {.qubits = qubits, .angles = angles, .inverse = below(3) == 0};
    size_t width;
    if (n_definitions > 0 && below(2)) {
        it.kind = QST_INSTRUCTION_CALL;
        it.definition = below(n_definitions);
        width = definitions[it.definition].n_qubits;
        it.n_angles = definitions[it.definition].n_angles;
    } else {
        it.kind = QST_INSTRUCTION_GATE;
        it.gate = (qst_gate)below(QST_GATE_COUNT);
        width = (size_t)qst_gate_describe(it.gate)->n_qubits;
        it.n_angles = (size_t)qst_gate_describe(it.gate)->n_angles;
    }
    if (width > n)
        return false;
    it.n_controls = below((uint32_t)(n - width) + 1);
    it.n_qubits = it.n_controls + width;
    shuffle(qubits, n);
    for (size_t i = 0; i < it.n_angles; i++)
        angles[i] = random_angle(tokens[i], n_variables);
    assert_ok(ctx, add(builder, it));
    return true;
}

static qst_assembly *random_assembly(qst_ctx *ctx)
{
    static const char *const qubit_names[] = {"a", "b", "c", "d"}, *const angle_names[] = {"s", "t"};
    static const char *const names[] = {"g0", "g1", "g2", "g3", "g4"};
    qst_definition definitions[5];
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    uint32_t n_definitions = below(6);
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", N_QUBITS - 1));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "r", 1));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "alpha"));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "beta"));
    for (uint32_t i = 0; i < n_definitions; i++) {
        definitions[i] = (qst_definition){.name = names[i],
                                          .n_qubits = 1 + below(N_QUBITS - 1),
                                          .n_angles = below(3),
                                          .qubit_names = qubit_names,
                                          .angle_names = angle_names};
        assert_ok(ctx, qst_assembly_begin_definition(builder, &definitions[i]));
        for (uint32_t left = below(4); left > 0;) {
            left -= add_random(ctx, builder, (uint32_t)definitions[i].n_qubits, (uint32_t)definitions[i].n_angles, i,
                               definitions);
        }
        assert_ok(ctx, qst_assembly_end_definition(builder));
    }
    for (uint32_t left = 3; left > 0;)
        left -= add_random(ctx, builder, N_QUBITS, N_PARAMETERS, n_definitions, definitions);
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

/* --- the reference: matrices of bodies, multiplied ---------------------------------------------------------------- */

static void identity(ref_complex *out, size_t n_states)
{
    for (size_t i = 0; i < n_states * n_states; i++)
        out[i] = i / n_states == i % n_states;
}

/* columns (n_states, n_states), column by column: each becomes M column. */
static void apply_to_all(ref_complex *columns, size_t n, const ref_complex *matrix, size_t k, const size_t *qubits)
{
    for (size_t column = 0; column < (size_t)1 << n; column++)
        ref_apply(columns + (column << n), n, matrix, k, qubits);
}

static void apply_instruction(const qst_assembly *assembly, const qst_instruction *it, const double *variables,
                              ref_complex *columns, size_t n);

/* The matrix, row-major, of what an instruction does to its targets, without controls and inverse. */
static size_t plain_matrix(const qst_assembly *assembly, const qst_instruction *it, const double *variables,
                           ref_complex *out)
{
    double values[QST_MAX_GATE_ANGLES];
    for (size_t i = 0; i < it->n_angles; i++)
        values[i] = qst_expression_value(&it->angles[i], variables);
    if (it->kind == QST_INSTRUCTION_GATE)
        return (size_t)ref_gate_matrix(qst_gate_describe(it->gate)->name, values, out);
    qst_definition about;
    qst_assembly_definition(assembly, it->definition, &about);
    size_t n = about.n_qubits, n_states = (size_t)1 << n;
    square columns;
    identity(columns, n_states);
    for (size_t i = 0; i < about.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(assembly, it->definition, i, &inner);
        apply_instruction(assembly, &inner, values, columns, n);
    }
    for (size_t row = 0; row < n_states; row++) {
        for (size_t column = 0; column < n_states; column++)
            out[row * n_states + column] = columns[column * n_states + row];
    }
    return n;
}

static void apply_instruction(const qst_assembly *assembly, const qst_instruction *it, const double *variables,
                              ref_complex *columns, size_t n)
{
    ref_complex plain[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    square full;
    size_t k = plain_matrix(assembly, it, variables, plain), small = (size_t)1 << k, c = it->n_controls;
    size_t n_states = (size_t)1 << (k + c), on = ((size_t)1 << c) - 1, qubits[N_QUBITS];
    identity(full, n_states);
    for (size_t i = 0; i < small; i++) {
        for (size_t j = 0; j < small; j++)
            full[(i << c | on) * n_states + (j << c | on)] =
                it->inverse ? conj(plain[j * small + i]) : plain[i * small + j];
    }
    for (size_t i = 0; i < it->n_qubits; i++)
        qubits[i] = it->qubits[i];
    apply_to_all(columns, n, full, k + c, qubits);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static qst_status apply_step(void *user, const qst_step *step)
{
    ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    double values[QST_MAX_GATE_ANGLES] = {0};
    assert_int_equal(step->kind, QST_INSTRUCTION_GATE);
    const qst_gate_info *info = qst_gate_describe(step->operation.gate);
    for (int i = 0; i < info->n_angles; i++) {
        for (size_t t = 0; t < step->operation.angles[i].n_terms; t++) {
            const qst_term *term = &step->operation.angles[i].terms[t];
            assert_int_equal(term->b, QST_ONE);
            values[i] += term->coefficient * (term->a == QST_ONE ? 1 : parameters[term->a - 1]);
        }
    }
    size_t k = (size_t)ref_gate_matrix(info->name, values, matrix);
    apply_to_all(user, N_QUBITS, matrix, k, step->operation.qubits);
    return QST_OK;
}

static double distance(const ref_complex *a, const ref_complex *b)
{
    double most = 0;
    for (size_t i = 0; i < sizeof(square) / sizeof *a; i++)
        most = fmax(most, cabs(a[i] - b[i]));
    return most;
}

static void a_walk_is_the_product_of_its_instructions(void **state)
{
    qst_ctx *ctx = *state;
    for (int round = 0; round < 400; round++) {
        square wanted, got;
        qst_assembly *assembly = random_assembly(ctx);
        identity(wanted, N_STATES);
        for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
            qst_instruction it;
            qst_assembly_instruction(assembly, i, &it);
            apply_instruction(assembly, &it, parameters, wanted, N_QUBITS);
        }
        for (int bound = 0; bound < 2; bound++) {
            identity(got, N_STATES);
            assert_ok(ctx, qst_assembly_walk(assembly, bound ? parameters : NULL, 0, apply_step, got));
            assert_close(distance(wanted, got), 0, TOLERANCE);
        }
        qst_assembly_free(assembly);
    }
}

/* --- what is handed out besides gates ----------------------------------------------------------------------------- */

typedef struct log_of_steps {
    char text[512];
    size_t n_steps;
    qst_status answer;
} log_of_steps;

static qst_status write_step(void *user, const qst_step *step)
{
    static const char *const names[] = {"", "call", "measure", "reset", "barrier"};
    log_of_steps *log = user;
    bool is_gate = step->kind == QST_INSTRUCTION_GATE;
    size_t used = strlen(log->text), room = sizeof log->text - used;
    used += (size_t)snprintf(log->text + used, room, "%zu:%s", step->instruction,
                             is_gate ? qst_gate_describe(step->operation.gate)->name : names[step->kind]);
    for (size_t i = 0; i < (is_gate ? (size_t)qst_gate_describe(step->operation.gate)->n_qubits : step->n_qubits); i++)
        used += (size_t)snprintf(log->text + used, sizeof log->text - used, " %zu",
                                 is_gate ? step->operation.qubits[i] : step->qubits[i]);
    if (step->bit != QST_NO_BIT)
        used += (size_t)snprintf(log->text + used, sizeof log->text - used, " ->%u", step->bit);
    if (step->condition != QST_NO_CONDITION)
        used += (size_t)snprintf(log->text + used, sizeof log->text - used, " if %zu=%u", step->condition,
                                 (unsigned)step->condition_value);
    (void)snprintf(log->text + used, sizeof log->text - used, "; ");
    log->n_steps++;
    return log->answer;
}

static void define(qst_ctx *ctx, qst_assembly_builder *builder, const char *name, size_t n_qubits, size_t n_angles)
{
    qst_definition definition = {.name = name,
                                 .n_qubits = n_qubits,
                                 .n_angles = n_angles,
                                 .qubit_names = (const char *const[]){"a", "b", "c"},
                                 .angle_names = (const char *const[]){"t"}};
    assert_ok(ctx, qst_assembly_begin_definition(builder, &definition));
}

static void measurements_barriers_and_conditions_are_handed_out(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 3));
    assert_ok(ctx, qst_assembly_add_bits(builder, "c", 2));
    define(ctx, builder, "g", 2, 0);
    assert_ok(ctx, add(builder, GATE(s, QUBITS(0))));
    assert_ok(ctx, add(builder, OTHER(BARRIER, QUBITS(1, 0))));
    assert_ok(ctx, add(builder, GATE(h, QUBITS(1))));
    assert_ok(ctx, qst_assembly_end_definition(builder));
    assert_ok(ctx, add_when(builder, 0, 3, CALL(0, QUBITS(2, 0, 1), .n_controls = 1, .inverse = true)));
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(1), .bit = 1)));
    assert_ok(ctx, add(builder, OTHER(RESET, QUBITS(2))));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    log_of_steps log = {"", 0, QST_OK};
    assert_ok(ctx, qst_assembly_walk(assembly, NULL, 0, write_step, &log));
    assert_string_equal(log.text, "0:ch 2 1 if 0=3; 0:barrier 1 0 if 0=3; 0:cp 2 0 if 0=3; 1:measure 1 ->1; "
                                  "2:reset 2; ");
    log = (log_of_steps){"", 0, QST_ERR_DIVERGED};
    assert_status(ctx, qst_assembly_walk(assembly, NULL, 0, write_step, &log), QST_ERR_DIVERGED);
    assert_int_equal(log.n_steps, 1);
    qst_assembly_free(assembly);
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

/* n definitions, each calling the one before it `calls` times; the first is one h, or nothing. */
static qst_assembly *nested(qst_ctx *ctx, size_t n, size_t calls, bool empty)
{
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    char name[32];
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 1));
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "g%zu", i);
        define(ctx, builder, name, 1, 1);
        if (i == 0 && !empty)
            assert_ok(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0))))));
        for (size_t call = 0; i > 0 && call < calls; call++)
            assert_ok(ctx, add(builder, CALL(i - 1, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0), VARIABLE(0), DO(ADD))))));
        assert_ok(ctx, qst_assembly_end_definition(builder));
    }
    assert_ok(ctx, qst_assembly_add_parameter(builder, "p"));
    assert_ok(ctx, add(builder, CALL(n - 1, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0))))));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

static void expansion_bombs_are_refused_at_once(void **state)
{
    qst_ctx *ctx = *state;
    log_of_steps log = {"", 0, QST_OK};
    for (size_t calls = 2; calls <= 10; calls += 4) {
        qst_assembly *assembly = nested(ctx, 200, calls, false);
        assert_status(ctx, qst_assembly_walk(assembly, NULL, 0, write_step, &log), QST_ERR_LIMIT);
        assert_message(ctx, "the circuit expands to at least 18446744073709551615 gates; at most 100000000");
        qst_assembly_free(assembly);
    }
    qst_assembly *assembly = nested(ctx, 200, 2, true);
    assert_ok(ctx, qst_assembly_walk(assembly, NULL, 0, write_step, &log));
    assert_int_equal(log.n_steps, 0);
    qst_assembly_free(assembly);
    assembly = nested(ctx, 11, 2, false);
    assert_status(ctx, qst_assembly_walk(assembly, NULL, 1023, write_step, &log), QST_ERR_LIMIT);
    assert_message(ctx, "the circuit expands to 1024 gates; at most 1023 are allowed");
    qst_assembly_free(assembly);
}

static void deep_nesting_is_walked(void **state)
{
    qst_assembly *assembly = nested(*state, 1000, 1, false);
    log_of_steps log = {"", 0, QST_OK};
    assert_ok(*state, qst_assembly_walk(assembly, NULL, 0, write_step, &log)); /* 2^999 p is finite */
    assert_string_equal(log.text, "0:rx 0; ");
    qst_assembly_free(assembly);
    assembly = nested(*state, 100000, 1, false);
    assert_status(*state, qst_assembly_walk(assembly, NULL, 0, write_step, &log), QST_ERR_INPUT);
    assert_message(*state, "instruction 0 (g99999): angle 0 of g98975: it is not finite");
    assert_ok(*state, qst_assembly_walk(assembly, &(double){0}, 0, write_step, &log));
    qst_assembly_free(assembly);
}

/* What cannot be expanded, with its message. */
static void refused(qst_ctx *ctx, qst_status expected, const char *message, qst_instruction instruction)
{
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    log_of_steps log = {"", 0, QST_OK};
    qst_definition box = {.name = "box", .n_qubits = 1, .qubit_names = (const char *const[]){"a"}, .opaque = true};
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 80));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "p"));
    assert_ok(ctx, qst_assembly_begin_definition(builder, &box));
    define(ctx, builder, "g", 1, 1);
    assert_ok(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES(EXPRESSION(NUMBER(1), VARIABLE(0), DO(DIVIDE))))));
    assert_ok(ctx, qst_assembly_end_definition(builder));
    assert_ok(ctx, add(builder, instruction));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_status(ctx, qst_assembly_walk(assembly, NULL, 0, write_step, &log), expected);
    assert_message(ctx, message);
    assert_int_equal(log.n_steps, 0);
    qst_assembly_free(assembly);
}

static void what_cannot_be_expanded_is_refused(void **state)
{
    qst_ctx *ctx = *state;
    uint32_t many[80];
    for (uint32_t i = 0; i < 80; i++)
        many[i] = i;
    refused(ctx, QST_ERR_UNSUPPORTED, "instruction 0 (box): gate box is opaque: it has no body", CALL(0, QUBITS(3)));
    refused(ctx, QST_ERR_UNSUPPORTED, "instruction 0 (x): 65 controls on one gate; at most 64",
            GATE(x, .qubits = many, .n_qubits = 66, .n_controls = 65));
    refused(ctx, QST_ERR_UNSUPPORTED, "instruction 0 (rx): angle 0 of rx: not a polynomial of degree <= 2",
            GATE(rx, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0), DO(SIN)))));
    refused(ctx, QST_ERR_UNSUPPORTED, "not a polynomial",
            GATE(rx, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0), VARIABLE(0), DO(MULTIPLY), VARIABLE(0), DO(MULTIPLY)))));
    refused(ctx, QST_ERR_UNSUPPORTED, "instruction 0 (g): angle 0 of rx: not a polynomial",
            CALL(1, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0)))));
    refused(ctx, QST_ERR_INPUT, "instruction 0 (g): angle 0 of rx: it is not finite",
            CALL(1, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0), VARIABLE(0), DO(SUBTRACT)))));
}

/* --- polynomials -------------------------------------------------------------------------------------------------- */

typedef struct angle_seen {
    size_t n_terms;
    qst_term terms[8];
} angle_seen;

static qst_status keep_angle(void *user, const qst_step *step)
{
    angle_seen *seen = user;
    seen->n_terms = step->operation.angles[0].n_terms;
    memcpy(seen->terms, step->operation.angles[0].terms, seen->n_terms * sizeof *seen->terms);
    return QST_OK;
}

static void expect_terms(qst_ctx *ctx, qst_expression angle, const qst_term *terms, size_t n_terms)
{
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    angle_seen seen = {0};
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 1));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "p"));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "r"));
    assert_ok(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES(angle))));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_ok(ctx, qst_assembly_walk(assembly, NULL, 0, keep_angle, &seen));
    assert_int_equal(seen.n_terms, n_terms);
    for (size_t i = 0; i < n_terms; i++) {
        assert_close(seen.terms[i].coefficient, terms[i].coefficient, 0);
        assert_int_equal(seen.terms[i].a, terms[i].a);
        assert_int_equal(seen.terms[i].b, terms[i].b);
    }
    qst_assembly_free(assembly);
}

#define TERMS(...) (const qst_term[]){__VA_ARGS__}, sizeof((const qst_term[]){__VA_ARGS__}) / sizeof(qst_term)
#define P          QST_WEIGHT(0)
#define R          QST_WEIGHT(1)

static void angles_are_polynomials(void **state)
{
    qst_ctx *ctx = *state;
    expect_terms(ctx, EXPRESSION(NUMBER(1), VARIABLE(0), DO(SUBTRACT), NUMBER(4), DO(DIVIDE)),
                 TERMS({-0.25, P, QST_ONE}, {0.25, QST_ONE, QST_ONE}));
    /* (p - r)(p + r) + r^2 = p^2 */
    expect_terms(ctx,
                 EXPRESSION(VARIABLE(0), VARIABLE(1), DO(SUBTRACT), VARIABLE(0), VARIABLE(1), DO(ADD), DO(MULTIPLY),
                            VARIABLE(1), NUMBER(2), DO(POWER), DO(ADD)),
                 TERMS({1, P, P}));
    /* -(2 p r + 3) * 2 */
    expect_terms(ctx,
                 EXPRESSION(NUMBER(2), VARIABLE(1), DO(MULTIPLY), VARIABLE(0), DO(MULTIPLY), NUMBER(3), DO(ADD),
                            DO(NEGATE), NUMBER(2), DO(MULTIPLY)),
                 TERMS({-4, R, P}, {-6, QST_ONE, QST_ONE}));
    /* p^0 + p^1 + sin(p - p) = p + 1 */
    expect_terms(ctx,
                 EXPRESSION(VARIABLE(0), NUMBER(0), DO(POWER), VARIABLE(0), NUMBER(1), DO(POWER), DO(ADD), VARIABLE(0),
                            VARIABLE(0), DO(SUBTRACT), DO(SIN), DO(ADD)),
                 TERMS({1, P, QST_ONE}, {1, QST_ONE, QST_ONE}));
    /* (p + 1 - p) * r / 2 */
    expect_terms(ctx,
                 EXPRESSION(VARIABLE(0), NUMBER(1), DO(ADD), VARIABLE(0), DO(SUBTRACT), VARIABLE(1), DO(MULTIPLY),
                            NUMBER(2), DO(DIVIDE)),
                 TERMS({0.5, R, QST_ONE}));
    expect_terms(ctx, EXPRESSION(VARIABLE(0), VARIABLE(0), DO(SUBTRACT)), TERMS({0, QST_ONE, QST_ONE}));
}

/* (p0 + p1 + ...)^2 of 300 parameters has 90,000 products. */
static void large_polynomials_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    log_of_steps log = {"", 0, QST_OK};
    qst_token tokens[601];
    char name[32];
    size_t n = 0;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 1));
    for (uint32_t i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "p%u", i);
        assert_ok(ctx, qst_assembly_add_parameter(builder, name));
        tokens[n++] = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = i};
        if (i > 0)
            tokens[n++] = (qst_token){.kind = QST_OPERATOR_ADD};
    }
    tokens[n++] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = 2};
    tokens[n++] = (qst_token){.kind = QST_OPERATOR_POWER};
    assert_ok(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES({tokens, n}))));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_status(ctx, qst_assembly_walk(assembly, NULL, 0, write_step, &log), QST_ERR_LIMIT);
    assert_message(ctx, "instruction 0 (rx): angle 0 of rx: a polynomial of more than 65536 terms");
    qst_assembly_free(assembly);
}

static qst_status walk_small(qst_ctx *ctx, void *arg)
{
    (void)arg;
    log_of_steps log = {"", 0, QST_OK};
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    qst_definition g = {.name = "g",
                        .n_qubits = 1,
                        .n_angles = 1,
                        .qubit_names = (const char *const[]){"a"},
                        .angle_names = (const char *const[]){"t"}};
    qst_status status;
#define TRY(expression)                    \
    if ((status = (expression)) != QST_OK) \
    goto done
    TRY(qst_assembly_begin(ctx, &builder));
    TRY(qst_assembly_add_qubits(builder, "q", 2));
    TRY(qst_assembly_add_parameter(builder, "p"));
    TRY(qst_assembly_begin_definition(builder, &g));
    TRY(add(builder, GATE(rx, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0), VARIABLE(0), DO(MULTIPLY))))));
    TRY(qst_assembly_end_definition(builder));
    TRY(add(builder, CALL(0, QUBITS(0, 1), .n_controls = 1, ANGLES(EXPRESSION(VARIABLE(0), NUMBER(1), DO(ADD))))));
    status = qst_assembly_finish(builder, &assembly);
    builder = NULL;
    if (status == QST_OK)
        status = qst_assembly_walk(assembly, NULL, 0, write_step, &log);
done:
    qst_assembly_abandon(builder);
    qst_assembly_free(assembly);
    return status;
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    support_fail_each_allocation(walk_small, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_is_the_product_of_its_instructions),
        cmocka_unit_test(measurements_barriers_and_conditions_are_handed_out),
        cmocka_unit_test(expansion_bombs_are_refused_at_once),
        cmocka_unit_test(deep_nesting_is_walked),
        cmocka_unit_test(what_cannot_be_expanded_is_refused),
        cmocka_unit_test(angles_are_polynomials),
        cmocka_unit_test(large_polynomials_are_refused),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
