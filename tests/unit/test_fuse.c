/* test_fuse.c: which rotations become one gate, and of which form; the order of what is left; slots; real circuits. */
#include "program_reading.h"

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

/* --- circuits in one line ----------------------------------------------------------------------------------------- */

/* "ry 0 w; crx 0 1 x": gates with angles: a new weight (w), pi times one (p), feature 0 (x), or a constant. Nothing is
 * dropped at either end: amplitudes are features, and the readout sees every Pauli on every qubit. */
static sim_case case_of(qst_ctx *ctx, size_t n, const char *text, unsigned optimize_off)
{
    char copy[512], *rest = copy;
    int32_t n_weights = 0;
    assert_true(strlen(text) < sizeof copy);
    memcpy(copy, text, strlen(text) + 1);
    sim_builder to = sim_begin(ctx, n, 1, 40, QST_PREPARE_AMPLITUDE);
    for (char *line = strsep(&rest, ";"); line != NULL; line = strsep(&rest, ";")) {
        char *word = strtok(line, " ");
        qst_gate gate;
        size_t qubits[QST_MAX_GATE_QUBITS];
        qst_term terms[QST_MAX_GATE_ANGLES];
        qst_angle angles[QST_MAX_GATE_ANGLES];
        assert_true(qst_gate_find(word, &gate));
        for (int q = 0; q < qst_gate_describe(gate)->n_qubits; q++)
            qubits[q] = strtoul(strtok(NULL, " "), NULL, 10);
        for (int a = 0; a < qst_gate_describe(gate)->n_angles; a++) {
            word = strtok(NULL, " ");
            terms[a] = *word == 'w'   ? (qst_term){1, QST_WEIGHT(n_weights++), QST_ONE}
                       : *word == 'p' ? (qst_term){SIM_PI, QST_WEIGHT(n_weights++), QST_ONE}
                       : *word == 'x' ? (qst_term){1, QST_FEATURE(0), QST_ONE}
                                      : (qst_term){strtod(word, NULL), QST_ONE, QST_ONE};
            angles[a] = (qst_angle){&terms[a], 1};
        }
        sim_add(&to, gate, qubits, angles);
    }
    return sim_open_with(ctx, sim_finish(&to), sim_words(ctx, n, "x y z", 0),
                         &(qst_compile_opts){.layout = QST_LAYOUT_SMALL, .optimize_off = optimize_off});
}

/* "Y2 X1c d d": gates by form with their number of rotations, c: controlled; and diagonals; in order of items. */
static void assert_items(qst_ctx *ctx, size_t n, const char *text, unsigned optimize_off, const char *expected)
{
    sim_case of = case_of(ctx, n, text, optimize_off);
    char actual[512] = "", one[32];
    for (size_t i = 0; i < of.program->n_items; i++) {
        const qsti_gate *gate = &of.program->gates[of.program->items[i].index];
        if (of.program->items[i].is_gate)
            (void)snprintf(one, sizeof one, " %c%u%s", "YXG"[gate->form], gate -> count, gate -> control ? "c" : "");
        else
            (void)snprintf(one, sizeof one, " d");
        strncat(actual, one, sizeof actual - strlen(actual) - 1);
    }
    reading_check_items(of.program);
    if (strcmp(actual[0] ? actual + 1 : actual, expected) != 0)
        print_error("%s:\n", text);
    assert_string_equal(actual[0] ? actual + 1 : actual, expected);
    sim_close(&of);
}

/* --- chains ------------------------------------------------------------------------------------------------------- */

static void forms(void **state)
{
    qst_ctx *ctx = *state;
    assert_items(ctx, 3, "ry 0 w; ry 0 w; ry 0 w", 0, "Y3");
    assert_items(ctx, 3, "rx 0 w; rx 0 x", 0, "X2");
    assert_items(ctx, 3, "rx 0 w; ry 0 w", 0, "G2");
    assert_items(ctx, 3, "ry 0 w; rz 0 w", 0, "Y1 d");
    assert_items(ctx, 3, "rz 0 w; ry 0 w", 0, "d Y1");
    assert_items(ctx, 3, "rx 0 w; rz 0 w", 0, "X1 d");
    assert_items(ctx, 3, "rz 0 w; rx 0 w; ry 0 w; rz 0 w", 0, "G4");
    assert_items(ctx, 3, "ry 0 w; rz 0 w; ry 0 w", 0, "G3");
    assert_items(ctx, 3, "rx 0 w; rz 0 w; rx 0 w", 0, "G3");
    assert_items(ctx, 3, "u 0 w w w", 0, "d Y1 d");
    assert_items(ctx, 3, "ry 0 w; rz 0 x", 0, "G2");
    assert_items(ctx, 3, "rz 0 x; ry 0 w", 0, "G2");
    assert_items(ctx, 3, "rz 0 w; ry 0 w; rz 0 x; rz 0 w", 0, "G4");
    assert_items(ctx, 2, "ry 0 w; rz 0 w", 0, "G2");
}

