/* test_measure.c: outputs from shots without noise: their mean and their variances over many seeds against exact
 * values, groups, cutting and threads, adaptive shots, counts, and the distance of two sampled models. */
#include <qstill/measure.h>

#include "property/sim_case.h"

static const double weights[6] = {0.4, -1.2, 2.2, 0.3, -0.7, 1.9};

/* Three qubits, two features, entangled and with X and Y in it. */
static qst_circuit *make_circuit(qst_ctx *ctx)
{
    sim_builder to = sim_begin(ctx, 3, 2, 6, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 6; i++) {
        sim_add(&to, i % 2 ? QST_GATE_rx : QST_GATE_ry, (size_t[]){i % 3},
                &QST_ANGLE({1, QST_WEIGHT(i), QST_ONE}, {0.8, QST_FEATURE(i % 2), QST_ONE}));
        sim_add(&to, QST_GATE_cx, (size_t[]){i % 3, (i + 1) % 3}, NULL);
    }
    return sim_finish(&to);
}

typedef struct setting {
    qst_ctx *ctx;
    qst_circuit *circuit;
    qst_readout *readout;
    qst_measurement *measurement;
    size_t n_outputs;
} setting;

static setting open_setting(int n_threads, const char *words, size_t n_classes, const qst_measure_opts *opts)
{
    setting of = {.ctx = support_ctx(n_threads)};
    of.circuit = make_circuit(of.ctx);
    of.readout = sim_words(of.ctx, 3, words, n_classes);
    of.n_outputs = qst_readout_outputs(of.readout);
    assert_ok(of.ctx, qst_measurement_create(of.ctx, of.circuit, of.readout, opts, &of.measurement));
    return of;
}

static void close_setting(setting *of)
{
    qst_measurement_free(of->measurement);
    qst_readout_free(of->readout);
    qst_circuit_free(of->circuit);
    qst_ctx_free(of->ctx);
}

static void exact_values(const setting *of, qst_const_matrix x, double *out)
{
    qst_program *program = NULL;
    assert_ok(of->ctx, qst_program_compile(of->ctx, of->circuit, of->readout, NULL, &program));
    assert_ok(of->ctx, qst_program_forward(program, weights, x, (qst_matrix){out, x.n_rows, of->n_outputs}));
    qst_program_free(program);
}

static const char *const readouts[] = {
    "z", "x y zz", "0.5*ZZI-1.5*IXY+0.25*III+0.7*IIZ 1.1*YYX+0.3*IZI", "probabilities", "grouped", "parity"};
#define N_READOUTS (sizeof readouts / sizeof *readouts)

/* --- values ------------------------------------------------------------------------------------------------------- */

static void without_shots_as_the_program(void **state)
{
    const double x[4] = {0.1, 0.9, -1.3, 0.5};
    (void)state;
    for (size_t i = 0; i < N_READOUTS; i++) {
        setting of = open_setting(1, readouts[i], 3, NULL);
        double values[32], expected[32], variances[32];
        qst_measurement_info info;
        exact_values(&of, (qst_const_matrix){x, 2, 2}, expected);
        assert_ok(of.ctx, qst_measurement_values(of.measurement, weights, (qst_const_matrix){x, 2, 2}, 1, 0,
                                                 (qst_matrix){values, 2, of.n_outputs},
                                                 (qst_matrix){variances, 2, of.n_outputs}));
        sim_assert_within(sim_distance(values, expected, 2 * of.n_outputs), 1e-14, "%s", readouts[i]);
        for (size_t k = 0; k < 2 * of.n_outputs; k++)
            assert_true(variances[k] == 0);
        qst_measurement_describe(of.measurement, &info);
        assert_int_equal(info.shots, 0);
        close_setting(&of);
    }
}

/* 4,000 copies of a row are 4,000 seeds: the mean within 5 standard errors, the estimated variances' mean within 5 of
 * the spread that there is. */
