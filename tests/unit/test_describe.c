/* test_describe.c: what qst_program_describe() says: fates of gates, passes, multiply-adds, bytes. */
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

static void assert_fate(const qst_program_info *info, size_t operation, qst_fate fate, size_t first, size_t last)
{
    const qst_gate_fate *of = &info->fates[operation];
    if (of->fate != fate || of->first_pass != first || of->last_pass != last)
        print_error("operation %zu: %s in passes %zd..%zd\n", operation, qst_fate_name(of->fate),
                    (ssize_t)of->first_pass, (ssize_t)of->last_pass);
    assert_int_equal(of->operation, operation);
    assert_int_equal(of->fate, fate);
    assert_int_equal(of->first_pass, first);
    assert_int_equal(of->last_pass, last);
}

/* Three layers on four qubits of which the readout sees three. */
static sim_case fates_case(qst_ctx *ctx)
{
    sim_builder to = sim_begin(ctx, 4, 1, 20, QST_PREPARE_ZERO);
    int32_t w = 0;
#define ADD(name, qubits, ...) sim_add(&to, QST_GATE_##name, (size_t[]){qubits}, &QST_ANGLE({1, __VA_ARGS__, QST_ONE}))
    ADD(rz, 0, QST_WEIGHT(w++));                                                  /* 0: on |0>, a phase */
    ADD(ry, 0, QST_WEIGHT(w++));                                                  /* 1: start */
    ADD(rx, 1, QST_FEATURE(0));                                                   /* 2: start */
    ADD(ry, 2, QST_WEIGHT(w++));                                                  /* 3: start */
    sim_add_fixed(&to, QST_GATE_cx, (size_t[]){0, 1}, NULL);                      /* 4: frame */
    sim_add_fixed(&to, QST_GATE_id, (size_t[]){0}, NULL);                         /* 5: nothing */
    sim_add_fixed(&to, QST_GATE_swap, (size_t[]){0, 2}, NULL);                    /* 6: renames */
    sim_add(&to, QST_GATE_gphase, NULL, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE})); /* 7: frame */
    sim_add_fixed(&to, QST_GATE_cz, (size_t[]){0, 1}, NULL);                      /* 8: diagonal */
    sim_add_fixed(&to, QST_GATE_cz, (size_t[]){1, 2}, NULL);                      /* 9: diagonal */
    sim_add_fixed(&to, QST_GATE_h, (size_t[]){3}, NULL);                          /* 10: outside the cone */
    ADD(rx, 0, QST_WEIGHT(w++));                                                  /* 11: fused */
    ADD(ry, 0, QST_WEIGHT(w++));                                                  /* 12: fused */
    ADD(rx, 1, QST_WEIGHT(w++));                                                  /* 13: fused */
    ADD(ry, 1, QST_WEIGHT(w++));                                                  /* 14: fused */
    sim_add(&to, QST_GATE_u, (size_t[]){2},
            (qst_angle[]){QST_ANGLE({1, QST_WEIGHT(w), QST_ONE}), QST_ANGLE({1, QST_WEIGHT(w + 1), QST_ONE}),
                          QST_ANGLE({1, QST_WEIGHT(w + 2), QST_ONE})}); /* 15: spread */
    sim_add_fixed(&to, QST_GATE_cz, (size_t[]){0, 1}, NULL);            /* 16: at the end */
#undef ADD
    return sim_open_with(ctx, sim_finish(&to), sim_words(ctx, 4, "0.5*IIZZ+IXII", 0),
                         &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
}

static void fates(void **state)
{
    sim_case of = fates_case(*state);
    const qst_program_info *info = qst_program_describe(of.program);
    const size_t none = SIZE_MAX;
    assert_int_equal(info->n_operations, 17);
    assert_fate(info, 0, QST_FATE_DROPPED, none, none);
    for (size_t o = 1; o <= 3; o++)
        assert_fate(info, o, QST_FATE_FUSED, 0, 0);
    assert_fate(info, 4, QST_FATE_FRAME, none, none);
    assert_fate(info, 5, QST_FATE_DROPPED, none, none);
    assert_fate(info, 6, QST_FATE_FRAME, none, none);
    assert_fate(info, 7, QST_FATE_FRAME, none, none);
    for (size_t o = 8; o <= 9; o++) { /* merged, or taken in by general gates */
        assert_true(info->fates[o].fate != QST_FATE_DROPPED && info->fates[o].fate != QST_FATE_FRAME);
        assert_true(info->fates[o].first_pass <= info->fates[o].last_pass && info->fates[o].last_pass < info->n_passes);
    }
    assert_fate(info, 10, QST_FATE_DROPPED, none, none);
    for (size_t o = 11; o <= 14; o++) {
        assert_int_equal(info->fates[o].fate, QST_FATE_FUSED);
        assert_string_equal(info->passes[info->fates[o].first_pass].kind, "gates");
        assert_int_equal(info->fates[o].first_pass, info->fates[o].last_pass);
    }
    assert_int_equal(info->fates[15].fate, QST_FATE_SPREAD);
    assert_fate(info, 16, QST_FATE_DROPPED, none, none);
    assert_int_equal(info->n_qubits, 4);
    assert_int_equal(info->n_qubits_simulated, 3);
    assert_string_equal(qst_fate_name(QST_FATE_DROPPED), "dropped");
    assert_string_equal(qst_fate_name(QST_FATE_SPREAD), "spread");
    assert_string_equal(qst_fate_name((qst_fate)99), "unknown");
    sim_close(&of);
}

