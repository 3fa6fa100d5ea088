/* test_measure_noise.c: measuring through models of noise: against dense Kraus sums, changes of basis included; errors
 * of readout taken back exactly; extrapolation in the limit of many shots and from shots; gradients. */
#include <qstill/measure.h>

#include "noise_oracle.h"
#include "property/sim_case.h"

static const double weights[6] = {0.4, -1.2, 2.2, 0.3, -0.7, 1.9};
static const double sample[2] = {0.3, -0.8};
static const char *const readouts[] = {"z zz",          "x y zz",  "0.5*ZZI-1.5*IXY+0.25*III+0.7*IIZ 1.1*YYX+0.3*IZI",
                                       "probabilities", "grouped", "parity"};
#define N_READOUTS   (sizeof readouts / sizeof *readouts)
#define MOST_OUTPUTS 12

static qst_circuit *make_circuit(qst_ctx *ctx)
{
    sim_builder to = sim_begin(ctx, 3, 2, 6, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 6; i++) {
        sim_add(&to, i % 2 ? QST_GATE_rx : QST_GATE_ry, (size_t[]){i % 3},
                &QST_ANGLE({1, QST_WEIGHT(i), QST_ONE}, {0.8, QST_FEATURE(i % 2), QST_ONE}));
        sim_add(&to, i == 4 ? QST_GATE_crx : QST_GATE_cx, (size_t[]){i % 3, (i + 1) % 3},
                &QST_ANGLE({0.9, QST_WEIGHT(2), QST_WEIGHT(3)}));
    }
    return sim_finish(&to);
}

/* Depolarizing behind every gate, and errors of readout. */
static qst_noise *make_noise(qst_ctx *ctx, double p, double m1p0, double m0p1)
{
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    if (p > 0)
        assert_ok(ctx,
                  qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {p}}, .each = true}));
    for (size_t q = 0; q < 3; q++)
        assert_ok(ctx, qst_noise_add_readout(noise, q, m1p0 * (1 + (double)q), m0p1 / (1 + (double)q)));
    return noise;
}

static void measure(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout, const qst_measure_opts *opts,
                    double *values)
{
    qst_measurement *measurement = NULL;
    assert_ok(ctx, qst_measurement_create(ctx, circuit, readout, opts, &measurement));
    assert_ok(ctx,
              qst_measurement_values(measurement, weights, (qst_const_matrix){sample, 1, 2}, 1, 0,
                                     (qst_matrix){values, 1, qst_readout_outputs(readout)}, (qst_matrix){NULL, 0, 0}));
    qst_measurement_free(measurement);
}

/* --- exactly ------------------------------------------------------------------------------------------------------ */

