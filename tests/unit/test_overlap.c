/* test_overlap.c: one circuit behind the inverse of another, against states computed apart. */
#include "support/support.h"

#include <complex.h>

#include "base/rng.h"
#include "circuit/overlap.h"
#include <qstill/simulate.h>

static qst_ctx *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static qst_circuit *circuit_of(const char *ansatz, size_t n_qubits, size_t reps)
{
    qst_circuit *circuit = NULL;
    const qst_circuit_opts opts = {.qubits = n_qubits, .features = 2, .ansatz = {.name = ansatz, .reps = reps}};
    assert_ok(ctx, qst_circuit_template(ctx, &opts, &circuit));
    return circuit;
}

static void draw(uint64_t seed, double *values, size_t n)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        values[i] = 6 * qsti_rng_uniform(&rng) - 3;
}

/* The readout's values of one row. */
static void values_of(const qst_circuit *circuit, const qst_readout *readout, const double *weights, const double *x,
                      double *out)
{
    qst_program *program = NULL;
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
    assert_ok(ctx, qst_program_forward(program, weights, (qst_const_matrix){x, 1, circuit->n_features},
                                       (qst_matrix){out, 1, qst_readout_outputs(readout)}));
    qst_program_free(program);
}

static void state_of(const qst_circuit *circuit, const double *weights, const double *x, double _Complex *out)
{
    static const char *const word = "z";
    qst_program *program = NULL;
    qst_readout *readout = NULL;
    assert_ok(ctx, qst_readout_parse(ctx, circuit->n_qubits, &word, 1, 0, &readout));
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
    assert_ok(ctx, qst_program_state(program, weights, x, out));
    qst_program_free(program);
    qst_readout_free(readout);
}

/* What the overlap circuit says; local: the mean over qubits. */
static double likeness(const qst_circuit *u, const double *of_u, const qst_circuit *v, const double *of_v,
                       qsti_overlap_kind kind, bool local, const double *x)
{
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    double values[256], sum = 0;
    assert_ok(ctx, qsti_circuit_overlap(ctx, u, v, of_v, kind, local, &circuit, &readout));
    assert_int_equal(circuit->n_weights, u->n_weights);
    assert_true(qst_readout_outputs(readout) <= 256);
    values_of(circuit, readout, of_u, x, values);
    size_t n = local ? u->n_qubits : 1;
    for (size_t k = 0; k < n; k++)
        sum += values[k] + (!local ? 0 : kind == QSTI_OVERLAP_STATES ? 0.5 : 0.25);
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    return sum / (double)n;
}

static void states_have_their_fidelity(void **state)
{
    (void)state;
    qst_circuit *u = circuit_of("strongly_entangling", 3, 2), *v = circuit_of("efficient_su2", 3, 2);
    double of_u[100], of_v[100];
    const double x[2] = {0.4, -1.3};
    double _Complex psi[8], phi[8], inner = 0;
    draw(1, of_u, u->n_weights);
    draw(2, of_v, v->n_weights);
    state_of(u, of_u, x, psi);
    state_of(v, of_v, x, phi);
    for (size_t b = 0; b < 8; b++)
        inner += conj(phi[b]) * psi[b];
    double fidelity = creal(inner * conj(inner));
    assert_true(fidelity > 1e-3 && fidelity < 0.999);
    assert_close(likeness(u, of_u, v, of_v, QSTI_OVERLAP_STATES, false, x), fidelity, 1e-13);
    assert_close(likeness(v, of_v, u, of_u, QSTI_OVERLAP_STATES, false, x), fidelity, 1e-13);
    /* The mean of the qubits' is at least the whole's. */
    assert_true(likeness(u, of_u, v, of_v, QSTI_OVERLAP_STATES, true, x) >= fidelity);
    qst_circuit_free(u);
    qst_circuit_free(v);
}

/* Columns of the unitary by preparing basis states with X in front. */
static void processes_have_their_fidelity(void **state)
{
    (void)state;
    enum { N = 2, DIM = 4 };
    qst_circuit *circuits[2] = {circuit_of("strongly_entangling", N, 1), circuit_of("two_local", N, 2)};
    double weights[2][100];
    const double x[2] = {0.7, 0.2};
    double _Complex columns[2][DIM][DIM], trace = 0;
    for (size_t c = 0; c < 2; c++) {
        draw(3 + c, weights[c], circuits[c]->n_weights);
        for (size_t b = 0; b < DIM; b++) {
            qst_circuit_builder *builder = NULL;
            qst_circuit *shifted = NULL;
            size_t first;
            assert_ok(ctx, qst_circuit_begin(ctx, N, 2, QST_PREPARE_ZERO, &builder));
            assert_ok(ctx, qst_circuit_add_weights(builder, circuits[c]->n_weights, QST_WEIGHT_ANGLE, &first));
            for (size_t q = 0; q < N; q++)
                if (b >> q & 1)
                    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_x, &q, NULL));
            for (size_t o = 0; o < circuits[c]->n_operations; o++) {
                qst_operation operation;
                qst_circuit_operation(circuits[c], o, &operation);
                assert_ok(ctx, qst_circuit_add(builder, operation.gate, operation.qubits, operation.angles));
            }
            assert_ok(ctx, qst_circuit_finish(builder, &shifted));
            state_of(shifted, weights[c], x, columns[c][b]);
            qst_circuit_free(shifted);
        }
    }
    for (size_t b = 0; b < DIM; b++)
        for (size_t i = 0; i < DIM; i++)
            trace += conj(columns[1][b][i]) * columns[0][b][i];
    double fidelity = creal(trace * conj(trace)) / (DIM * DIM);
    assert_true(fidelity > 1e-4 && fidelity < 0.999);
    assert_close(likeness(circuits[0], weights[0], circuits[1], weights[1], QSTI_OVERLAP_PROCESSES, false, x), fidelity,
                 1e-13);
    assert_true(likeness(circuits[0], weights[0], circuits[1], weights[1], QSTI_OVERLAP_PROCESSES, true, x) >=
                fidelity);
    qst_circuit_free(circuits[0]);
    qst_circuit_free(circuits[1]);
}