static void mean_and_variance_over_many_seeds(void **state)
{
    enum { N = 4000 };
    double *x = sim_allocate(2 * N, sizeof *x), *values = sim_allocate(10 * N, sizeof *values);
    double *variances = sim_allocate(10 * N, sizeof *variances);
    (void)state;
    for (size_t i = 0; i < 2 * N; i++)
        x[i] = i % 2 ? 0.9 : 0.2;
    for (size_t i = 0; i < N_READOUTS; i++) {
        setting of = open_setting(0, readouts[i], 3, &(qst_measure_opts){.shots = 50});
        double expected[10];
        exact_values(&of, (qst_const_matrix){x, 1, 2}, expected);
        assert_ok(of.ctx, qst_measurement_values(of.measurement, weights, (qst_const_matrix){x, N, 2}, 17 + i, 0,
                                                 (qst_matrix){values, N, of.n_outputs},
                                                 (qst_matrix){variances, N, of.n_outputs}));
        for (size_t k = 0; k < of.n_outputs; k++) {
            double mean = 0, spread = 0, fourth = 0, estimated = 0, estimated_spread = 0;
            for (size_t row = 0; row < N; row++) {
                mean += values[row * of.n_outputs + k] / N;
                estimated += variances[row * of.n_outputs + k] / N;
            }
            for (size_t row = 0; row < N; row++) {
                double off = values[row * of.n_outputs + k] - mean;
                double v = variances[row * of.n_outputs + k] - estimated;
                spread += off * off / (N - 1);
                fourth += off * off * off * off / N;
                estimated_spread += v * v / N;
            }
            double error = sqrt((fourth - spread * spread) / N) + sqrt(estimated_spread / N);
            sim_assert_within(fabs(mean - expected[k]), 5 * sqrt(spread / N) + 1e-15, "%s, output %zu: mean",
                              readouts[i], k);
            sim_assert_within(fabs(estimated - spread), 5 * error + 1e-15, "%s, output %zu: variance %g, estimated %g",
                              readouts[i], k, spread, estimated);
        }
        close_setting(&of);
    }
    free(x);
    free(values);
    free(variances);
}

static void the_same_however_cut(void **state)
{
    enum { N = 1500 };
    static double x[N][2];
    ref_rng rng = {9};
    (void)state;
    ref_fill(&rng, -3, 3, &x[0][0], 2 * N);
    setting of = open_setting(1, "x y z 0.5*ZZI+1*IXX", 0, &(qst_measure_opts){.shots = 30});
    setting threaded = open_setting(2, "x y z 0.5*ZZI+1*IXX", 0, &(qst_measure_opts){.shots = 30});
    size_t k = of.n_outputs, first = 0;
    double(*all)[10] = sim_allocate(N, sizeof *all), (*parts)[10] = sim_allocate(N, sizeof *parts);
    assert_int_equal(k, 10);
    assert_ok(of.ctx, qst_measurement_values(of.measurement, weights, (qst_const_matrix){&x[0][0], N, 2}, 5, 100,
                                             (qst_matrix){all[0], N, k}, (qst_matrix){NULL, 0, 0}));
    for (size_t n = 1; first < N; first += n, n = n * 3 + 1) {
        n = n < N - first ? n : N - first;
        assert_ok(threaded.ctx,
                  qst_measurement_values(threaded.measurement, weights, (qst_const_matrix){x[first], n, 2}, 5,
                                         100 + first, (qst_matrix){parts[first], n, k}, (qst_matrix){NULL, 0, 0}));
    }
    assert_memory_equal(all, parts, N * sizeof *all);
    free(all);
    free(parts);
    close_setting(&of);
    close_setting(&threaded);
}

static void groups_are_few(void **state)
{
    setting of = open_setting(1, "x z zz", 0, &(qst_measure_opts){.shots = 10});
    qst_measurement_info info;
    const size_t *bits = NULL;
    (void)state;
    qst_measurement_describe(of.measurement, &info);
    assert_int_equal(info.n_groups, 2);
    assert_int_equal(info.n_circuits, 2);
    assert_int_equal(info.shots, 20);
    assert_null(info.placed);
    const qst_circuit *circuit = qst_measurement_circuit(of.measurement, 0, &bits);
    assert_int_equal(qst_circuit_operations(circuit), 12 + 3);
    assert_int_equal(bits[2], 2);
    close_setting(&of);
}

