/* test_transpile_order.c: measurements, resets, barriers and conditions stay where they are; free parameters stay free.
 */
#include "support/assembly_text.h"
#include "transpile_cases.h"

/* --- what is no gate ---------------------------------------------------------------------------------------------- */

/* Random gates, measurements into bits of c (4) and d (2), resets, and gates on condition that d is 1 or 2. */
static qst_assembly *random_program(qst_ctx *ctx, uint64_t seed, size_t n_qubits)
{
    ref_rng rng = {seed};
    qst_assembly_builder *builder = NULL;
    qst_assembly *made = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "a", 1));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "b", n_qubits - 1));
    assert_ok(ctx, qst_assembly_add_bits(builder, "c", 4));
    assert_ok(ctx, qst_assembly_add_bits(builder, "d", 2));
    for (int i = 0; i < 40; i++) {
        uint32_t a = (uint32_t)ref_below(&rng, n_qubits), b = (a + 1 + (uint32_t)ref_below(&rng, n_qubits - 1));
        b %= (uint32_t)n_qubits;
        uint64_t value = 1 + ref_below(&rng, 2);
        double angle = ref_uniform(&rng, -3, 3);
        switch (ref_below(&rng, 11)) {
        case 0:
            assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(a), .bit = (uint32_t)ref_below(&rng, 6))));
            break;
        case 1:
            assert_ok(ctx, add(builder, OTHER(RESET, QUBITS(a), .bit = QST_NO_BIT)));
            break;
        case 2:
            assert_ok(ctx, add(builder, OTHER(BARRIER, QUBITS(a, b), .bit = QST_NO_BIT)));
            break;
        case 3:
            assert_ok(ctx, add_when(builder, 1, value, GATE(h, QUBITS(a))));
            break;
        case 4:
            assert_ok(ctx, add_when(builder, 1, value, GATE(cp, QUBITS(a, b), ANGLES(EXPRESSION(NUMBER(angle))))));
            break;
        case 5:
            assert_ok(ctx, add_when(builder, 1, value, GATE(swap, QUBITS(a, b))));
            break;
        case 6:
            assert_ok(ctx, add(builder, GATE(cx, QUBITS(a, b))));
            break;
        case 7:
            assert_ok(ctx, add(builder, GATE(rzz, QUBITS(a, b), ANGLES(EXPRESSION(NUMBER(angle))))));
            break;
        case 8:
            assert_ok(ctx, add(builder, GATE(iswap, QUBITS(a, b))));
            break;
        default:
            assert_ok(ctx, add(builder, GATE(u, QUBITS(a),
                                             ANGLES(EXPRESSION(NUMBER(angle)), EXPRESSION(NUMBER(1)),
                                                    EXPRESSION(NUMBER(-0.5))))));
        }
    }
    assert_ok(ctx, qst_assembly_finish(builder, &made));
    return made;
}

/* What happens to the bits, as letters: the measured bits, and the values that are asked for, runs of one as one. */
static void classical_trace(const qst_assembly *assembly, size_t bits, char out[256])
{
    size_t n = 0;
    qst_register place;
    qst_assembly_bit_register(assembly, bits, &place);
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        char letter = 0;
        if (instruction.condition == bits)
            letter = (char)('0' + instruction.condition_value);
        else if (instruction.kind == QST_INSTRUCTION_MEASURE && instruction.bit >= place.first &&
                 instruction.bit < place.first + place.size)
            letter = (char)('a' + instruction.bit);
        bool repeats = letter >= '0' && letter <= '9' && n > 0 && out[n - 1] == letter;
        if (letter != 0 && !repeats)
            out[n++] = letter;
    }
    out[n] = '\0';
}