/* Through what commutes with them rotations find their gate; moves in between change nothing. */
static void chains_across(void **state)
{
    qst_ctx *ctx = *state;
    assert_items(ctx, 3, "ry 0 w; ry 1 w; rz 2 w; ry 0 w; ry 1 w", 0, "Y2 Y2 d");
    assert_items(ctx, 3, "ry 0 w; rzz 0 1 w; ry 0 w", 0, "Y1 d Y1");
    assert_items(ctx, 3, "ry 0 w; rzz 1 2 w; ry 0 w", 0, "Y2 d");
    assert_items(ctx, 3, "rx 0 w; cx 1 0; rx 0 w", 0, "X2");
    assert_items(ctx, 3, "ry 0 w; cx 1 2; swap 0 1; ry 1 w", 0, "Y2");
    assert_items(ctx, 3, "ry 0 w; cx 1 0; ry 0 w", 0, "Y1 Y1");
    assert_items(ctx, 3, "rx 0 w; rxx 0 1 w; rx 0 w", 0, "X2 X1");
}

static void controls(void **state)
{
    qst_ctx *ctx = *state;
    assert_items(ctx, 3, "crx 0 1 w", 0, "X2c");
    assert_items(ctx, 3, "cry 0 1 w", 0, "Y2c");
    assert_items(ctx, 3, "crz 0 1 w", 0, "d d");
    assert_items(ctx, 3, "ch 0 1", 0, "Y2c");
    assert_items(ctx, 3, "cu 0 1 w w w w", 0, "d d d Y2c d");
    assert_items(ctx, 3, "rx 1 w; crx 0 1 w; cu 0 1 w w w w", 0, "G8c d");
    assert_items(ctx, 3, "rxx 0 1 w; ryy 0 1 w; rzz 0 1 w", 0, "X2c d");
    assert_items(ctx, 3, "crx 0 1 w; crx 2 1 w", 0, "X3c X1c");
    assert_items(ctx, 3, "csx 0 1", 0, "X2c d");
}

static void each_alone(void **state)
{
    assert_items(*state, 3, "ry 0 w; ry 0 w; rz 0 w; crx 0 1 w; cz 0 1", QST_OPTIMIZE_FUSE, "Y1 Y1 X1 X1c d d d d");
    assert_items(*state, 3, "cx 0 1", QST_OPTIMIZE_FRAME, "X2c d");
    assert_items(*state, 3, "cx 0 1; swap 1 2; x 2", 0, "");
}

/* Many per-lane diagonals next to a gate: they make a table, and the gate's own go there too. */
static void run_by_lane(void **state)
{
    char text[512] = "ry 0 w; rz 0 x";
    for (size_t i = 0; i < QSTI_LANE_TABLE_ROTATIONS; i++)
        strncat(text, i % 2 ? "; rzz 0 1 x" : "; rzz 1 2 x", sizeof text - strlen(text) - 1);
    assert_items(*state, 3, text, 0, "Y1 d d d d d d d d d d");
}

/* --- order -------------------------------------------------------------------------------------------------------- */

/* Terms are written in the circuit's order, so a rotation's first term tells where it stood: any two that are no longer
 * in that order commute. */
static void order_is_kept(void **state)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        size_t n = 1 + seed % 6;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_circuit(*state, seed, n, 2, 3, 60, &circuit));
        sim_case of = sim_open_with(*state, circuit, sim_words(*state, n, "x y z", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
        const qst_program *program = of.program;
        const qsti_rotation **order = sim_allocate(program->n_rotations, sizeof(void *));
        size_t n_order = 0;
        reading_check_items(program);
        for (size_t i = 0; i < program->n_items; i++) {
            qsti_item item = program->items[i];
            size_t first = item.is_gate ? program->gates[item.index].first : item.index;
            size_t count = item.is_gate ? program->gates[item.index].count : 1;
            for (size_t r = first; r < first + count; r++)
                order[n_order++] = &program->rotations[r];
        }
        for (size_t i = 0; i < n_order; i++)
            for (size_t j = 0; j < i; j++)
                if (order[j]->terms.first > order[i]->terms.first)
                    assert_true(qsti_commute(order[i]->pauli, order[j]->pauli));
        free(order);
        sim_close(&of);
    }
}

