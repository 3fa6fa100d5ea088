/* test_circuit_readout.c: outputs from words, from terms, and what is refused. */
#include "circuit/circuit.h"
#include "support/support.h"

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

static qst_readout *parse(qst_ctx *ctx, size_t n_qubits, const char *const *words, size_t n_words, size_t n_classes)
{
    qst_readout *readout = NULL;
    assert_ok(ctx, qst_readout_parse(ctx, n_qubits, words, n_words, n_classes, &readout));
    return readout;
}

static void assert_term(const qst_readout *readout, size_t i, size_t output, double coefficient, uint32_t x, uint32_t z)
{
    assert_int_equal(readout->outputs[i], output);
    assert_close(readout->coefficients[i], coefficient, 0);
    assert_int_equal(readout->paulis[i].x, x);
    assert_int_equal(readout->paulis[i].z, z);
}

static void families_of_paulis(void **state)
{
    qst_ctx *ctx = *state;
    qst_readout *readout = parse(ctx, 3, (const char *[]){"z", "yy", "x"}, 3, 0);
    assert_int_equal(qst_readout_what(readout), QST_READOUT_EXPECTATIONS);
    assert_int_equal(qst_readout_outputs(readout), 9);
    assert_int_equal(readout->n_terms, 9);
    assert_term(readout, 0, 0, 1, 0, 1);
    assert_term(readout, 2, 2, 1, 0, 4);
    assert_term(readout, 3, 3, 1, 3, 3); /* pairs (0,1) (0,2) (1,2) */
    assert_term(readout, 4, 4, 1, 5, 5);
    assert_term(readout, 5, 5, 1, 6, 6);
    assert_term(readout, 6, 6, 1, 1, 0);
    qst_readout_free(readout);
    readout = parse(ctx, 30, (const char *[]){"zz"}, 1, 0);
    assert_int_equal(qst_readout_outputs(readout), 435);
    qst_readout_free(readout);
}

static void sums_of_pauli_strings(void **state)
{
    qst_ctx *ctx = *state;
    const char *words[] = {"0.5*ZZII - 1.5*IIXY", " -XIIZ+ 2e-1 *IYII", "+ZIII", "1E+2*IIII"};
    qst_readout *readout = parse(ctx, 4, words, 4, 0);
    assert_int_equal(qst_readout_outputs(readout), 4);
    assert_int_equal(readout->n_terms, 6);
    assert_term(readout, 0, 0, 0.5, 0, 12);
    assert_term(readout, 1, 0, -1.5, 3, 1); /* X on qubit 1, Y on qubit 0 */
    assert_term(readout, 2, 1, -1, 8, 1);
    assert_term(readout, 3, 1, 0.2, 4, 4);
    assert_term(readout, 4, 2, 1, 0, 8);
    assert_term(readout, 5, 3, 100, 0, 0);
    qst_readout_free(readout);
}

static void outcomes(void **state)
{
    qst_ctx *ctx = *state;
    qst_readout *readout = parse(ctx, 3, (const char *[]){"probabilities"}, 1, 99);
    assert_int_equal(qst_readout_what(readout), QST_READOUT_PROBABILITIES);
    assert_int_equal(qst_readout_outputs(readout), 8);
    qst_readout_free(readout);
    readout = parse(ctx, 3, (const char *[]){"grouped"}, 1, 3);
    assert_int_equal(qst_readout_what(readout), QST_READOUT_GROUPED);
    assert_int_equal(qsti_readout_group(readout, 7), 1);
    qst_readout_free(readout);
    readout = parse(ctx, 3, (const char *[]){"parity"}, 1, 3);
    assert_int_equal(qst_readout_what(readout), QST_READOUT_PARITY);
    assert_int_equal(qsti_readout_group(readout, 7), 0);
    assert_int_equal(qsti_readout_group(readout, 5), 2);
    qst_readout_free(readout);
}

static void terms_are_sorted_by_output(void **state)
{
    qst_ctx *ctx = *state;
    qst_pauli paulis[] = {{1, 0}, {0, 1}, {2, 2}, {0, 2}};
    qst_readout *readout = NULL;
    assert_ok(ctx, qst_readout_paulis(ctx, 2, paulis, (double[]){1, 2, 3, 4}, (size_t[]){1, 0, 1, 0}, 4, 2, &readout));
    assert_term(readout, 0, 0, 2, 0, 1);
    assert_term(readout, 1, 0, 4, 0, 2);
    assert_term(readout, 2, 1, 1, 1, 0);
    assert_term(readout, 3, 1, 3, 2, 2);
    qst_readout_free(readout);
    qst_readout_free(NULL);
}