static void programs_keep_their_order(void **state)
{
    (void)state;
    static const char *const bases[] = {"rz,sx,x,cx", "u,cz", "r,cz", "rz,rx,rzz"};
    static const char *const maps[] = {"full", "line:5", "grid:2x3"};
    qst_ctx *ctx = support_ctx(1);
    for (uint64_t seed = 0; seed < 60; seed++) {
        qst_assembly *in = random_program(ctx, seed, 2 + seed % 4), *out = NULL;
        const qst_transpile_opts opts = {bases[seed % 4], maps[seed % 3], seed, (qst_transpile_level)(seed / 3 % 4),
                                         false};
        qst_placement placement = {0};
        assert_ok(ctx, qst_transpile(in, &opts, &out, &placement));
        for (uint64_t value = 0; value < 3; value++) {
            double distance = cases_distance(in, out, &placement, NULL, value);
            if (!(distance <= 1e-12))
                fail_msg("seed %d, conditions on %d: %g", (int)seed, (int)value, distance);
        }
        char before[256],
            after[256]; /* a bit's order counts where two things happen to it: the whole of d, bits of c */
        classical_trace(in, 1, before);
        classical_trace(out, 1, after);
        assert_string_equal(before, after);
        assert_int_equal(qst_assembly_bits(out), 6);
        qst_placement_clear(in, &placement);
        qst_assembly_free(in);
        qst_assembly_free(out);
    }
    qst_ctx_free(ctx);
}

static void nothing_passes_a_barrier(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_assembly_builder *builder = NULL;
    qst_assembly *in = NULL, *out = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 3));
    for (int i = 0; i < 4; i++) {
        assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
        assert_ok(ctx, add(builder, OTHER(BARRIER, QUBITS(0, 1, 2), .bit = QST_NO_BIT)));
    }
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
    assert_ok(ctx, add(builder, GATE(h, QUBITS(2))));
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
    assert_ok(ctx, qst_assembly_finish(builder, &in));
    assert_ok(ctx, qst_transpile(in, NULL, &out, NULL));
    assert_int_equal(cases_two_qubit_gates(out), 4);
    qst_assembly_free(in);
    qst_assembly_free(out);
    qst_ctx_free(ctx);
}

/* --- free parameters ---------------------------------------------------------------------------------------------- */

static qst_assembly *free_circuit(qst_ctx *ctx, uint64_t seed, size_t n_qubits)
{
    static const qst_gate gates[] = {QST_GATE_rx,  QST_GATE_ry,  QST_GATE_rz,  QST_GATE_p,   QST_GATE_crz, QST_GATE_cp,
                                     QST_GATE_rzz, QST_GATE_rxx, QST_GATE_ryy, QST_GATE_crx, QST_GATE_u2,  QST_GATE_r};
    ref_rng rng = {seed};
    qst_assembly_builder *builder = NULL;
    qst_assembly *made = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n_qubits));
    for (int i = 0; i < 3; i++) {
        const char *const names[] = {"alpha", "beta", "gamma"};
        assert_ok(ctx, qst_assembly_add_parameter(builder, names[i]));
    }
    for (int i = 0; i < 25; i++) {
        uint32_t a = (uint32_t)ref_below(&rng, n_qubits), b = (a + 1 + (uint32_t)ref_below(&rng, n_qubits - 1));
        b %= (uint32_t)n_qubits;
        uint32_t v = (uint32_t)ref_below(&rng, 3);
        qst_expression angles[] = {
            EXPRESSION(VARIABLE(v), NUMBER(0.5), DO(MULTIPLY), NUMBER(0.3), DO(ADD)),
            EXPRESSION(VARIABLE(v), VARIABLE(0), DO(MULTIPLY), DO(NEGATE), VARIABLE(2), DO(ADD))};
        if (ref_below(&rng, 3) == 0) {
            assert_ok(ctx, add(builder, GATE(cx, QUBITS(a, b))));
            continue;
        }
        qst_gate gate = gates[ref_below(&rng, sizeof gates / sizeof *gates)];
        const qst_gate_info *info = qst_gate_describe(gate);
        qst_instruction instruction = {.kind = QST_INSTRUCTION_GATE,
                                       .gate = gate,
                                       .qubits = (const uint32_t[]){a, b},
                                       .n_qubits = (size_t)info->n_qubits,
                                       .angles = angles,
                                       .n_angles = (size_t)info->n_angles};
        assert_ok(ctx, add(builder, instruction));
    }
    assert_ok(ctx, qst_assembly_finish(builder, &made));
    return made;
}

