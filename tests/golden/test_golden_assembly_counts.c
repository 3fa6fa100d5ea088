/* test_golden_assembly_counts.c: depths and counts of assemblies as Qiskit counts them (assembly_counts.json, made by
 * make_assembly_counts.py), read by way of the JSON form. */
#include <qstill/assembly.h>

#include "base/json.h"
#include "support/support.h"

static size_t count_of(const json_t *entry, const char *key)
{
    assert_true(json_is_integer(json_object_get(entry, key)));
    return (size_t)json_integer_value(json_object_get(entry, key));
}

static void check_names(const qst_assembly_counts *counts, const json_t *wanted)
{
    size_t n_gates = 0, two = 0;
    assert_int_equal(counts->n_names, json_object_size(wanted));
    for (size_t i = 0; i < counts->n_names; i++) {
        qst_gate gate;
        assert_int_equal(counts->by_name[i].count, count_of(wanted, counts->by_name[i].name));
        assert_true(qst_gate_find(counts->by_name[i].name, &gate));
        n_gates += counts->by_name[i].count;
        two += qst_gate_describe(gate)->n_qubits == 2 ? counts->by_name[i].count : 0;
        assert_true(i == 0 || counts->by_name[i].count <= counts->by_name[i - 1].count);
    }
    assert_int_equal(counts->gates, n_gates);
    assert_int_equal(counts->two_qubit_gates, two);
}

static void counts_are_those_of_qiskit(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    json_t *document = NULL;
    assert_ok(ctx,
              qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/assembly_counts.json", QST_ERR_INPUT, &document));
    const json_t *cases = json_object_get(document, "cases");
    assert_true(json_array_size(cases) >= 40);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *entry = json_array_get(cases, i);
        qst_assembly *assembly = NULL;
        qst_assembly_counts counts;
        char *text = NULL;
        size_t n_bytes = 0;
        assert_ok(ctx, qsti_json_text(ctx, json_object_get(entry, "assembly"), &text, &n_bytes));
        assert_ok(ctx, qst_assembly_json_read(ctx, "assembly_counts.json", text, n_bytes, &assembly));
        assert_ok(ctx, qst_assembly_count(assembly, &counts));
        assert_int_equal(counts.depth, count_of(entry, "depth"));
        assert_int_equal(counts.measurements, count_of(entry, "measurements"));
        assert_int_equal(counts.resets, count_of(entry, "resets"));
        assert_int_equal(counts.barriers, count_of(entry, "barriers"));
        assert_int_equal(counts.conditions, count_of(entry, "conditions"));
        check_names(&counts, json_object_get(entry, "gates"));
        qst_assembly_counts_clear(assembly, &counts);
        qst_assembly_free(assembly);
        qsti_free(ctx, text);
    }
    json_decref(document);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_those_of_qiskit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