static void wrong_words_are_refused(void **state)
{
    const struct {
        const char *words[2];
        size_t n_words, n_qubits, n_classes;
        qst_status status;
        const char *message;
    } cases[] = {
        {{NULL}, 0, 4, 0, QST_ERR_USAGE, "outputs: none are given"},
        {{"z"}, 1, 0, 0, QST_ERR_USAGE, "outputs: 0 qubits are not in 1..30"},
        {{"z"}, 1, 31, 0, QST_ERR_LIMIT, "outputs: 31 qubits are not in 1..30"},
        {{"probabilitys"}, 1, 4, 0, QST_ERR_USAGE, "output \"probabilitys\": unknown, did you mean probabilities"},
        {{"q"}, 1, 4, 0, QST_ERR_USAGE, "output \"q\": unknown"},
        {{"xy"}, 1, 4, 0, QST_ERR_USAGE, "output \"xy\": unknown"},
        {{"zzz"}, 1, 4, 0, QST_ERR_USAGE, "output \"zzz\": unknown, did you mean z"},
        {{"zz"}, 1, 1, 0, QST_ERR_USAGE, "output \"zz\": there are no pairs of 1 qubit"},
        {{"z", "parity"}, 2, 4, 2, QST_ERR_USAGE, "output \"parity\": it must stand alone"},
        {{"parity", "z"}, 2, 4, 2, QST_ERR_USAGE, "output \"parity\": it must stand alone"},
        {{"grouped"}, 1, 2, 1, QST_ERR_USAGE, "output grouped: 1 classes are not in 2..4"},
        {{"grouped"}, 1, 2, 5, QST_ERR_USAGE, "output grouped: 5 classes are not in 2..4"},
        {{"parity"}, 1, 2, 4, QST_ERR_USAGE, "output parity: 4 classes are not in 2..3"},
        {{"ZZ"}, 1, 4, 0, QST_ERR_USAGE, "output \"ZZ\": ZZ has 2 letters: the circuit has 4 qubits"},
        {{""}, 1, 4, 0, QST_ERR_USAGE, "character 1: expected a Pauli string of letters I X Y Z, found the end"},
        {{"ZZZZ -"}, 1, 4, 0, QST_ERR_USAGE, "character 7: expected a Pauli string of letters I X Y Z, found the end"},
        {{"ZZZZ ZZZZ"}, 1, 4, 0, QST_ERR_USAGE, "character 6: expected + or -, found \"Z\""},
        {{"0.5 ZZZZ"}, 1, 4, 0, QST_ERR_USAGE, "character 5: expected * after the number, found \"Z\""},
        {{"--ZZZZ"}, 1, 4, 0, QST_ERR_USAGE, "character 2: expected a Pauli string"},
        {{"1e999*ZZZZ"}, 1, 4, 0, QST_ERR_USAGE, "\"1e999\" is not a number"},
        {{"1.2.3*ZZZZ"}, 1, 4, 0, QST_ERR_USAGE, "\"1.2.3\" is not a number"},
        {{"1e*ZZZZ"}, 1, 4, 0, QST_ERR_USAGE, "\"1e\" is not a number"},
        {{"ZZZa"}, 1, 4, 0, QST_ERR_USAGE, "ZZZ has 3 letters: the circuit has 4 qubits"},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_readout *untouched = (qst_readout *)1, *readout = untouched;
        assert_status(
            ctx,
            qst_readout_parse(ctx, cases[i].n_qubits, cases[i].words, cases[i].n_words, cases[i].n_classes, &readout),
            cases[i].status);
        assert_message(ctx, cases[i].message);
        assert_ptr_equal(readout, untouched);
    }
}

static void wrong_terms_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_readout *readout = NULL;
    const qst_pauli z0 = {0, 1}, z5 = {0, 32};
    double one = 1, infinite = INFINITY;
    assert_status(ctx, qst_readout_paulis(ctx, 3, &z5, &one, (size_t[]){0}, 1, 1, &readout), QST_ERR_USAGE);
    assert_message(ctx, "Pauli term 0 is on qubit 5: there are 3 qubits (0..2)");
    assert_status(ctx, qst_readout_paulis(ctx, 3, &z0, &infinite, (size_t[]){0}, 1, 1, &readout), QST_ERR_USAGE);
    assert_message(ctx, "coefficient inf of Pauli term 0 is not finite");
    assert_status(ctx, qst_readout_paulis(ctx, 3, &z0, &one, (size_t[]){1}, 1, 1, &readout), QST_ERR_USAGE);
    assert_message(ctx, "output 1 of Pauli term 0 is not in 0..0");
    assert_status(ctx, qst_readout_paulis(ctx, 3, &z0, &one, (size_t[]){0}, 1, 2, &readout), QST_ERR_USAGE);
    assert_message(ctx, "2 outputs of 1 Pauli terms");
    assert_status(
        ctx,
        qst_readout_paulis(ctx, 3, (qst_pauli[]){{0, 1}, {0, 2}}, (double[]){1, 1}, (size_t[]){1, 1}, 2, 2, &readout),
        QST_ERR_USAGE);
    assert_message(ctx, "output 0 has no Pauli term");
    assert_null(readout);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(families_of_paulis, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(sums_of_pauli_strings, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(outcomes, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(terms_are_sorted_by_output, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_words_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_terms_are_refused, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