static void parameters_stay_free(void **state)
{
    (void)state;
    static const char *const bases[] = {"rz,sx,x,cx", "u3,cx",   "u,cz",     "r,cz",     "rx,ry,rz,cx",
                                        "rx,ry,cz",   "p,sx,cx", "h,rz,ecr", "r,rz,rzz", "rx,rz,cp"};
    qst_ctx *ctx = support_ctx(1);
    for (uint64_t seed = 0; seed < 80; seed++) {
        qst_assembly *in = free_circuit(ctx, seed, 2 + seed % 3), *out = NULL;
        const qst_transpile_opts opts = {bases[seed % 10], seed % 2 ? "line:4" : "full", seed,
                                         (qst_transpile_level)(seed / 10 % 4), false};
        qst_placement placement = {0};
        assert_ok(ctx, qst_transpile(in, &opts, &out, &placement));
        cases_assert_fits(out, opts.basis, NULL, 0, false);
        assert_int_equal(qst_assembly_parameters(out), 3);
        assert_string_equal(qst_assembly_parameter(out, 2), "gamma");
        for (uint64_t point = 0; point < 3; point++) {
            ref_rng rng = {seed * 7 + point};
            double values[3];
            ref_fill(&rng, -3, 3, values, 3);
            double distance = cases_distance(in, out, &placement, values, 0);
            if (!(distance <= 1e-12))
                fail_msg("seed %d: %g", (int)seed, distance);
        }
        qst_placement_clear(in, &placement);
        qst_assembly_free(in);
        qst_assembly_free(out);
    }
    qst_ctx_free(ctx);
}

/* rz(a) and rz(-a) with CX between, on the control: nothing is left of them. */
static void free_angles_add_up(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_assembly_builder *builder = NULL;
    qst_assembly *in = NULL, *out = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 2));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "a"));
    assert_ok(ctx, add(builder, GATE(rz, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0))))));
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
    assert_ok(ctx, add(builder, GATE(x, QUBITS(0))));
    assert_ok(ctx, add(builder, GATE(rz, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0))))));
    assert_ok(ctx, add(builder, GATE(x, QUBITS(0))));
    assert_ok(ctx, qst_assembly_finish(builder, &in));
    assert_ok(ctx, qst_transpile(in, NULL, &out, NULL));
    assert_int_equal(qst_assembly_instructions(out), 1);
    qst_assembly_free(in);
    qst_assembly_free(out);
    qst_ctx_free(ctx);
}

/* Many parameters on one qubit, more than one angle holds: several rotations and phases. */
static void very_many_parameters(void **state)
{
    (void)state;
    enum { N = 300 };
    qst_ctx *ctx = support_ctx(1);
    qst_assembly_builder *builder = NULL;
    qst_assembly *in = NULL, *out = NULL;
    qst_placement placement = {0};
    double values[N];
    ref_rng rng = {3};
    ref_fill(&rng, -3, 3, values, N);
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 2));
    for (uint32_t i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%u", i);
        assert_ok(ctx, qst_assembly_add_parameter(builder, name));
    }
    for (uint32_t i = 0; i < N; i++) {
        assert_ok(ctx, add(builder, GATE(p, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(i))))));
        assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
    }
    assert_ok(ctx, qst_assembly_finish(builder, &in));
    assert_ok(ctx, qst_transpile(in, NULL, &out, &placement));
    assert_true(qst_assembly_instructions(out) < 20);
    assert_close(cases_distance(in, out, &placement, values, 0), 0, 1e-12);
    qst_placement_clear(in, &placement);
    qst_assembly_free(in);
    qst_assembly_free(out);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(programs_keep_their_order),
                                       cmocka_unit_test(nothing_passes_a_barrier),
                                       cmocka_unit_test(parameters_stay_free), cmocka_unit_test(free_angles_add_up),
                                       cmocka_unit_test(very_many_parameters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