/* Every group's circuit, its letters as Z: by the oracle. */
static void against_kraus_sums(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {31};
    qst_circuit *circuit = make_circuit(ctx);
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        static const char *const words[] = {"x", "z", "y"}, *const letters[] = {"ZII", "IZI", "IIZ"};
        oracle_noise model;
        qst_noise *noise = NULL;
        qst_measurement *measurement = NULL;
        double values[3], expected[3];
        const size_t *bits = NULL;
        qst_readout *readout = sim_words(ctx, 3, words[i % 3], 0), *there = NULL;
        oracle_random(&rng, true, &model);
        oracle_model(ctx, &model, &noise);
        assert_ok(ctx,
                  qst_measurement_create(ctx, circuit, readout, &(qst_measure_opts){.noise = noise}, &measurement));
        assert_ok(ctx, qst_measurement_values(measurement, weights, (qst_const_matrix){sample, 1, 2}, 1, 0,
                                              (qst_matrix){values, 1, 3}, (qst_matrix){NULL, 0, 0}));
        assert_ok(ctx, qst_readout_parse(ctx, 3, (const char *[]){letters[2], letters[1], letters[0]}, 3, 0, &there));
        oracle_values(&model, qst_measurement_circuit(measurement, 0, &bits), there, weights, sample, expected);
        sim_assert_within(sim_distance(values, expected, 3), 1e-12, "model %zu, %s", i, words[i % 3]);
        qst_measurement_free(measurement);
        qst_readout_free(there);
        qst_readout_free(readout);
        qst_noise_free(noise);
    }
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* What is measured through errors of readout, and with these taken back, is what is measured without them. */
static void errors_of_readout_are_taken_back(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    qst_circuit *circuit = make_circuit(ctx);
    (void)state;
    for (size_t i = 0; i < N_READOUTS; i++) {
        for (int depolarized = 0; depolarized < 2; depolarized++) {
            double p = depolarized ? 0.02 : 0, clean[MOST_OUTPUTS], mitigated[MOST_OUTPUTS], misread[MOST_OUTPUTS];
            qst_readout *readout = sim_words(ctx, 3, readouts[i], 3);
            size_t n = qst_readout_outputs(readout);
            qst_noise *without = make_noise(ctx, p, 0, 0), *with = make_noise(ctx, p, 0.02, 0.15);
            measure(ctx, circuit, readout, &(qst_measure_opts){.noise = without}, clean);
            measure(ctx, circuit, readout, &(qst_measure_opts){.noise = with}, misread);
            measure(ctx, circuit, readout, &(qst_measure_opts){.noise = with, .mitigation = {.readout = true}},
                    mitigated);
            sim_assert_within(sim_distance(mitigated, clean, n), 1e-12, "%s", readouts[i]);
            assert_true(sim_distance(misread, clean, n) > 1e-3);
            qst_noise_free(with);
            qst_noise_free(without);
            qst_readout_free(readout);
        }
    }
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

static void distributions_have_a_limit(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    sim_builder to = sim_begin(ctx, 21, 0, 1, QST_PREPARE_ZERO);
    sim_add(&to, QST_GATE_rx, (size_t[]){0}, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
    qst_circuit *circuit = sim_finish(&to);
    qst_readout *readout = sim_words(ctx, 21, "z", 0);
    qst_measurement *measurement = NULL;
    (void)state;
    assert_status(ctx, qst_measurement_create(ctx, circuit, readout, &(qst_measure_opts){.shots = 1}, &measurement),
                  QST_ERR_LIMIT);
    assert_message(ctx, "21 qubits");
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* --- extrapolation ------------------------------------------------------------------------------------------------ */

/* Six gates on one qubit with depolarizing p: <Z> = cos(t) (1 - p)^(6 s) at scale s. */
static void extrapolation_of_a_decay(void **state)
{
    enum { GATES = 6 };
    const double p = 0.05, scales[] = {1, 5.0 / 3, 3};
    qst_ctx *ctx = support_ctx(1);
    sim_builder to = sim_begin(ctx, 1, 2, 6, QST_PREPARE_ZERO);
    for (size_t i = 0; i < GATES; i++)
        sim_add(&to, QST_GATE_rx, (size_t[]){0}, &QST_ANGLE({0.1, QST_WEIGHT(i), QST_ONE}));
    qst_circuit *circuit = sim_finish(&to);
    qst_readout *readout = sim_words(ctx, 1, "z", 0);
    qst_noise *noise = NULL;
    double angle = 0, at[3], value = 0, distance[4];
    (void)state;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {p}}}));
    for (size_t i = 0; i < GATES; i++)
        angle += 0.1 * weights[i];
    for (size_t s = 0; s < 3; s++)
        at[s] = cos(angle) * pow(1 - p, GATES * scales[s]);
    measure(ctx, circuit, readout, &(qst_measure_opts){.noise = noise}, &value);
    assert_close(value, at[0], 1e-14);
    distance[3] = fabs(value - cos(angle));
    for (int kind = 0; kind < 3; kind++) {
        const qst_measure_opts opts = {
            .noise = noise, .mitigation = {.scales = scales, .n_scales = 3, .extrapolation = (qst_extrapolation)kind}};
        measure(ctx, circuit, readout, &opts, &value);
        distance[kind] = fabs(value - cos(angle));
        if (kind == QST_EXTRAPOLATE_POLYNOMIAL) {
            double formula = 0;
            for (size_t s = 0; s < 3; s++) {
                double weight = 1;
                for (size_t t = 0; t < 3; t++)
                    weight *= t == s ? 1 : scales[t] / (scales[t] - scales[s]);
                formula += weight * at[s];
            }
            assert_close(value, formula, 1e-13);
        }
    }
    assert_true(distance[QST_EXTRAPOLATE_EXPONENTIAL] < 1e-13);
    assert_true(distance[QST_EXTRAPOLATE_POLYNOMIAL] < distance[QST_EXTRAPOLATE_LINEAR] / 2);
    assert_true(distance[QST_EXTRAPOLATE_LINEAR] < distance[3] / 2);
    qst_noise_free(noise);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* One-qubit noise on one qubit leads probabilities to 1/2 and 0.3 + Z to 0.3: exponentially, exactly. */
