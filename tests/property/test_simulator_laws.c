/* test_simulator_laws.c: laws that need no reference: the norm stays, a circuit and its inverse cancel, observables
 * that commute with a gate do not notice it and those that anticommute turn over, a half turn changes signs. */
#include "sim_case.h"

static int open_ctx(void **state)
{
    *state = support_ctx(2);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* --- the norm ----------------------------------------------------------------------------------------------------- */

/* n_gates of rx, ry, rz with weights and cx, or of all gates, on 8 qubits; the probabilities of three samples. Few
 * weights mean that the same rounding errors come again and again. */
static void check_norm(qst_ctx *ctx, bool all_gates, size_t n_gates, size_t n_weights, qst_precision precision)
{
    const size_t n = 8;
    const double tolerance = precision == QST_SINGLE ? 5e-4 : 5e-12;
    qst_circuit *circuit = NULL;
    if (all_gates) {
        assert_ok(ctx, ref_random_circuit(ctx, 31, n, 0, n_weights, n_gates, &circuit));
    } else {
        ref_rng rng = {30};
        sim_builder to = sim_begin(ctx, n, 0, n_weights, QST_PREPARE_ZERO);
        const qst_gate gates[4] = {QST_GATE_rx, QST_GATE_ry, QST_GATE_rz, QST_GATE_cx};
        for (size_t g = 0; g < n_gates; g++) {
            size_t a = ref_below(&rng, n), b = (a + 1 + ref_below(&rng, n - 1)) % n;
            sim_add(&to, gates[ref_below(&rng, 4)], (size_t[]){a, b},
                    &QST_ANGLE({2, QST_WEIGHT(g % n_weights), QST_ONE}));
        }
        circuit = sim_finish(&to);
    }
    sim_case of = sim_open(ctx, circuit, sim_words(ctx, n, "probabilities", 0), precision);
    sim_run run = sim_draw(&of, 5, 3);
    sim_forward(&of, &run);
    for (size_t row = 0; row < 3; row++) {
        double norm = 0;
        for (size_t i = 0; i < of.n_outputs; i++)
            norm += run.values[row * of.n_outputs + i];
        sim_assert_within(fabs(norm - 1), tolerance, "norm after %zu gates, %zu weights, precision %d", n_gates,
                          n_weights, (int)precision);
    }
    sim_run_free(&run);
    sim_close(&of);
}

static void norm_after_a_million_gates(void **state)
{
    for (int precision = QST_DOUBLE; precision <= QST_SINGLE; precision++) {
        check_norm(*state, false, 1000000, 1, (qst_precision)precision);
        check_norm(*state, false, 1000000, 251, (qst_precision)precision);
    }
}

static void norm_after_many_gates_of_all_kinds(void **state)
{
    check_norm(*state, true, 50000, 251, QST_DOUBLE);
    check_norm(*state, true, 50000, 251, QST_SINGLE);
}

/* The backward sweep of 20,000 gates brings the state back; qst_program_vjp() fails when it does not. */
static void long_circuits_come_back(void **state)
{
    qst_ctx *ctx = *state;
    for (int precision = QST_DOUBLE; precision <= QST_SINGLE; precision++) {
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_circuit(ctx, 32, 5, 2, 20, 20000, &circuit));
        sim_case of = sim_open(ctx, circuit, sim_words(ctx, 5, "z", 0), (qst_precision)precision);
        sim_run run = sim_draw(&of, 1, 5);
        sim_vjp(&of, &run);
        sim_run_free(&run);
        sim_close(&of);
    }
}

/* --- inverses ----------------------------------------------------------------------------------------------------- */

/* Adds the inverse of a gate with constant angles: itself with the angles of `negative`, or its power of an order that
 * gives the identity. */