/* Sums over passes, and each rotation in one of them. */
static void check_sums(const qst_program *program)
{
    const qst_program_info *info = qst_program_describe(program);
    double multiply_adds = 0, bytes = 0;
    size_t n_gates = 0, n_rotations = 0;
    assert_int_equal(info->n_passes, program->n_passes + (program->n_start > 0));
    for (size_t i = 0; i < info->n_passes; i++) {
        multiply_adds += info->passes[i].multiply_adds;
        bytes += info->passes[i].bytes;
        n_gates += info->passes[i].n_gates;
        n_rotations += info->passes[i].n_rotations;
        assert_true(info->passes[i].multiply_adds > 0 && info->passes[i].bytes > 0);
    }
    assert_int_equal(n_gates, info->n_gates);
    assert_int_equal(n_rotations, info->n_rotations);
    assert_close(multiply_adds, info->multiply_adds_forward, 1e-9 * multiply_adds);
    assert_close(bytes, info->bytes_forward, 1e-9 * bytes);
    for (size_t o = 0; o < info->n_operations; o++)
        assert_true(info->fates[o].first_pass == SIZE_MAX || info->fates[o].last_pass < info->n_passes);
}

static void sums(void **state)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        size_t n = 1 + seed % 6;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_circuit(*state, seed, n, 2, 3, 30, &circuit));
        sim_case of = sim_open_with(
            *state, circuit, sim_words(*state, n, "z", 0),
            &(qst_compile_opts){.precision = seed % 2 ? QST_SINGLE : QST_DOUBLE, .layout = QST_LAYOUT_SMALL});
        check_sums(of.program);
        sim_close(&of);
    }
}

/* Layers of RY(x), RX, RY, RZ, CX ring: 8 multiply-adds a gate and amplitude; on the way back 12, or 20 where psi is
 * un-applied, and 2 a pass; the first layer is a product. */
static void training_figures(void **state)
{
    const size_t n = 6, n_layers = 3;
    const double dim = 64, gates = (double)(n * (n_layers - 1));
    for (size_t single = 0; single < 2; single++) {
        sim_builder to = sim_begin(*state, n, n, 3, QST_PREPARE_ZERO);
        for (size_t layer = 0; layer < n_layers; layer++) {
            for (size_t q = 0; q < n; q++) {
                sim_add(&to, QST_GATE_ry, &q, &QST_ANGLE({1, QST_FEATURE((int32_t)q), QST_ONE}));
                sim_add(&to, QST_GATE_rx, &q, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
                sim_add(&to, QST_GATE_ry, &q, &QST_ANGLE({1, QST_WEIGHT(1), QST_ONE}));
                sim_add(&to, QST_GATE_rz, &q, &QST_ANGLE({1, QST_WEIGHT(2), QST_ONE}));
            }
            for (size_t q = 0; q < n; q++)
                sim_add_fixed(&to, QST_GATE_cx, (size_t[]){q, (q + 1) % n}, NULL);
        }
        qst_compile_opts opts = {.layout = QST_LAYOUT_SMALL, .precision = single ? QST_SINGLE : QST_DOUBLE};
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, n, "z", 0), &opts);
        const qst_program_info *info = qst_program_describe(of.program);
        double real_bytes = single ? 4 : 8;
        assert_int_equal(info->n_gates, n * n_layers);
        assert_close(info->multiply_adds_forward, (8 + 8 * gates) * dim, 0);
        assert_close(info->multiply_adds_backward, (16 + 12 * gates + 2 * gates / 3) * dim, 0);
        assert_close(info->state_bytes, 2 * real_bytes * dim, 0);
        assert_close(info->passes[1].bytes, 2 * info->state_bytes, 0);
        opts.optimize_off = QST_OPTIMIZE_KEEP;
        double kept = info->memory_bytes;
        size_t n_kept = of.program->n_kept, lanes = of.program->kernels->lanes;
        sim_recompile(&of, &opts);
        info = qst_program_describe(of.program);
        assert_close(info->multiply_adds_backward, (16 + 20 * gates + 2 * gates / 3) * dim, 0);
        assert_close(kept - info->memory_bytes, (double)(n_kept * lanes) * info->state_bytes, 0);
        sim_close(&of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fates, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(sums, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(training_figures, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
