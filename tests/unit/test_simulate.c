/* test_simulate.c: states and values against the reference simulator, and what is refused.
 *
 * Every gate stands on every choice of its qubits behind a random state without symmetry; the state is compared as it
 * is, global phase included. */
#include "property/sim_case.h"

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

static double state_tolerance(qst_precision precision)
{
    return precision == QST_SINGLE ? 1e-6 : 1e-13;
}

/* --- every gate --------------------------------------------------------------------------------------------------- */

/* The gate behind a scrambled amplitude state, its angles polynomials with weights and features. */
static void check_gate(qst_ctx *ctx, qst_gate gate, size_t n_qubits, const size_t *qubits, qst_precision precision,
                       ref_rng *rng)
{
    sim_builder to = sim_begin(ctx, n_qubits, (size_t)1 << n_qubits, 2, QST_PREPARE_AMPLITUDE);
    sim_scramble(&to, n_qubits, rng);
    qst_term terms[QST_MAX_GATE_ANGLES][2];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    for (int k = 0; k < QST_MAX_GATE_ANGLES; k++) {
        terms[k][0] = (qst_term){ref_uniform(rng, -2, 2), QST_WEIGHT(k % 2), k < 2 ? QST_ONE : QST_FEATURE(1)};
        terms[k][1] = (qst_term){ref_uniform(rng, -2, 2), QST_ONE, QST_FEATURE(0)};
        angles[k] = (qst_angle){terms[k], 2};
    }
    sim_add(&to, gate, qubits, angles);
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, n_qubits, "z", 0), precision);
    sim_run run = sim_draw(&of, ref_u64(rng), 1);
    sim_assert_within(sim_state_error(&of, &run), state_tolerance(precision), "gate %s on %zu,%zu,%zu,%zu,%zu of %zu",
                      qst_gate_describe(gate)->name, qubits[0], qubits[1], qubits[2], qubits[3], qubits[4], n_qubits);
    sim_run_free(&run);
    sim_close(&of);
}

static size_t check_gate_everywhere(qst_ctx *ctx, qst_gate gate, qst_precision precision)
{
    ref_rng rng = {100 + (uint64_t)gate};
    size_t k = (size_t)qst_gate_describe(gate)->n_qubits, most = k <= 2 ? 6 : 5, n_checked = 0;
    for (size_t n = k > 0 ? k : 1; n <= most; n++) {
        for (size_t code = 0; code < ref_tuple_codes(n, k); code++) {
            size_t qubits[QST_MAX_GATE_QUBITS] = {0};
            if (!ref_tuple(n, k, code, qubits))
                continue;
            check_gate(ctx, gate, n, qubits, precision, &rng);
            n_checked++;
        }
    }
    return n_checked;
}

static void every_gate_on_all_qubits(void **state)
{
    for (int precision = QST_DOUBLE; precision <= QST_SINGLE; precision++) {
        size_t n_checked = 0;
        for (int gate = 0; gate < QST_GATE_COUNT; gate++)
            n_checked += check_gate_everywhere(*state, (qst_gate)gate, (qst_precision)precision);
        assert_true(n_checked > 2500);
    }
}

/* --- preparations ------------------------------------------------------------------------------------------------- */

/* Amplitude and basis preparation with every number of features. */
static void every_preparation(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {5};
    for (size_t n = 1; n <= 4; n++) {
        for (int preparation = QST_PREPARE_ZERO; preparation <= QST_PREPARE_BASIS; preparation++) {
            size_t most = preparation == QST_PREPARE_BASIS ? n : (size_t)1 << n;
            for (size_t d = preparation == QST_PREPARE_ZERO ? 0 : 1; d <= most; d++) {
                sim_builder to = sim_begin(ctx, n, d, 0, (qst_preparation)preparation);
                if (d % 2)
                    sim_scramble(&to, n, &rng);
                sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, n, "z", 0), QST_DOUBLE);
                sim_run run = sim_draw(&of, 7 * n + d, 1);
                sim_assert_within(sim_state_error(&of, &run), 1e-14, "preparation %d, %zu qubits, %zu features",
                                  preparation, n, d);
                sim_run_free(&run);
                sim_close(&of);
            }
        }
    }
}