static void add_inverse(sim_builder *to, qst_gate gate, const size_t *qubits, const double *a)
{
    static const struct {
        qst_gate gate, inverse;
        size_t times;
    } constants[] = {
        {QST_GATE_s, QST_GATE_sdg, 1},           {QST_GATE_sdg, QST_GATE_s, 1},       {QST_GATE_t, QST_GATE_tdg, 1},
        {QST_GATE_tdg, QST_GATE_t, 1},           {QST_GATE_sx, QST_GATE_sxdg, 1},     {QST_GATE_sxdg, QST_GATE_sx, 1},
        {QST_GATE_csx, QST_GATE_csx, 3},         {QST_GATE_iswap, QST_GATE_iswap, 3}, {QST_GATE_rc3x, QST_GATE_rc3x, 3},
        {QST_GATE_c3sqrtx, QST_GATE_c3sqrtx, 3},
    };
    const int n_angles = qst_gate_describe(gate)->n_angles;
    if (n_angles == 3 || n_angles == 4) {
        sim_add_fixed(to, gate, qubits, (double[]){-a[0], -a[2], -a[1], -a[3]});
        return;
    }
    if (gate == QST_GATE_u2) {
        sim_add_fixed(to, gate, qubits, (double[]){SIM_PI - a[1], -SIM_PI - a[0]});
        return;
    }
    if (n_angles > 0) { /* r keeps its axis */
        sim_add_fixed(to, gate, qubits, (double[]){-a[0], a[1]});
        return;
    }
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (constants[i].gate == gate) {
            for (size_t t = 0; t < constants[i].times; t++)
                sim_add_fixed(to, constants[i].inverse, qubits, NULL);
            return;
        }
    }
    sim_add_fixed(to, gate, qubits, NULL);
}

typedef struct placed_gate {
    qst_gate gate;
    size_t qubits[QST_MAX_GATE_QUBITS];
    double angles[QST_MAX_GATE_ANGLES];
} placed_gate;

/* A random circuit of all gates, then the inverse of each from the last to the first: the start state, its phase too.
 */
static void circuit_and_inverse_cancel(void **state)
{
    qst_ctx *ctx = *state;
    const size_t n = 6, n_gates = 2 * QST_GATE_COUNT, dim = (size_t)1 << n;
    for (uint64_t seed = 0; seed < 40; seed++) {
        ref_rng rng = {seed};
        placed_gate placed[2 * QST_GATE_COUNT];
        sim_builder to = sim_begin(ctx, n, dim, 0, QST_PREPARE_AMPLITUDE);
        for (size_t g = 0; g < n_gates; g++) {
            placed_gate *p = &placed[g];
            p->gate = (qst_gate)(g < QST_GATE_COUNT ? g : ref_below(&rng, QST_GATE_COUNT));
            ref_fill(&rng, -7, 7, p->angles, QST_MAX_GATE_ANGLES);
            while (
                !ref_tuple(n, QST_MAX_GATE_QUBITS, ref_below(&rng, ref_tuple_codes(n, QST_MAX_GATE_QUBITS)), p->qubits))
                continue;
            sim_add_fixed(&to, p->gate, p->qubits, p->angles);
        }
        for (size_t g = n_gates; g-- > 0;)
            add_inverse(&to, placed[g].gate, placed[g].qubits, placed[g].angles);
        sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, n, "z", 0), QST_DOUBLE);
        sim_run run = sim_draw(&of, seed, 1);
        double complex amplitudes[64];
        double norm = 0, worst = 0;
        assert_ok(ctx, qst_program_state(of.program, NULL, run.x, amplitudes));
        for (size_t i = 0; i < dim; i++)
            norm += run.x[i] * run.x[i];
        for (size_t i = 0; i < dim; i++)
            worst = fmax(worst, cabs(amplitudes[i] - run.x[i] / sqrt(norm)));
        sim_assert_within(worst, 1e-13, "seed %llu", (unsigned long long)seed);
        sim_run_free(&run);
        sim_close(&of);
    }
}

/* --- observables -------------------------------------------------------------------------------------------------- */

/* The gates that are one rotation about a Pauli, with its letters, first qubit right-most. */
static const struct {
    qst_gate gate;
    const char *letters;
} rotations[] = {
    {QST_GATE_rx, "X"},   {QST_GATE_ry, "Y"},   {QST_GATE_rz, "Z"},   {QST_GATE_rxx, "XX"},
    {QST_GATE_ryy, "YY"}, {QST_GATE_rzz, "ZZ"}, {QST_GATE_rzx, "XZ"},
};

/* All Paulis of 3 qubits; number i has bits i >> 3 for x, i & 7 for z. */
static qst_readout *all_paulis(qst_ctx *ctx)
{
    qst_pauli paulis[64];
    double coefficients[64];
    size_t outputs[64];
    qst_readout *readout = NULL;
    for (uint32_t i = 0; i < 64; i++) {
        paulis[i] = (qst_pauli){i >> 3, i & 7};
        coefficients[i] = 1;
        outputs[i] = i;
    }
    assert_ok(ctx, qst_readout_paulis(ctx, 3, paulis, coefficients, outputs, 64, 64, &readout));
    return readout;
}