static void decays_towards_the_centre(void **state)
{
    static const char *const words[] = {"probabilities", "grouped", "parity", "0.3*I+1*Z"};
    const double scales[] = {1, 3};
    qst_ctx *ctx = support_ctx(1);
    sim_builder to = sim_begin(ctx, 1, 2, 6, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 4; i++)
        sim_add(&to, QST_GATE_rx, (size_t[]){0}, &QST_ANGLE({0.2, QST_WEIGHT(i), QST_ONE}));
    qst_circuit *circuit = sim_finish(&to);
    qst_noise *noise = make_noise(ctx, 0.03, 0, 0);
    (void)state;
    for (size_t w = 0; w < 4; w++) {
        qst_readout *readout = sim_words(ctx, 1, words[w], 2);
        const qst_measure_opts opts = {
            .noise = noise,
            .mitigation = {.scales = scales, .n_scales = 2, .extrapolation = QST_EXTRAPOLATE_EXPONENTIAL}};
        double ideal[2], values[2];
        measure(ctx, circuit, readout, NULL, ideal);
        measure(ctx, circuit, readout, &opts, values);
        sim_assert_within(sim_distance(values, ideal, qst_readout_outputs(readout)), 1e-13, "%s", words[w]);
        qst_readout_free(readout);
    }
    qst_noise_free(noise);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* Both mitigations compose: nearer to the ideal values than either alone. */
static void mitigations_compose(void **state)
{
    const double scales[] = {1, 3, 5};
    qst_ctx *ctx = support_ctx(1);
    qst_circuit *circuit = make_circuit(ctx);
    (void)state;
    for (size_t i = 0; i < N_READOUTS; i++) {
        qst_readout *readout = sim_words(ctx, 3, readouts[i], 3);
        qst_noise *noise = make_noise(ctx, 0.005, 0.02, 0.1);
        double ideal[MOST_OUTPUTS], values[MOST_OUTPUTS], off[4];
        measure(ctx, circuit, readout, NULL, ideal);
        for (int way = 0; way < 4; way++) {
            const qst_measure_opts opts = {.noise = noise,
                                           .mitigation = {.readout = way & 1,
                                                          .scales = scales,
                                                          .n_scales = way & 2 ? 3 : 0,
                                                          .extrapolation = QST_EXTRAPOLATE_POLYNOMIAL}};
            measure(ctx, circuit, readout, &opts, values);
            off[way] = sim_distance(values, ideal, qst_readout_outputs(readout));
        }
        assert_true(off[3] < off[0] / 10 && off[3] < off[1] / 2 && off[3] < off[2] / 10);
        qst_noise_free(noise);
        qst_readout_free(readout);
    }
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* --- from shots --------------------------------------------------------------------------------------------------- */

/* Far from the edge of the simplex the projection does nothing, and mean and variance are those of linear estimates. */
static void mitigated_shots(void **state)
{
    enum { N = 4000 };
    const double scales[] = {1, 2, 3};
    double *x = sim_allocate(2 * N, sizeof *x), *values = sim_allocate(2 * 3 * N, sizeof *values);
    qst_ctx *ctx = support_ctx(0);
    sim_builder to = sim_begin(ctx, 1, 2, 6, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 4; i++)
        sim_add(&to, QST_GATE_rx, (size_t[]){0},
                &QST_ANGLE({0.4, QST_WEIGHT(i), QST_ONE}, {1, QST_FEATURE(0), QST_ONE}));
    qst_circuit *circuit = sim_finish(&to);
    qst_noise *noise = make_noise(ctx, 0.01, 0.05, 0.08);
    const char *const words[] = {"z", "y 0.3*Z+0.5*Y 1*Z-2*I", "probabilities"};
    (void)state;
    for (size_t i = 0; i < 2 * N; i++)
        x[i] = sample[i % 2];
    for (size_t w = 0; w < 3; w++) {
        qst_measurement *measurement = NULL;
        qst_readout *readout = sim_words(ctx, 1, words[w], 0);
        size_t n = qst_readout_outputs(readout);
        double *variances = values + 3 * N, exact[3];
        qst_measure_opts opts = {.noise = noise, .mitigation = {.readout = true, .scales = scales, .n_scales = 3}};
        measure(ctx, circuit, readout, &opts, exact);
        opts.shots = 400;
        assert_ok(ctx, qst_measurement_create(ctx, circuit, readout, &opts, &measurement));
        assert_ok(ctx, qst_measurement_values(measurement, weights, (qst_const_matrix){x, N, 2}, 5, 0,
                                              (qst_matrix){values, N, n}, (qst_matrix){variances, N, n}));
        for (size_t k = 0; k < n; k++) {
            double mean = 0, spread = 0, estimated = 0;
            for (size_t i = 0; i < N; i++) {
                mean += values[i * n + k] / N;
                estimated += variances[i * n + k] / N;
            }
            for (size_t i = 0; i < N; i++)
                spread += (values[i * n + k] - mean) * (values[i * n + k] - mean) / (N - 1);
            sim_assert_within(fabs(mean - exact[k]), 5 * sqrt(spread / N), "%s %zu: mean", words[w], k);
            sim_assert_within(fabs(estimated / spread - 1), 5 * sqrt(2.0 / N), "%s %zu: variance", words[w], k);
        }
        qst_measurement_free(measurement);
        qst_readout_free(readout);
    }
    qst_noise_free(noise);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
    free(x);
    free(values);
}

/* Where noise leaves nothing at the larger scales these are not used; where shots abound all are. */
static void chosen_scales(void **state)
{
    const double scales[] = {1, 9, 17};
    qst_ctx *ctx = support_ctx(1);
    qst_circuit *circuit = make_circuit(ctx);
    qst_readout *readout = sim_words(ctx, 3, "z", 0);
    qst_noise *noise = make_noise(ctx, 0.03, 0, 0);
    (void)state;
    for (int many = 0; many < 2; many++) {
        double chosen[3], all[3], first[3];
        qst_measure_opts opts = {.noise = noise, .shots = 30};
        measure(ctx, circuit, readout, &opts, first);
        opts.mitigation = (qst_mitigation){.scales = scales, .n_scales = 3};
        opts.shots = many ? 2000000 : 30;
        measure(ctx, circuit, readout, &opts, all);
        opts.mitigation.choose_scales = true;
        measure(ctx, circuit, readout, &opts, chosen);
        if (many)
            assert_memory_equal(chosen, all, sizeof all);
        else
            assert_memory_equal(chosen, first, sizeof first);
    }
    qst_noise_free(noise);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* Errors of a trajectory are those of (seed, row): the same however rows are cut, and the mean is that of exact noise.
 */
static void trajectories(void **state)
{
    enum { ROWS = 70 };
    qst_ctx *ctx = support_ctx(2);
    qst_circuit *circuit = make_circuit(ctx);
    qst_readout *readout = sim_words(ctx, 3, "x z", 0);
    double x[2 * ROWS], exact[6], all[ROWS][6], parts[ROWS][6], mean[6] = {0}, spread[6] = {0};
    (void)state;
    for (size_t i = 0; i < 2 * ROWS; i++)
        x[i] = sample[i % 2];
    for (int damped = 0; damped < 2; damped++) {
        qst_noise *noise = make_noise(ctx, 0.03, 0.02, 0.1);
        if (damped)
            assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_amplitude_damping, {0.05}}}));
        for (size_t shots = 0; shots <= 100; shots += 100) {
            qst_measure_opts opts = {.noise = noise, .shots = shots};
            qst_measurement *measurement = NULL;
            memset(mean, 0, sizeof mean);
            memset(spread, 0, sizeof spread);
            opts.shots = 0;
            measure(ctx, circuit, readout, &opts, exact);
            opts.shots = shots;
            opts.noise_method = QST_NOISE_TRAJECTORIES;
            opts.trajectories = 16;
            assert_ok(ctx, qst_measurement_create(ctx, circuit, readout, &opts, &measurement));
            assert_ok(ctx, qst_measurement_values(measurement, weights, (qst_const_matrix){x, ROWS, 2}, 9, 3,
                                                  (qst_matrix){all[0], ROWS, 6}, (qst_matrix){NULL, 0, 0}));
            for (size_t first = 0, n = 1; first < ROWS; first += n, n = n * 2 + 1) {
                n = n < ROWS - first ? n : ROWS - first;
                assert_ok(ctx, qst_measurement_values(measurement, weights, (qst_const_matrix){x + 2 * first, n, 2}, 9,
                                                      3 + first, (qst_matrix){parts[first], n, 6},
                                                      (qst_matrix){NULL, 0, 0}));
            }
            assert_memory_equal(all, parts, sizeof all);
            for (size_t k = 0; k < 6; k++) {
                for (size_t row = 0; row < ROWS; row++)
                    mean[k] += all[row][k] / ROWS;
                for (size_t row = 0; row < ROWS; row++)
                    spread[k] += (all[row][k] - mean[k]) * (all[row][k] - mean[k]) / (ROWS - 1);
                sim_assert_within(fabs(mean[k] - exact[k]), 5 * sqrt(spread[k] / ROWS) + 1e-12, "output %zu", k);
            }
            assert_true(spread[3] > 0);
            qst_measurement_free(measurement);
        }
        qst_noise_free(noise);
    }
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