/* What wide states are planned from: items that obey the rules and give the state. */
static void items_of_wide_programs(void **state)
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        size_t n = 8 + seed % 3;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_circuit(*state, seed, n, 2, 3, 60, &circuit));
        sim_case of = sim_open_with(*state, circuit, sim_words(*state, n, "x y z", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_WIDE, .optimize_off = QST_OPTIMIZE_CONE});
        sim_run run = sim_draw(&of, seed, 1);
        double complex *expected = sim_allocate((size_t)1 << n, sizeof *expected);
        double complex *actual = sim_allocate((size_t)1 << n, sizeof *actual);
        assert_int_equal(of.program->info.layout, QST_LAYOUT_WIDE);
        assert_false(of.program->real);
        reading_check_items(of.program);
        reading_of_items(of.program, run.weights, run.x, actual);
        ref_state(of.circuit, run.weights, run.x, expected);
        sim_assert_within(sim_complex_distance(actual, expected, (size_t)1 << n), 1e-12, "seed %llu",
                          (unsigned long long)seed);
        free(expected);
        free(actual);
        sim_run_free(&run);
        sim_close(&of);
    }
}

/* --- real amplitudes ---------------------------------------------------------------------------------------------- */

static void assert_real(qst_ctx *ctx, const char *text, unsigned optimize_off, bool expected)
{
    sim_case of = case_of(ctx, 3, text, optimize_off);
    if (of.program->real != expected)
        print_error("%s:\n", text);
    assert_int_equal(of.program->real, expected);
    assert_int_equal(of.program->kernels->real, expected);
    assert_int_equal(of.program->info.real, expected);
    for (size_t i = 0; i < of.program->n_observables && expected; i++)
        assert_false(of.program->observables[i].pauli.imaginary);
    assert_int_equal(of.program->n_observables, expected ? 6 : 9);
    sim_close(&of);
}

static void real_circuits(void **state)
{
    qst_ctx *ctx = *state;
    assert_real(ctx, "ry 0 w; cx 0 1; ry 1 x; swap 1 2; x 0", 0, true);
    assert_real(ctx, "ry 0 w; cz 0 1; ry 1 x; cz 1 2; h 0; ch 1 2; z 1", 0, true);
    assert_real(ctx, "ry 0 w; ccx 0 1 2; cswap 2 1 0", 0, true);
    assert_real(ctx, "cry 0 1 w; ry 0 w; cp 0 2 3.141592653589793", 0, true);
    assert_real(ctx, "ry 0 w; cz 0 1; ry 1 x", QST_OPTIMIZE_REAL, false);
    assert_real(ctx, "ry 0 w; cz 0 1; ry 1 x", QST_OPTIMIZE_MERGE, false);
    assert_real(ctx, "ry 0 w; cx 0 1; ry 1 x", QST_OPTIMIZE_MERGE, true);
    assert_real(ctx, "ry 0 w; s 0; ry 0 w", 0, false);
    assert_real(ctx, "ry 0 w; rz 0 w; ry 0 w", 0, false);
    assert_real(ctx, "ry 0 w; rz 0 p; ry 0 w", 0, false);
    assert_real(ctx, "ry 0 w; rx 1 w", 0, false);
    assert_real(ctx, "ry 0 w; cp 0 1 1.5", 0, false);
    assert_real(ctx, "rxx 0 1 w", 0, false);
}

/* A table of a real program has all of each operation's diagonals. */
static void signs_stay_together(void **state)
{
    for (uint64_t seed = 0; seed < 100; seed++) {
        size_t n = 3 + seed % 4;
        ref_rng rng = {seed};
        sim_builder to = sim_begin(*state, n, 0, 40, QST_PREPARE_ZERO);
        for (int32_t i = 0; i < 40; i++) {
            size_t qubits[3] = {ref_below(&rng, n), 0, 0};
            qubits[1] = (qubits[0] + 1 + ref_below(&rng, n - 2)) % n;
            qubits[2] = (qubits[0] + n - 1) % n;
            if (qubits[1] == qubits[2])
                qubits[1] = (qubits[0] + 1) % n;
            sim_add(&to, QST_GATE_ry, qubits, &QST_ANGLE({1, QST_WEIGHT(i), QST_ONE}));
            sim_add_fixed(&to, i % 3 ? QST_GATE_cz : QST_GATE_ccx, qubits, NULL);
        }
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, n, "x z", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
        const qst_program *program = of.program;
        size_t *pass_of = sim_allocate(of.program->info.n_operations, sizeof *pass_of);
        assert_true(program->real);
        assert_int_equal(reading_passes(program, QSTI_PASS_PHASE), 0);
        reading_check_passes(program);
        for (size_t i = 0; i < program->n_passes; i++) {
            const qsti_pass *pass = &program->passes[i];
            for (size_t r = pass->first; r < pass->first + pass->count && pass->kind == QSTI_PASS_TABLE; r++) {
                size_t *at = &pass_of[program->rotations[r].operation];
                assert_true(*at == 0 || *at == i + 1);
                *at = i + 1;
            }
        }
        free(pass_of);
        sim_close(&of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(chains_across, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(controls, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(each_alone, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(run_by_lane, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(order_is_kept, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(items_of_wide_programs, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(real_circuits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(signs_stay_together, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
