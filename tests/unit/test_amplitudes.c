/* test_amplitudes.c: amplitudes as outputs: the state that qst_program_state() gives, up to a phase of each sample;
 * gradients by central differences; what has no amplitudes is refused.
 */
#include <complex.h>

#include "support/support.h"

#include <qstill/simulate.h>

#define N_ROWS   5
#define MAX_DIM  16
#define FEATURES 3

static qst_ctx *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* Templates: complex and real amplitudes, amplitude preparation, diagonal gates at the end. */
static const qst_circuit_opts templates[] = {
    {.qubits = 3, .features = FEATURES, .ansatz = {.reps = 2}},
    {.qubits = 4, .features = FEATURES, .encoding = {.name = "zz"}, .ansatz = {.name = "efficient_su2", .reps = 1}},
    {.qubits = 2,
     .features = FEATURES,
     .encoding = {.name = "amplitude"},
     .ansatz = {.name = "real_amplitudes", .reps = 2}},
    {.qubits = 3,
     .features = FEATURES,
     .encoding = {.name = "angle_y"},
     .ansatz = {.name = "real_amplitudes", .reps = 1}},
};
#define N_TEMPLATES (sizeof templates / sizeof *templates)

typedef struct amplitudes {
    qst_program *program;
    size_t n_weights, n_values;
    double weights[128], x[N_ROWS * FEATURES];
} amplitudes;

static void make(amplitudes *a, const qst_circuit_opts *opts, qst_precision precision)
{
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    const qst_compile_opts compile = {.precision = precision, .layout = QST_LAYOUT_SMALL};
    *a = (amplitudes){0};
    assert_ok(ctx, qst_circuit_template(ctx, opts, &circuit));
    assert_ok(ctx, qst_readout_amplitudes(ctx, opts->qubits, &readout));
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, &compile, &a->program));
    a->n_weights = qst_circuit_weights(circuit);
    a->n_values = qst_readout_outputs(readout);
    assert_int_equal(a->n_values, (size_t)2 << opts->qubits);
    assert_in_range(a->n_weights, 1, 128);
    for (size_t i = 0; i < a->n_weights; i++) {
        a->weights[i] = 0.3 + 1.7 * sin(2.3 * (double)i);
    }
    for (size_t i = 0; i < N_ROWS * FEATURES; i++) {
        a->x[i] = 0.2 + cos(1.1 * (double)i);
    }
    qst_circuit_free(circuit);
    qst_readout_free(readout);
}

static void values_of(const amplitudes *a, double *out)
{
    assert_ok(ctx, qst_program_forward(a->program, a->weights, (qst_const_matrix){a->x, N_ROWS, FEATURES},
                                       (qst_matrix){out, N_ROWS, a->n_values}));
}

static void they_are_the_state(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2 * N_TEMPLATES; k++) {
        amplitudes a;
        double values[N_ROWS * 2 * MAX_DIM];
        double tolerance = k % 2 ? 1e-6 : 1e-14;
        make(&a, &templates[k / 2], k % 2 ? QST_SINGLE : QST_DOUBLE);
        values_of(&a, values);
        for (size_t row = 0; row < N_ROWS; row++) {
            double complex psi[MAX_DIM], overlap = 0;
            const double *v = values + row * a.n_values;
            assert_ok(ctx, qst_program_state(a.program, a.weights, a.x + row * FEATURES, psi));
            for (size_t b = 0; b < a.n_values / 2; b++) {
                overlap += conj(psi[b]) * (v[2 * b] + I * v[2 * b + 1]);
                assert_close(hypot(v[2 * b], v[2 * b + 1]), cabs(psi[b]), tolerance);
            }
            assert_close(cabs(overlap), 1, tolerance);
        }
        qst_program_free(a.program);
    }
}

/* sum of cotangent times value, any cotangent. */
static double loss_of(const amplitudes *a, const double *cotangent)
{
    double values[N_ROWS * 2 * MAX_DIM], sum = 0;
    values_of(a, values);
    for (size_t i = 0; i < N_ROWS * a->n_values; i++) {
        sum += cotangent[i] * values[i];
    }
    return sum;
}

static void gradients_by_differences(void **state)
{
    (void)state;
    const double h = 1e-5;
    for (size_t k = 0; k < N_TEMPLATES; k++) {
        amplitudes a;
        double cotangent[N_ROWS * 2 * MAX_DIM], gradient[128], largest = 0;
        make(&a, &templates[k], QST_DOUBLE);
        for (size_t i = 0; i < N_ROWS * a.n_values; i++) {
            cotangent[i] = sin(3.1 * (double)i + 1);
        }
        assert_ok(ctx, qst_program_vjp(a.program, a.weights, (qst_const_matrix){a.x, N_ROWS, FEATURES},
                                       (qst_const_matrix){cotangent, N_ROWS, a.n_values}, gradient, (qst_matrix){0},
                                       (qst_matrix){0}));
        for (size_t i = 0; i < a.n_weights; i++) {
            double w = a.weights[i];
            a.weights[i] = w + h;
            double above = loss_of(&a, cotangent);
            a.weights[i] = w - h;
            double below = loss_of(&a, cotangent);
            a.weights[i] = w;
            assert_close(gradient[i], (above - below) / (2 * h), 1e-8);
            largest = fmax(largest, fabs(gradient[i]));
        }
        assert_true(largest > 1e-2);
        qst_program_free(a.program);
    }
}

static void what_has_none_is_refused(void **state)
{
    (void)state;
    amplitudes a;
    double gradient[128], cotangent[N_ROWS * 2 * MAX_DIM] = {0};
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    make(&a, &templates[0], QST_DOUBLE);
    assert_status(ctx,
                  qst_program_parameter_shift(a.program, a.weights, (qst_const_matrix){a.x, N_ROWS, FEATURES},
                                              (qst_const_matrix){cotangent, N_ROWS, a.n_values}, gradient,
                                              (qst_matrix){0}),
                  QST_ERR_UNSUPPORTED);
    qst_program_free(a.program);
    assert_ok(ctx, qst_circuit_template(ctx, &(qst_circuit_opts){.qubits = 12, .features = 3, .ansatz = {.reps = 1}},
                                        &circuit));
    assert_ok(ctx, qst_readout_amplitudes(ctx, 12, &readout));
    assert_status(ctx,
                  qst_program_compile(ctx, circuit, readout, &(qst_compile_opts){.layout = QST_LAYOUT_WIDE}, &program),
                  QST_ERR_UNSUPPORTED);
    assert_message(ctx, "not in the layout of wide states");
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    assert_status(ctx, qst_readout_amplitudes(ctx, 0, &readout), QST_ERR_USAGE);
    assert_status(ctx, qst_readout_amplitudes(ctx, 31, &readout), QST_ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_the_state),
        cmocka_unit_test(gradients_by_differences),
        cmocka_unit_test(what_has_none_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
