/* test_execute.c: assemblies run: states and unitaries against the reference simulator, outcomes against laws and exact
 * values, branches by measurement, reset and conditions. */
#include <complex.h>

#include "ref/ref.h"
#include "support/execution_text.h"

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

static qst_outcomes *execute(qst_ctx *ctx, const char *text, size_t n_shots, uint64_t seed)
{
    qst_assembly *assembly = parse(ctx, text);
    qst_outcomes *outcomes = NULL;
    assert_ok(ctx, qst_assembly_execute(assembly, &(qst_execution_opts){.n_shots = n_shots, .seed = seed}, &outcomes));
    qst_assembly_free(assembly);
    return outcomes;
}

/* --- states and unitaries ----------------------------------------------------------------------------------------- */

/* Every gate on every choice of qubits of 4 (5 for the largest): column by column against the reference's matrix. */
static void unitaries_of_all_gates(void **state)
{
    qst_ctx *ctx = *state;
    const double angles[] = {0.7, -1.3, 2.1, 0.4};
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)g);
        size_t k = (size_t)info->n_qubits, n = k > 4 ? 5 : 4, dim = (size_t)1 << n;
        ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES], *expected = calloc(dim, sizeof *expected);
        double complex *unitary = calloc(dim * dim, sizeof *unitary);
        assert_int_equal(ref_gate_matrix(info->name, angles, matrix), k);
        for (size_t code = 0; code < ref_tuple_codes(n, k); code++) {
            size_t qubits[QST_MAX_GATE_QUBITS] = {0};
            uint32_t numbers[QST_MAX_GATE_QUBITS] = {0};
            if (!ref_tuple(n, k, code, qubits)) {
                continue;
            }
            qst_token tokens[4];
            qst_expression expressions[4];
            for (size_t a = 0; a < 4; a++) {
                tokens[a] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = angles[a]};
                expressions[a] = (qst_expression){&tokens[a], 1};
            }
            for (size_t q = 0; q < k; q++) {
                numbers[q] = (uint32_t)qubits[q];
            }
            qst_assembly_builder *builder = NULL;
            qst_assembly *assembly = NULL;
            assert_ok(ctx, qst_assembly_begin(ctx, &builder));
            assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n));
            assert_ok(ctx, qst_assembly_add(builder, &(qst_instruction){.kind = QST_INSTRUCTION_GATE,
                                                                        .gate = (qst_gate)g,
                                                                        .qubits = numbers,
                                                                        .n_qubits = k,
                                                                        .angles = expressions,
                                                                        .n_angles = (size_t)info->n_angles,
                                                                        .bit = QST_NO_BIT,
                                                                        .condition = QST_NO_CONDITION}));
            assert_ok(ctx, qst_assembly_finish(builder, &assembly));
            assert_ok(ctx, qst_assembly_unitary(assembly, NULL, unitary));
            for (size_t column = 0; column < dim; column++) {
                for (size_t i = 0; i < dim; i++) {
                    expected[i] = i == column;
                }
                ref_apply(expected, n, matrix, k, qubits);
                for (size_t i = 0; i < dim; i++) {
                    assert_close(cabs(unitary[i * dim + column] - expected[i]), 0, 1e-14);
                }
            }
            qst_assembly_free(assembly);
        }
        free(expected);
        free(unitary);
    }
}

static void state_is_the_first_column_of_the_unitary(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly =
        parse(ctx, "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nh q[0];\nsx q[2];\n"
                   "ctrl @ gphase(0.3) q[0];\ncx q[0], q[1];\ncrx(0.8) q[1], q[2];\ngphase(0.7);\n");
    double complex psi[8], unitary[64];
    assert_ok(ctx, qst_assembly_state(assembly, NULL, psi));
    assert_ok(ctx, qst_assembly_unitary(assembly, NULL, unitary));
    for (size_t i = 0; i < 8; i++) {
        assert_close(cabs(psi[i] - unitary[i * 8]), 0, 1e-15);
    }
    qst_assembly_free(assembly);
}

/* --- exact outcomes ----------------------------------------------------------------------------------------------- */

static void basis_states_of_what_measures_nothing(void **state)
{
    qst_outcomes *outcomes = execute(*state, HEAD "qreg q[3];\nx q[0];\nh q[2];\n", 0, 0);
    assert_int_equal(qst_outcomes_number(outcomes), 2);
    assert_close(probability(outcomes, "001"), 0.5, 1e-15);
    assert_close(probability(outcomes, "101"), 0.5, 1e-15);
    assert_close(qst_outcomes_expectations(outcomes)[0], -1, 1e-15);
    assert_close(qst_outcomes_expectations(outcomes)[1], 1, 0);
    assert_close(qst_outcomes_expectations(outcomes)[2], 0, 1e-15);
    assert_false(qst_outcomes_branched(outcomes));
    qst_outcomes_free(outcomes);
}