static void gradient_through_noise(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    qst_circuit *circuit = make_circuit(ctx);
    qst_noise *noise = make_noise(ctx, 0.02, 0.02, 0.1);
    (void)state;
    for (size_t i = 0; i < N_READOUTS; i++) {
        qst_readout *readout = sim_words(ctx, 3, readouts[i], 3);
        sim_case of = sim_open(ctx, circuit, readout, QST_DOUBLE);
        sim_run run = sim_draw(&of, 40 + i, 3);
        for (int mitigated = 0; mitigated < 2; mitigated++) {
            const qst_measure_opts opts = {.noise = noise, .mitigation = {.readout = mitigated}};
            qst_measurement *measurement = NULL;
            double gradient[6];
            uint64_t shots = 0;
            assert_ok(ctx, qst_measurement_create(ctx, circuit, readout, &opts, &measurement));
            assert_ok(ctx, qst_measurement_shift(measurement, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run),
                                                 1, 0, gradient, &shots));
            for (size_t w = 0; w < 6; w++) {
                double sums[2] = {0, 0}, step = 1e-5, middle = run.weights[w];
                for (int side = 0; side < 2; side++) {
                    run.weights[w] = middle + (side ? step : -step);
                    assert_ok(ctx, qst_measurement_values(measurement, run.weights, sim_x(&of, &run), 1, 0,
                                                          sim_values(&of, &run), (qst_matrix){NULL, 0, 0}));
                    for (size_t k = 0; k < run.n_rows * of.n_outputs; k++)
                        sums[side] += run.cotangent[k] * run.values[k];
                }
                run.weights[w] = middle;
                assert_close(gradient[w], (sums[1] - sums[0]) / (2 * step), 1e-8);
            }
            qst_measurement_free(measurement);
        }
        sim_run_free(&run);
        qst_program_free(of.program);
        qst_readout_free(readout);
    }
    qst_noise_free(noise);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* Without a change of basis: the adjoint sweep through the noise has the same. */
