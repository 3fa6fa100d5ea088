/* counts.c: the size of a circuit as built, preparation included.
 *
 * Amplitude preparation of real features: a tree of uniformly controlled RY, one on each qubit k with k controls, each
 * of 2^k RY and 2^k CX (k > 0) [mottonen2005]; in all 2^n - 1 RY and 2^n - 2 CX. With the CX controls in Gray-code
 * order, the most used being the qubit that was ready first, its greedy depth is 1, 4, and 2^(n+1) - 3n + 4 for n >= 3.
 * Basis preparation: an X on every qubit that holds a feature.
 *
 * Not here: transpiled size. */
#include "circuit/circuit.h"

static void count_preparation(const qst_circuit *circuit, qst_circuit_counts *counts,
                              size_t levels[/* qst_circuit_qubits() */])
{
    size_t n = circuit->n_qubits, n_states = (size_t)1 << n;

    switch (circuit->preparation) {
    case QST_PREPARE_ZERO:
        break;
    case QST_PREPARE_AMPLITUDE:
        counts->two_qubit_gates = n_states - 2;
        counts->gates = 2 * n_states - 3;
        counts->depth = n == 1 ? 1 : n == 2 ? 4 : 2 * n_states - 3 * n + 4;
        for (size_t qubit = 0; qubit < n; qubit++)
            levels[qubit] = counts->depth;
        break;
    case QST_PREPARE_BASIS:
        counts->gates = circuit->n_features;
        counts->depth = 1;
        for (size_t qubit = 0; qubit < circuit->n_features; qubit++)
            levels[qubit] = 1;
        break;
    }
}

void qst_circuit_count(const qst_circuit *circuit, qst_circuit_counts *out)
{
    qst_circuit_counts counts = {.qubits = circuit->n_qubits, .weights = circuit->n_weights};
    size_t levels[32] = {0};

    count_preparation(circuit, &counts, levels);
    for (size_t i = 0; i < circuit->n_operations; i++) {
        const qsti_operation *operation = &circuit->operations[i];
        const qst_gate_info *gate = qst_gate_describe((qst_gate)operation->gate);
        size_t level = 0;
        if (gate->n_qubits == 0) /* a global phase is no gate on a device */
            continue;
        for (int k = 0; k < gate->n_qubits; k++) {
            if (levels[operation->qubits[k]] > level)
                level = levels[operation->qubits[k]];
        }
        for (int k = 0; k < gate->n_qubits; k++)
            levels[operation->qubits[k]] = level + 1;
        if (level + 1 > counts.depth)
            counts.depth = level + 1;
        counts.gates++;
        counts.two_qubit_gates += (size_t)gate->cx_equivalents;
    }
    *out = counts;
}
