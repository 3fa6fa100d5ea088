/* test_measure_shift.c: gradients by shifted circuits: exactly, against the adjoint sweep, for every gate; from shots,
 * their mean; and what they cost. */
#include <qstill/measure.h>

#include "base/memory.h"
#include "property/sim_case.h"

static void mixed_angles(ref_rng *rng, qst_term terms[QST_MAX_GATE_ANGLES][4], qst_angle angles[QST_MAX_GATE_ANGLES])
{
    for (int k = 0; k < QST_MAX_GATE_ANGLES; k++) {
        qst_variable w = QST_WEIGHT(k % 3), x = QST_FEATURE(k % 2);
        const qst_variable factors[4][2] = {{w, x}, {w, w}, {x, x}, {QST_ONE, QST_WEIGHT((k + 1) % 3)}};
        for (size_t i = 0; i < 4; i++)
            terms[k][i] = (qst_term){ref_uniform(rng, -1, 1), factors[i][0], factors[i][1]};
        angles[k] = (qst_angle){terms[k], 4};
    }
}

static qst_circuit *circuit_around(qst_ctx *ctx, qst_gate gate, ref_rng *rng)
{
    size_t k = (size_t)qst_gate_describe(gate)->n_qubits, n = k < 2 ? 2 : k, qubits[QST_MAX_GATE_QUBITS];
    qst_term terms[QST_MAX_GATE_ANGLES][4];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    sim_builder to = sim_begin(ctx, n, 2, 3, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 2; i++) {
        sim_scramble(&to, n, rng);
        for (size_t q = 0; q < k; q++)
            qubits[q] = (q + i) % n;
        mixed_angles(rng, terms, angles);
        sim_add(&to, gate, qubits, angles);
        sim_add(&to, QST_GATE_ry, (size_t[]){i % n}, &QST_ANGLE({0.5, QST_WEIGHT(i), QST_FEATURE(1)}));
    }
    sim_scramble(&to, n, rng);
    return sim_finish(&to);
}

/* The gradient of sum cotangent * value by a measurement. */
static void shift_gradient(const sim_case *of, const sim_run *run, const qst_measure_opts *opts, uint64_t seed,
                           double *out, uint64_t *out_shots)
{
    qst_measurement *measurement = NULL;
    assert_ok(of->ctx, qst_measurement_create(of->ctx, of->circuit, of->readout, opts, &measurement));
    assert_ok(of->ctx, qst_measurement_shift(measurement, run->weights, sim_x(of, run), sim_cotangent(of, run), seed, 0,
                                             out, out_shots));
    qst_measurement_free(measurement);
}

static void every_gate_exactly(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {21};
    (void)state;
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        qst_circuit *circuit = circuit_around(ctx, (qst_gate)gate, &rng);
        sim_case of = sim_open(ctx, circuit, sim_words(ctx, qst_circuit_qubits(circuit), "x y z", 0), QST_DOUBLE);
        sim_run run = sim_draw(&of, 3 + (uint64_t)gate, 3);
        double gradient[3];
        uint64_t shots = 5;
        sim_vjp(&of, &run);
        shift_gradient(&of, &run, NULL, 1, gradient, &shots);
        sim_assert_within(sim_distance(gradient, run.out_weights, 3), 1e-12, "%s",
                          qst_gate_describe((qst_gate)gate)->name);
        assert_int_equal(shots, 5);
        sim_run_free(&run);
        sim_close(&of);
    }
    qst_ctx_free(ctx);
}

/* Linear extrapolation of a circuit without noise changes nothing, folded angles included. */
static void folded_exactly(void **state)
{
    const double scales[] = {1, 2, 3};
    const qst_measure_opts opts = {
        .mitigation = {.scales = scales, .n_scales = 3, .extrapolation = QST_EXTRAPOLATE_POLYNOMIAL}};
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {22};
    sim_case of = sim_open(ctx, circuit_around(ctx, QST_GATE_crx, &rng), sim_words(ctx, 2, "x zz", 0), QST_DOUBLE);
    sim_run run = sim_draw(&of, 8, 5);
    double gradient[3];
    uint64_t shots = 0;
    (void)state;
    sim_vjp(&of, &run);
    shift_gradient(&of, &run, &opts, 1, gradient, &shots);
    sim_assert_within(sim_distance(gradient, run.out_weights, 3), 1e-12, "folded");
    sim_run_free(&run);
    sim_close(&of);
    qst_ctx_free(ctx);
}

