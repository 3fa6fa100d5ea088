/* test_measure_parts.c: the parts that measuring stands on: the nearest probabilities against brute force, errors of
 * readout taken back, extrapolation against its formulas, every gate folded, shots against their distribution. */
#include "measure/extrapolation.h"
#include "measure/gate_folding.h"
#include "measure/readout_inversion.h"
#include "measure/shots.h"
#include "measure/simplex.h"
#include "property/sim_case.h"

/* --- the nearest probabilities ------------------------------------------------------------------------------------ */

#define MOST_BRUTE 6

/* Of all points with some entries 0 and the others shifted alike to the sum 1, all >= 0, the nearest. */
static void project_by_brute_force(const double *values, size_t n, double *out)
{
    double best = INFINITY;
    for (unsigned kept = 1; kept < 1U << n; kept++) {
        double sum = 0, distance = 0, point[MOST_BRUTE];
        bool feasible = true;
        for (size_t i = 0; i < n; i++)
            sum += kept >> i & 1 ? values[i] : 0;
        double shift = (1 - sum) / __builtin_popcount(kept);
        for (size_t i = 0; i < n; i++) {
            point[i] = kept >> i & 1 ? values[i] + shift : 0;
            feasible = feasible && point[i] >= 0;
            distance += (point[i] - values[i]) * (point[i] - values[i]);
        }
        if (feasible && distance < best) {
            best = distance;
            memcpy(out, point, n * sizeof *out);
        }
    }
}

static void projection_against_brute_force(void **state)
{
    ref_rng rng = {5};
    (void)state;
    for (size_t run = 0; run < 600; run++) {
        double values[MOST_BRUTE], expected[MOST_BRUTE];
        size_t n = 1 + run % MOST_BRUTE;
        ref_fill(&rng, -1, 1.5, values, n);
        project_by_brute_force(values, n, expected);
        qsti_simplex_project(values, n);
        sim_assert_within(sim_distance(values, expected, n), 1e-14, "run %zu, %zu entries", run, n);
    }
}

static void probabilities_stay(void **state)
{
    double values[4] = {0.5, 0, 0.125, 0.375}, before[4];
    (void)state;
    memcpy(before, values, sizeof values);
    qsti_simplex_project(values, 4);
    assert_memory_equal(values, before, sizeof values);
}

/* --- errors of readout -------------------------------------------------------------------------------------------- */

static void readout_there_and_back(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {7};
    double read[4][4], inverse[4][4], values[16], before[16], weights[16];
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        double one = ref_uniform(&rng, 0, 0.2), zero = ref_uniform(&rng, 0, 0.2);
        memcpy(read[k], (double[4]){1 - one, one, zero, 1 - zero}, sizeof read[k]);
        assert_ok(ctx, qsti_readout_invert(ctx, k, read[k], inverse[k]));
    }
    ref_fill(&rng, 0, 1, values, 16);
    ref_fill(&rng, 0, 1, weights, 16);
    memcpy(before, values, sizeof values);
    qsti_readout_tensor((const double(*)[4])read, 4, false, values);
    /* One entry by hand: everything that is read as 0101. */
    double by_hand = 0;
    for (size_t b = 0; b < 16; b++) {
        double product = before[b];
        for (size_t k = 0; k < 4; k++)
            product *= read[k][2 * (b >> k & 1) + (5 >> k & 1)];
        by_hand += product;
    }
    assert_close(values[5], by_hand, 1e-14);
    qsti_readout_tensor((const double(*)[4])inverse, 4, false, values);
    sim_assert_within(sim_distance(values, before, 16), 1e-14, "there and back");
    /* <w, M v> = <M^T w, v>. */
    double left = 0, right = 0;
    qsti_readout_tensor((const double(*)[4])read, 4, false, values);
    for (size_t b = 0; b < 16; b++)
        left += weights[b] * values[b];
    qsti_readout_tensor((const double(*)[4])read, 4, true, weights);
    for (size_t b = 0; b < 16; b++)
        right += weights[b] * before[b];
    assert_close(left, right, 1e-13);
    assert_status(ctx, qsti_readout_invert(ctx, 3, (double[4]){0.4, 0.6, 0.4, 0.6}, inverse[0]), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "bit 3");
    qst_ctx_free(ctx);
}