static void what_is_refused(void **state)
{
    setting of = open_setting(1, "z", 0, NULL);
    qst_measurement *made = NULL;
    qst_readout *amplitudes = NULL;
    const double scales[] = {1, 3, 2};
    double x[2] = {0, NAN}, values[3] = {7, 7, 7};
    (void)state;
    assert_ok(of.ctx, qst_readout_amplitudes(of.ctx, 3, &amplitudes));
    assert_status(of.ctx, qst_measurement_create(of.ctx, of.circuit, amplitudes, NULL, &made), QST_ERR_UNSUPPORTED);
    const qst_measure_opts unordered = {.mitigation = {.scales = scales, .n_scales = 3}};
    assert_status(of.ctx, qst_measurement_create(of.ctx, of.circuit, of.readout, &unordered, &made), QST_ERR_USAGE);
    assert_message(of.ctx, "2 behind 3");
    const qst_measure_opts lone = {.mitigation = {.scales = scales, .n_scales = 1}};
    assert_status(of.ctx, qst_measurement_create(of.ctx, of.circuit, of.readout, &lone, &made), QST_ERR_USAGE);
    assert_null(made);
    assert_status(of.ctx,
                  qst_measurement_values(of.measurement, weights, (qst_const_matrix){x, 1, 2}, 1, 0,
                                         (qst_matrix){values, 1, 3}, (qst_matrix){NULL, 0, 0}),
                  QST_ERR_INPUT);
    assert_status(of.ctx,
                  qst_measurement_values(of.measurement, weights, (qst_const_matrix){x, 1, 2}, 1, 0,
                                         (qst_matrix){values, 1, 2}, (qst_matrix){NULL, 0, 0}),
                  QST_ERR_MISMATCH);
    assert_close(values[0], 7, 0);
    assert_status(of.ctx, qst_measurement_set_shots(of.measurement, 10), QST_ERR_USAGE);
    qst_readout_free(amplitudes);
    close_setting(&of);
}

/* --- adaptive shots ----------------------------------------------------------------------------------------------- */

typedef struct deciding {
    size_t n_calls, n_decided;
} deciding;

/* The first output is 2 standard errors from 0. */
static bool decide(void *user, size_t row, const double *values, const double *variances)
{
    deciding *of = user;
    (void)row;
    bool yes = fabs(values[0]) > 2 * sqrt(variances[0]);
    of->n_calls++;
    of->n_decided += yes;
    return yes;
}

static bool never(void *user, size_t row, const double *values, const double *variances)
{
    (void)user;
    (void)row;
    (void)values;
    (void)variances;
    return false;
}

static void adaptive_shots(void **state)
{
    enum { N = 400 };
    static double x[N][2], values[N][3], variances[N][3];
    uint64_t shots[N], total = 0;
    deciding seen = {0};
    ref_rng rng = {13};
    (void)state;
    ref_fill(&rng, -3, 3, &x[0][0], 2 * N);
    setting of = open_setting(2, "z", 0, &(qst_measure_opts){.shots = 1001});
    assert_ok(of.ctx,
              qst_measurement_adaptive(of.measurement, weights, (qst_const_matrix){x[0], N, 2}, 3, 0, 4, decide, &seen,
                                       (qst_matrix){values[0], N, 3}, (qst_matrix){variances[0], N, 3}, shots));
    size_t n_full = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(shots[i] == 250 || shots[i] == 500 || shots[i] == 750 || shots[i] == 1001);
        n_full += shots[i] == 1001;
        total += shots[i];
        /* The variance is that of the shots which were taken. */
        assert_close(variances[i][0], (1 - values[i][0] * values[i][0]) / (double)(shots[i] - 1), 1e-15);
    }
    assert_int_equal(N - n_full, seen.n_decided);
    assert_true(total < (uint64_t)N * 1001 / 2);
    assert_ok(of.ctx, qst_measurement_adaptive(of.measurement, weights, (qst_const_matrix){x[0], N, 2}, 3, 0, 4, never,
                                               NULL, (qst_matrix){values[0], N, 3}, (qst_matrix){NULL, 0, 0}, shots));
    for (size_t i = 0; i < N; i++)
        assert_int_equal(shots[i], 1001);
    assert_status(of.ctx,
                  qst_measurement_adaptive(of.measurement, weights, (qst_const_matrix){x[0], N, 2}, 3, 0, 0, never,
                                           NULL, (qst_matrix){values[0], N, 3}, (qst_matrix){NULL, 0, 0}, shots),
                  QST_ERR_USAGE);
    close_setting(&of);
}

