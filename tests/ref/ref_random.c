/* ref_random.c: random circuits and readouts, built through the public functions; the numbers are splitmix64. */
#include <stdlib.h>

#include "ref.h"

#define MAX_TERMS 4

/* --- numbers ------------------------------------------------------------------------------------------------------ */

uint64_t ref_u64(ref_rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

size_t ref_below(ref_rng *rng, size_t bound)
{
    return (size_t)(ref_u64(rng) % bound);
}

double ref_uniform(ref_rng *rng, double low, double high)
{
    return low + (high - low) * (double)(ref_u64(rng) >> 11) * 0x1p-53;
}

void ref_fill(ref_rng *rng, double low, double high, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = ref_uniform(rng, low, high);
}

static void shuffle(ref_rng *rng, size_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = ref_below(rng, i), kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

static qst_variable random_variable(ref_rng *rng, size_t n_features, size_t n_weights)
{
    size_t pick = ref_below(rng, 4);
    if (pick < 2 && n_weights > 0)
        return QST_WEIGHT(ref_below(rng, n_weights));
    if (pick == 2 && n_features > 0)
        return QST_FEATURE((qst_variable)ref_below(rng, n_features));
    return QST_ONE;
}

static qst_status add_random_gate(ref_rng *rng, qst_circuit_builder *builder, qst_gate gate, size_t n_qubits,
                                  size_t n_features, size_t n_weights)
{
    size_t qubits[32], n_angles = (size_t)qst_gate_describe(gate)->n_angles;
    qst_term terms[QST_MAX_GATE_ANGLES][MAX_TERMS];
    qst_angle angles[QST_MAX_GATE_ANGLES];

    for (size_t i = 0; i < n_qubits; i++)
        qubits[i] = i;
    shuffle(rng, qubits, n_qubits);
    for (size_t k = 0; k < n_angles; k++) {
        angles[k] = (qst_angle){terms[k], ref_below(rng, 8) == 0 ? 0 : 1 + ref_below(rng, MAX_TERMS)};
        for (size_t i = 0; i < angles[k].n_terms; i++) {
            terms[k][i] = (qst_term){.coefficient = ref_uniform(rng, -1.5, 1.5),
                                     .a = random_variable(rng, n_features, n_weights),
                                     .b = random_variable(rng, n_features, n_weights)};
        }
    }
    return qst_circuit_add(builder, gate, qubits, angles);
}

qst_status ref_random_prepared_circuit(qst_ctx *ctx, uint64_t seed, qst_preparation preparation, size_t n_qubits,
                                       size_t n_features, size_t n_weights, size_t n_ops, qst_circuit **out)
{
    ref_rng rng = {seed};
    size_t gates[QST_GATE_COUNT], n_gates = 0, first;
    qst_circuit_builder *builder = NULL;

    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        if ((size_t)qst_gate_describe((qst_gate)gate)->n_qubits <= n_qubits)
            gates[n_gates++] = (size_t)gate;
    }
    qst_status status = qst_circuit_begin(ctx, n_qubits, n_features, preparation, &builder);
    if (status != QST_OK)
        return status;
    status = qst_circuit_add_weights(builder, n_weights, QST_WEIGHT_ANGLE, &first);
    for (size_t i = 0; status == QST_OK && i < n_ops; i++) {
        if (i % n_gates == 0)
            shuffle(&rng, gates, n_gates);
        status = add_random_gate(&rng, builder, (qst_gate)gates[i % n_gates], n_qubits, n_features, n_weights);
    }
    if (status == QST_OK)
        return qst_circuit_finish(builder, out);
    qst_circuit_abandon(builder);
    return status;
}

qst_status ref_random_circuit(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_features, size_t n_weights,
                              size_t n_ops, qst_circuit **out)
{
    return ref_random_prepared_circuit(ctx, seed, QST_PREPARE_ZERO, n_qubits, n_features, n_weights, n_ops, out);
}

/* --- readouts ----------------------------------------------------------------------------------------------------- */

qst_status ref_random_readout(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_outputs, qst_readout **out)
{
    ref_rng rng = {seed};
    uint32_t all = ((uint32_t)1 << n_qubits) - 1;
    size_t n_terms = 0, *outputs = malloc(3 * n_outputs * sizeof *outputs);
    qst_pauli *paulis = malloc(3 * n_outputs * sizeof *paulis);
    double *coefficients = malloc(3 * n_outputs * sizeof *coefficients);
    if (!outputs || !paulis || !coefficients)
        abort();

    for (size_t k = 0; k < n_outputs; k++) {
        for (size_t i = 1 + ref_below(&rng, 3); i > 0; i--) {
            paulis[n_terms] = (qst_pauli){(uint32_t)ref_u64(&rng) & all, (uint32_t)ref_u64(&rng) & all};
            coefficients[n_terms] = ref_uniform(&rng, -2, 2);
            outputs[n_terms++] = k;
        }
    }
    qst_status status = qst_readout_paulis(ctx, n_qubits, paulis, coefficients, outputs, n_terms, n_outputs, out);
    free(outputs);
    free(paulis);
    free(coefficients);
    return status;
}