/* --- extrapolation ------------------------------------------------------------------------------------------------ */

static const qsti_output_range about_zero = {0, 1};

static double extrapolate(qst_extrapolation kind, const double *scales, size_t n, const double *values,
                          double *variance)
{
    double out = 0;
    const double variances[4] = {0.1, 0.2, 0.4, 0.8};
    qsti_extrapolate(kind, scales, n, values, variances, 1, about_zero, &out, variance);
    return out;
}

static void extrapolation_by_formula(void **state)
{
    const double scales[3] = {1, 2, 3};
    double cubic[3], decay[3], line[3], variance = 0;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        cubic[i] = 0.7 - 0.3 * scales[i] + 0.05 * scales[i] * scales[i];
        decay[i] = -0.9 * pow(0.8, scales[i]);
        line[i] = 0.4 - 0.1 * scales[i];
    }
    assert_close(extrapolate(QST_EXTRAPOLATE_LINEAR, scales, 3, line, &variance), 0.4, 1e-14);
    assert_close(extrapolate(QST_EXTRAPOLATE_POLYNOMIAL, scales, 3, cubic, &variance), 0.7, 1e-14);
    /* Richardson's 3 v1 - 3 v2 + v3. */
    assert_close(extrapolate(QST_EXTRAPOLATE_POLYNOMIAL, scales, 3, decay, &variance),
                 3 * decay[0] - 3 * decay[1] + decay[2], 1e-14);
    assert_close(variance, 9 * 0.1 + 9 * 0.2 + 0.4, 1e-14);
    assert_close(extrapolate(QST_EXTRAPOLATE_LINEAR, scales, 3, decay, &variance),
                 4.0 / 3 * decay[0] + decay[1] / 3 - 2.0 / 3 * decay[2], 1e-14);
    assert_close(extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 3, decay, &variance), -0.9, 1e-14);
}

static void exponential_variance_and_fallback(void **state)
{
    const double scales[2] = {1, 3};
    const double falling[2] = {0.5, 0.2}, rising[2] = {0.2, 0.8}, crossing[2] = {0.2, -0.1}, steep[2] = {0.9, 0.1};
    double variance = 0, expected = 0, unused = 0;
    (void)state;
    double value = extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, falling, &variance);
    assert_close(value, 0.5 * sqrt(0.5 / 0.2), 1e-14);
    for (size_t i = 0; i < 2; i++) {
        double up[2] = {falling[0], falling[1]}, down[2] = {falling[0], falling[1]};
        up[i] += 1e-6;
        down[i] -= 1e-6;
        double slope = (extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, up, &unused) -
                        extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, down, &unused)) /
                       2e-6;
        expected += slope * slope * (i == 0 ? 0.1 : 0.2);
    }
    assert_close(variance, expected, 1e-7);
    /* No value can be 0.9 sqrt(0.9 / 0.1): linearly. */
    assert_close(extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, steep, &variance), 1.3, 1e-14);
    /* Towards another centre. */
    const double shares[2] = {0.25 + 0.5, 0.25 + 0.2}, none[2] = {0, 0};
    qsti_extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, shares, none, 1, (qsti_output_range){0.25, 1}, &value,
                     &variance);
    assert_close(value, 0.25 + 0.5 * sqrt(0.5 / 0.2), 1e-14);
    assert_close(extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, rising, &variance), -0.1, 1e-14);
    assert_close(extrapolate(QST_EXTRAPOLATE_EXPONENTIAL, scales, 2, crossing, &variance), 0.35, 1e-14);
}

/* --- folding ------------------------------------------------------------------------------------------------------ */