/* Grouped into two classes whose probabilities differ by 0.06: wrong decisions are rarer than alpha. */
static void decisions_by_margin(void **state)
{
    enum { ROWS = 3000, LOOKS = 5 };
    const double angle[2] = {acos(0.06), acos(0.9)};
    double *x = sim_allocate(ROWS, sizeof *x), *values = sim_allocate(2 * ROWS, sizeof *values);
    uint64_t *shots = sim_allocate(ROWS, sizeof *shots), total[2] = {0, 0};
    qst_ctx *ctx = support_ctx(1);
    sim_builder to = sim_begin(ctx, 1, 1, 0, QST_PREPARE_ZERO);
    sim_add(&to, QST_GATE_ry, (size_t[]){0}, &QST_ANGLE({1, QST_FEATURE(0), QST_ONE}));
    qst_circuit *circuit = sim_finish(&to);
    qst_readout *readout = sim_words(ctx, 1, "grouped", 2);
    qst_measurement *measurement = NULL;
    qst_margin margin = {.alpha = 0.1, .n_looks = LOOKS, .n_outputs = 2};
    (void)state;
    assert_ok(ctx, qst_measurement_create(ctx, circuit, readout, &(qst_measure_opts){.shots = 1000}, &measurement));
    for (int clear = 0; clear < 2; clear++) {
        size_t n_wrong = 0;
        for (size_t i = 0; i < ROWS; i++)
            x[i] = angle[clear];
        assert_ok(ctx, qst_measurement_adaptive(measurement, NULL, (qst_const_matrix){x, ROWS, 1}, 7, 0, LOOKS,
                                                qst_decided_by_margin, &margin, (qst_matrix){values, ROWS, 2},
                                                (qst_matrix){NULL, 0, 0}, shots));
        for (size_t i = 0; i < ROWS; i++) {
            n_wrong += shots[i] < 1000 && values[2 * i] < values[2 * i + 1];
            total[clear] += shots[i];
        }
        assert_true((double)n_wrong <= 0.1 * ROWS);
    }
    assert_true(total[0] > (uint64_t)ROWS * 600);
    assert_int_equal(total[1], ROWS * 200); /* at the first look */
    /* A single output, by its sign; a tie is never decided. */
    margin = (qst_margin){.alpha = 0.05, .n_looks = 1, .n_outputs = 1};
    assert_true(qst_decided_by_margin(&margin, 0, (double[]){-0.33}, (double[]){0.04}));
    assert_false(qst_decided_by_margin(&margin, 0, (double[]){-0.32}, (double[]){0.04}));
    margin.n_outputs = 3;
    assert_false(qst_decided_by_margin(&margin, 0, (double[]){0.5, 0.5, 0}, (double[]){0, 0, 0}));
    qst_measurement_free(measurement);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
    free(x);
    free(values);
    free(shots);
}