static void mean_over_shots(void **state)
{
    enum { SEEDS = 400 };
    static const char *const words[] = {"x y zz", "probabilities", "grouped"};
    qst_ctx *ctx = support_ctx(0);
    (void)state;
    for (size_t w = 0; w < 3; w++) {
        ref_rng rng = {23};
        sim_case of =
            sim_open(ctx, circuit_around(ctx, QST_GATE_crz, &rng), sim_words(ctx, 2, words[w], 3), QST_DOUBLE);
        sim_run run = sim_draw(&of, 9, 4);
        qst_measurement *measurement = NULL;
        double mean[3] = {0}, spread[3] = {0};
        uint64_t shots = 0, circuits = 0, each = 0;
        sim_vjp(&of, &run);
        assert_ok(ctx,
                  qst_measurement_create(ctx, of.circuit, of.readout, &(qst_measure_opts){.shots = 40}, &measurement));
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            double gradient[3];
            assert_ok(ctx, qst_measurement_shift(measurement, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run),
                                                 seed, 0, gradient, &shots));
            for (size_t i = 0; i < 3; i++) {
                mean[i] += gradient[i] / SEEDS;
                spread[i] += (gradient[i] - run.out_weights[i]) * (gradient[i] - run.out_weights[i]) / SEEDS;
            }
        }
        for (size_t i = 0; i < 3; i++) {
            sim_assert_within(fabs(mean[i] - run.out_weights[i]), 5 * sqrt(spread[i] / SEEDS), "%s, weight %zu",
                              words[w], i);
            assert_true((spread[i] > 0) == (i < 2)); /* weight 2 is in no angle */
        }
        /* Two crz and two ry in each circuit: 2 * 4 + 2 * 2 circuits a group. */
        qst_measurement_info info;
        qst_measurement_describe(measurement, &info);
        qst_measurement_shift_cost(measurement, &circuits, &each);
        assert_int_equal(circuits, 12 * info.n_groups);
        assert_int_equal(each, circuits * 40);
        assert_int_equal(shots, each * 4 * SEEDS);
        assert_ok(ctx, qst_measurement_set_shots(measurement, 80));
        qst_measurement_shift_cost(measurement, &circuits, &each);
        assert_int_equal(each, circuits * 80);
        qst_measurement_free(measurement);
        sim_run_free(&run);
        sim_close(&of);
    }
    qst_ctx_free(ctx);
}

/* The third call finds its memory ready. */
static void no_allocation_in_a_step(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {25};
    sim_case of = sim_open(ctx, circuit_around(ctx, QST_GATE_crx, &rng), sim_words(ctx, 2, "x z", 0), QST_DOUBLE);
    sim_run run = sim_draw(&of, 9, 30);
    (void)state;
    for (size_t shots = 0; shots <= 16; shots += 16) {
        qst_measurement *measurement = NULL;
        uint64_t used = 0, before = 0;
        assert_ok(ctx, qst_measurement_create(ctx, of.circuit, of.readout, &(qst_measure_opts){.shots = shots},
                                              &measurement));
        for (int step = 0; step < 3; step++) {
            assert_ok(ctx, qst_measurement_values(measurement, run.weights, sim_x(&of, &run), 1, 0,
                                                  sim_values(&of, &run), (qst_matrix){NULL, 0, 0}));
            assert_ok(ctx, qst_measurement_shift(measurement, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run),
                                                 1, 0, run.out_weights, &used));
            assert_true(step < 2 || qsti_ctx_allocations(ctx) == before);
            before = qsti_ctx_allocations(ctx);
        }
        qst_measurement_free(measurement);
    }
    sim_run_free(&run);
    sim_close(&of);
    qst_ctx_free(ctx);
}

static void what_is_refused(void **state)
{
    const double scales[] = {1, 3};
    const qst_measure_opts bent = {
        .mitigation = {.scales = scales, .n_scales = 2, .extrapolation = QST_EXTRAPOLATE_EXPONENTIAL}};
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {24};
    sim_case of = sim_open(ctx, circuit_around(ctx, QST_GATE_rx, &rng), sim_words(ctx, 2, "z", 0), QST_DOUBLE);
    sim_run run = sim_draw(&of, 9, 1);
    qst_measurement *measurement = NULL;
    uint64_t shots = 0;
    (void)state;
    assert_ok(ctx, qst_measurement_create(ctx, of.circuit, of.readout, &bent, &measurement));
    assert_status(ctx,
                  qst_measurement_shift(measurement, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run), 1, 0,
                                        run.out_weights, &shots),
                  QST_ERR_UNSUPPORTED);
    assert_message(ctx, "exponential");
    qst_measurement_free(measurement);
    sim_run_free(&run);
    sim_close(&of);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate_exactly),      cmocka_unit_test(folded_exactly),  cmocka_unit_test(mean_over_shots),
        cmocka_unit_test(no_allocation_in_a_step), cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