static void mixed_angles(ref_rng *rng, qst_term terms[QST_MAX_GATE_ANGLES][2], qst_angle angles[QST_MAX_GATE_ANGLES])
{
    for (int k = 0; k < QST_MAX_GATE_ANGLES; k++) {
        terms[k][0] = (qst_term){ref_uniform(rng, -1, 1), QST_WEIGHT(k % 2), QST_FEATURE(0)};
        terms[k][1] = (qst_term){ref_uniform(rng, -3, 3), QST_ONE, QST_ONE};
        angles[k] = (qst_angle){terms[k], 2};
    }
}

static qst_circuit *circuit_around(qst_ctx *ctx, qst_gate gate, ref_rng *rng)
{
    size_t k = (size_t)qst_gate_describe(gate)->n_qubits, n = k < 2 ? 2 : k, qubits[QST_MAX_GATE_QUBITS];
    qst_term terms[QST_MAX_GATE_ANGLES][2];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    sim_builder to = sim_begin(ctx, n, 1, 2, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 3; i++) {
        sim_scramble(&to, n, rng);
        for (size_t q = 0; q < k; q++)
            qubits[q] = (q + i) % n;
        mixed_angles(rng, terms, angles);
        sim_add(&to, gate, qubits, angles);
    }
    sim_scramble(&to, n, rng);
    return sim_finish(&to);
}

/* The largest difference between the values of two circuits. */
static double values_apart(qst_ctx *ctx, const qst_circuit *a, const qst_circuit *b)
{
    size_t n = qst_circuit_qubits(a);
    const qst_circuit *both[2] = {a, b};
    const double weights[2] = {0.3, -1.1}, x[1] = {0.7};
    double values[2][32];
    qst_readout *readout = sim_words(ctx, n, "x y z", 0);
    for (size_t i = 0; i < 2; i++) {
        qst_program *program = NULL;
        assert_ok(ctx, qst_program_compile(ctx, both[i], readout, NULL, &program));
        assert_ok(
            ctx, qst_program_forward(program, weights, (qst_const_matrix){x, 1, 1}, (qst_matrix){values[i], 1, 3 * n}));
        qst_program_free(program);
    }
    qst_readout_free(readout);
    return sim_distance(values[0], values[1], 3 * n);
}

static void every_gate_folds(void **state)
{
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {11};
    (void)state;
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        qst_circuit *circuit = circuit_around(ctx, (qst_gate)gate, &rng), *folded = NULL;
        double reached = 0;
        qst_status status = qsti_circuit_fold(ctx, circuit, &(qsti_folding_opts){.scale = 3}, &folded, &reached);
        if (gate == QST_GATE_rc3x) {
            assert_int_equal(status, QST_ERR_UNSUPPORTED);
            assert_message(ctx, "rc3x");
        } else {
            assert_int_equal(status, QST_OK);
            assert_close(reached, 3, 0);
            sim_assert_within(values_apart(ctx, circuit, folded), 1e-12, "%s folded",
                              qst_gate_describe((qst_gate)gate)->name);
        }
        qst_circuit_free(folded);
        qst_circuit_free(circuit);
    }
    qst_ctx_free(ctx);
}

