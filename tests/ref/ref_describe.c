/* ref_describe.c: the library's circuits and readouts in the words of the reference simulator. The only file here that
 * looks into them; it copies fields and computes nothing. */
#include <stdlib.h>

#include "circuit/circuit.h"
#include "ref.h"

static void *allocate(size_t count, size_t item_bytes)
{
    void *memory = calloc(count + 1, item_bytes);
    if (!memory)
        abort();
    return memory;
}

static void describe_variable(qst_variable variable, ref_variable *kind, size_t *index)
{
    *kind = variable > 0 ? REF_WEIGHT : variable < 0 ? REF_FEATURE : REF_ONE;
    *index = variable > 0 ? (size_t)variable - 1 : variable < 0 ? (size_t)(-variable) - 1 : 0;
}

ref_circuit *ref_describe(const qst_circuit *circuit)
{
    ref_circuit *out = allocate(1, sizeof *out);

    out->n_qubits = circuit->n_qubits;
    out->n_features = circuit->n_features;
    out->n_weights = circuit->n_weights;
    out->preparation = circuit->preparation == QST_PREPARE_AMPLITUDE ? REF_AMPLITUDE
                       : circuit->preparation == QST_PREPARE_BASIS   ? REF_BASIS
                                                                     : REF_ZERO;
    out->n_operations = circuit->n_operations;
    out->operations = allocate(circuit->n_operations, sizeof *out->operations);
    out->terms = allocate(circuit->n_terms, sizeof *out->terms);
    for (size_t i = 0; i < circuit->n_terms; i++) {
        out->terms[i].coefficient = circuit->terms[i].coefficient;
        describe_variable(circuit->terms[i].a, &out->terms[i].kind[0], &out->terms[i].index[0]);
        describe_variable(circuit->terms[i].b, &out->terms[i].kind[1], &out->terms[i].index[1]);
    }
    for (size_t i = 0; i < circuit->n_operations; i++) {
        const qsti_operation *from = &circuit->operations[i];
        const qst_gate_info *gate = qst_gate_describe((qst_gate)from->gate);
        ref_operation *to = &out->operations[i];
        to->gate = gate->name;
        to->n_angles = (size_t)gate->n_angles;
        for (int k = 0; k < gate->n_qubits; k++)
            to->qubits[k] = from->qubits[k];
        for (int k = 0; k < gate->n_angles; k++)
            to->angles[k] = (ref_angle){out->terms + from->angle[k].first, from->angle[k].count};
    }
    return out;
}

ref_readout *ref_describe_readout(const qst_readout *readout)
{
    ref_readout *out = allocate(1, sizeof *out);

    out->kind = readout->kind == QST_READOUT_EXPECTATIONS    ? REF_EXPECTATIONS
                : readout->kind == QST_READOUT_PROBABILITIES ? REF_PROBABILITIES
                : readout->kind == QST_READOUT_GROUPED       ? REF_GROUPED
                                                             : REF_PARITY;
    out->n_qubits = readout->n_qubits;
    out->n_outputs = readout->n_outputs;
    out->n_terms = readout->n_terms;
    out->terms = allocate(readout->n_terms, sizeof *out->terms);
    for (size_t i = 0; i < readout->n_terms; i++) {
        ref_readout_term *term = &out->terms[i];
        term->output = readout->outputs[i];
        term->coefficient = readout->coefficients[i];
        for (size_t qubit = 0; qubit < readout->n_qubits; qubit++) {
            bool x = readout->paulis[i].x >> qubit & 1, z = readout->paulis[i].z >> qubit & 1;
            term->letters[readout->n_qubits - 1 - qubit] = (char)(x ? z ? 'Y' : 'X' : z ? 'Z' : 'I');
        }
    }
    return out;
}

void ref_circuit_free(ref_circuit *circuit)
{
    if (circuit) {
        free(circuit->operations);
        free(circuit->terms);
        free(circuit);
    }
}

void ref_readout_free(ref_readout *readout)
{
    if (readout) {
        free(readout->terms);
        free(readout);
    }
}