static void intervals_of_values(void **state)
{
    double low = 0, high = 0;
    (void)state;
    qst_value_interval(0.4, 0.01, 0, &low, &high);
    assert_close(low, 0.4 - 0.1959963984540054, 1e-15);
    assert_close(high, 0.4 + 0.1959963984540054, 1e-15);
    /* 7 of 10, by [wilson1927]: 0.396778 .. 0.892209. */
    qst_value_interval(0.4, 1, 10, &low, &high);
    assert_close(low, 2 * 0.3967781 - 1, 1e-6);
    assert_close(high, 2 * 0.8922087 - 1, 1e-6);
    qst_value_interval(1, 0, 10, &low, &high);
    assert_close(high, 1, 1e-15);
    assert_true(low > 0.4 && low < 0.5);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

static void from_counts(void **state)
{
    const uint64_t outcomes[2][3] = {{0, 5, 6}, {1, 3, 7}}, counts[2][3] = {{10, 20, 70}, {5, 5, 10}};
    const qst_counts both[2] = {{outcomes[0], counts[0], 3}, {outcomes[1], counts[1], 3}};
    const size_t shots[2] = {0, 16};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        setting of = open_setting(1, "0.5*ZZI+2*IIZ 1*IXX", 0, &(qst_measure_opts){.shots = shots[i]});
        double values[2], variances[2];
        assert_ok(of.ctx, qst_measurement_from_counts(of.measurement, both, values, variances));
        /* Outcomes 000, 101, 110: ZZI is 1, -1, 1 and IIZ is 1, -1, 1. */
        double mean = 0.1 * 2.5 + 0.2 * -2.5 + 0.7 * 2.5;
        assert_close(values[0], mean, 1e-15);
        assert_close(variances[0], (6.25 - mean * mean) / 99, 1e-15);
        /* Outcomes 001, 011, 111: IXX is -1, 1, 1. */
        assert_close(values[1], 0.5, 1e-15);
        assert_close(variances[1], 0.75 / 19, 1e-15);
        const qst_counts wrong[2] = {{outcomes[0], counts[0], 3}, {(const uint64_t[]){8}, counts[1], 1}};
        const qst_counts none[2] = {{outcomes[0], counts[0], 0}, {outcomes[1], counts[1], 3}};
        assert_status(of.ctx, qst_measurement_from_counts(of.measurement, wrong, values, NULL), QST_ERR_INPUT);
        assert_message(of.ctx, "circuit 1: outcome 8");
        assert_status(of.ctx, qst_measurement_from_counts(of.measurement, none, values, NULL), QST_ERR_INPUT);
        assert_message(of.ctx, "circuit 0: no shots");
        close_setting(&of);
    }
}

/* --- two sampled models ------------------------------------------------------------------------------------------- */

/* Of a model and itself, each by its own shots: the raw sum is far from 0, the corrected one is 0 in the mean. */
static void corrected_distance_of_a_model_to_itself(void **state)
{
    enum { N = 10000 };
    double *x = sim_allocate(2 * N, sizeof *x), *both = sim_allocate(12 * N, sizeof *both), mean = 0, spread = 0;
    double mean_raw = 0;
    (void)state;
    for (size_t i = 0; i < 2 * N; i++)
        x[i] = i % 2 ? 0.9 : 0.2;
    setting of = open_setting(0, "z", 0, &(qst_measure_opts){.shots = 20});
    for (size_t side = 0; side < 2; side++)
        assert_ok(of.ctx, qst_measurement_values(of.measurement, weights, (qst_const_matrix){x, N, 2}, 90 + side, 0,
                                                 (qst_matrix){both + 6 * N * side, N, 3},
                                                 (qst_matrix){both + 6 * N * side + 3 * N, N, 3}));
    for (size_t row = 0; row < N; row++) {
        double raw = 0, corrected = 0;
        const double *teacher = both + 3 * row, *student = both + 6 * N + 3 * row;
        qst_squared_distance((qst_const_matrix){teacher, 1, 3}, (qst_const_matrix){teacher + 3 * N, 1, 3},
                             (qst_const_matrix){student, 1, 3}, (qst_const_matrix){student + 3 * N, 1, 3}, &raw,
                             &corrected);
        mean += corrected / N;
        mean_raw += raw / N;
        spread += corrected * corrected / N;
    }
    sim_assert_within(fabs(mean), 3 * sqrt(spread / N), "corrected distance");
    assert_true(mean_raw > 20 * sqrt(spread / N));
    double raw = 0, corrected = 0;
    qst_squared_distance((qst_const_matrix){both, 1, 3}, (qst_const_matrix){NULL, 0, 0},
                         (qst_const_matrix){both + 3, 1, 3}, (qst_const_matrix){NULL, 0, 0}, &raw, &corrected);
    assert_close(raw, corrected, 0);
    free(x);
    free(both);
    close_setting(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_shots_as_the_program),
        cmocka_unit_test(mean_and_variance_over_many_seeds),
        cmocka_unit_test(the_same_however_cut),
        cmocka_unit_test(groups_are_few),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(adaptive_shots),
        cmocka_unit_test(decisions_by_margin),
        cmocka_unit_test(intervals_of_values),
        cmocka_unit_test(from_counts),
        cmocka_unit_test(corrected_distance_of_a_model_to_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