/* On the gates of a device: sx has no other sign there, rz is virtual. */
static void native_gates_fold(void **state)
{
    static const char *const basis[] = {"rz", "sx", "x", "cx"};
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = NULL;
    qst_circuit *folded = NULL;
    qst_circuit_counts before, after;
    double reached = 0;
    (void)state;
    sim_builder to = sim_begin(ctx, 2, 1, 2, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 4; i++) {
        sim_add(&to, QST_GATE_sx, (size_t[]){i % 2}, NULL);
        sim_add(&to, QST_GATE_rz, (size_t[]){i % 2}, &QST_ANGLE({1, QST_WEIGHT(i % 2), QST_FEATURE(0)}));
        sim_add(&to, QST_GATE_cx, (size_t[]){i % 2, 1 - i % 2}, NULL);
    }
    qst_circuit *circuit = sim_finish(&to);
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.01}},
                                                          .gates = (qst_gate[]){QST_GATE_sx, QST_GATE_cx},
                                                          .n_gates = 2}));
    const qsti_folding_opts thrice = {.scale = 3, .noise = noise, .gates = basis, .n_gates = 4};
    assert_ok(ctx, qsti_circuit_fold(ctx, circuit, &thrice, &folded, &reached));
    qst_circuit_count(circuit, &before);
    qst_circuit_count(folded, &after);
    assert_int_equal(after.two_qubit_gates, 3 * before.two_qubit_gates);
    assert_int_equal(after.gates, before.gates + 8 + 4 * 4); /* 2 more a cx, 2 and 2 rz more an sx */
    sim_assert_within(values_apart(ctx, circuit, folded), 1e-12, "folded in native gates");
    qst_circuit_free(folded);
    /* Half of either sort. */
    const qsti_folding_opts twice = {.scale = 2, .noise = noise, .gates = basis, .n_gates = 4};
    assert_ok(ctx, qsti_circuit_fold(ctx, circuit, &twice, &folded, &reached));
    qst_circuit_count(folded, &after);
    assert_close(reached, 2, 0);
    assert_int_equal(after.two_qubit_gates, 2 * before.two_qubit_gates);
    sim_assert_within(values_apart(ctx, circuit, folded), 1e-12, "half folded");
    qst_circuit_free(folded);
    const qsti_folding_opts without_rz = {.scale = 3, .noise = noise, .gates = basis + 1, .n_gates = 3};
    assert_status(ctx, qsti_circuit_fold(ctx, circuit, &without_rz, &folded, &reached), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "sxdg");
    qst_noise_free(noise);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* --- shots -------------------------------------------------------------------------------------------------------- */

static void shots_follow_their_distribution(void **state)
{
    enum { N = 37, SHOTS = 200000 };
    double p[N], counts[N] = {0}, again[N] = {0}, sums[N], total = 0, chi = 0, n = 0;
    uint32_t guide[N];
    ref_rng rng = {3};
    (void)state;
    ref_fill(&rng, 0, 1, p, N);
    for (size_t i = 0; i < N; i++) {
        p[i] = i % 5 == 0 ? 0 : i % 7 == 0 ? p[i] * 1e-4 : p[i];
        total += p[i];
    }
    qsti_shots_draw(p, N, SHOTS, 42, 1, UINT64_C(1) << 40, (qsti_shots_room){sums, guide}, counts);
    qsti_shots_draw(p, N, SHOTS, 42, 1, UINT64_C(1) << 40, (qsti_shots_room){sums, guide}, again);
    assert_memory_equal(counts, again, sizeof counts);
    for (size_t i = 0; i < N; i++) {
        double expected = p[i] / total * SHOTS;
        n += counts[i];
        if (p[i] == 0)
            assert_true(counts[i] == 0);
        else
            chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assert_close(n, SHOTS, 0);
    assert_true(chi < 29 + 5 * sqrt(2 * 29.0));
    /* Other rows, circuits and keys draw otherwise. */
    for (size_t i = 0; i < 4; i++) {
        memset(again, 0, sizeof again);
        qsti_shots_draw(p, N, SHOTS, i == 0 ? 43 : 42, i == 1 ? 2 : 1,
                        i == 2   ? 7
                        : i == 3 ? 0
                                 : UINT64_C(1) << 40,
                        (qsti_shots_room){sums, guide}, again);
        assert_memory_not_equal(counts, again, sizeof counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projection_against_brute_force),
        cmocka_unit_test(probabilities_stay),
        cmocka_unit_test(readout_there_and_back),
        cmocka_unit_test(extrapolation_by_formula),
        cmocka_unit_test(exponential_variance_and_fallback),
        cmocka_unit_test(every_gate_folds),
        cmocka_unit_test(native_gates_fold),
        cmocka_unit_test(shots_follow_their_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
