/* test_noise_channels.c: every channel against the Kraus operators of its textbook definition; the law of strengths. */
#include "dense_noise.h"

#define TOLERANCE 1e-13

/* --- definitions -------------------------------------------------------------------------------------------------- */

/* Kraus operators of a channel on one qubit; returns how many. */
static size_t define(const qst_channel *channel, ref_complex out[4][4])
{
    const double *v = channel->numbers;
    memset(out, 0, 16 * sizeof out[0][0]);
    double x = 0, y = 0, z = 0, half = v[0] / 2;
    switch (channel->kind) {
    case QST_CHANNEL_depolarizing:
        x = y = z = v[0] / 4;
        break;
    case QST_CHANNEL_pauli:
        x = v[0];
        y = v[1];
        z = v[2];
        break;
    case QST_CHANNEL_bit_flip:
        x = v[0];
        break;
    case QST_CHANNEL_phase_flip:
        z = v[0];
        break;
    case QST_CHANNEL_bit_phase_flip:
        y = v[0];
        break;
    case QST_CHANNEL_amplitude_damping: /* towards 0 with share 1 - v1, towards 1 with share v1 */
        out[0][0] = sqrt(1 - v[1]);
        out[0][3] = sqrt(1 - v[1]) * sqrt(1 - v[0]);
        out[1][1] = sqrt(1 - v[1]) * sqrt(v[0]);
        out[2][0] = sqrt(v[1]) * sqrt(1 - v[0]);
        out[2][3] = sqrt(v[1]);
        out[3][2] = sqrt(v[1]) * sqrt(v[0]);
        return 4;
    case QST_CHANNEL_phase_damping:
        out[0][0] = 1;
        out[0][3] = sqrt(1 - v[0]);
        out[1][3] = sqrt(v[0]);
        return 2;
    case QST_CHANNEL_rotation_x:
        out[0][0] = out[0][3] = cos(half);
        out[0][1] = out[0][2] = -I * sin(half);
        return 1;
    case QST_CHANNEL_rotation_y:
        out[0][0] = out[0][3] = cos(half);
        out[0][1] = -sin(half);
        out[0][2] = sin(half);
        return 1;
    case QST_CHANNEL_rotation_z:
        out[0][0] = cexp(-I * half);
        out[0][3] = cexp(I * half);
        return 1;
    default:
        fail_msg("no definition of channel %d", (int)channel->kind);
    }
    const double shares[] = {1 - x - y - z, x, y, z};
    static const ref_complex paulis[4][4] = {{1, 0, 0, 1}, {0, 1, 1, 0}, {0, -I, I, 0}, {1, 0, 0, -1}};
    for (size_t p = 0; p < 4; p++) {
        for (size_t i = 0; i < 4; i++)
            out[p][i] = sqrt(fmax(0, shares[p])) * paulis[p][i];
    }
    return 4;
}

static void apply_definition(const qst_channel *channel, size_t qubit, dense *at)
{
    ref_complex kraus[4][4];
    if (channel->kind == QST_CHANNEL_thermal_relaxation) { /* damping, and the dephasing that T2 is more than that */
        const double *v = channel->numbers;
        double dephasing = isinf(v[1]) ? 0 : v[2] / v[1] - v[2] / (2 * v[0]);
        qst_channel damping = {QST_CHANNEL_amplitude_damping, {1 - exp(-v[2] / v[0]), v[3]}};
        qst_channel phase = {QST_CHANNEL_phase_damping, {1 - exp(-2 * dephasing)}};
        apply_definition(&damping, qubit, at);
        apply_definition(&phase, qubit, at);
        return;
    }
    size_t n = define(channel, kraus);
    dense_kraus(at, &kraus[0][0], n, 1, &qubit);
}

static const qst_channel samples[] = {
    {QST_CHANNEL_depolarizing, {0.01}},
    {QST_CHANNEL_depolarizing, {0.9}},
    {QST_CHANNEL_depolarizing, {4.0 / 3}},
    {QST_CHANNEL_pauli, {0.05, 0.02, 0.3}},
    {QST_CHANNEL_pauli, {0.7, 0.2, 0.1}},
    {QST_CHANNEL_bit_flip, {0.1}},
    {QST_CHANNEL_phase_flip, {1e-3}},
    {QST_CHANNEL_bit_phase_flip, {0.5}},
    {QST_CHANNEL_amplitude_damping, {0.3, 0}},
    {QST_CHANNEL_amplitude_damping, {1, 0.25}},
    {QST_CHANNEL_amplitude_damping, {0.2, 1}},
    {QST_CHANNEL_phase_damping, {0.2}},
    {QST_CHANNEL_phase_damping, {1}},
    {QST_CHANNEL_thermal_relaxation, {50, 70, 0.4, 0}},
    {QST_CHANNEL_thermal_relaxation, {50, 100, 20, 0.1}},
    {QST_CHANNEL_thermal_relaxation, {HUGE_VAL, 30, 5, 0}},
    {QST_CHANNEL_rotation_x, {0.4}},
    {QST_CHANNEL_rotation_y, {-1.3}},
    {QST_CHANNEL_rotation_z, {2.9}},
};
#define N_SAMPLES (sizeof samples / sizeof *samples)