/* The norm is taken without overflow or underflow: x and 2^k x are the same state, with the same bits. */
static void amplitudes_of_any_size(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 2, 3, 0, QST_PREPARE_AMPLITUDE);
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "z zz x", 0), QST_DOUBLE);
    const int exponents[] = {-1060, -1000, -600, -300, 300, 600, 1000, 1022};
    const double x[3] = {0.75, -1.25, 0.5};
    double expected[5], scaled[3];
    assert_ok(ctx, qst_program_forward(of.program, NULL, (qst_const_matrix){x, 1, 3}, (qst_matrix){expected, 1, 5}));
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        double values[5], cotangent[5] = {1, -2, 3, 0.5, 1}, gradient[3];
        for (size_t j = 0; j < 3; j++)
            scaled[j] = ldexp(x[j], exponents[i]);
        qst_const_matrix row = {scaled, 1, 3};
        assert_ok(ctx, qst_program_forward(of.program, NULL, row, (qst_matrix){values, 1, 5}));
        assert_memory_equal(values, expected, sizeof values);
        assert_ok(ctx, qst_program_vjp(of.program, NULL, row, (qst_const_matrix){cotangent, 1, 5}, NULL,
                                       (qst_matrix){gradient, 1, 3}, (qst_matrix){NULL, 0, 0}));
        assert_false(isnan(gradient[0]) || isnan(gradient[1]) || isnan(gradient[2]));
    }
    sim_close(&of);
}

/* --- outputs ------------------------------------------------------------------------------------------------------ */

static void check_values(const sim_case *of, uint64_t seed, size_t n_rows, double tolerance, const char *what)
{
    sim_run run = sim_draw(of, seed, n_rows);
    double *expected = sim_allocate(n_rows * of->n_outputs, sizeof *expected);
    sim_forward(of, &run);
    sim_reference_values(of, &run, expected);
    sim_assert_within(sim_distance(run.values, expected, n_rows * of->n_outputs), tolerance,
                      "%s, seed %llu, %zu qubits", what, (unsigned long long)seed, of->n_qubits);
    free(expected);
    sim_run_free(&run);
}

/* The expectations of all 4^n Paulis, n = 1..3, behind a circuit whose moves mix the qubits. */
static void every_pauli(void **state)
{
    qst_ctx *ctx = *state;
    for (size_t n = 1; n <= 3; n++) {
        size_t n_paulis = (size_t)1 << 2 * n;
        qst_pauli paulis[64];
        double coefficients[64];
        size_t outputs[64];
        qst_readout *readout = NULL;
        qst_circuit *circuit = NULL;
        for (size_t i = 0; i < n_paulis; i++) {
            paulis[i] = (qst_pauli){(uint32_t)(i >> n), (uint32_t)i & ((1U << n) - 1)};
            coefficients[i] = 1;
            outputs[i] = i;
        }
        assert_ok(ctx, qst_readout_paulis(ctx, n, paulis, coefficients, outputs, n_paulis, n_paulis, &readout));
        assert_ok(ctx, ref_random_circuit(ctx, 40 + n, n, 2, 3, 24, &circuit));
        sim_case of = sim_open(ctx, circuit, readout, QST_DOUBLE);
        check_values(&of, n, 5, 1e-13, "every Pauli");
        sim_close(&of);
    }
}

static void every_readout(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        size_t n = 1 + seed % 5, preparation = seed / 5 % 3;
        size_t n_features = preparation == QST_PREPARE_ZERO ? seed % 4 : 1 + seed % n;
        bool single = seed % 7 == 0;
        qst_circuit *circuit = NULL;
        assert_ok(ctx,
                  ref_random_prepared_circuit(ctx, seed, (qst_preparation)preparation, n, n_features, 3, 12, &circuit));
        sim_case of =
            sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n, seed), single ? QST_SINGLE : QST_DOUBLE);
        check_values(&of, seed, 1 + seed % 19, sim_readout_bound(seed % SIM_READOUTS) * (single ? 1e-6 : 1e-13),
                     "readout");
        sim_close(&of);
    }
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

#define SENTINEL 12345.0

/* One circuit with 2 weights and 3 features on 3 qubits, and arguments that fit, to be spoilt one by one. */
typedef struct arguments {
    sim_case of;
    double weights[2], x[6], cotangent[6], values[6], out_weights[2], out_x[6];
    qst_const_matrix x_view, cotangent_view;
    qst_matrix values_view, out_x_view;
} arguments;

static arguments good_arguments(qst_ctx *ctx, qst_preparation preparation)
{
    sim_builder to = sim_begin(ctx, 3, 3, 2, preparation);
    sim_add(&to, QST_GATE_ry, (size_t[]){0},
            &QST_ANGLE({1, QST_WEIGHT(0), QST_FEATURE(1)}, {1, QST_WEIGHT(1), QST_ONE}));
    arguments out = {
        .of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 3, "z", 0), QST_DOUBLE),
        .weights = {0.5, 0.25},
        .x = {1, 0, 1, 0, 1, 1},
    };
    for (size_t i = 0; i < 6; i++)
        out.values[i] = out.out_x[i] = out.out_weights[i % 2] = SENTINEL;
    return out;
}

