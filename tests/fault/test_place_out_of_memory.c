/* test_place_out_of_memory.c: every allocation of placing fails once; nothing is lost, nothing is left. */
#include <qstill/place.h>

#include "support/support.h"

typedef struct order {
    const char *entanglement;
    size_t n_layout, layout[3];
} order;

static qst_status build(qst_ctx *ctx, const char *entanglement, qst_circuit **out)
{
    qst_circuit_builder *builder = NULL;
    qst_status status = qst_circuit_begin(ctx, 3, 1, QST_PREPARE_ZERO, &builder);
    if (status != QST_OK)
        return status;
    if ((status = qst_circuit_append_encoding(builder, &(qst_encoding_opts){.name = "angle_y"})) != QST_OK ||
        (status = qst_circuit_append_ansatz(
             builder, &(qst_ansatz_opts){.name = "real_amplitudes", .reps = 1, .entanglement = entanglement})) !=
            QST_OK) {
        qst_circuit_abandon(builder);
        return status;
    }
    return qst_circuit_finish(builder, out);
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    static const char *const words[] = {"probabilities"}, *const basis[] = {"rz", "sx", "ecr"};
    const order *wanted = arg;
    const qst_device_generic_opts line = {.n_qubits = 4, .error_2q = 0.01, .basis = basis, .n_basis = 3};
    const qst_place_opts opts = {.layout = wanted->n_layout ? wanted->layout : NULL, .n_layout = wanted->n_layout};
    qst_device *device = NULL;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL, *there = NULL;
    qst_placed *placed = NULL;
    qst_status status = qst_device_generic(ctx, &line, &device);
    if (status == QST_OK)
        status = build(ctx, wanted->entanglement, &circuit);
    if (status == QST_OK) {
        status = qst_place(ctx, circuit, device, &opts, &placed);
        if (status != QST_OK)
            assert_null(placed);
    }
    if (status == QST_OK)
        status = qst_readout_parse(ctx, 3, words, 1, 0, &readout);
    if (status == QST_OK) {
        status = qst_placed_readout(placed, readout, &there);
        if (status != QST_OK)
            assert_null(there);
    }
    qst_readout_free(there);
    qst_readout_free(readout);
    qst_placed_free(placed);
    qst_circuit_free(circuit);
    qst_device_free(device);
    return status;
}

static void allocations_fail(void **state)
{
    (void)state;
    order line = {"linear", 0, {0}}, given = {"linear", 3, {3, 1, 2}};
    support_fail_each_allocation(work, &line);
    support_fail_each_allocation(work, &given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