static void registers_are_apart_and_the_first_is_right(void **state)
{
    qst_outcomes *outcomes = execute(
        *state, HEAD "qreg q[3];\ncreg a[2];\ncreg b[1];\nx q[0];\nmeasure q[0] -> a[1];\nmeasure q[2] -> b[0];\n", 0,
        0);
    assert_int_equal(qst_outcomes_number(outcomes), 1);
    assert_close(probability(outcomes, "0 10"), 1, 1e-15);
    qst_outcomes_free(outcomes);
}

/* The state cos(0.35)|0> - i sin(0.35)|1> goes from q[0] to q[2], whatever is measured on the way. */
static void teleportation(void **state)
{
    const char *text = HEAD "qreg q[3];\ncreg a[1];\ncreg b[1];\ncreg out[1];\n"
                            "rx(0.7) q[0];\nh q[1];\ncx q[1],q[2];\ncx q[0],q[1];\nh q[0];\nmeasure q[0] -> a[0];\n"
                            "measure q[1] -> b[0];\nif(b==1) x q[2];\nif(a==1) z q[2];\nmeasure q[2] -> out[0];\n";
    double one = sin(0.35) * sin(0.35);
    qst_outcomes *outcomes = execute(*state, text, 0, 0);
    assert_true(qst_outcomes_branched(outcomes));
    assert_int_equal(qst_outcomes_number(outcomes), 8);
    assert_close(probability(outcomes, "0 0 0"), (1 - one) / 4, 1e-15);
    assert_close(probability(outcomes, "1 1 0"), one / 4, 1e-15);
    assert_close(probability(outcomes, "0 0 1"), (1 - one) / 4, 1e-15);
    assert_close(qst_outcomes_expectations(outcomes)[2], cos(0.7), 1e-14);
    qst_outcomes_free(outcomes);
}

static void reset_and_measurement_again(void **state)
{
    const char *text = HEAD "qreg q[2];\ncreg c[3];\nh q[0];\ncx q[0],q[1];\nmeasure q[0] -> c[0];\nreset q[0];\n"
                            "measure q[0] -> c[1];\nmeasure q[1] -> c[2];\n";
    qst_outcomes *outcomes = execute(*state, text, 0, 0);
    assert_int_equal(qst_outcomes_number(outcomes), 2);
    assert_close(probability(outcomes, "000"), 0.5, 1e-15);
    assert_close(probability(outcomes, "101"), 0.5, 1e-15);
    qst_outcomes_free(outcomes);
}

/* A condition compares the whole register; one that its register cannot hold never holds. */
static void conditions_look_at_whole_registers(void **state)
{
    const char *text = HEAD "qreg q[2];\ncreg c[2];\ncreg d[1];\nx q[0];\nmeasure q[0] -> c[1];\nif(c==1) x q[1];\n"
                            "if(c==2) x q[1];\nif(c==6) x q[1];\nmeasure q[1] -> d[0];\n";
    qst_outcomes *outcomes = execute(*state, text, 0, 0);
    assert_close(probability(outcomes, "1 10"), 1, 1e-15);
    qst_outcomes_free(outcomes);
}

static void many_idle_qubits_cost_nothing(void **state)
{
    char expected[401];
    qst_outcomes *outcomes = execute(*state, HEAD "qreg q[400];\ncreg c[400];\nx q[399];\nmeasure q -> c;\n", 0, 0);
    assert_int_equal(qst_outcomes_number(outcomes), 1);
    qst_outcomes_key(outcomes, 0, expected);
    assert_int_equal(expected[0], '1');
    assert_int_equal(strspn(expected + 1, "0"), 399);
    qst_outcomes_free(outcomes);
}

/* --- shots -------------------------------------------------------------------------------------------------------- */