static void channels_are_their_definitions(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {1};
    const size_t qubits[] = {2, 0};
    for (size_t s = 0; s < N_SAMPLES; s++) {
        dense ours, theirs;
        event_list list;
        qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = samples[s], .each = true});
        assert_ok(ctx, events_behind(ctx, noise, 1, 3, QST_GATE_cx, qubits, &list));
        assert_int_equal(list.n, 2);
        assert_true(list.events[0].qubits[0] == 2 && list.events[1].qubits[0] == 0);
        dense_random(&rng, 3, &ours);
        theirs = ours;
        dense_events(&ours, &list);
        apply_definition(&samples[s], 2, &theirs);
        apply_definition(&samples[s], 0, &theirs);
        assert_close(dense_distance(&ours, &theirs), 0, TOLERANCE);
        qst_noise_free(noise);
    }
    for (int kind = 0; kind < QST_CHANNEL_COUNT; kind++) {
        bool found = kind == QST_CHANNEL_over_rotation; /* in test_noise_rules.c */
        for (size_t s = 0; s < N_SAMPLES; s++)
            found = found || (int)samples[s].kind == kind;
        assert_true(found);
    }
    qst_ctx_free(ctx);
}

/* (1 - p) rho + p tr_S(rho) (x) I/2^k over the gate's qubits together. */
static void depolarize(double p, size_t k, const size_t *qubits, dense *at)
{
    dense mixed = *at;
    for (size_t q = 0; q < k; q++) {
        ref_complex kraus[4][4] = {{M_SQRT1_2}, {0, M_SQRT1_2}, {0, 0, M_SQRT1_2}, {0, 0, 0, M_SQRT1_2}};
        dense_kraus(&mixed, &kraus[0][0], 4, 1, &qubits[q]); /* the reset to I/2 */
    }
    for (size_t i = 0; i < (size_t)1 << (2 * at->n); i++)
        at->rho[i] = (1 - p) * at->rho[i] + p * mixed.rho[i];
}

static void depolarizing_acts_on_all_qubits_together(void **state)
{
    (void)state;
    static const qst_gate gates[] = {QST_GATE_x, QST_GATE_cx, QST_GATE_ccx};
    static const double most[] = {4.0 / 3, 16.0 / 15, 64.0 / 63};
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {2};
    const size_t qubits[] = {1, 2, 0};
    for (size_t k = 1; k <= 3; k++) {
        const double shares[] = {0.013, 0.8, 1, most[k - 1]};
        for (size_t s = 0; s < 4; s++) {
            dense ours, theirs;
            event_list list;
            qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {shares[s]}}});
            assert_ok(ctx, events_behind(ctx, noise, 1, 3, gates[k - 1], qubits, &list));
            assert_int_equal(list.n, 1);
            dense_random(&rng, 3, &ours);
            theirs = ours;
            dense_events(&ours, &list);
            depolarize(shares[s], k, qubits, &theirs);
            assert_close(dense_distance(&ours, &theirs), 0, TOLERANCE);
            qst_noise_free(noise);
        }
    }
    qst_ctx_free(ctx);
}

/* --- strength ----------------------------------------------------------------------------------------------------- */

static const qst_noise_rule strong[] = {
    {.channel = {QST_CHANNEL_depolarizing, {0.3}}},
    {.channel = {QST_CHANNEL_depolarizing, {1}}},
    {.channel = {QST_CHANNEL_depolarizing, {0.3}}, .each = true},
    {.channel = {QST_CHANNEL_pauli, {0.1, 0.05, 0.06}}},
    {.channel = {QST_CHANNEL_bit_flip, {0.2}}},
    {.channel = {QST_CHANNEL_phase_flip, {0.5}}},
    {.channel = {QST_CHANNEL_amplitude_damping, {0.3, 0.2}}},
    {.channel = {QST_CHANNEL_amplitude_damping, {1, 0}}},
    {.channel = {QST_CHANNEL_phase_damping, {0.4}}},
    {.channel = {QST_CHANNEL_thermal_relaxation, {50, 70, 4, 0.3}}},
    {.channel = {QST_CHANNEL_rotation_y, {0.3}}},
};

static void act(qst_ctx *ctx, const qst_noise *noise, double strength, dense *at)
{
    event_list list;
    assert_ok(ctx, events_behind(ctx, noise, strength, 2, QST_GATE_cx, (const size_t[]){1, 0}, &list));
    dense_events(at, &list);
}

