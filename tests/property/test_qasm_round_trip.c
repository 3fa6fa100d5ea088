/* test_qasm_round_trip.c: assemblies written in each dialect and read again: angles of plain gates bit for bit, the
 * same unitary to 1e-14, its phase exact in OpenQASM 3. The unitaries are products of the reference's matrices. */
#include <qstill/qasm.h>

#include "random_assembly.h"
#include "support/assembly_text.h"
#include "support/support.h"

#define TOLERANCE 1e-14

#if defined(__SANITIZE_ADDRESS__)
#define SHARE 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHARE 20
#endif
#endif
#ifndef SHARE
#define SHARE 1
#endif

static const double values[RANDOM_MAX_PARAMETERS] = {0.61, -1.13, 2.7};

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

static qst_assembly *there_and_back(qst_ctx *ctx, const qst_assembly *assembly, const qst_qasm_write_opts *opts,
                                    char **out_text)
{
    qst_assembly *again = NULL;
    size_t n_bytes = 0;
    assert_ok(ctx, qst_qasm_write(assembly, opts, out_text, &n_bytes));
    assert_int_equal(strlen(*out_text), n_bytes);
    assert_ok(ctx, qst_qasm_parse(ctx, "again", *out_text, n_bytes, NULL, NULL, &again));
    return again;
}

/* Both are the same n x n matrix; says which case and what was written when not. */
static void assert_same_matrix(const ref_complex *wanted, const qst_assembly *again, const double *parameters,
                               bool exact_phase, uint64_t seed, const char *text)
{
    ref_complex got[RANDOM_MAX_STATES * RANDOM_MAX_STATES];
    assembly_matrix(again, parameters, got);
    double distance = matrix_distance(wanted, got, (size_t)1 << qst_assembly_qubits(again), exact_phase);
    if (!(distance <= TOLERANCE))
        print_message("case %llu:\n%s", (unsigned long long)seed, text);
    assert_close(distance, 0, TOLERANCE);
}

/* --- random circuits ---------------------------------------------------------------------------------------------- */

/* What was written and read says the same text again. */
static void assert_fixed_point(qst_ctx *ctx, const qst_assembly *again, qst_qasm_write_opts how, const char *text)
{
    char *second = NULL;
    size_t n_bytes = 0;
    how.parameters = NULL;
    assert_ok(ctx, qst_qasm_write(again, &how, &second, &n_bytes));
    assert_string_equal(second, text);
    qst_qasm_text_free(again, second);
}

/* Writes in each dialect that can say it, and compares. */
static void round_trip(qst_ctx *ctx, const random_assembly_opts *opts, uint64_t seed)
{
    ref_complex wanted[RANDOM_MAX_STATES * RANDOM_MAX_STATES];
    ref_rng rng = {seed};
    qst_assembly *assembly = random_assembly(ctx, &rng, opts);
    assembly_matrix(assembly, values, wanted);
    for (int dialect = 0; dialect < 3; dialect++) {
        if (dialect > 0 && opts->conditions)
            break;
        bool bound = dialect == 0 || seed % 2;
        char *text = NULL;
        qst_qasm_write_opts how = {
            .dialect = (qst_qasm_dialect)dialect, .parameters = bound ? values : NULL, .barriers = seed % 3 == 0};
        qst_assembly *again = there_and_back(ctx, assembly, &how, &text);
        assert_int_equal(qst_assembly_parameters(again), bound ? 0 : opts->n_parameters);
        assert_same_matrix(wanted, again, values, dialect > 0, seed, text);
        assert_fixed_point(ctx, again, how, text);
        qst_qasm_text_free(assembly, text);
        qst_assembly_free(again);
    }
    qst_assembly_free(assembly);
}

static void many(qst_ctx *ctx, random_assembly_opts opts, uint64_t first_seed, size_t n_cases)
{
    for (uint64_t seed = first_seed; seed < first_seed + n_cases / SHARE; seed++) {
        opts.n_qubits = seed % 25 == 0 ? 5 : seed % 5 == 0 ? 4 : 1 + seed % 3;
        opts.n_instructions = 1 + seed % (opts.n_qubits < 4 ? 7 : 3);
        opts.n_parameters = opts.plain ? 0 : seed % 4;
        round_trip(ctx, &opts, seed);
    }
}

static void plain_gates(void **state)
{
    many(*state, (random_assembly_opts){.plain = true}, 100000, 3500);
}

static void definitions_controls_and_inverses(void **state)
{
    many(*state, (random_assembly_opts){.n_parameters = 0}, 200000, 3500);
}

static void measurements_and_barriers(void **state)
{
    many(*state, (random_assembly_opts){.measures = true}, 300000, 1500);
}

static void conditions(void **state)
{
    many(*state, (random_assembly_opts){.measures = true, .conditions = true}, 400000, 1500);
}

/* --- parameters --------------------------------------------------------------------------------------------------- */

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* The same gates on the same qubits in the same order, and angles of the same bits unless they were above 4 pi. */
static void assert_same_angles(const qst_assembly *assembly, const qst_assembly *again, bool drops_phases)
{
    size_t at = 0;
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction a, b;
        qst_assembly_instruction(assembly, i, &a);
        if (drops_phases && a.gate == QST_GATE_gphase)
            continue;
        assert_true(at < qst_assembly_instructions(again));
        qst_assembly_instruction(again, at++, &b);
        assert_int_equal(a.n_qubits, b.n_qubits);
        if (a.n_qubits > 0)
            assert_memory_equal(a.qubits, b.qubits, a.n_qubits * sizeof *a.qubits);
        for (size_t k = 0; k < a.n_angles && k < b.n_angles; k++) {
            double x = qst_expression_value(&a.angles[k], NULL), y = qst_expression_value(&b.angles[k], NULL);
            if (fabs(x) <= 4 * 3.14159265358979323846)
                assert_true(same_bits(x, y));
            assert_true(fabs(y) <= 12.566370614359173);
        }
    }
    assert_int_equal(at, qst_assembly_instructions(again));
}

