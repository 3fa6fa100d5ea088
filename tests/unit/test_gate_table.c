/* test_gate_table.c: the gate table and the look-up of names. */
#include <qstill/circuit.h>

#include "support/support.h"

static void names_are_found_again(void **state)
{
    (void)state;
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)gate);
        qst_gate found = QST_GATE_COUNT;
        assert_true(qst_gate_find(info->name, &found));
        assert_int_equal(found, gate);
        assert_true(info->n_qubits >= 0 && info->n_qubits <= QST_MAX_GATE_QUBITS);
        assert_true(info->n_angles >= 0 && info->n_angles <= QST_MAX_GATE_ANGLES);
        assert_true(info->about[0] != '\0');
        assert_int_equal(info->cx_equivalents == 0, info->n_qubits < 2);
    }
    assert_int_equal(QST_GATE_COUNT, 48);
    assert_null(qst_gate_describe(QST_GATE_COUNT));
}

static void aliases_mean_their_gates(void **state)
{
    (void)state;
    const struct {
        const char *name;
        qst_gate gate;
    } aliases[] = {{"CX", QST_GATE_cx}, {"U", QST_GATE_u}, {"phase", QST_GATE_p}, {"cphase", QST_GATE_cp}};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        qst_gate found = QST_GATE_COUNT;
        assert_true(qst_gate_find(aliases[i].name, &found));
        assert_int_equal(found, aliases[i].gate);
    }
}

static void unknown_names_are_not_guessed(void **state)
{
    (void)state;
    const char *names[] = {"", "RX", "cnot", "rx ", "H", "ccz", "rzzz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        qst_gate found = QST_GATE_ecr;
        assert_false(qst_gate_find(names[i], &found));
        assert_int_equal(found, QST_GATE_ecr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_again),
        cmocka_unit_test(aliases_mean_their_gates),
        cmocka_unit_test(unknown_names_are_not_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
