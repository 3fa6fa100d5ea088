/* test_assembly_gates.c: every gate, its inverse, and both under 0 to 3 controls, against dense matrices of the
 * reference, which shares no code; exactly, global phase included, with angles as numbers and as symbols. */
#include "ref/ref.h"
#include "support/assembly_text.h"
#include "support/support.h"

#define MAX_CONTROLS 3
#define MAX_QUBITS   8
#define MAX_STATES   (1 << MAX_QUBITS)
#define N_PARAMETERS 3
#define TOLERANCE    1e-14

static const double parameters[N_PARAMETERS] = {0.83, -1.37, 2.21};

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

/* Angle i of a gate: 0.4 + p0 p1, p2 / 2 - 1, -p1, p0^2 + 2 p1 - p0. */
static const qst_token tokens_0[] = {NUMBER(0.4), VARIABLE(0), VARIABLE(1), DO(MULTIPLY), DO(ADD)};
static const qst_token tokens_1[] = {VARIABLE(2), NUMBER(2), DO(DIVIDE), NUMBER(1), DO(SUBTRACT)};
static const qst_token tokens_2[] = {VARIABLE(1), DO(NEGATE)};
static const qst_token tokens_3[] = {VARIABLE(0),  NUMBER(2), DO(POWER),   NUMBER(2),   VARIABLE(1),
                                     DO(MULTIPLY), DO(ADD),   VARIABLE(0), DO(SUBTRACT)};
static const qst_expression angles[QST_MAX_GATE_ANGLES] = {{tokens_0, 5}, {tokens_1, 5}, {tokens_2, 2}, {tokens_3, 9}};

/* --- the reference ------------------------------------------------------------------------------------------------ */

/* The matrix (2^(c + k), 2^(c + k)) of a gate of k qubits under c controls, which are the low bits. */
static size_t controlled_matrix(qst_gate gate, bool inverse, size_t n_controls, ref_complex *out)
{
    static ref_complex plain[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    double values[QST_MAX_GATE_ANGLES];
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++)
        values[i] = qst_expression_value(&angles[i], parameters);
    int k = ref_gate_matrix(qst_gate_describe(gate)->name, values, plain);
    assert_true(k >= 0);
    size_t n = n_controls + (size_t)k, n_states = (size_t)1 << n, small = (size_t)1 << k;
    size_t all_on = ((size_t)1 << n_controls) - 1;
    for (size_t row = 0; row < n_states; row++) {
        for (size_t column = 0; column < n_states; column++) {
            size_t i = row >> n_controls, j = column >> n_controls;
            bool on = (row & all_on) == all_on && (column & all_on) == all_on;
            ref_complex element = inverse ? conj(plain[j * small + i]) : plain[i * small + j];
            out[row * n_states + column] = on ? element : row == column;
        }
    }
    return n;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

/* Columns of the matrix that a walk makes: state `column` of all, (n_states, n_states). */
typedef struct columns {
    size_t n_qubits, n_steps;
    ref_complex *states;
} columns;

static double value_of(const qst_angle *angle)
{
    double value = 0;
    for (size_t i = 0; i < angle->n_terms; i++) {
        qst_variable variables[] = {angle->terms[i].a, angle->terms[i].b};
        double product = angle->terms[i].coefficient;
        for (int v = 0; v < 2; v++) {
            assert_in_range(variables[v], 0, N_PARAMETERS);
            product *= variables[v] == QST_ONE ? 1 : parameters[variables[v] - 1];
        }
        value += product;
    }
    return value;
}

static qst_status apply_step(void *user, const qst_step *step)
{
    static ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    columns *out = user;
    double values[QST_MAX_GATE_ANGLES] = {0};
    const qst_gate_info *info = qst_gate_describe(step->operation.gate);
    size_t n_states = (size_t)1 << out->n_qubits;
    assert_int_equal(step->kind, QST_INSTRUCTION_GATE);
    for (int i = 0; i < info->n_angles; i++)
        values[i] = value_of(&step->operation.angles[i]);
    int k = ref_gate_matrix(info->name, values, matrix);
    assert_int_equal(k, info->n_qubits);
    for (size_t column = 0; column < n_states; column++)
        ref_apply(out->states + column * n_states, out->n_qubits, matrix, (size_t)k, step->operation.qubits);
    out->n_steps++;
    return QST_OK;
}

static qst_status ignore_step(void *user, const qst_step *step)
{
    (void)user;
    (void)step;
    return QST_OK;
}

/* The gate under controls, on qubits in an order of their own. */
static qst_assembly *one_gate(qst_ctx *ctx, qst_gate gate, bool inverse, size_t n_controls, const uint32_t *qubits)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    size_t n = n_controls + (size_t)info->n_qubits;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    if (n > 0)
        assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "a"));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "b"));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "c"));
    assert_ok(ctx, add(builder, (qst_instruction){.kind = QST_INSTRUCTION_GATE,
                                                  .gate = gate,
                                                  .inverse = inverse,
                                                  .n_controls = (uint32_t)n_controls,
                                                  .qubits = qubits,
                                                  .n_qubits = n,
                                                  .angles = angles,
                                                  .n_angles = (size_t)info->n_angles}));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

