/* test_circuit_docs.c: docs/circuits.md says of every gate, encoding, ansatz and entanglement what the tables say. */
#include <qstill/circuit.h>

#include "support/support.h"

static const char *page(void)
{
    static char text[65536];
    FILE *file = fopen(QSTILL_SOURCE_DIR "/docs/circuits.md", "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    assert_true(length > 1000 && length < sizeof text - 1);
    text[length] = '\0';
    (void)fclose(file);
    return text;
}

static void assert_in_page(const char *line)
{
    if (!strstr(page(), line))
        fail_msg("docs/circuits.md: missing: %s", line);
}

static void every_gate_has_its_row(void **state)
{
    (void)state;
    size_t n_rows = 0;
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)gate);
        char row[256];
        (void)snprintf(row, sizeof row, "\n| `%s` | %d | %d | %d | %s |\n", info->name, info->n_qubits, info->n_angles,
                       info->cx_equivalents, info->about);
        assert_in_page(row);
    }
    const char *at = strstr(page(), "| gate | qubits |");
    assert_non_null(at);
    for (; *at == '|'; at = strchr(at, '\n') + 1)
        n_rows++;
    assert_int_equal(n_rows, QST_GATE_COUNT + 2);
}

static void every_name_is_there(void **state)
{
    (void)state;
#define QSTI_ENCODING(name, reps, about) assert_in_page("`" #name "`");
#include "circuit/encodings.def"
#undef QSTI_ENCODING
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) assert_in_page("\n| `" #name "` |");
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
#define QSTI_ENTANGLEMENT(name, about) assert_in_page("\n| `" #name "` |");
#include "circuit/entanglements.def"
#undef QSTI_ENTANGLEMENT
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate_has_its_row),
        cmocka_unit_test(every_name_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