/* The expectations of all Paulis behind a scrambled state and, when angle is no NaN, one more rotation. */
static void expectations_behind(qst_ctx *ctx, qst_gate gate, const size_t *qubits, double angle, double *out)
{
    ref_rng rng = {91};
    sim_builder to = sim_begin(ctx, 3, 0, 0, QST_PREPARE_ZERO);
    sim_scramble(&to, 3, &rng);
    sim_scramble(&to, 3, &rng);
    if (!isnan(angle))
        sim_add_fixed(&to, gate, qubits, &angle);
    sim_case of = sim_open(ctx, sim_finish(&to), all_paulis(ctx), QST_DOUBLE);
    assert_ok(ctx, qst_program_forward(of.program, NULL, (qst_const_matrix){NULL, 1, 0}, (qst_matrix){out, 1, 64}));
    sim_close(&of);
}

/* Whether the rotation's Pauli commutes with number i. */
static bool commutes(const char *letters, const size_t *qubits, size_t i)
{
    size_t n = strlen(letters), differing = 0;
    for (size_t k = 0; k < n; k++) {
        char mine = letters[n - 1 - k];
        size_t x = i >> 3 >> qubits[k] & 1, z = i >> qubits[k] & 1;
        char other = "IZXY"[2 * x + z];
        differing += other != 'I' && other != mine;
    }
    return differing % 2 == 0;
}

/* [P, Q] = 0: <Q> does not notice exp(-i t P / 2). PQ = -QP: it is cos(t) <Q> + sin(t) <something>, so a half turn more
 * turns its sign. */
static void commuting_observables_stay(void **state)
{
    qst_ctx *ctx = *state;
    double before[64], after[64], half_turn[64];
    size_t n_commuting = 0;
    expectations_behind(ctx, QST_GATE_id, NULL, NAN, before);
    assert_close(before[0], 1, 1e-15);
    for (size_t r = 0; r < sizeof rotations / sizeof *rotations; r++) {
        for (size_t code = 0; code < ref_tuple_codes(3, 2); code++) {
            size_t qubits[2];
            if (!ref_tuple(3, 2, code, qubits))
                continue;
            expectations_behind(ctx, rotations[r].gate, qubits, 0.7, after);
            expectations_behind(ctx, rotations[r].gate, qubits, 0.7 + SIM_PI, half_turn);
            for (size_t i = 0; i < 64; i++) {
                bool stays = commutes(rotations[r].letters, qubits, i);
                n_commuting += stays;
                double error = stays ? fmax(fabs(after[i] - before[i]), fabs(half_turn[i] - before[i]))
                                     : fabs(after[i] + half_turn[i]);
                sim_assert_within(error, 1e-14, "gate %s on %zu,%zu and Pauli %zu",
                                  qst_gate_describe(rotations[r].gate)->name, qubits[0], qubits[1], i);
            }
        }
    }
    assert_int_equal(n_commuting, 7 * 6 * 32);
}

/* The number of a Pauli on the first qubits. */
static size_t pauli_number(const char *letters)
{
    size_t n = strlen(letters), number = 0;
    for (size_t k = 0; k < n; k++) {
        char letter = letters[n - 1 - k];
        number |= (size_t)(letter == 'X' || letter == 'Y') << (3 + k) | (size_t)(letter == 'Z' || letter == 'Y') << k;
    }
    return number;
}

/* Rotations about P then Q in either order: the same state when they commute. A full turn is -1. */
static void rotations_that_commute(void **state)
{
    qst_ctx *ctx = *state;
    for (size_t a = 3; a < 7; a++) {
        for (size_t b = 3; b < 7; b++) {
            double complex amplitudes[2][8];
            for (size_t order = 0; order < 2; order++) {
                ref_rng rng = {92};
                sim_builder to = sim_begin(ctx, 3, 0, 0, QST_PREPARE_ZERO);
                sim_scramble(&to, 3, &rng);
                for (size_t i = 0; i < 2; i++)
                    sim_add_fixed(&to, rotations[i == order ? a : b].gate, (size_t[]){0, 1},
                                  &(double){i == order ? 0.4 : 1.1 + 2 * SIM_PI * (double)order});
                sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 3, "z", 0), QST_DOUBLE);
                assert_ok(ctx, qst_program_state(of.program, NULL, NULL, amplitudes[order]));
                sim_close(&of);
            }
            double sum = 0;
            for (size_t i = 0; i < 8; i++)
                sum += cabs(amplitudes[0][i] + amplitudes[1][i]);
            assert_true(commutes(rotations[a].letters, (size_t[]){0, 1}, pauli_number(rotations[b].letters)) ==
                        (sum < 1e-14));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(norm_after_a_million_gates, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(norm_after_many_gates_of_all_kinds, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(long_circuits_come_back, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(circuit_and_inverse_cancel, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(commuting_observables_stay, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(rotations_that_commute, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