static void check_gate(qst_ctx *ctx, qst_gate gate, bool inverse, size_t n_controls, bool bound)
{
    static ref_complex wanted[MAX_STATES * MAX_STATES], start[MAX_STATES * MAX_STATES], got[MAX_STATES * MAX_STATES];
    size_t n = controlled_matrix(gate, inverse, n_controls, wanted), n_states = (size_t)1 << n;
    uint32_t qubits[MAX_QUBITS];
    size_t places[MAX_QUBITS];
    for (size_t i = 0; i < n; i++) /* qubit i of the instruction is at 5 i + 2 or 3 i + 1 modulo n */
        places[i] = qubits[i] = (uint32_t)((n % 5 ? 5 * i + 2 : 3 * i + 1) % n);
    memset(start, 0, sizeof start);
    for (size_t i = 0; i < n_states; i++)
        start[i * n_states + i] = 1;
    memcpy(got, start, sizeof got);
    qst_assembly *assembly = one_gate(ctx, gate, inverse, n_controls, qubits);
    columns out = {n, 0, got};
    assert_ok(ctx, qst_assembly_walk(assembly, bound ? parameters : NULL, 0, apply_step, &out));
    double error = 0;
    for (size_t column = 0; column < n_states; column++) {
        static ref_complex exact[MAX_STATES];
        size_t from = 0;
        for (size_t i = 0; i < n; i++)
            from |= (column >> places[i] & 1) << i;
        memset(exact, 0, sizeof exact);
        for (size_t i = 0; i < n_states; i++) {
            size_t to = 0;
            for (size_t q = 0; q < n; q++)
                to |= (i >> q & 1) << places[q];
            exact[to] = wanted[i * n_states + from];
        }
        for (size_t i = 0; i < n_states; i++)
            error = fmax(error, cabs(exact[i] - got[column * n_states + i]));
    }
    if (!(error <= TOLERANCE)) {
        print_error("%s%s with %zu controls%s: error %g\n", inverse ? "inv @ " : "", qst_gate_describe(gate)->name,
                    n_controls, bound ? ", bound" : "", error);
        fail();
    }
    if (out.n_steps > 1) { /* what is counted before the walk is the number of steps */
        assert_status(ctx, qst_assembly_walk(assembly, NULL, out.n_steps - 1, ignore_step, NULL), QST_ERR_LIMIT);
        assert_ok(ctx, qst_assembly_walk(assembly, NULL, out.n_steps, ignore_step, NULL));
    }
    qst_assembly_free(assembly);
}

static void every_gate_inverse_and_control_is_exact(void **state)
{
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        for (size_t n_controls = 0; n_controls <= MAX_CONTROLS; n_controls++) {
            for (int inverse = 0; inverse < 2; inverse++) {
                check_gate(*state, (qst_gate)gate, inverse, n_controls, false);
                if (n_controls < 2)
                    check_gate(*state, (qst_gate)gate, inverse, n_controls, true);
            }
        }
    }
}

/* Beyond Gray codes: halves of the controls, and X with a spare qubit. */
static void many_controls_are_exact(void **state)
{
    static const qst_gate gates[] = {QST_GATE_x, QST_GATE_rx, QST_GATE_ry, QST_GATE_rz};
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        for (size_t n_controls = 6; n_controls < MAX_QUBITS - 1; n_controls++)
            check_gate(*state, gates[i], false, n_controls, false);
    }
}

/* What is one gate with controls stays one gate. */
static void native_forms_are_used(void **state)
{
    static const struct {
        qst_gate gate;
        bool inverse;
        size_t n_controls, n_steps;
    } cases[] = {
        {QST_GATE_x, false, 1, 1},    {QST_GATE_x, false, 4, 1},      {QST_GATE_ccx, true, 2, 1},
        {QST_GATE_z, false, 1, 1},    {QST_GATE_z, false, 2, 3},      {QST_GATE_p, true, 1, 1},
        {QST_GATE_rz, false, 1, 1},   {QST_GATE_rx, true, 1, 1},      {QST_GATE_u, false, 1, 1},
        {QST_GATE_u3, true, 1, 1},    {QST_GATE_gphase, false, 1, 1}, {QST_GATE_gphase, true, 2, 1},
        {QST_GATE_swap, false, 1, 1}, {QST_GATE_s, true, 0, 1},       {QST_GATE_sx, true, 1, 1},
        {QST_GATE_iswap, true, 0, 2}, {QST_GATE_sx, false, 3, 1},     {QST_GATE_csx, true, 0, 1},
        {QST_GATE_u2, true, 0, 1},    {QST_GATE_h, false, 1, 1},      {QST_GATE_y, false, 2, 3},
        {QST_GATE_id, false, 1, 0},   {QST_GATE_cry, false, 1, 8},    {QST_GATE_cp, false, 1, 9},
    };
    static const uint32_t qubits[] = {0, 1, 2, 3, 4, 5, 6, 7};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_assembly *assembly = one_gate(*state, cases[i].gate, cases[i].inverse, cases[i].n_controls, qubits);
        static ref_complex states[MAX_STATES * MAX_STATES];
        columns out = {qst_assembly_qubits(assembly), 0, states};
        assert_ok(*state, qst_assembly_walk(assembly, NULL, 0, apply_step, &out));
        if (out.n_steps != cases[i].n_steps) {
            print_error("%s with %zu controls: %zu steps, not %zu\n", qst_gate_describe(cases[i].gate)->name,
                        cases[i].n_controls, out.n_steps, cases[i].n_steps);
            fail();
        }
        qst_assembly_free(assembly);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate_inverse_and_control_is_exact),
        cmocka_unit_test(many_controls_are_exact),
        cmocka_unit_test(native_forms_are_used),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