static void strengths_add_up(void **state)
{
    (void)state;
    static const double pairs[][2] = {{1, 1}, {0.5, 0.5}, {0.25, 1.5}, {2, 1}, {1e-3, 0.999}, {0, 1}};
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {3};
    for (size_t r = 0; r < sizeof strong / sizeof *strong; r++) {
        qst_noise *noise = noise_of(ctx, &strong[r]);
        for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
            dense one_by_one, together;
            dense_random(&rng, 2, &one_by_one);
            together = one_by_one;
            act(ctx, noise, pairs[p][0], &one_by_one);
            act(ctx, noise, pairs[p][1], &one_by_one);
            act(ctx, noise, pairs[p][0] + pairs[p][1], &together);
            assert_close(dense_distance(&one_by_one, &together), 0, TOLERANCE);
        }
        qst_noise_free(noise);
    }
    qst_ctx_free(ctx);
}

static qst_status try_strength(qst_ctx *ctx, const qst_channel *channel, double strength)
{
    event_list list;
    const size_t qubit = 0;
    qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = *channel});
    qst_status status = events_behind(ctx, noise, strength, 1, QST_GATE_x, &qubit, &list);
    qst_noise_free(noise);
    return status;
}

static void powers_that_are_no_channels_are_refused(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const qst_channel negative = {QST_CHANNEL_bit_flip, {0.7}}, rootless = {QST_CHANNEL_pauli, {0.1, 0, 0.1}};
    assert_status(ctx, try_strength(ctx, &negative, 2), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "eigenvalue -0.4");
    assert_ok(ctx, try_strength(ctx, &negative, 1));
    assert_ok(ctx, try_strength(ctx, &negative, 0));
    assert_status(ctx, try_strength(ctx, &rootless, 0.5), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "one probability would be -");
    assert_ok(ctx, try_strength(ctx, &rootless, 2));
    qst_ctx_free(ctx);
}

static void a_little_noise_stays_a_little(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    event_list list;
    const size_t qubit = 0;
    qst_noise *noise =
        noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_thermal_relaxation, {1e6, 1e6, 1e-6, 0}}});
    assert_ok(ctx, events_behind(ctx, noise, 0.5, 1, QST_GATE_x, &qubit, &list));
    assert_close(list.events[0].relaxation.a / 5e-13, 1, 1e-12);
    assert_ok(ctx, events_behind(ctx, noise, 0, 1, QST_GATE_x, &qubit, &list));
    assert_int_equal(list.n, 0);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* --- Pauli channels ----------------------------------------------------------------------------------------------- */

static bool paulis_anticommute(size_t n, size_t a, size_t b)
{
    bool odd = false;
    for (size_t q = 0; q < n; q++) {
        size_t first = a >> (2 * q) & 3, second = b >> (2 * q) & 3;
        odd ^= first != 0 && second != 0 && first != second;
    }
    return odd;
}

static void eigenvalues_are_sums_with_signs(void **state)
{
    (void)state;
    ref_rng rng = {4};
    for (size_t n = 1; n <= 3; n++) {
        size_t n_paulis = (size_t)1 << (2 * n);
        double probability[64], values[64];
        ref_fill(&rng, 0, 1, probability, n_paulis);
        qsti_pauli_eigenvalues(probability, n, values);
        for (size_t q = 0; q < n_paulis; q++) {
            double sum = 0;
            for (size_t p = 0; p < n_paulis; p++)
                sum += paulis_anticommute(n, p, q) ? -probability[p] : probability[p];
            assert_close(values[q], sum, 1e-13);
        }
    }
}

static void the_twirl_keeps_the_diagonal(void **state)
{
    (void)state;
    static const qst_relaxation cases[] = {{0.3, 0.5, 0.1}, {0, 1, 0}, {1, 0, 0.5}, {0.19, 0.9, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const qsti_noise_event event = {QSTI_NOISE_RELAXATION, 1, {2}, .relaxation = cases[k]};
        qsti_noise_event twirled;
        double values[4];
        qsti_noise_twirl(&event, &twirled);
        assert_int_equal(twirled.kind, QSTI_NOISE_PAULI);
        assert_int_equal(twirled.qubits[0], 2);
        qsti_pauli_eigenvalues(twirled.probability, 1, values);
        const double expected[] = {1, cases[k].c, cases[k].c, 1 - cases[k].a};
        for (size_t p = 0; p < 4; p++) {
            assert_close(values[p], expected[p], 1e-15);
            assert_true(twirled.probability[p] >= 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_their_definitions),
        cmocka_unit_test(depolarizing_acts_on_all_qubits_together),
        cmocka_unit_test(strengths_add_up),
        cmocka_unit_test(powers_that_are_no_channels_are_refused),
        cmocka_unit_test(a_little_noise_stays_a_little),
        cmocka_unit_test(eigenvalues_are_sums_with_signs),
        cmocka_unit_test(the_twirl_keeps_the_diagonal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