static void set_views(arguments *a)
{
    a->x_view = (qst_const_matrix){a->x, 2, 3};
    a->cotangent_view = (qst_const_matrix){a->cotangent, 2, 3};
    a->values_view = (qst_matrix){a->values, 2, 3};
    a->out_x_view = (qst_matrix){a->out_x, 2, 3};
}

static void assert_untouched(const arguments *a)
{
    for (size_t i = 0; i < 6; i++)
        assert_true(a->values[i] == SENTINEL && a->out_x[i] == SENTINEL && a->out_weights[i % 2] == SENTINEL);
}

static qst_status call_forward(arguments *a)
{
    return qst_program_forward(a->of.program, a->weights, a->x_view, a->values_view);
}

static qst_status call_vjp(arguments *a)
{
    return qst_program_vjp(a->of.program, a->weights, a->x_view, a->cotangent_view, a->out_weights, a->out_x_view,
                           a->values_view);
}

static qst_status call_shift(arguments *a)
{
    return qst_program_parameter_shift(a->of.program, a->weights, a->x_view, a->cotangent_view, a->out_weights,
                                       a->out_x_view);
}

static void wrong_shapes(void **state)
{
    qst_ctx *ctx = *state;
    arguments a = good_arguments(ctx, QST_PREPARE_ZERO);
#define REFUSED(call, part)                         \
    do {                                            \
        assert_status(ctx, call, QST_ERR_MISMATCH); \
        assert_message(ctx, part);                  \
        assert_untouched(&a);                       \
        set_views(&a);                              \
    } while (0)
    set_views(&a);
    a.x_view = (qst_const_matrix){a.x, 3, 2};
    a.values_view.n_rows = 3;
    REFUSED(call_forward(&a), "the samples have 2 features, the circuit takes 3");
    a.values_view.n_cols = 2;
    REFUSED(call_forward(&a), "out has shape (2, 2): (2, 3) is needed");
    a.values_view.n_rows = 1;
    REFUSED(call_forward(&a), "out has shape (1, 3): (2, 3) is needed");
    a.cotangent_view.n_cols = 4;
    REFUSED(call_vjp(&a), "cotangent has shape (2, 4): (2, 3) is needed");
    a.cotangent_view.n_rows = 1;
    REFUSED(call_shift(&a), "cotangent has shape (1, 3): (2, 3) is needed");
    a.out_x_view.n_rows = 3;
    REFUSED(call_vjp(&a), "out_x has shape (3, 3): (2, 3) is needed");
    a.out_x_view.n_cols = 4;
    REFUSED(call_shift(&a), "out_x has shape (2, 4): (2, 3) is needed");
    a.values_view.n_cols = 1;
    REFUSED(call_vjp(&a), "out_values has shape (2, 1): (2, 3) is needed");
    a.x_view = (qst_const_matrix){a.x, 1, 6};
    a.out_x_view.n_rows = 1;
    a.cotangent_view = (qst_const_matrix){a.cotangent, 1, 3};
    REFUSED(call_shift(&a), "the samples have 6 features, the circuit takes 3");
#undef REFUSED
    assert_ok(ctx, call_vjp(&a));
    sim_close(&a.of);
}

static void readout_of_other_size(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 3, 0, 0, QST_PREPARE_ZERO);
    qst_circuit *circuit = sim_finish(&to);
    qst_readout *readout = sim_words(ctx, 2, "z", 0);
    qst_program *program = NULL;
    assert_status(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program), QST_ERR_MISMATCH);
    assert_message(ctx, "the readout is for 2 qubits, the circuit has 3");
    assert_null(program);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
}

/* Each kind of call refuses the spoilt number with its place, and touches nothing. */
static void assert_refused(arguments *a, const char *part)
{
    qst_ctx *ctx = a->of.ctx;
    double complex amplitudes[8] = {SENTINEL};
    assert_status(ctx, call_forward(a), QST_ERR_INPUT);
    assert_message(ctx, part);
    assert_status(ctx, call_vjp(a), QST_ERR_INPUT);
    assert_message(ctx, part);
    assert_untouched(a);
    if (strstr(part, "row 1") == NULL) {
        assert_status(ctx, qst_program_state(a->of.program, a->weights, a->x, amplitudes), QST_ERR_INPUT);
        assert_message(ctx, part);
        assert_true(creal(amplitudes[0]) == SENTINEL);
    }
    if (a->of.preparation == QST_PREPARE_AMPLITUDE)
        a->out_x_view.data = NULL;
    assert_status(ctx, call_shift(a), QST_ERR_INPUT);
    assert_message(ctx, part);
    assert_untouched(a);
    set_views(a);
}