/* Whether OpenQASM 2 says a gate by its body, in its place. */
static bool has_inlined(const qst_assembly *assembly)
{
    static const qst_gate inlined[] = {QST_GATE_cu,  QST_GATE_cu3, QST_GATE_csx,     QST_GATE_rccx, QST_GATE_rc3x,
                                       QST_GATE_c3x, QST_GATE_c4x, QST_GATE_c3sqrtx, QST_GATE_rzx,  QST_GATE_ecr};
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction it;
        qst_assembly_instruction(assembly, i, &it);
        for (size_t g = 0; g < sizeof inlined / sizeof *inlined; g++)
            if (it.gate == inlined[g])
                return true;
    }
    return false;
}

static void angles_of_plain_gates_keep_their_bits(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t seed = 1; seed <= 3000 / SHARE; seed++) {
        random_assembly_opts opts = {.n_qubits = 5, .n_instructions = 4, .plain = true};
        ref_rng rng = {seed};
        qst_assembly *assembly = random_assembly(ctx, &rng, &opts);
        for (int dialect = has_inlined(assembly); dialect < 3; dialect++) {
            qst_qasm_write_opts how = {.dialect = (qst_qasm_dialect)dialect};
            char *text = NULL;
            qst_assembly *again = there_and_back(ctx, assembly, &how, &text);
            assert_same_angles(assembly, again, dialect == 0);
            qst_qasm_text_free(assembly, text);
            qst_assembly_free(again);
        }
        qst_assembly_free(assembly);
    }
}

/* --- each gate ---------------------------------------------------------------------------------------------------- */

/* One gate on qubits n-1, n-2, ... with angles spread over its periods. */
static qst_assembly *one_gate(qst_ctx *ctx, qst_gate gate, ref_rng *rng)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    qst_token tokens[QST_MAX_GATE_ANGLES];
    qst_expression angles[QST_MAX_GATE_ANGLES];
    uint32_t qubits[QST_MAX_GATE_QUBITS], n_qubits = (uint32_t)info->n_qubits;
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    for (uint32_t q = 0; q < n_qubits; q++)
        qubits[q] = n_qubits - 1 - q;
    for (int a = 0; a < info->n_angles; a++) {
        tokens[a] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = ref_uniform(rng, -12.5, 12.5)};
        angles[a] = (qst_expression){&tokens[a], 1};
    }
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n_qubits ? n_qubits : 1));
    assert_ok(ctx, add(builder, (qst_instruction){.kind = QST_INSTRUCTION_GATE,
                                                  .gate = gate,
                                                  .qubits = qubits,
                                                  .n_qubits = n_qubits,
                                                  .angles = angles,
                                                  .n_angles = (size_t)info->n_angles}));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

/* The phase as well, in all dialects: bodies are exact as qstill reads them. OpenQASM 2 has no global phase. */
static void every_gate_is_spelled_exactly(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {77};
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        for (int round = 0; round < 10; round++) {
            ref_complex wanted[RANDOM_MAX_STATES * RANDOM_MAX_STATES];
            qst_assembly *assembly = one_gate(ctx, (qst_gate)g, &rng);
            assembly_matrix(assembly, NULL, wanted);
            for (int dialect = 0; dialect < 3; dialect++) {
                qst_qasm_write_opts how = {.dialect = (qst_qasm_dialect)dialect};
                char *text = NULL;
                qst_assembly *again = there_and_back(ctx, assembly, &how, &text);
                bool exact = dialect > 0 || g != QST_GATE_gphase;
                assert_same_matrix(wanted, again, NULL, exact, (uint64_t)g, text);
                qst_qasm_text_free(assembly, text);
                qst_assembly_free(again);
            }
            qst_assembly_free(assembly);
        }
    }
}

/* Angles wrapped into (-pi, pi] change the state by a phase at most, also of gates that have controls themselves. */
static void wrapping_changes_the_global_phase_alone(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {78};
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        for (int round = 0; round < 10; round++) {
            ref_complex wanted[RANDOM_MAX_STATES * RANDOM_MAX_STATES];
            qst_assembly *assembly = one_gate(ctx, (qst_gate)g, &rng);
            qst_qasm_write_opts how = {.dialect = (qst_qasm_dialect)(round % 3), .wrap = true};
            char *text = NULL;
            qst_assembly *again = there_and_back(ctx, assembly, &how, &text);
            assembly_matrix(assembly, NULL, wanted);
            assert_same_matrix(wanted, again, NULL, false, (uint64_t)g, text);
            qst_qasm_text_free(assembly, text);
            qst_assembly_free(again);
            qst_assembly_free(assembly);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate_is_spelled_exactly),
        cmocka_unit_test(wrapping_changes_the_global_phase_alone),
        cmocka_unit_test(angles_of_plain_gates_keep_their_bits),
        cmocka_unit_test(plain_gates),
        cmocka_unit_test(definitions_controls_and_inverses),
        cmocka_unit_test(measurements_and_barriers),
        cmocka_unit_test(conditions),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