static void counts_follow_the_probabilities(void **state)
{
    const char *const texts[] = {
        HEAD "qreg q[3];\ncreg c[3];\nh q[0];\nry(0.9) q[1];\ncx q[0],q[2];\nry(0.4) q[2];\nmeasure q -> c;\n",
        HEAD
        "qreg q[3];\ncreg c[3];\nry(1.1) q[0];\nmeasure q[0] -> c[0];\nh q[0];\ncx q[0],q[1];\nmeasure q[1] -> c[1];\n"
        "if(c==3) ry(0.6) q[2];\nreset q[0];\nmeasure q[2] -> c[2];\n",
    };
    const size_t n_shots = 100000;
    for (size_t t = 0; t < 2; t++) {
        qst_outcomes *exact = execute(*state, texts[t], 0, 0), *counts = execute(*state, texts[t], n_shots, 7);
        uint64_t total = 0;
        for (size_t i = 0; i < qst_outcomes_number(counts); i++) {
            total += qst_outcomes_count(counts, i);
        }
        assert_int_equal(total, n_shots);
        for (size_t i = 0; i < qst_outcomes_number(exact); i++) {
            char key[16];
            qst_outcomes_key(exact, i, key);
            double p = qst_outcomes_probability(exact, i), sigma = sqrt(p * (1 - p) / (double)n_shots);
            assert_close(probability(counts, key), p, 5 * sigma + 1e-12);
        }
        qst_outcomes_free(exact);
        qst_outcomes_free(counts);
    }
}

static void a_seed_fixes_the_counts(void **state)
{
    const char *text = HEAD "qreg q[2];\ncreg c[2];\nh q;\nmeasure q[0] -> c[0];\nh q[0];\nmeasure q -> c;\n";
    qst_outcomes *first = execute(*state, text, 1000, 5), *again = execute(*state, text, 1000, 5);
    qst_outcomes *other = execute(*state, text, 1000, 6);
    bool differs = false;
    assert_int_equal(qst_outcomes_number(first), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(qst_outcomes_count(first, i), qst_outcomes_count(again, i));
        differs = differs || qst_outcomes_count(first, i) != qst_outcomes_count(other, i);
    }
    assert_true(differs);
    qst_outcomes_free(first);
    qst_outcomes_free(again);
    qst_outcomes_free(other);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static void a_state_of_branches_is_refused(void **state)
{
    qst_ctx *ctx = *state;
    double complex out[16];
    const char *const texts[] = {
        HEAD "qreg q[1];\ncreg c[1];\nmeasure q -> c;\nx q[0];\n",
        HEAD "qreg q[1];\nreset q;\n",
        HEAD "qreg q[1];\ncreg c[1];\nif(c==0) x q[0];\n",
    };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        qst_assembly *assembly = parse(ctx, texts[t]);
        assert_status(ctx, qst_assembly_state(assembly, NULL, out), QST_ERR_UNSUPPORTED);
        assert_status(ctx, qst_assembly_unitary(assembly, NULL, out), QST_ERR_UNSUPPORTED);
        qst_assembly_free(assembly);
    }
}

static void too_many_qubits_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_outcomes *outcomes = NULL;
    qst_assembly *assembly = parse(ctx, HEAD "qreg q[31];\nh q;\n");
    assert_status(ctx, qst_assembly_execute(assembly, NULL, &outcomes), QST_ERR_LIMIT);
    qst_assembly_free(assembly);
}

static qst_status run_once(qst_ctx *ctx, void *arg)
{
    const char *text =
        HEAD "qreg q[2];\ncreg c[2];\nh q[0];\nmeasure q[0] -> c[0];\nif(c==1) h q[1];\nmeasure q -> c;\n";
    qst_assembly *assembly = NULL;
    qst_outcomes *outcomes = NULL;
    (void)arg;
    qst_status status = qst_qasm_parse(ctx, "test", text, strlen(text), NULL, NULL, &assembly);
    if (status == QST_OK) {
        status = qst_assembly_execute(assembly, &(qst_execution_opts){.n_shots = 20}, &outcomes);
    }
    qst_outcomes_free(outcomes);
    qst_assembly_free(assembly);
    return status;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(run_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unitaries_of_all_gates),
        cmocka_unit_test(state_is_the_first_column_of_the_unitary),
        cmocka_unit_test(basis_states_of_what_measures_nothing),
        cmocka_unit_test(registers_are_apart_and_the_first_is_right),
        cmocka_unit_test(teleportation),
        cmocka_unit_test(reset_and_measurement_again),
        cmocka_unit_test(conditions_look_at_whole_registers),
        cmocka_unit_test(many_idle_qubits_cost_nothing),
        cmocka_unit_test(counts_follow_the_probabilities),
        cmocka_unit_test(a_seed_fixes_the_counts),
        cmocka_unit_test(a_state_of_branches_is_refused),
        cmocka_unit_test(too_many_qubits_are_refused),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