static void numbers_that_are_not_finite(void **state)
{
    arguments a = good_arguments(*state, QST_PREPARE_ZERO);
    set_views(&a);
    a.weights[1] = NAN;
    assert_refused(&a, "weight 1: nan is not finite");
    a.weights[1] = -INFINITY;
    assert_refused(&a, "weight 1: -inf is not finite");
    a.weights[1] = 0;
    a.x[5] = NAN;
    assert_refused(&a, "row 1, feature 2: nan is not finite");
    a.x[1] = INFINITY;
    assert_refused(&a, "row 0, feature 1: inf is not finite");
    sim_close(&a.of);
}

static void basis_features_are_bits(void **state)
{
    arguments a = good_arguments(*state, QST_PREPARE_BASIS);
    set_views(&a);
    assert_ok(*state, call_forward(&a));
    for (size_t i = 0; i < 6; i++)
        a.values[i] = SENTINEL;
    a.x[4] = 0.5;
    assert_refused(&a, "row 1, feature 1: 0.5: basis encoding takes exactly 0 or 1");
    a.x[0] = 2;
    assert_refused(&a, "row 0, feature 0: 2: basis encoding takes exactly 0 or 1");
    a.x[0] = -1;
    assert_refused(&a, "row 0, feature 0: -1");
    sim_close(&a.of);
}

static void amplitudes_are_not_all_zero(void **state)
{
    arguments a = good_arguments(*state, QST_PREPARE_AMPLITUDE);
    set_views(&a);
    memset(a.x + 3, 0, 3 * sizeof(double));
    assert_refused(&a, "row 1: all features are 0");
    memset(a.x, 0, 3 * sizeof(double));
    assert_refused(&a, "row 0: all features are 0");
    sim_close(&a.of);
}

/* Finite weights whose product is not: the gradient says so, and not that the library is broken. */
static void angles_that_overflow(void **state)
{
    qst_ctx *ctx = *state;
    arguments a = good_arguments(ctx, QST_PREPARE_ZERO);
    set_views(&a);
    a.weights[0] = 1e200;
    a.x[1] = a.x[4] = 1e200;
    assert_status(ctx, call_vjp(&a), QST_ERR_INPUT);
    assert_message(ctx, "an angle is not finite");
    sim_close(&a.of);
}

/* No samples: nothing to compute, gradients of weights are 0. */
static void empty_batch(void **state)
{
    qst_ctx *ctx = *state;
    arguments a = good_arguments(ctx, QST_PREPARE_ZERO);
    set_views(&a);
    a.x_view.n_rows = a.values_view.n_rows = a.cotangent_view.n_rows = a.out_x_view.n_rows = 0;
    assert_ok(ctx, call_forward(&a));
    assert_ok(ctx, call_vjp(&a));
    assert_close(fabs(a.out_weights[0]) + fabs(a.out_weights[1]), 0, 0);
    a.out_weights[0] = a.out_weights[1] = SENTINEL;
    assert_ok(ctx, call_shift(&a));
    assert_close(fabs(a.out_weights[0]) + fabs(a.out_weights[1]), 0, 0);
    sim_close(&a.of);
}

/* A circuit without gates, weights or features; NULL stands for what has no elements. */
static void empty_circuit(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 2, 0, 0, QST_PREPARE_ZERO);
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "z", 0), QST_DOUBLE);
    double values[6], cotangent[6] = {1, 2, 3, 4, 5, 6};
    double complex amplitudes[4];
    qst_const_matrix x = {NULL, 3, 0}, cotangents = {cotangent, 3, 2};
    qst_matrix none = {NULL, 0, 0};
    assert_ok(ctx, qst_program_forward(of.program, NULL, x, (qst_matrix){values, 3, 2}));
    for (size_t i = 0; i < 6; i++)
        assert_close(values[i], 1, 0);
    assert_ok(ctx, qst_program_vjp(of.program, NULL, x, cotangents, NULL, none, none));
    assert_ok(ctx, qst_program_parameter_shift(of.program, NULL, x, cotangents, NULL, none));
    assert_ok(ctx, qst_program_state(of.program, NULL, NULL, amplitudes));
    assert_close(cabs(amplitudes[0] - 1) + cabs(amplitudes[1]) + cabs(amplitudes[3]), 0, 0);
    sim_close(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_gate_on_all_qubits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(every_preparation, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(amplitudes_of_any_size, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(every_pauli, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(every_readout, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_shapes, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(readout_of_other_size, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(numbers_that_are_not_finite, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(basis_features_are_bits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(amplitudes_are_not_all_zero, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(angles_that_overflow, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(empty_batch, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(empty_circuit, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