static void gradient_by_the_adjoint_sweep(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    qst_circuit *circuit = make_circuit(ctx);
    qst_noise *noise = make_noise(ctx, 0.02, 0.02, 0.1);
    (void)state;
    for (size_t i = 0; i < N_READOUTS; i++) {
        qst_readout *readout = sim_words(ctx, 3, readouts[i], 3);
        sim_case of = sim_open_with(ctx, circuit, readout, &(qst_compile_opts){.noise = noise});
        sim_run run = sim_draw(&of, 60 + i, 3);
        qst_measurement *measurement = NULL;
        double gradient[6];
        uint64_t shots = 0;
        if (strchr(readouts[i], 'x') != NULL || strchr(readouts[i], 'X') != NULL) {
            sim_run_free(&run);
            qst_program_free(of.program);
            qst_readout_free(readout);
            continue;
        }
        sim_vjp(&of, &run);
        assert_ok(ctx,
                  qst_measurement_create(ctx, circuit, readout, &(qst_measure_opts){.noise = noise}, &measurement));
        assert_ok(ctx, qst_measurement_shift(measurement, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run), 1, 0,
                                             gradient, &shots));
        sim_assert_within(sim_distance(gradient, run.out_weights, 6), 1e-12, "%s", readouts[i]);
        qst_measurement_free(measurement);
        sim_run_free(&run);
        qst_program_free(of.program);
        qst_readout_free(readout);
    }
    qst_noise_free(noise);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_kraus_sums),
        cmocka_unit_test(errors_of_readout_are_taken_back),
        cmocka_unit_test(distributions_have_a_limit),
        cmocka_unit_test(extrapolation_of_a_decay),
        cmocka_unit_test(decays_towards_the_centre),
        cmocka_unit_test(mitigations_compose),
        cmocka_unit_test(mitigated_shots),
        cmocka_unit_test(chosen_scales),
        cmocka_unit_test(trajectories),
        cmocka_unit_test(gradient_through_noise),
        cmocka_unit_test(gradient_by_the_adjoint_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
