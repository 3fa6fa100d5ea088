/* ref_simulate.c: states and readouts of the reference simulator.
 *
 * A gate on k qubits is applied by new[i] = sum_c M[r(i)][c] old[i with the gate's qubits set to c], for every i: 2^n
 * 2^k multiplications and a second state. Pauli strings are applied letter by letter, as matrices. */
#include "ref.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t n_bytes)
{
    void *memory = malloc(n_bytes);
    if (!memory)
        abort();
    return memory;
}

void ref_apply(ref_complex *state, size_t n_qubits, const ref_complex *matrix, size_t k, const size_t *qubits)
{
    size_t n_states = (size_t)1 << n_qubits, dim = (size_t)1 << k;
    ref_complex *old = allocate(n_states * sizeof *old);

    memcpy(old, state, n_states * sizeof *old);
    for (size_t i = 0; i < n_states; i++) {
        size_t row = 0, rest = i;
        for (size_t q = 0; q < k; q++) {
            row |= (i >> qubits[q] & 1) << q;
            rest &= ~((size_t)1 << qubits[q]);
        }
        ref_complex sum = 0;
        for (size_t column = 0; column < dim; column++) {
            size_t from = rest;
            for (size_t q = 0; q < k; q++)
                from |= (column >> q & 1) << qubits[q];
            sum += matrix[row * dim + column] * old[from];
        }
        state[i] = sum;
    }
    free(old);
}

size_t ref_tuple_codes(size_t n_qubits, size_t k)
{
    size_t count = 1;
    for (size_t i = 0; i < k; i++)
        count *= n_qubits;
    return count;
}

bool ref_tuple(size_t n_qubits, size_t k, size_t code, size_t *qubits)
{
    for (size_t i = 0; i < k; i++, code /= n_qubits) {
        qubits[i] = code % n_qubits;
        for (size_t j = 0; j < i; j++) {
            if (qubits[i] == qubits[j])
                return false;
        }
    }
    return true;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

static double variable_value(ref_variable kind, size_t index, const double *weights, const double *x)
{
    return kind == REF_WEIGHT ? weights[index] : kind == REF_FEATURE ? x[index] : 1.0;
}

double ref_angle_value(const ref_angle *angle, const double *weights, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < angle->n_terms; i++) {
        const ref_term *term = &angle->terms[i];
        sum += term->coefficient * variable_value(term->kind[0], term->index[0], weights, x) *
               variable_value(term->kind[1], term->index[1], weights, x);
    }
    return sum;
}

static void prepare(const ref_circuit *circuit, const double *x, ref_complex *out)
{
    size_t n_states = (size_t)1 << circuit->n_qubits, index = 0;
    double norm = 0;

    for (size_t i = 0; i < n_states; i++)
        out[i] = 0;
    switch (circuit->preparation) {
    case REF_ZERO:
        out[0] = 1;
        break;
    case REF_AMPLITUDE:
        for (size_t j = 0; j < circuit->n_features; j++)
            norm += x[j] * x[j];
        for (size_t j = 0; j < circuit->n_features; j++)
            out[j] = x[j] / sqrt(norm);
        break;
    case REF_BASIS:
        for (size_t j = 0; j < circuit->n_features; j++)
            index |= (size_t)(x[j] > 0.5) << j;
        out[index] = 1;
        break;
    }
}

void ref_circuit_state(const ref_circuit *circuit, const double *weights, const double *x, ref_complex *out)
{
    prepare(circuit, x, out);
    for (size_t i = 0; i < circuit->n_operations; i++) {
        const ref_operation *operation = &circuit->operations[i];
        ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        double angles[4] = {0};
        for (size_t k = 0; k < operation->n_angles; k++)
            angles[k] = ref_angle_value(&operation->angles[k], weights, x);
        int n_qubits = ref_gate_matrix(operation->gate, angles, matrix);
        if (n_qubits < 0)
            abort();
        ref_apply(out, circuit->n_qubits, matrix, (size_t)n_qubits, operation->qubits);
    }
}

/* --- readouts ----------------------------------------------------------------------------------------------------- */

double ref_expectation(const ref_complex *state, size_t n_qubits, const char *letters)
{
    size_t n_states = (size_t)1 << n_qubits;
    ref_complex *image = allocate(n_states * sizeof *image), sum = 0;

    memcpy(image, state, n_states * sizeof *image);
    for (size_t qubit = 0; qubit < n_qubits; qubit++) {
        char letter = letters[n_qubits - 1 - qubit];
        ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        const char *gate = letter == 'X' ? "x" : letter == 'Y' ? "y" : letter == 'Z' ? "z" : "id";
        ref_gate_matrix(gate, NULL, matrix);
        ref_apply(image, n_qubits, matrix, 1, &qubit);
    }
    for (size_t i = 0; i < n_states; i++)
        sum += conj(state[i]) * image[i];
    free(image);
    return creal(sum);
}

static size_t count_ones(size_t index)
{
    size_t count = 0;
    for (; index; index >>= 1)
        count += index & 1;
    return count;
}

void ref_readout_values(const ref_readout *readout, const ref_complex *state, double *out)
{
    for (size_t k = 0; k < readout->n_outputs; k++)
        out[k] = 0;
    if (readout->kind == REF_EXPECTATIONS) {
        for (size_t i = 0; i < readout->n_terms; i++) {
            const ref_readout_term *term = &readout->terms[i];
            out[term->output] += term->coefficient * ref_expectation(state, readout->n_qubits, term->letters);
        }
        return;
    }
    for (size_t i = 0; readout->n_outputs > 0 && i < (size_t)1 << readout->n_qubits; i++) {
        size_t code = readout->kind == REF_PARITY ? count_ones(i) : i;
        size_t group = readout->kind == REF_PROBABILITIES ? i : code % readout->n_outputs;
        out[group] += creal(state[i] * conj(state[i]));
    }
}

void ref_state(const qst_circuit *circuit, const double *weights, const double *x, ref_complex *out)
{
    ref_circuit *description = ref_describe(circuit);
    ref_circuit_state(description, weights, x, out);
    ref_circuit_free(description);
}

void ref_values(const qst_circuit *circuit, const qst_readout *readout, const double *weights, const double *x,
                double *out)
{
    ref_complex *state = allocate(((size_t)1 << qst_circuit_qubits(circuit)) * sizeof *state);
    ref_readout *description = ref_describe_readout(readout);

    ref_state(circuit, weights, x, state);
    ref_readout_values(description, state, out);
    ref_readout_free(description);
    free(state);
}
