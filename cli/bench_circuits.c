/* bench_circuits.c: the circuits that are measured; docs/benchmarks.md has them in words. */
#include "bench.h"

static qst_status add_pair(qst_circuit_builder *builder, qst_gate gate, size_t first, size_t second)
{
    return qst_circuit_add(builder, gate, (const size_t[]){first, second}, NULL);
}

/* Angles are the gate's next weights. */
static qst_status add_weighted(qst_circuit_builder *builder, qst_gate gate, const size_t *qubits, size_t *weight)
{
    qst_term terms[QST_MAX_GATE_ANGLES];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    for (int a = 0; a < qst_gate_describe(gate)->n_angles; a++) {
        terms[a] = (qst_term){1.0, QST_WEIGHT((qst_variable)(*weight)++), QST_ONE};
        angles[a] = (qst_angle){&terms[a], 1};
    }
    return qst_circuit_add(builder, gate, qubits, angles);
}

/* Takes the builder: the circuit of what was built, or nothing when that failed. */
static qst_status finish(qst_circuit_builder *builder, qst_status status, qst_circuit **out)
{
    if (status == QST_OK) {
        return qst_circuit_finish(builder, out);
    }
    qst_circuit_abandon(builder);
    return status;
}

/* --- training ----------------------------------------------------------------------------------------------------- */

static qst_status add_train_layer(qst_circuit_builder *builder, size_t n_qubits, size_t first_weight)
{
    static const qst_gate gates[] = {QST_GATE_rx, QST_GATE_ry, QST_GATE_rz};
    size_t weight = first_weight;
    qst_status status = QST_OK;
    for (size_t q = 0; q < n_qubits; q++) {
        CLI_TRY(qst_circuit_add(builder, QST_GATE_ry, &q, &QST_ANGLE({1.0, QST_FEATURE((qst_variable)q), QST_ONE})));
    }
    for (size_t q = 0; q < n_qubits; q++) {
        for (size_t j = 0; j < 3; j++) {
            CLI_TRY(add_weighted(builder, gates[j], &q, &weight));
        }
    }
    for (size_t q = 0; q < n_qubits && n_qubits > 1; q++) {
        CLI_TRY(add_pair(builder, QST_GATE_cx, q, (q + 1) % n_qubits));
    }
done:
    return status;
}

qst_status bench_circuit_train(qst_ctx *ctx, size_t n_qubits, size_t n_layers, qst_circuit **out_circuit,
                               qst_readout **out_readout)
{
    static const char *const words[] = {"z"};
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    size_t first = 0;
    qst_status status = qst_circuit_begin(ctx, n_qubits, n_qubits, QST_PREPARE_ZERO, &builder);
    if (status != QST_OK) {
        return status;
    }
    status = qst_circuit_add_weights(builder, 3 * n_qubits * n_layers, QST_WEIGHT_ANGLE, &first);
    for (size_t layer = 0; layer < n_layers && status == QST_OK; layer++) {
        status = add_train_layer(builder, n_qubits, first + 3 * n_qubits * layer);
    }
    CLI_TRY(finish(builder, status, &circuit));
    CLI_TRY(qst_readout_parse(ctx, n_qubits, words, 1, 0, out_readout));
    *out_circuit = circuit;
    circuit = NULL;
done:
    qst_circuit_free(circuit);
    return status;
}

/* --- wide states -------------------------------------------------------------------------------------------------- */

const bench_state_info bench_state_kinds[BENCH_STATE_KIND_COUNT] = {
    [BENCH_HEA] = {"hea", 2, false},
    [BENCH_QV] = {"qv", 15, true},
};

size_t bench_state_units(bench_state_kind kind, size_t n_qubits)
{
    return bench_state_kinds[kind].pairs ? n_qubits / 2 : n_qubits;
}

static qst_status add_hea_layer(qst_circuit_builder *builder, size_t n_qubits, size_t *weight)
{
    qst_status status = QST_OK;
    for (size_t q = 0; q < n_qubits; q++) {
        CLI_TRY(add_weighted(builder, QST_GATE_ry, &q, weight));
        CLI_TRY(add_weighted(builder, QST_GATE_rz, &q, weight));
    }
    for (size_t q = 0; q + 1 < n_qubits; q++) {
        CLI_TRY(add_pair(builder, QST_GATE_cz, q, q + 1));
    }
done:
    return status;
}

/* K1 exp(-i (a XX + b YY + c ZZ) / 2) K2 with one-qubit K1, K2: any SU(4) [vatan2004]. */
static qst_status add_su4(qst_circuit_builder *builder, const size_t pair[2], size_t *weight)
{
    static const qst_gate couplings[] = {QST_GATE_rxx, QST_GATE_ryy, QST_GATE_rzz};
    qst_status status = QST_OK;
    for (size_t half = 0; half < 2; half++) {
        CLI_TRY(add_weighted(builder, QST_GATE_u3, &pair[0], weight));
        CLI_TRY(add_weighted(builder, QST_GATE_u3, &pair[1], weight));
        for (size_t c = 0; c < 3 && half == 0; c++) {
            CLI_TRY(add_weighted(builder, couplings[c], pair, weight));
        }
    }
done:
    return status;
}

/* The order of the qubits is shuffled on from layer to layer: Fisher-Yates from the last of `left` places on. */
static qst_status add_qv_layer(qst_circuit_builder *builder, size_t n_qubits, uint64_t *random, size_t *order,
                               size_t *weight)
{
    qst_status status = QST_OK;
    for (size_t left = n_qubits; left > 1; left--) {
        size_t place = (size_t)(bench_random_next(random) % left), last = order[left - 1];
        order[left - 1] = order[place];
        order[place] = last;
    }
    for (size_t pair = 0; pair < n_qubits / 2; pair++) {
        CLI_TRY(add_su4(builder, order + 2 * pair, weight));
    }
done:
    return status;
}

qst_status bench_circuit_state(qst_ctx *ctx, bench_state_kind kind, size_t n_qubits, size_t n_layers, qst_circuit **out)
{
    qst_circuit_builder *builder = NULL;
    size_t weight = 0, order[32], n_weights = n_layers * bench_state_units(kind, n_qubits);
    uint64_t random = 11 + 1000 * (uint64_t)n_qubits;
    qst_status status = qst_circuit_begin(ctx, n_qubits, 0, QST_PREPARE_ZERO, &builder);
    if (status != QST_OK) {
        return status;
    }
    for (size_t q = 0; q < n_qubits; q++) {
        order[q] = q;
    }
    n_weights *= bench_state_kinds[kind].n_angles;
    status = qst_circuit_add_weights(builder, n_weights, QST_WEIGHT_ANGLE, &weight);
    for (size_t layer = 0; layer < n_layers && status == QST_OK; layer++) {
        status = kind == BENCH_HEA ? add_hea_layer(builder, n_qubits, &weight)
                                   : add_qv_layer(builder, n_qubits, &random, order, &weight);
    }
    return finish(builder, status, out);
}

qst_status bench_observable(qst_ctx *ctx, size_t n_qubits, bool sum, qst_readout **out)
{
    qst_pauli paulis[32];
    double coefficients[32];
    size_t outputs[32], n_terms = sum ? n_qubits : 1;
    for (size_t q = 0; q < n_terms; q++) {
        paulis[q] = (qst_pauli){.x = 0, .z = 1u << q};
        coefficients[q] = 1;
        outputs[q] = 0;
    }
    return qst_readout_paulis(ctx, n_qubits, paulis, coefficients, outputs, n_terms, 1, out);
}
