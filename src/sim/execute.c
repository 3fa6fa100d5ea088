/* execute.c: the state and the unitary of an assembly.
 *
 * The state is the compiled program's. For the unitary all columns go through the gates at once: as a state of 2n bits
 * whose n low bits are the column, so that a gate on qubit q is one on bit n + q, in long runs.
 */
#include <qstill/execute.h>
#include <qstill/simulate.h>

#include "circuit/circuit.h"
#include "sim/evolve.h"
#include "sim/execution.h"
#include "sim/program.h"

#define MOST_QUBITS_OF_A_UNITARY 15

/* Compiles so that the whole state can be asked for. */
static qst_status compile(const qst_circuit *circuit, qst_program **out)
{
    const char *word = "z";
    qst_readout *readout = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qst_readout_parse(circuit->ctx, circuit->n_qubits, &word, 1, 0, &readout));
    QSTI_TRY(qst_program_compile(circuit->ctx, circuit, readout, NULL, out));
done:
    qst_readout_free(readout);
    return status;
}

qst_status qsti_circuit_state(const qst_circuit *circuit, const double *weights, double complex *out)
{
    qst_program *program = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(compile(circuit, &program));
    QSTI_TRY(qst_program_state(program, weights, NULL, out));
done:
    qst_program_free(program);
    return status;
}

qst_status qst_assembly_state(const qst_assembly *assembly, const double *parameters, double complex *out)
{
    qst_circuit *circuit = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qst_assembly_circuit(assembly, NULL, &circuit));
    QSTI_TRY(qsti_circuit_state(circuit, parameters, out));
done:
    qst_circuit_free(circuit);
    return status;
}

/* --- the unitary -------------------------------------------------------------------------------------------------- */

static double value_of(const qst_angle *angle, const double *weights)
{
    double sum = 0;
    for (size_t t = 0; t < angle->n_terms; t++) {
        const qst_term *term = &angle->terms[t];
        sum += term->coefficient * qsti_variable_value(term->a, weights) * qsti_variable_value(term->b, weights);
    }
    return sum;
}

static void apply_operation(const qst_circuit *circuit, size_t index, const double *weights, double complex *out)
{
    qst_operation operation;
    qst_circuit_operation(circuit, index, &operation);
    const qst_gate_info *gate = qst_gate_describe(operation.gate);
    double angles[QST_MAX_GATE_ANGLES] = {0};
    size_t bits[QST_MAX_GATE_QUBITS] = {0};
    for (int a = 0; a < gate->n_angles; a++)
        angles[a] = value_of(&operation.angles[a], weights);
    for (int q = 0; q < gate->n_qubits; q++)
        bits[q] = circuit->n_qubits + operation.qubits[q];
    qsti_evolve(out, 2 * circuit->n_qubits, operation.gate, bits, angles);
}

qst_status qst_assembly_unitary(const qst_assembly *assembly, const double *parameters, double complex *out)
{
    qst_circuit *circuit = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qst_assembly_circuit(assembly, NULL, &circuit));
    if (circuit->n_qubits > MOST_QUBITS_OF_A_UNITARY)
        QSTI_TRY(qsti_fail(circuit->ctx, QST_ERR_LIMIT, "a unitary of %zu qubits: at most %d are taken",
                           circuit->n_qubits, MOST_QUBITS_OF_A_UNITARY));
    size_t dim = (size_t)1 << circuit->n_qubits;
    for (size_t i = 0; i < dim * dim; i++)
        out[i] = 0;
    for (size_t i = 0; i < dim; i++)
        out[i * dim + i] = 1;
    for (size_t i = 0; i < circuit->n_operations && status == QST_OK; i++) {
        apply_operation(circuit, i, parameters, out);
        status = qsti_check_interrupt(circuit->ctx);
    }
done:
    qst_circuit_free(circuit);
    return status;
}