/* Every gate and its inverse: a circuit is like itself, with every gate in it at random angles. */
static void every_gate_has_its_inverse(void **state)
{
    (void)state;
    const double x[2] = {0.3, -0.8};
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)g);
        const size_t qubits[] = {2, 0, 4, 1, 3};
        qst_circuit_builder *builder = NULL;
        qst_circuit *circuit = NULL;
        size_t first;
        double weights[24];
        assert_ok(ctx, qst_circuit_begin(ctx, 5, 2, QST_PREPARE_ZERO, &builder));
        assert_ok(ctx, qst_circuit_add_weights(builder, 24, QST_WEIGHT_ANGLE, &first));
        for (size_t q = 0; q < 5; q++) {
            const qst_angle angles[3] = {QST_ANGLE({1, QST_WEIGHT(3 * q), QST_ONE}),
                                         QST_ANGLE({0.5, QST_WEIGHT(3 * q + 1), QST_FEATURE(0)}),
                                         QST_ANGLE({1, QST_WEIGHT(3 * q + 2), QST_ONE})};
            assert_ok(ctx, qst_circuit_add(builder, QST_GATE_u, &q, angles));
        }
        const qst_angle angles[4] = {QST_ANGLE({1, QST_WEIGHT(15), QST_FEATURE(1)}, {2, QST_WEIGHT(16), QST_ONE}),
                                     QST_ANGLE({1, QST_WEIGHT(17), QST_ONE}),
                                     QST_ANGLE({-1, QST_WEIGHT(18), QST_WEIGHT(19)}),
                                     QST_ANGLE({1, QST_FEATURE(0), QST_ONE}, {1, QST_ONE, QST_ONE})};
        assert_ok(ctx, qst_circuit_add(builder, (qst_gate)g, info->n_qubits ? qubits : NULL, angles));
        assert_ok(ctx, qst_circuit_finish(builder, &circuit));
        draw((uint64_t)g, weights, 24);
        if (g == QST_GATE_rc3x) {
            qst_circuit *none = NULL;
            qst_readout *readout = NULL;
            assert_status(
                ctx, qsti_circuit_overlap(ctx, circuit, circuit, weights, QSTI_OVERLAP_STATES, true, &none, &readout),
                QST_ERR_UNSUPPORTED);
            assert_message(ctx, "the teacher's gate rc3x has no inverse here");
        } else {
            double same = likeness(circuit, weights, circuit, weights, QSTI_OVERLAP_STATES, true, x);
            if (fabs(same - 1) > 1e-12)
                fail_msg("%s: %g", info->name, same);
        }
        qst_circuit_free(circuit);
    }
}

static void unlike_circuits_are_refused(void **state)
{
    (void)state;
    qst_circuit *three = circuit_of("efficient_su2", 3, 1), *two = circuit_of("efficient_su2", 2, 1), *out = NULL,
                *amplitude = NULL;
    qst_readout *readout = NULL;
    double weights[100] = {0};
    assert_status(ctx, qsti_circuit_overlap(ctx, three, two, weights, QSTI_OVERLAP_STATES, false, &out, &readout),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "the student's circuit has 3 qubits, the teacher's 2");
    const qst_circuit_opts opts = {.qubits = 3, .features = 2, .encoding = {.name = "amplitude"}};
    assert_ok(ctx, qst_circuit_template(ctx, &opts, &amplitude));
    assert_status(ctx, qsti_circuit_overlap(ctx, three, amplitude, weights, QSTI_OVERLAP_STATES, false, &out, &readout),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "begin at |0...0>");
    assert_true(out == NULL && readout == NULL);
    qst_circuit_free(three);
    qst_circuit_free(two);
    qst_circuit_free(amplitude);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_have_their_fidelity),
        cmocka_unit_test(processes_have_their_fidelity),
        cmocka_unit_test(every_gate_has_its_inverse),
        cmocka_unit_test(unlike_circuits_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
